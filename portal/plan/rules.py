"""How a weekly pattern becomes days, and which tasks belong in a week; no database and no text here."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from portal.clock import oslo_instant
from portal.errors import N_, Refused

MAX_GOAL_LENGTH = 500
MAX_TITLE_LENGTH = 100
DAYS_IN_WEEK = 7
SATURDAY = 5


class LegalBasis(StrEnum):
    """The rule that an activity stands on; it decides which sentences about absence may be shown.

    Source: sosialtjenesteloven §§ 20, 20 a and 29 (checked 2026-11-22).
    """

    SOTJL_20A = "sotjl_20a"
    SOTJL_20 = "sotjl_20"
    KVP = "kvp"
    STATE_BENEFIT = "state_benefit"
    VOLUNTARY = "voluntary"


class ActivityStatus(StrEnum):
    """Where an activity stands; only what is agreed brings expected visits."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DONE = "done"
    STOPPED = "stopped"


class MeetingPlace(StrEnum):
    """How a meeting is held; the person can ask for another way."""

    OFFICE = "office"
    CENTRE = "centre"
    PHONE = "phone"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, order=True)
class Slot:
    """One time in the week: weekday 0 (Monday) to 6, wall-clock times in Oslo."""

    weekday: int
    starts_at: time
    ends_at: time


@dataclass(frozen=True)
class Pattern:
    """Slots that repeat every week from `from_on` to `to_on`, both included; `to_on` None is open."""

    slots: tuple[Slot, ...]
    from_on: date
    to_on: date | None


@dataclass(frozen=True)
class ExpectedVisit:
    """One person is expected at one centre on one day; `starts_at` and `ends_at` are Oslo wall clock."""

    recipient_id: int
    centre_id: int
    on: date
    starts_at: time
    ends_at: time
    activity_title: str

    @property
    def starts_utc(self) -> datetime:
        """The instant the visit begins, right on the days the clocks change too."""
        return oslo_instant(self.on, self.starts_at)

    @property
    def ends_utc(self) -> datetime:
        """The instant the visit ends, right on the days the clocks change too."""
        return oslo_instant(self.on, self.ends_at)


@dataclass(frozen=True)
class ElsewhereVisit:
    """One person has something in her plan on one day at a place that is no centre; Oslo wall clock."""

    on: date
    starts_at: time
    ends_at: time
    activity_title: str
    place: str

    @property
    def ends_utc(self) -> datetime:
        """The instant it ends, right on the days the clocks change too."""
        return oslo_instant(self.on, self.ends_at)


def slots_on(pattern: Pattern, on: date, *, closed_days: Collection[date]) -> list[Slot]:
    """Nobody is expected on a public holiday or outside the period; else the day's slots, earliest first.

    closed_days: public holidays that cover at least the year of `on`.
    """
    if on in closed_days or on < pattern.from_on or (pattern.to_on is not None and on > pattern.to_on):
        return []
    return sorted(slot for slot in pattern.slots if slot.weekday == on.weekday())


def hours_by_days(slots: Iterable[Slot]) -> list[tuple[tuple[int, ...], time, time]]:
    """The week said shortly: the weekdays that share the same hours, with those hours; earliest day first.

    Example: Monday and Wednesday 09.00–14.00, Friday 10.00–12.00 become two lines.
    """
    days: dict[tuple[time, time], list[int]] = {}
    for slot in sorted(slots):
        days.setdefault((slot.starts_at, slot.ends_at), []).append(slot.weekday)
    return [(tuple(weekdays), starts_at, ends_at) for (starts_at, ends_at), weekdays in days.items()]


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included; none when `last` is earlier."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def week_of(on: date) -> tuple[date, date]:
    """Monday and Sunday of the week of `on`."""
    monday = on - timedelta(days=on.weekday())
    return monday, monday + timedelta(days=DAYS_IN_WEEK - 1)


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


def require_pattern(pattern: Pattern) -> None:
    """Staff learn which part of the week is wrong before anything is kept.

    Raises: Refused("plan.period") when the end is before the start; Refused("plan.slot") for a slot that ends
    before it starts, or a weekday outside 0–6; Refused("plan.overlap") for two slots at the same time.
    """
    if pattern.to_on is not None and pattern.to_on < pattern.from_on:
        raise Refused("plan.period", N_("Siste dag må komme etter første dag."), field="to_on")
    ordered = sorted(pattern.slots)
    for slot in ordered:
        if not 0 <= slot.weekday < DAYS_IN_WEEK or slot.ends_at <= slot.starts_at:
            raise Refused("plan.slot", N_("Tiden må slutte etter at den begynner."), field="slots")
    for one, following in pairwise(ordered):
        if one.weekday == following.weekday and following.starts_at < one.ends_at:
            raise Refused("plan.overlap", N_("To tider på samme dag går over i hverandre."), field="slots")


def require_text(text: str, *, longest: int, field: str) -> str:
    """The text without spaces around it.

    Raises: Refused("plan.empty") or Refused("plan.too_long") with the longest length in characters.
    """
    kept = text.strip()
    if not kept:
        raise Refused("plan.empty", N_("Skriv noe her først."), field=field)
    if len(kept) > longest:
        raise Refused(
            "plan.too_long", N_("Teksten kan ha opptil %(longest)s tegn."), field=field, longest=longest
        )
    return kept
