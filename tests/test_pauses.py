"""A pause of the plan takes away the days inside it, and no other day, also when it is over."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.people.models import Person, PlanPause
from portal.people.service import card, recipients
from portal.plan.service import visits
from portal.plan.service.agenda import agenda_for
from tests.fixtures.application import MONDAY_MORNING
from tests.fixtures.databases import on_sqlite
from tests.test_people import viewer_of

pytestmark = on_sqlite

MONDAY, THURSDAY = date(2026, 11, 23), date(2026, 12, 3)
FIRST, LAST = MONDAY - timedelta(days=7), THURSDAY + timedelta(days=7)
TEN_DAYS = timedelta(days=10)


@pytest.fixture
def pause(app, database, world):
    with clock.stop_at(MONDAY_MORNING), database.transaction(writes=False) as s:
        vera = viewer_of(app, s, world, "vera")

    def tick(*, is_paused):
        with database.transaction() as s:
            anna = s.get_one(Person, world.people["anna"].id)
            reach = card.reach_of(anna)
            new = card.Reach(**(vars(reach) | {"is_paused": is_paused}))
            card.change_reach(s, vera, anna.public_id, new, drawn_from=reach.version)

    return tick


def expected(database, anna):
    """The days on which she is expected, as the boards and as her own pages have them: always the same."""
    with database.transaction(writes=False) as s:
        found = {one.on for one in visits.expected_between(s, FIRST, LAST, recipient_ids=[anna])}
        person = recipients.get_person(s, anna)
        assert set(agenda_for(s, person, FIRST).days(FIRST, LAST)) >= found
        today = clock.today_oslo()
        ahead = {one.on for one in agenda_for(s, person, today).at_centres(today, LAST)}
        assert {one.on for one in agenda_for(s, person, FIRST).at_centres(FIRST, LAST)} == found
    assert ahead == {on for on in found if on >= today}
    return found


def test_a_pause_of_ten_days_takes_away_those_days_and_no_other(database, world, pause):
    anna = world.people["anna"].id
    with clock.stop_at(MONDAY_MORNING):
        before = expected(database, anna)
        pause(is_paused=True)
        earlier = {on for on in before if on < MONDAY}
        assert earlier
        assert expected(database, anna) == earlier
    with clock.stop_at(MONDAY_MORNING + TEN_DAYS):
        assert expected(database, anna) == earlier
        pause(is_paused=False)
        later = {on for on in before if on >= THURSDAY}
        assert later
        assert expected(database, anna) == earlier | later
    with clock.stop_at(MONDAY_MORNING + 2 * TEN_DAYS):
        assert expected(database, anna) == earlier | later
    with database.transaction(writes=False) as s:
        kept = s.scalars(select(PlanPause)).one()
    assert (kept.from_on, kept.to_on) == (MONDAY, THURSDAY - timedelta(days=1))
    assert kept.by_id == kept.ended_by_id == world.people["vera"].id


def test_a_pause_lifted_the_same_day_takes_no_day_away(database, world, pause):
    anna = world.people["anna"].id
    with clock.stop_at(MONDAY_MORNING):
        before = expected(database, anna)
        pause(is_paused=True)
        pause(is_paused=False)
        assert expected(database, anna) == before
    with clock.stop_at(MONDAY_MORNING + TEN_DAYS):
        assert expected(database, anna) == before
