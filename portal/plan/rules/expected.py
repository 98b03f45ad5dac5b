"""What a plan says about one day: the week, what was agreed for that day alone, and days when all is closed.

Nothing is kept for days to come or days that are past: both are worked out from what was agreed, and when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from portal.clock import oslo_instant
from portal.errors import N_, Refused
from portal.plan.rules.weeks import Met, Slot


class ExceptionKind(StrEnum):
    """What was agreed for one day in place of the week: nothing that day, another time, or another centre."""

    FREE = "free"
    OTHER_TIME = "other_time"
    OTHER_CENTRE = "other_centre"


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
    """One person has something in her plan on one day, and no centre waits for her; Oslo wall clock.

    It is at another place, on the phone, or work of her own.
    """

    on: date
    starts_at: time
    ends_at: time
    activity_title: str
    place: str
    how: Met = Met.AT_PLACE

    @property
    def ends_utc(self) -> datetime:
        """The instant it ends, right on the days the clocks change too."""
        return oslo_instant(self.on, self.ends_at)


@dataclass(frozen=True)
class AgreedDay:
    """What was agreed for one activity on one day. The times and the centre are those that hold on that day.

    Without times (`free`) the activity asks for nothing then.
    """

    on: date
    kind: ExceptionKind
    starts_at: time | None
    ends_at: time | None
    centre_id: int | None

    @property
    def slots(self) -> list[Slot]:
        """The one time of that day, or none."""
        if self.starts_at is None or self.ends_at is None:
            return []
        return [Slot(self.on.weekday(), self.starts_at, self.ends_at)]


@dataclass(frozen=True)
class PlanTime:
    """One time on one day in somebody's plan; `centre_id` None: at `place`."""

    recipient_id: int
    on: date
    slot: Slot
    activity_title: str
    centre_id: int | None
    place: str | None

    @property
    def waits_at(self) -> int | None:
        """The centre that waits for her then; None when none does."""
        return self.centre_id if self.slot.how is Met.AT_PLACE else None

    @property
    def visit(self) -> ExpectedVisit:
        """The time as a visit to its centre. Raises: ValueError when no centre waits for her."""
        if self.waits_at is None:
            raise ValueError("no centre waits for her then")
        return ExpectedVisit(
            self.recipient_id,
            self.waits_at,
            self.on,
            self.slot.starts_at,
            self.slot.ends_at,
            self.activity_title,
        )


def require_agreed_times(kind: ExceptionKind, starts_at: time | None, ends_at: time | None) -> None:
    """Another time needs a beginning and an end. Raises: Refused `plan.slot`."""
    if kind is ExceptionKind.FREE:
        return
    if starts_at is None or ends_at is None or ends_at <= starts_at:
        raise Refused("plan.slot", N_("Tiden må slutte etter at den begynner."), field="hours")
