"""«Dette skjer første dag»: what she reads before she comes, who writes it, and the one notice."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.app import NOTICES_ASK
from portal.attendance.service import first_day
from portal.errors import NotFound
from portal.notify.models import Outbox
from portal.notify.rules.notices import Kind, Outcome
from portal.notify.service import choices
from portal.notify.service.rounds import Rounds
from portal.people.rules.access import Viewer
from portal.people.rules.words import Role
from portal.plan.rules.weeks import Pattern, Slot
from portal.plan.rules.words import LegalBasis
from portal.plan.service import plans
from tests.fixtures.databases import on_sqlite
from tests.world import MORNING, NOON


@pytest.fixture
def first_on(database, world):
    """Anna begins at the other centre some days from now; gives the day."""
    first = clock.today_oslo() + timedelta(days=4)
    while first.weekday() > 3:
        first += timedelta(days=1)
    pattern = Pattern(tuple(Slot(day, MORNING, NOON) for day in range(5)), first, None)
    with database.transaction() as s:
        other = int(world.things["centre_id"]["1"])
        new = plans.NewActivity("Kantina", pattern, LegalBasis.SOTJL_20A, centre_id=other)
        plans.add_activity(s, world.people["anna"].id, new)
    return first


@on_sqlite
def test_she_reads_of_her_first_day_from_when_it_is_agreed_and_no_longer_than_the_day_itself(
    as_, database, world, first_on
):
    anna, address = as_("anna"), f"/forste-dag/{world.centres['other']}"
    for page in ("/", "/planen-min"):
        assert address in anna.get(page).text
    shown = anna.get(address).text
    assert "En som jobber der, tar imot deg" in shown
    assert "Du trenger ikke ta med noe." in shown
    assert anna.get(f"/forste-dag/{world.centres['own']}").status_code == 404, "there she has long begun"
    assert as_("birk").get(address).status_code == 404
    told = world.people["anna"].id, world.centres["other"]
    for days, is_there in ((0, True), (1, False)):
        morning = clock.oslo_instant(first_on + timedelta(days=days), MORNING)
        expected = nullcontext() if is_there else pytest.raises(NotFound)
        with clock.stop_at(morning), database.transaction(writes=False) as s, expected:
            first_day.read_first_day(s, *told)


@on_sqlite
def test_whoever_is_in_charge_says_who_meets_her_and_each_reads_it_in_her_own_language(
    as_, world, first_on, database
):
    synne, form = as_("synne"), f"/senter/{world.centres['own']}/forste-dag"
    told = {
        "meets": "Synne",
        "bring": ["food", "pen", "gold"],
        "bring_too": "",
        "way": "Buss 4 dit.",
    }
    assert synne.submit(form, on=form, **{**told, "way": "x" * 301}).status_code == 422
    assert synne.submit(form, on=form, **told).status_code == 303
    assert 'value="food" checked' in synne.get(form).text
    assert as_("synne").get(f"/senter/{world.centres['other']}/forste-dag").status_code == 404
    with database.transaction() as s:
        pattern = Pattern((Slot(first_on.weekday(), MORNING, NOON),), first_on, None)
        own = int(world.things["centre_id"]["0"])
        new = plans.NewActivity("Kantina", pattern, LegalBasis.SOTJL_20A, centre_id=own)
        plans.add_activity(s, world.people["celine"].id, new)
    celine, address = as_("celine"), f"/forste-dag/{world.centres['own']}"
    shown = celine.get(address).text
    for words in ("Synne tar imot deg", "Mat og drikke", "Noe å skrive med", "Buss 4 dit."):
        assert words in shown
    celine.submit("/sprak", on="/", language="en", next="/")
    assert "Food and drink" in celine.get(address).text


def test_one_neutral_notice_goes_out_the_day_before_by_a_choice_of_its_own(app, database, world, first_on):
    anna = world.people["anna"]
    seen = Viewer(
        0, anna.id, anna.public_id, "", "", frozenset({Role.RECIPIENT}), frozenset(), frozenset(), "nb", 4
    )
    rounds = Rounds(app.extensions["portal"].settings, database, NOTICES_ASK)
    the_day_before = clock.oslo_instant(first_on - timedelta(days=1), NOON)

    def kinds():
        of_the_day = select(Outbox).where(Outbox.about == first_on.isoformat())
        with database.transaction(writes=False) as s:
            return {(row.kind, row.outcome) for row in s.scalars(of_the_day)}

    with clock.stop_at(the_day_before):
        with database.transaction() as s:
            choices.save_own_number(s, seen, "40 00 00 01")
        rounds.add_reminders(clock.now_utc())
        assert kinds() == {(Kind.FIRST_DAY, None), (Kind.HOURS_BEFORE, None)}
        with database.transaction() as s:
            choices.switch(s, seen, what=Kind.FIRST_DAY, on=False)
        rounds.add_reminders(clock.now_utc())
        with database.transaction() as s:
            choices.switch(s, seen, what=Kind.FIRST_DAY, on=True)
    with clock.stop_at(the_day_before + timedelta(hours=4)):
        rounds.once()
    told = {kind: outcome for kind, outcome in kinds() if kind is not Kind.HOURS_BEFORE}
    assert sorted(told.values()) == [Outcome.ALREADY_TOLD, Outcome.ONLY_LOGGED], "one of the two, never both"
