"""Which tasks belong in a week, and how working days are counted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from portal.plan.rules.weeks import week_of

SATURDAY = 5


def belongs_in_week(due_on: date | None, done_on: date | None, *, week_of_day: date) -> bool:
    """The person sees this week's tasks, what is still open from before, and what was done this week.

    An open task from an earlier week stays on the list without any mark: nothing here is a judgement.
    """
    monday, sunday = week_of(week_of_day)
    if due_on is not None and due_on > sunday:
        return False
    if due_on is not None and due_on >= monday:
        return True
    return done_on is None or monday <= done_on <= sunday


def add_working_days(on: date, days: int, *, closed_days: Collection[date]) -> date:
    """The day that lies `days` working days after `on`: weekends and public holidays are not counted."""
    left = days
    while left > 0:
        on += timedelta(days=1)
        if on.weekday() < SATURDAY and on not in closed_days:
            left -= 1
    return on
