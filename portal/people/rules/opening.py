"""When a place is open, and how much of a wait was open time. No tables, no web.

Hours are Oslo wall clock; what is told is instants in UTC, so the two odd nights of the year come out right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays

from portal.clock import oslo_instant, to_oslo

Hours = Mapping[int, tuple[time, ...]]
"""Weekday (0 = Monday) → when it opens and closes, in turn: two times, or four on a day with a pause.

A weekday that is not there: closed. Example: (09.00, 11.30, 12.00, 15.00) is closed from 11.30 to 12.00."""

Stretch = tuple[datetime, datetime]
"""From when to when a place is open, in UTC; the last instant is not in it."""

LOOKS_AHEAD_DAYS = 60
"""A place that does not open within so many days has no next opening worth telling."""

_A_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@lru_cache(maxsize=32)
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of Norway in a year.

    Without a language on purpose: the package knows its own list of languages, and only the days matter here.
    """
    return frozenset(holidays.country_holidays("NO", years=year))


@dataclass(frozen=True)
class Calendar:
    """When one place is open: its ordinary week, and the days on which it is closed all the same."""

    hours: Hours
    closed_days: frozenset[date] = frozenset()
    _found: dict[date, tuple[Stretch, ...]] = field(default_factory=dict, compare=False, repr=False)

    def stretches_on(self, on: date) -> tuple[Stretch, ...]:
        """When it is open on a day, earliest first; empty on a closed day and on a public holiday."""
        if on not in self._found:
            self._found[on] = self._reckon(on)
        return self._found[on]

    def _reckon(self, on: date) -> tuple[Stretch, ...]:
        if on in self.closed_days or on in public_holidays(on.year):
            return ()
        instants = [oslo_instant(on, at) for at in self.hours.get(on.weekday(), ())]
        # One hour is skipped in March: what opens and closes within it is not open at all.
        pairs = zip(instants[::2], instants[1::2], strict=True)
        return tuple((opens, closes) for opens, closes in pairs if opens < closes)

    def _from(self, at: datetime) -> Iterator[Stretch]:
        """What is left to be open from an instant on, as far as one looks ahead."""
        first = to_oslo(at).date()
        for number in range(LOOKS_AHEAD_DAYS):
            for opens, closes in self.stretches_on(first + number * _A_DAY):
                if closes > at:
                    yield max(opens, at), closes

    def closes_at(self, at: datetime) -> datetime | None:
        """When it closes next (for a pause too), if it is open at an instant; None when it is closed."""
        today = self.stretches_on(to_oslo(at).date())
        return next((closes for opens, closes in today if opens <= at < closes), None)

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at an instant."""
        return self.closes_at(at) is not None

    def next_opening(self, at: datetime) -> datetime | None:
        """When it opens next: `at` itself when it is open then, None when no opening is in sight."""
        return next((opens for opens, _closes in self._from(at)), None)

    def open_minutes(self, since: datetime, until: datetime) -> int:
        """How many whole minutes it was open between two instants; 0 when the second is not the later.

        A place that has told no hours counts every minute: a wait must not stand still because a form was
        never filled in.
        """
        if not self.hours:
            return max(0, (until - since) // _MINUTE)
        on, last, total = to_oslo(since).date(), to_oslo(until).date(), timedelta()
        while on <= last:
            for opens, closes in self.stretches_on(on):
                total += max(timedelta(), min(closes, until) - max(opens, since))
            on += _A_DAY
        return total // _MINUTE

    def add_open_minutes(self, since: datetime, minutes: int) -> datetime | None:
        """Tell when it has been open for so many minutes since an instant; None: not in sight."""
        left = minutes * _MINUTE
        if not self.hours:
            return since + left
        for opens, closes in self._from(since):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        return None
