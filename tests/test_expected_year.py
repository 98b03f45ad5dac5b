"""Fifteen months by hand: both clock changes, every public holiday, a summer when the centre is closed.

The tables were written from the calendar on the wall, day by day. Nothing here is worked out by the portal:
1 March 2026 was a Sunday; Easter Sunday is 5 April 2026 and 28 March 2027. So nobody is expected on Maundy
Thursday and Good Friday (2 and 3 April 2026; 25 and 26 March 2027), Easter Monday (6 April; 29 March), 1 May,
Ascension Day (14 May 2026; 6 May 2027), 17 May, Whit Sunday and Monday (24 and 25 May 2026; 16 and 17 May
2027), 25 and 26 December and 1 January.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import text

from portal import clock
from portal.people.models import ClosedDay, OpeningHours
from portal.people.service import recipients
from portal.plan.rules.weeks import Met, Pattern, Slot
from portal.plan.rules.words import LegalBasis
from portal.plan.service import plans, visits
from portal.plan.service.agenda import agenda_for
from tests.fixtures.databases import on_sqlite

pytestmark = on_sqlite

FIRST, LAST = date(2026, 3, 1), date(2027, 5, 31)
QUARTER_PAST_EIGHT, THREE = time(8, 15), time(15)
CLOSED = {"2026-07": "13 14 15 16 20 21 22 23", "2026-12": "24"}
"""Two weeks of summer, and Christmas Eve, which is no public holiday."""

MONDAY_TO_THURSDAY = {
    "2026-03": "2 3 4 5 9 10 11 12 16 17 18 19 23 24 25 26 30 31",
    "2026-04": "1 7 8 9 13 14 15 16 20 21 22 23 27 28 29 30",  # without Maundy Thursday and Easter Monday
    "2026-05": "4 5 6 7 11 12 13 18 19 20 21 26 27 28",  # without Ascension Day and Whit Monday
    "2026-06": "1 2 3 4 8 9 10 11 15 16 17 18 22 23 24 25 29 30",
    "2026-07": "1 2 6 7 8 9 27 28 29 30",  # closed for two weeks
    "2026-08": "3 4 5 6 10 11 12 13 17 18 19 20 24 25 26 27 31",
    "2026-09": "1 2 3 7 8 9 10 14 15 16 17 21 22 23 24 28 29 30",
    "2026-10": "1 5 6 7 8 12 13 14 15 19 20 21 22 26 27 28 29",
    "2026-11": "2 3 4 5 9 10 11 12 16 17 18 19 23 24 25 26 30",
    "2026-12": "1 2 3 7 8 9 10 14 15 16 17 21 22 23 28 29 30 31",  # closed on the 24th
    "2027-01": "4 5 6 7 11 12 13 14 18 19 20 21 25 26 27 28",
    "2027-02": "1 2 3 4 8 9 10 11 15 16 17 18 22 23 24 25",
    "2027-03": "1 2 3 4 8 9 10 11 15 16 17 18 22 23 24 30 31",  # without the 25th and the 29th
    "2027-04": "1 5 6 7 8 12 13 14 15 19 20 21 22 26 27 28 29",
    "2027-05": "3 4 5 10 11 12 13 18 19 20 24 25 26 27 31",  # without Ascension Day, and 17 May
}
FRIDAYS = {
    "2026-03": "6 13 20 27",
    "2026-04": "10 17 24",  # without Good Friday
    "2026-05": "8 15 22 29",  # without 1 May
    "2026-06": "5 12 19 26",
    "2026-07": "3 10 17 24 31",  # the centre may be closed: she works on her own
    "2026-08": "7 14 21 28",
    "2026-09": "4 11 18 25",
    "2026-10": "2 9 16 23 30",
    "2026-11": "6 13 20 27",
    "2026-12": "4 11 18",  # without 25 December
    "2027-01": "8 15 22 29",  # without New Year's Day
    "2027-02": "5 12 19 26",
    "2027-03": "5 12 19",  # without Good Friday
    "2027-04": "2 9 16 23 30",
    "2027-05": "7 14 21 28",
}
SUNDAYS = {
    "2026-03": "1 8 15 22 29",  # the clock changed that night
    "2026-04": "12 19 26",  # without Easter Sunday
    "2026-05": "3 10 31",  # without 17 May and Whit Sunday
    "2026-06": "7 14 21 28",
    "2026-07": "5 12 19 26",
    "2026-08": "2 9 16 23 30",
    "2026-09": "6 13 20 27",
    "2026-10": "4 11 18 25",  # the clock changed that night
    "2026-11": "1 8 15 22 29",
    "2026-12": "6 13 20 27",
    "2027-01": "3 10 17 24 31",
    "2027-02": "7 14 21 28",
    "2027-03": "7 14 21",  # Easter Sunday is also the night of the clock
    "2027-04": "4 11 18 25",
    "2027-05": "2 9 23 30",  # without Whit Sunday
}
TEN_IN_NORWAY = (
    (date(2026, 3, 28), 9),
    (date(2026, 10, 24), 8),
    (date(2027, 3, 27), 9),
    (date(2027, 5, 31), 8),
)
"""Until this day, ten o'clock on the wall is so many o'clock in UTC."""


def days_of(table):
    return [
        date.fromisoformat(f"{month}-{int(day):02d}") for month, days in table.items() for day in days.split()
    ]


@pytest.fixture
def year(database, world):
    """Anna: Monday to Thursday there, Friday on her own. Birk: Sundays, and Fridays when it is shut."""
    anna, birk = world.people["anna"].id, world.people["birk"].id
    centre = int(world.things["centre_id"]["0"])
    slots = tuple(Slot(day, QUARTER_PAST_EIGHT, THREE) for day in range(4))
    own = Slot(4, time(9), time(13), Met.OWN_WORK)
    weeks = {
        anna: (*slots, own),
        birk: (Slot(6, time(10), time(12)), Slot(4, QUARTER_PAST_EIGHT, THREE)),
    }
    with database.transaction() as s:
        s.execute(text("UPDATE activity SET status = 'stopped'"))
        s.execute(text("UPDATE agreed_exception SET withdrawn_at = at, withdrawn_by_id = by_id"))
        for weekday in (0, 1, 2, 3, 6):
            s.add(OpeningHours(centre_id=centre, weekday=weekday, opens_at=time(8), closes_at=time(16)))
        by = {"by_id": world.people["synne"].id, "at": clock.now_utc()}
        s.add_all(ClosedDay(centre_id=centre, day=day, **by) for day in days_of(CLOSED))
        for person, week in weeks.items():
            pattern = Pattern(week, FIRST, LAST)
            new = plans.NewActivity("Jobbsentralen", pattern, LegalBasis.SOTJL_20A, centre_id=centre)
            plans.add_activity(s, person, new)
    return anna, birk, centre


def test_the_days_of_fifteen_months_are_those_of_the_table_written_by_hand(database, year):
    anna, birk, centre = year
    before, after = FIRST - timedelta(days=40), LAST + timedelta(days=40)
    with database.transaction(writes=False) as s:
        everybody = visits.expected_between(s, before, after, centre_id=centre)
        agendas = {one: agenda_for(s, recipients.get_person(s, one), before) for one in (anna, birk)}
    for person, table in ((anna, MONDAY_TO_THURSDAY), (birk, SUNDAYS)):
        assert [one.on for one in everybody if one.recipient_id == person] == days_of(table)
        assert [one.on for one in agendas[person].at_centres(before, after)] == days_of(table)
    own = agendas[anna].elsewhere(before, after)
    assert [(one.on, one.how) for one in own] == [(on, Met.OWN_WORK) for on in days_of(FRIDAYS)]
    closed = [on for on, _centre in agendas[anna].closed(before, after)]
    assert closed == days_of(CLOSED)


def test_ten_on_the_wall_is_ten_through_both_changes_of_the_clock(database, year):
    _anna, birk, _centre = year
    with database.transaction(writes=False) as s:
        found = visits.expected_between(s, FIRST, LAST, recipient_ids=[birk])
    for visit in found:
        hour = next(hour for until, hour in TEN_IN_NORWAY if visit.on <= until)
        assert visit.starts_utc == datetime(visit.on.year, visit.on.month, visit.on.day, hour, tzinfo=UTC)


def test_each_day_says_the_same_when_it_is_lived_as_when_it_is_looked_up(database, year):
    """One day at a time, with the clock on that day: what a board asks each morning."""
    anna, birk, centre = year
    tables = {anna: set(days_of(MONDAY_TO_THURSDAY)), birk: set(days_of(SUNDAYS))}
    with database.transaction(writes=False) as s:
        for step in range((LAST - FIRST).days + 1):
            on = FIRST + timedelta(days=step)
            with clock.stop_at(clock.oslo_instant(on, time(7, 40))):
                found = {
                    one.recipient_id for one in visits.expected_on(s, clock.today_oslo(), centre_id=centre)
                }
            assert found == {person for person, days in tables.items() if on in days}, on
