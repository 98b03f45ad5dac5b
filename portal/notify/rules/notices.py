"""What a notice is about, what it says, and what becomes of one that is due. Plain Python.

A notice is read on a lock screen, perhaps by somebody else (design 3.5). So each kind has one fixed sentence
without name, office, case word, place or link. A reminder tells the time of day, which reveals nothing of
where or what, and is what one needs to know. It says «avtale», a word that everybody's calendar has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from portal.clock import oslo_instant, to_oslo
from portal.errors import N_


class Kind(StrEnum):
    """What a notice is about."""

    MESSAGE = "chat.message"
    DAY_BEFORE = "plan.day_before"
    HOURS_BEFORE = "plan.hours_before"
    FIRST_DAY = "plan.first_day"
    """The day before a first day at a centre, in the very words of any other reminder."""


REMINDERS = frozenset({Kind.DAY_BEFORE, Kind.HOURS_BEFORE})
"""What is switched on and off as one: «Påminnelser»."""

OF_A_DAY = REMINDERS | {Kind.FIRST_DAY}
"""What is told of a day that comes; one of them is enough for the day before."""

THE_DAY_BEFORE = frozenset({Kind.DAY_BEFORE, Kind.FIRST_DAY})

TEXTS = {
    Kind.MESSAGE: N_("Du har en ny melding. Logg inn."),
    Kind.DAY_BEFORE: N_("Husk: Du har en avtale i morgen kl. %(time)s. Logg inn."),
    Kind.FIRST_DAY: N_("Husk: Du har en avtale i morgen kl. %(time)s. Logg inn."),
    Kind.HOURS_BEFORE: N_("Husk: Du har en avtale i dag kl. %(time)s. Logg inn."),
}

SPACING = timedelta(minutes=30)
"""At most one notice about a conversation in this time, however much is written."""

TRIES = 6
_BACK_OFF_MINUTES = (1, 5, 15, 60, 180)
"""How long to wait after each try that surely reached nobody; after the last one it is given up."""

DAY_BEFORE_AT = time(17)
HOURS_BEFORE = timedelta(hours=2)
TOO_LATE = timedelta(minutes=30)
"""A reminder closer to the start than this helps nobody: she is on her way, or cannot be in time."""


class Outcome(StrEnum):
    """How a notice ended. A row without one is still to be dealt with."""

    SENT = "sent"
    ONLY_LOGGED = "only_logged"
    """The log was all there was to send by: nobody's phone was reached."""
    NOT_NEEDED = "not_needed"
    """It was read, taken back, moved or called off before the notice went out."""
    SWITCHED_OFF = "switched_off"
    OUT_OF_REACH = "out_of_reach"
    """She may not use the portal now, or has no number any more."""
    TOO_LATE = "too_late"
    ALREADY_TOLD = "already_told"
    """A reminder of this kind went out for that day before."""
    UNKNOWN = "unknown"
    """An attempt was begun and nobody knows whether it arrived. It is not made again: never twice."""
    GIVEN_UP = "given_up"


