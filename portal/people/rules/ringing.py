"""Whom to ring now, by the clock: never a number that nobody answers. No tables, no web."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from portal.clock import to_oslo
from portal.people.rules.opening import Calendar


class Answers(StrEnum):
    """When somebody answers a duty phone."""

    ALWAYS = "always"
    WHEN_CLOSED = "when_closed"
    """Whenever the office is closed, by the office's own hours."""
    OWN_HOURS = "own_hours"


@dataclass(frozen=True)
class Phone:
    """A duty phone and when it answers; hours of its own hold every day and may go past midnight."""

    public_id: str
    name: str
    number: str
    answers: Answers
    opens_at: time | None = None
    closes_at: time | None = None

    def answers_at(self, at: datetime, office: Calendar) -> bool:
        """Whether somebody answers now. An office that has told no hours is never known to be closed."""
        if self.answers is Answers.ALWAYS:
            return True
        if self.answers is Answers.WHEN_CLOSED:
            return bool(office.hours) and not office.is_open(at)
        return self._within_own_hours(to_oslo(at).time())

    def _within_own_hours(self, clock: time) -> bool:
        if self.opens_at is None or self.closes_at is None:
            return False
        if self.opens_at < self.closes_at:
            return self.opens_at <= clock < self.closes_at
        return clock >= self.opens_at or clock < self.closes_at


@dataclass(frozen=True)
class Line:
    """A number to ring now. `until`: when the office closes, for the office's own number."""

    name: str
    number: str
    until: datetime | None = None


@dataclass(frozen=True)
class WhomToRing:
    """The numbers that answer now, the office's own first. `opens`: when a closed office opens next."""

    lines: tuple[Line, ...]
    is_open: bool
    opens: datetime | None


def whom_to_ring(
    at: datetime, calendar: Calendar, *, office: tuple[str, str], phones: Collection[Phone]
) -> WhomToRing:
    """Tell which numbers answer now. `office`: its name and number, which answers while it is open."""
    closes = calendar.closes_at(at)
    own = (Line(*office, until=closes),) if closes else ()
    others = tuple(Line(one.name, one.number) for one in phones if one.answers_at(at, calendar))
    return WhomToRing((*own, *others), bool(closes), None if closes else calendar.next_opening(at))
