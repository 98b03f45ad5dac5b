"""Roles of those who work here: coming, held and over, at the very second; and who keeps the last key."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.people.models import ActivationCode, Person, StaffRole
from portal.people.rules.words import Level
from portal.people.service import sessions
from tests.fixtures.application import browser, code_on, sign_in
from tests.fixtures.databases import on_sqlite
from tests.staff_door import begin

pytestmark = on_sqlite

NOON = datetime(2026, 11, 23, 12, tzinfo=clock.OSLO)
STAFF = "/administrasjon/ansatt"
NEW = {
    "given_name": "Ny",
    "family_name": "Ansatt",
    "username": " Ny.Ansatt ",
    "language": "nb",
    "role": "admin",
    "from_on": "2026-11-23",
    "to_on": "",
    "place": "",
}


def at(seconds):
    return clock.stop_at(NOON + timedelta(seconds=seconds))


def on_day(day, hour=10):
    return clock.stop_at(datetime(2026, 11, day, hour, tzinfo=clock.OSLO))


@pytest.fixture
def sign_in_as(app, database, world):
    """Sign somebody in at the time that the clock shows."""

    def signed_in(name, person_id=None):
        with database.transaction() as s:
            token = sessions.start_session(s, person_id or world.people[name].id, Level.TWO_FACTORS)
        opened = browser(app)
        sign_in(opened, token)
        return opened

    return signed_in


def page_of(world, name):
    return f"{STAFF}/{world.people[name].public_id}"


def role_of(world, name):
    return f"/administrasjon/rolle/{world.thing('staff_role', name)}"


def give(mona, page, **told):
    sent = {"role": "veileder", "place": "", "from_on": "2026-11-23", "to_on": "", **told}
    return mona.submit(f"{page}/rolle", on=page, **sent)


def test_somebody_new_gets_a_code_and_nobody_else_can_have_her_username(as_, app, database, world):
    mona = as_("mona")
    answer = mona.submit(f"{STAFF}/ny", **NEW)
    assert answer.status_code == 303
    made = mona.submit(f"{answer.location}/kode", on=answer.location)
    assert made.location == f"{answer.location}/kode/lapp"
    shown = mona.get(made.location).text
    assert "ny.ansatt" in shown
    assert shown.count("data:image/svg+xml") == 2, "the mark of the portal, and the picture to scan"
    begin(browser(app), code_on(shown))
    assert code_on(mona.get(made.location).text) == code_on(shown)
    again = mona.submit(f"{STAFF}/ny", **{**NEW, "given_name": "Annen", "username": "NY.ansatt"})
    assert again.status_code == 422
    assert "Noen andre har dette brukernavnet." in again.text
    assert "Annen" in again.text, "what was typed stays"
    with database.transaction(writes=False) as s:
        assert s.scalars(select(Person).where(Person.given_name == "Annen")).all() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"given_name": ""}, "Skriv fornavnet."),
        ({"family_name": "x" * 81}, "Navnet kan ha 80 tegn"),
        ({"username": "to ord"}, "uten mellomrom"),
        ({"username": ""}, "Skriv et brukernavn."),
        ({"language": "tlh"}, "Velg et språk."),
        ({"role": "recipient"}, "Velg en rolle."),
        ({"role": "veileder"}, "Velg kontoret."),
        ({"role": "centre_lead"}, "Velg senteret."),
        ({"from_on": "i morgen"}, "Skriv datoen slik: 24.11.2026."),
        ({"from_on": "2026-11-22"}, "Velg i dag eller en senere dag."),
        ({"to_on": "2026-11-01"}, "Siste dag kan ikke være før første dag."),
    ],
)
def test_a_slip_about_somebody_new_is_said_kindly_and_nobody_is_added(as_, database, world, wrong, said):
    answer = as_("mona").submit(f"{STAFF}/ny", **{**NEW, "family_name": "Ansattsen", **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Ansattsen" in answer.text or "family_name" in wrong
    with database.transaction(writes=False) as s:
        assert s.scalars(select(Person).where(Person.given_name == "Ny")).all() == []


def test_an_office_role_takes_no_centre_and_an_admin_no_place(as_, world):
    mona, page = as_("mona"), page_of(world, "lise")
    assert "Velg kontoret." in give(mona, page, place=world.centres["own"]).text
    office = world.thing("office", "own")
    assert "hører ikke til ett sted" in give(mona, page, role="admin", place=office).text
    assert give(mona, page, place=office).status_code == 303
    assert "har denne rollen her" in give(mona, page, place=office, from_on="2026-12-01").text


def test_a_role_that_begins_on_wednesday_opens_nothing_before(as_, world, sign_in_as):
    mona, office = as_("mona"), world.thing("office", "own")
    give(mona, page_of(world, "lise"), place=office, from_on="2026-11-25", to_on="26.11.2026")
    assert "Kommer" in mona.get(page_of(world, "lise")).text
    for day, status in ((23, 403), (24, 403), (25, 200), (26, 200), (27, 403)):
        with on_day(day):
            assert sign_in_as("lise").get("/innboks").status_code == status, day
    with on_day(27):
        assert "Er over" in sign_in_as("mona").get(page_of(world, "lise")).text


def test_a_last_day_holds_to_its_end(as_, world, sign_in_as):
    mona = as_("mona")
    refused = mona.submit(
        f"{role_of(world, 'vera')}/siste-dag", on=role_of(world, "vera"), last_day="2026-11-22"
    )
    assert refused.status_code == 422
    assert "Velg i dag eller en senere dag" in refused.text
    told = {"on": role_of(world, "vera"), "last_day": "2026-11-24"}
    assert mona.submit(f"{role_of(world, 'vera')}/siste-dag", **told).status_code == 303
    with clock.stop_at(datetime(2026, 11, 24, 23, 59, 59, tzinfo=clock.OSLO)):
        vera = sign_in_as("vera")
        assert vera.get("/innboks").status_code == 200
    with clock.stop_at(datetime(2026, 11, 25, 0, 0, 1, tzinfo=clock.OSLO)):
        assert vera.get("/innboks").status_code == 303


@pytest.mark.parametrize(("second", "is_open"), [(-1, True), (5, False)])
def test_a_role_ended_at_noon_is_open_at_11_59_59_and_shut_at_12_00_05(
    app, world, sign_in_as, second, is_open
):
    with at(-60):
        vera, mona = sign_in_as("vera"), sign_in_as("mona")
        cookie = vera.get_cookie("__Host-login", domain="minvei.test").value
        line = app.extensions["live"].socketio.test_client(app, headers={"Cookie": f"__Host-login={cookie}"})
    if not is_open:
        with at(0):
            mona.submit(f"{role_of(world, 'vera')}/slutt", on=role_of(world, "vera"))
    with at(second):
        assert vera.get("/innboks").status_code == (200 if is_open else 303)
        asked = {"conversation": world.thing("thread", "anna"), "since": 0}
        answer = line.emit("chat:since", asked, callback=True)
        assert (answer["ok"], answer.get("error")) == (is_open, None if is_open else "session.needed")


def test_somebody_with_two_roles_loses_only_what_the_ended_one_opened(as_, world, sign_in_as):
    mona, office = as_("mona"), world.thing("office", "own")
    give(mona, page_of(world, "vera"), role="leader", place=office)
    vera = sign_in_as("vera")
    assert (vera.get("/innboks").status_code, vera.get("/kontoret").status_code) == (200, 200)
    mona.submit(f"{role_of(world, 'vera')}/slutt", on=role_of(world, "vera"))
    assert vera.get("/kontoret").status_code == 303, "she signs in again"
    vera = sign_in_as("vera")
    assert (vera.get("/innboks").status_code, vera.get("/kontoret").status_code) == (403, 200)


def test_the_last_admin_cannot_leave_nor_be_ended_and_is_told_kindly(as_, database, world):
    mona, role = as_("mona"), role_of(world, "mona")
    said = "Min vei trenger alltid en administrator."
    assert said in mona.submit(f"{role}/slutt", on=role).text
    assert said in mona.submit(f"{role}/siste-dag", on=role, last_day="2026-12-24").text
    leaving = f"{page_of(world, 'mona')}/slutter"
    assert said in mona.submit(leaving).text
    assert mona.get("/administrasjon").status_code == 200
    give(mona, page_of(world, "lise"), role="admin", to_on="2026-12-01")
    assert said in mona.submit(f"{role}/slutt", on=role).text, "Lise's ends before hers"
    give(mona, page_of(world, "sara"), role="admin", from_on="2026-12-25")
    assert said in mona.submit(f"{role}/slutt", on=role).text, "Sara's begins later"
    assert mona.submit(f"{role}/siste-dag", on=role, last_day="2026-12-24").status_code == 303
    give(mona, page_of(world, "vera"), role="admin")
    assert mona.submit(leaving).status_code == 303
    assert mona.get("/administrasjon").status_code == 303
    with database.transaction(writes=False) as s:
        ended = s.scalars(select(StaffRole).where(StaffRole.person_id == world.people["mona"].id)).one()
        assert ended.ended_at is not None
        assert ended.to_on == date(2026, 12, 24)


def test_without_a_role_no_code_is_made(as_, world):
    mona, page = as_("mona"), page_of(world, "vera")
    mona.submit(f"{page}/slutter")
    answer = mona.submit(f"{page}/kode", on="/administrasjon")
    assert answer.status_code == 422
    assert "Gi en rolle først." in answer.text


def test_a_name_is_corrected_and_staff_are_found_by_a_part_of_it(as_, world):
    mona, page = as_("mona"), page_of(world, "vera")
    sent = {"given_name": "Veronika", "family_name": "Ås", "language": "nb"}
    assert mona.submit(page, **sent).status_code == 303
    found = mona.submit("/administrasjon/ansatte", name="veron ås").text
    assert "Veronika Ås" in found
    assert "1 ansatt" in found
    assert "0 ansatte" in mona.submit("/administrasjon/ansatte", name="finnes ikke").text
    at_centre = mona.get(f"/administrasjon/ansatte?sted={world.centres['own']}").text
    assert "2 ansatte" in at_centre
    assert "Veronika" not in at_centre
    assert "Skriv fornavnet." in mona.submit(page, **{**sent, "given_name": " "}).text


def test_an_admin_gives_herself_neither_a_role_nor_a_code(as_, database, world):
    mona, page = as_("mona"), page_of(world, "mona")
    said = "Du kan ikke gi deg selv en rolle"
    assert said in mona.get(page).text
    office = world.thing("office", "own")
    told = {"role": "veileder", "place": office, "from_on": "2026-11-23", "to_on": ""}
    answer = mona.submit(f"{page}/rolle", on=page_of(world, "vera"), **told)
    assert answer.status_code == 422
    assert f"{said}. Be en annen administrator." in answer.text
    answer = mona.submit(f"{page}/kode", on=page_of(world, "vera"))
    assert answer.status_code == 422
    assert "Du kan ikke lage kode til deg selv." in answer.text
    with database.transaction(writes=False) as s:
        held = s.scalars(select(StaffRole.role).where(StaffRole.person_id == world.people["mona"].id)).all()
        assert held == ["admin"]
        assert s.scalars(select(ActivationCode.id)).all() == []
