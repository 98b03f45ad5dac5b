"""When somebody who writes may expect an answer, from how long others have waited. No tables, no web."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.clock import to_oslo
from portal.people.rules.opening import Calendar

LEAST_ANSWERS = 20
"""Of fewer answers nothing is told: one long wait would say too much."""

LOOKS_BACK = timedelta(weeks=4)
MOST_DAYS = 20
"""Slower than this nothing is promised at all."""


@dataclass(frozen=True)
class Answered:
    """One wait that ended with an answer, and by whom."""

    since: datetime
    at: datetime
    by_id: int


def days_waited(one: Answered, calendar: Calendar) -> int:
    """Count the days the office was open after the first on which the question could be read.

    Example: asked on Saturday and answered on Monday is 0, asked on Monday and answered on Tuesday is 1.
    """
    first = calendar.next_opening(one.since) or one.since
    on, last, days = to_oslo(first).date(), to_oslo(one.at).date(), 0
    while on < last:
        on += timedelta(days=1)
        days += bool(calendar.stretches_on(on)) or not calendar.hours
    return days


def eight_of_ten(days: Iterable[int]) -> int:
    """Tell within how many days eight of ten were answered, rounded up. At least one must be given."""
    in_order = sorted(days)
    return in_order[-(-len(in_order) * 8 // 10) - 1]


def usual_days(answered: Collection[Answered], calendar: Calendar, *, readers: Collection[int]) -> int | None:
    """Tell within how many open days an answer usually comes: 0 is the same day, None is not told.

    What those who read her have answered counts, if there is enough of it; otherwise the whole office's.
    """
    hers = [one for one in answered if one.by_id in readers]
    counted = hers if len(hers) >= LEAST_ANSWERS else answered
    if len(counted) < LEAST_ANSWERS:
        return None
    days = eight_of_ten(days_waited(one, calendar) for one in counted)
    return days if days <= MOST_DAYS else None
