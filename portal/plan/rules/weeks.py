"""How a weekly pattern becomes days, and which tasks belong in a week; no database and no text here."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from portal.errors import N_, Refused

DAYS_IN_WEEK = 7


class Met(StrEnum):
    """How a time in the week is met: somebody comes to the place, works on her own, or talks on the phone.

    Own work (such as looking for jobs on Fridays) is told about, not attended: nobody waits for her anywhere.
    """

    AT_PLACE = "at_place"
    OWN_WORK = "own_work"
    PHONE = "phone"


@dataclass(frozen=True, order=True)
class Slot:
    """One time in the week: weekday 0 (Monday) to 6, wall-clock times in Oslo."""

    weekday: int
    starts_at: time
    ends_at: time
    how: Met = Met.AT_PLACE


class WeekLine(NamedTuple):
    """Weekdays that share the same hours and are met in the same way."""

    weekdays: tuple[int, ...]
    starts_at: time
    ends_at: time
    how: Met


@dataclass(frozen=True)
class Pattern:
    """Slots that repeat every week from `from_on` to `to_on`, both included; `to_on` None is open."""

    slots: tuple[Slot, ...]
    from_on: date
    to_on: date | None

    def holds_on(self, on: date) -> bool:
        """Whether a day lies within the period."""
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)


def slots_on(pattern: Pattern, on: date, *, closed_days: Collection[date]) -> list[Slot]:
    """Nobody is expected on a public holiday or outside the period; else the day's slots, earliest first.

    closed_days: public holidays that cover at least the year of `on`.
    """
    if on in closed_days or not pattern.holds_on(on):
        return []
    return sorted(slot for slot in pattern.slots if slot.weekday == on.weekday())


def hours_by_days(slots: Iterable[Slot]) -> list[WeekLine]:
    """The week said shortly: the weekdays that share the same hours, with those hours; earliest day first.

    Example: Monday and Wednesday 09.00–14.00, Friday 10.00–12.00 become two lines.
    """
    days: dict[tuple[time, time, Met], list[int]] = {}
    for slot in sorted(slots):
        days.setdefault((slot.starts_at, slot.ends_at, slot.how), []).append(slot.weekday)
    return [WeekLine(tuple(weekdays), *shared) for shared, weekdays in days.items()]


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included; none when `last` is earlier."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def week_of(on: date) -> tuple[date, date]:
    """Monday and Sunday of the week of `on`."""
    monday = on - timedelta(days=on.weekday())
    return monday, monday + timedelta(days=DAYS_IN_WEEK - 1)


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
