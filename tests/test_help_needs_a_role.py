"""Help counts only with a role it belongs to: who moves or changes work keeps nobody, row of help or not."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal import clock
from portal.people.models import Centre, Helper, Office, Person, StaffRole
from portal.people.rules.words import Purpose, Role
from portal.people.service import protection, recipients, search, stand_in
from tests.fixtures.databases import on_sqlite
from tests.test_people import viewer_of
from tests.world import LONG_AGO

pytestmark = on_sqlite

HERS = ("anna", "petra")


@pytest.fixture
def now_works_as(database, world):
    """Take a person's roles away at once and give her another one, without any page closing."""

    def change(name, role, *, office=None, centre=None):
        with database.transaction() as s:
            for row in s.scalars(select(StaffRole).where(StaffRole.person_id == world.people[name].id)):
                row.ended_at = clock.now_utc()
            office_id = s.scalar(select(Office.id).where(Office.name == office)) if office else None
            centre_id = s.scalar(select(Centre.id).where(Centre.name == centre)) if centre else None
            held = {"role": role, "office_id": office_id, "centre_id": centre_id, "from_on": LONG_AGO}
            s.add(StaffRole(person_id=world.people[name].id, **held))

    return change


@pytest.fixture
def helped_by(app, database, world):
    """Whom each answer of the house says that somebody helps."""

    def told(name):
        staff = world.people[name].id
        with database.transaction(writes=False) as s:
            viewer = viewer_of(app, s, world, name)
            people = {world.people[one].id: one for one in HERS}
            return {
                "is_helper": {one for key, one in people.items() if recipients.is_helper(s, staff, key)},
                "recipients_of": {people[card.id] for card in recipients.recipients_of(s, staff)},
                "helpers_of": {
                    people[key]
                    for key, cards in recipients.list_helpers_of(s, people).items()
                    if staff in {card.staff_id for card in cards}
                },
                "list_helped_by": {people[key] for key in recipients.list_helped_by(s, [staff])[staff]},
                "search": {people[row.id] for row in search._near(s, viewer) if row.is_mine},
                "stand_in": stand_in.stand_in_page(s, viewer).people,
            }

    return told


NOBODY = {
    "is_helper": set(),
    "recipients_of": set(),
    "helpers_of": set(),
    "list_helped_by": set(),
    "search": set(),
    "stand_in": 0,
}


def test_before_she_changes_every_answer_names_them(helped_by):
    both = {"anna", "petra"}
    assert helped_by("vera") == {
        "is_helper": both,
        "recipients_of": both,
        "helpers_of": both,
        "list_helped_by": {"anna"},
        "search": both,
        "stand_in": 1,
    }


def test_who_moves_to_another_office_keeps_nobody(as_, world, now_works_as, helped_by):
    now_works_as("vera", Role.VEILEDER, office="Nav Fjordbyen")
    assert helped_by("vera") == NOBODY
    vera = as_("vera")
    assert "Kanari" not in vera.get("/innboks").text
    for name in HERS:
        assert vera.get(f"/person/{world.people[name].public_id}").status_code == 404
    shown = as_("lise").get("/fordeling").text
    assert "AnnaGivenkanari" in shown
    assert f"/fordeling/{world.people['petra'].public_id}" in shown


@pytest.mark.parametrize("role", [Role.CENTRE_STAFF, Role.CENTRE_LEAD, Role.LEADER, Role.ADMIN])
def test_who_has_another_role_keeps_nobody(now_works_as, helped_by, role):
    at_centre = role in (Role.CENTRE_STAFF, Role.CENTRE_LEAD)
    place = {"centre": "Jobbsentralen"} if at_centre else {}
    if role is Role.LEADER:
        place = {"office": "Nav Elvebyen"}
    now_works_as("vera", role, **place)
    assert helped_by("vera") == NOBODY


def test_who_has_another_role_hears_nothing_more_on_an_open_socket(listen, write, now_works_as):
    vera = listen("vera")
    write("anna", "Før hun sluttet")
    assert "Før hun sluttet" in str(vera.get_received())
    now_works_as("vera", Role.CENTRE_STAFF, centre="Jobbsentralen")
    write("anna", "Ikke til Vera lenger")
    assert vera.get_received() == []


@pytest.mark.parametrize(
    ("centre", "role", "counts"),
    [
        ("Jobbsentralen", Role.CENTRE_STAFF, True),
        ("Jobbsentralen", Role.CENTRE_LEAD, True),
        ("Brygga", Role.CENTRE_STAFF, False),
    ],
)
def test_help_at_the_centre_counts_only_where_the_centre_serves_her_office(
    database, world, now_works_as, centre, role, counts
):
    sara, anna = world.people["sara"].id, world.people["anna"].id
    with database.transaction() as s:
        help_there = {"purpose": Purpose.CENTRE, "from_on": LONG_AGO, "to_on": None}
        s.add(Helper(staff_id=sara, recipient_id=anna, **help_there))
    now_works_as("sara", role, centre=centre)
    with database.transaction(writes=False) as s:
        assert recipients.is_helper(s, sara, anna) is counts


def test_without_an_office_any_veileder_counts_and_nobody_else(database, world, now_works_as):
    vera = world.people["vera"].id
    with database.transaction() as s:
        new = Person(given_name="Ny", family_name="Person", is_recipient=True)
        s.add(new)
        s.flush()
        s.add(Helper(staff_id=vera, recipient_id=new.id, purpose=Purpose.PLAN, from_on=LONG_AGO))
        new_id = new.id
    for role, place, counts in (
        (Role.VEILEDER, {"office": "Nav Fjordbyen"}, True),
        (Role.CENTRE_STAFF, {"centre": "Brygga"}, False),
    ):
        now_works_as("vera", role, **place)
        with database.transaction(writes=False) as s:
            assert recipients.is_helper(s, vera, new_id) is counts


def test_who_has_moved_is_no_second_helper_of_a_protected_person(app, database, world, now_works_as):
    petra = world.people["petra"]
    with database.transaction() as s:
        pair = {"staff_id": world.people["vidar"].id, "recipient_id": petra.id}
        s.add(Helper(**pair, purpose=Purpose.JOB, from_on=LONG_AGO, to_on=None))

    def has_another():
        with database.transaction(writes=False) as s:
            viewer = viewer_of(app, s, world, "vera")
            return protection.digital_state(s, viewer, recipients.get_person(s, petra.id)).has_another

    assert has_another()
    now_works_as("vidar", Role.VEILEDER, office="Nav Fjordbyen")
    assert not has_another()
