"""On which days a centre takes people in. No tables, no web."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from portal.people.rules.opening import public_holidays

DAYS_BACK = 14
"""So far back a day may be said to have been closed, and opened again: what is older has been settled."""


@dataclass(frozen=True)
class WeekdayOpen:
    """A centre is open on a weekday (0 = Monday), from a day on (None: since ever) and before another."""

    weekday: int
    from_on: date | None
    until_on: date | None

    def is_told_by(self, on: date) -> bool:
        """Whether it had been told on a day."""
        return self.from_on is None or self.from_on <= on

    def holds_on(self, on: date) -> bool:
        """Whether the centre is open on a day because of this."""
        still = self.until_on is None or on < self.until_on
        return on.weekday() == self.weekday and self.is_told_by(on) and still


@dataclass(frozen=True)
class CentreDays:
    """Everything that decides whether a centre takes people in on a day.

    closed_days: those on which it is closed besides its week. last_on: its last day of all.
    """

    weekdays: tuple[WeekdayOpen, ...] = ()
    closed_days: frozenset[date] = frozenset()
    last_on: date | None = None

    def is_open_on(self, on: date) -> bool:
        """Whether the centre takes people in on a day; never on a public holiday.

        A centre that had told no hours by then is open: nobody loses her days because a form was never filled
        in.
        """
        if on in public_holidays(on.year) or self.is_closed_on(on):
            return False
        if self.last_on is not None and on > self.last_on:
            return False
        told = [one for one in self.weekdays if one.is_told_by(on)]
        return not told or any(one.holds_on(on) for one in told)

    def is_closed_on(self, on: date) -> bool:
        """Whether somebody has said that the centre is closed on this very day."""
        return on in self.closed_days


def may_be_closed(on: date, *, today: date) -> bool:
    """Whether it is not too late to say that a centre was closed on a day."""
    return on >= today - timedelta(days=DAYS_BACK)