class Result(StrEnum):
    """What one attempt came to, as far as whoever made it can know."""

    SENT = "sent"
    ONLY_LOGGED = "only_logged"
    NOT_SENT = "not_sent"
    """It surely reached nobody: another try cannot double it."""
    REFUSED = "refused"
    """It surely reached nobody, and never will: the number is no good."""
    UNREACHABLE = "unreachable"
    """As `NOT_SENT`, and the next notice would fare no better just now."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Quiet:
    """The hours on the wall clock in Oslo when no phone shall buzz; `from_hour` == `until_hour`: none."""

    from_hour: int
    until_hour: int

    def ends_after(self, now: datetime) -> datetime:
        """Tell when a notice may go out: at once, or when the quiet hours end that `now` lies in."""
        if not self._holds(to_oslo(now).hour):
            return now
        today = to_oslo(now).date()
        ends = oslo_instant(today, time(self.until_hour))
        return ends if ends > now else oslo_instant(today + timedelta(days=1), time(self.until_hour))

    def _holds(self, hour: int) -> bool:
        if self.from_hour <= self.until_hour:
            return self.from_hour <= hour < self.until_hour
        return hour >= self.from_hour or hour < self.until_hour


@dataclass(frozen=True)
class Waiting:
    """What is known of the rows about one thing (a conversation, a day) when one of them is due.

    good_until: the latest that any of them is good for; None when that does not end. told_at: when the last
    attempt about this thing was begun, None if never. is_wanted: the kind is switched on. is_needed: there
    still is something to tell.
    """

    kind: Kind
    good_until: datetime | None
    told_at: datetime | None
    is_reachable: bool
    is_wanted: bool
    is_needed: bool


def verdict(waiting: Waiting, quiet: Quiet, now: datetime) -> Outcome | datetime | None:
    """Say what becomes of a due notice: it ends with an outcome, waits until an instant, or goes (None)."""
    if not waiting.is_reachable:
        return Outcome.OUT_OF_REACH
    if not waiting.is_wanted:
        return Outcome.SWITCHED_OFF
    if not waiting.is_needed:
        return Outcome.NOT_NEEDED
    if waiting.good_until is not None and waiting.good_until <= now:
        return Outcome.TOO_LATE
    if waiting.told_at is not None:
        if waiting.kind in OF_A_DAY:
            return Outcome.ALREADY_TOLD
        if waiting.told_at + SPACING > now:
            return waiting.told_at + SPACING
    may_go = quiet.ends_after(now)
    return may_go if may_go > now else None


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Tell when to try again after so many tries that reached nobody; None when it is given up."""
    return now + timedelta(minutes=_BACK_OFF_MINUTES[attempts - 1]) if attempts < TRIES else None


def may_be_told(*, is_digital: bool, is_protected: bool, has_phone: bool, chose_herself: bool) -> bool:
    """Whether a person may be told of anything outside the portal at all.

    Never somebody who may not use the portal. With a protected address, or without a phone of her own as far
    as Nav knows, only when she herself switched it on (design 3.7).
    """
    return is_digital and (chose_herself or (has_phone and not is_protected))


@dataclass(frozen=True)
class Reminder:
    """Something in a person's plan that she may be reminded of: the first thing of a day."""

    person_id: int
    starts_utc: datetime


def due_and_good_until(kind: Kind, starts: datetime) -> tuple[datetime, datetime]:
    """Tell from when on a reminder of something may go out, and until when it helps.

    The day before: at 17, and not after midnight, since it says «i morgen». Two hours before: until half an
    hour before.
    """
    if kind is Kind.HOURS_BEFORE:
        return starts - HOURS_BEFORE, starts - TOO_LATE
    on = to_oslo(starts).date()
    return oslo_instant(on - timedelta(days=1), DAY_BEFORE_AT), oslo_instant(on, time.min)


class ToldState(StrEnum):
    """What staff are shown about a message that the person has not read."""

    TOLD = "told"
    WAITS = "waits"
    UNSURE = "unsure"
    NOT_TOLD = "not_told"


@dataclass(frozen=True)
class Told:
    """Whether somebody was told outside the portal, and when.

    Of `WAITS` the time before which it does not go out, None when that is now.
    """

    state: ToldState
    at: datetime | None = None

    def held_by(self, quiet: Quiet, now: datetime) -> Told:
        """Tell the same when the quiet hours are counted in: a notice that waits goes out when they end."""
        if self.state is not ToldState.WAITS:
            return self
        goes = quiet.ends_after(self.at or now)
        return Told(self.state, goes if goes > now else None)


NOT_TOLD = Told(ToldState.NOT_TOLD)


def told(outcome: Outcome | None, *, due_at: datetime, attempted_at: datetime | None, now: datetime) -> Told:
    """Tell what staff may believe: nobody is told unless a sender has taken the notice."""
    if outcome is Outcome.SENT:
        return Told(ToldState.TOLD, attempted_at)
    if outcome is Outcome.UNKNOWN:
        return Told(ToldState.UNSURE, attempted_at)
    if outcome is None:
        return Told(ToldState.WAITS, due_at if due_at > now else None)
    return NOT_TOLD


def earliest(times: Iterable[datetime | None]) -> datetime | None:
    """Give the earliest of several instants, None when there is none."""
    return min((one for one in times if one is not None), default=None)
