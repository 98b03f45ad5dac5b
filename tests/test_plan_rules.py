"""Weekly patterns, weeks of tasks and working days, as tables of cases."""

from datetime import UTC, date, datetime, time

import pytest

from portal.errors import Refused
from portal.plan.rules.expected import ExpectedVisit
from portal.plan.rules.tasks import add_working_days, belongs_in_week
from portal.plan.rules.weeks import (
    Met,
    Pattern,
    Slot,
    days_between,
    hours_by_days,
    require_pattern,
    slots_on,
    week_of,
)
from portal.plan.rules.words import require_text

MORNING, NOON, AFTERNOON = time(9), time(12), time(14)
MONDAY = date(2026, 11, 23)
SUNDAY = date(2026, 11, 29)
CHRISTMAS_DAY = date(2026, 12, 25)
WEEKDAYS = tuple(Slot(day, MORNING, AFTERNOON) for day in range(5))


@pytest.mark.parametrize(
    ("on", "from_on", "to_on", "times"),
    [
        (MONDAY, MONDAY, None, 1),
        (MONDAY, MONDAY, MONDAY, 1),
        (MONDAY, date(2026, 11, 24), None, 0),
        (date(2026, 11, 24), MONDAY, MONDAY, 0),
        (SUNDAY, MONDAY, None, 0),
        (CHRISTMAS_DAY, MONDAY, None, 0),
    ],
    ids=[
        "from the first day",
        "on the last day",
        "not before the first day",
        "not after the last day",
        "not on a day without a time",
        "not on a public holiday",
    ],
)
def test_a_pattern_brings_somebody_in_only_on_its_own_days(on, from_on, to_on, times):
    pattern = Pattern(WEEKDAYS, from_on, to_on)
    assert len(slots_on(pattern, on, closed_days={CHRISTMAS_DAY})) == times


def test_two_times_on_one_day_come_in_order():
    late, early = Slot(0, NOON, AFTERNOON), Slot(0, MORNING, NOON)
    assert slots_on(Pattern((late, early), MONDAY, None), MONDAY, closed_days=()) == [early, late]


@pytest.mark.parametrize(
    ("on", "starts_utc"),
    [
        (date(2026, 3, 27), datetime(2026, 3, 27, 8, tzinfo=UTC)),
        (date(2026, 3, 30), datetime(2026, 3, 30, 7, tzinfo=UTC)),
        (date(2026, 10, 23), datetime(2026, 10, 23, 7, tzinfo=UTC)),
        (date(2026, 10, 26), datetime(2026, 10, 26, 8, tzinfo=UTC)),
    ],
    ids=["winter, before March", "summer, after March", "summer, before October", "winter, after October"],
)
def test_nine_on_the_wall_is_nine_on_both_sides_of_a_clock_change(on, starts_utc):
    visit = ExpectedVisit(1, 1, on, MORNING, AFTERNOON, "Lager")
    assert visit.starts_utc == starts_utc


@pytest.mark.parametrize(
    ("on", "hours"),
    [(date(2026, 3, 29), 3.0), (date(2026, 10, 25), 5.0)],
    ids=["the night in March is short", "the night in October is long"],
)
def test_a_night_with_a_clock_change_has_its_real_length(on, hours):
    night = ExpectedVisit(1, 1, on, time(1), time(5), "Nattevakt")
    assert (night.ends_utc - night.starts_utc).total_seconds() / 3600 == hours


@pytest.mark.parametrize(
    ("due_on", "done_on", "shown"),
    [
        (MONDAY, None, True),
        (SUNDAY, None, True),
        (date(2026, 11, 30), None, False),
        (date(2026, 11, 20), None, True),
        (date(2026, 11, 20), date(2026, 11, 20), False),
        (date(2026, 11, 20), MONDAY, True),
        (None, None, True),
        (None, date(2026, 11, 22), False),
        (None, SUNDAY, True),
        (SUNDAY, date(2026, 11, 2), True),
    ],
    ids=[
        "due on Monday",
        "due on Sunday",
        "due next week",
        "still open from last week",
        "done last week",
        "from last week, done this week",
        "no day",
        "no day, done last week",
        "no day, done this week",
        "due this week, done early",
    ],
)
def test_the_week_shows_what_is_due_what_is_open_and_what_was_done(due_on, done_on, shown):
    assert belongs_in_week(due_on, done_on, week_of_day=date(2026, 11, 25)) is shown


def test_the_same_hours_are_said_once():
    friday = Slot(4, MORNING, NOON)
    slots = (friday, Slot(2, MORNING, AFTERNOON), Slot(0, MORNING, AFTERNOON))
    there = Met.AT_PLACE
    assert hours_by_days(slots) == [((0, 2), MORNING, AFTERNOON, there), ((4,), MORNING, NOON, there)]
    own = Slot(1, MORNING, AFTERNOON, Met.OWN_WORK)
    assert ((1,), MORNING, AFTERNOON, Met.OWN_WORK) in hours_by_days((*slots, own)), "own work stands apart"


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (MONDAY, date(2026, 11, 26)),
        (date(2026, 11, 27), date(2026, 12, 2)),
        (SUNDAY, date(2026, 12, 2)),
        (date(2026, 12, 23), date(2026, 12, 29)),
    ],
    ids=["within a week", "over a weekend", "from a Sunday", "over Christmas"],
)
def test_three_working_days_leave_out_weekends_and_holidays(on, expected):
    assert add_working_days(on, 3, closed_days={CHRISTMAS_DAY, date(2026, 12, 26)}) == expected


def test_a_week_is_from_monday_to_sunday():
    assert {week_of(on) for on in days_between(MONDAY, SUNDAY)} == {(MONDAY, SUNDAY)}
    assert list(days_between(SUNDAY, MONDAY)) == []


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (Pattern((), MONDAY, date(2026, 11, 1)), "plan.period"),
        (Pattern((Slot(7, MORNING, NOON),), MONDAY, None), "plan.slot"),
        (Pattern((Slot(0, NOON, NOON),), MONDAY, None), "plan.slot"),
        (Pattern((Slot(0, MORNING, AFTERNOON), Slot(0, NOON, AFTERNOON)), MONDAY, None), "plan.overlap"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused(pattern, code):
    with pytest.raises(Refused) as refused:
        require_pattern(pattern)
    assert refused.value.code == code


def test_two_times_that_only_touch_are_fine():
    require_pattern(Pattern((Slot(0, MORNING, NOON), Slot(0, NOON, AFTERNOON)), MONDAY, None))


@pytest.mark.parametrize(("text", "code"), [("  \n", "plan.empty"), ("a" * 11, "plan.too_long")])
def test_own_words_are_refused_only_when_empty_or_too_long(text, code):
    with pytest.raises(Refused) as refused:
        require_text(text, longest=10, field="goal")
    assert refused.value.code == code
    assert require_text("  كفى ", longest=10, field="goal") == "كفى"
