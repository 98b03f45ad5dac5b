"""Agreed talks between a person and one of her helpers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from portal.clock import day_bounds_utc, now_utc, to_oslo
from portal.errors import N_, Conflict, Refused
from portal.people.service import recipients
from portal.plan.models import Meeting
from portal.plan.rules.words import MeetingPlace

CALLED_OFF_SHOWN_FOR = timedelta(days=7)
"""So long after its time a meeting that was called off still says so: nobody is to wonder where it went."""

_OWN = (
    select(Meeting)
    .where(Meeting.recipient_id == bindparam("recipient_id"))
    .order_by(Meeting.starts_utc, Meeting.id)
)
_TO_COME = Meeting.cancelled_at.is_(None) & (Meeting.ends_utc > bindparam("now"))
_CALLED_OFF = Meeting.cancelled_at.is_not(None) & (Meeting.ends_utc > bindparam("since"))
_MEETINGS = _OWN.where(_TO_COME)
_WITH_CALLED_OFF = _OWN.where(or_(_TO_COME, _CALLED_OFF))


@dataclass(frozen=True)
class MeetingCard:
    """One meeting; `with_name` is the helper's name."""

    public_id: str
    starts_utc: datetime
    ends_utc: datetime
    how: MeetingPlace
    place: str | None
    with_name: str
    is_cancelled: bool = False

    @property
    def day(self) -> date:
        """The Norwegian day it starts."""
        return to_oslo(self.starts_utc).date()

    @property
    def starts_at(self) -> time:
        """When it starts on the wall clock."""
        return to_oslo(self.starts_utc).time()

    @property
    def ends_at(self) -> time:
        """When it ends on the wall clock."""
        return to_oslo(self.ends_utc).time()


@dataclass(frozen=True)
class NewMeeting:
    """What staff write down about a meeting."""

    staff_id: int
    starts_utc: datetime
    ends_utc: datetime
    how: MeetingPlace
    place: str | None = None


def meetings_for(s: Session, recipient_id: int, *, with_cancelled: bool = False) -> list[MeetingCard]:
    """The person's meetings that are not over, the next one first.

    with_cancelled: those called off too, until a week after their time; only staff call a meeting off.
    """
    asked, now = (_WITH_CALLED_OFF if with_cancelled else _MEETINGS), now_utc()
    told = {"recipient_id": recipient_id, "now": now, "since": now - CALLED_OFF_SHOWN_FOR}
    rows = s.scalars(asked, told).all()
    names = recipients.names_for(s, {row.staff_id for row in rows})
    return [_card(row, names) for row in rows]


@dataclass(frozen=True)
class HeldOn:
    """One meeting that stood in a person's plan on a day, for whoever keeps what became of it."""

    id: int
    recipient_id: int
    card: MeetingCard


def meetings_between(
    s: Session, recipient_ids: Collection[int], first: date, last: date, *, with_cancelled: bool = False
) -> list[HeldOn]:
    """The meetings of these people from `first` to `last`, both included, by start.

    Cancelled ones only `with_cancelled`, and then they say so. Two queries, however many people.
    """
    if not recipient_ids:
        return []
    rows = s.scalars(
        select(Meeting)
        .where(
            Meeting.recipient_id.in_(recipient_ids),
            Meeting.starts_utc >= day_bounds_utc(first)[0],
            Meeting.starts_utc < day_bounds_utc(last)[1],
            *(() if with_cancelled else (Meeting.cancelled_at.is_(None),)),
        )
        .order_by(Meeting.starts_utc, Meeting.id)
    ).all()
    names = recipients.names_for(s, {row.staff_id for row in rows})
    return [HeldOn(row.id, row.recipient_id, _card(row, names)) for row in rows]


def days_of_talks(s: Session, recipient_id: int, first: date, last: date) -> set[date]:
    """The days from `first` to `last`, both included, on which the person has a meeting."""
    return {held.card.day for held in meetings_between(s, [recipient_id], first, last)}


def _card(row: Meeting, names: Mapping[int, str]) -> MeetingCard:
    told = row.public_id, row.starts_utc, row.ends_utc, row.how, row.place, names[row.staff_id]
    return MeetingCard(*told, is_cancelled=row.cancelled_at is not None)


def add_meeting(s: Session, recipient_id: int, new: NewMeeting) -> str:
    """A meeting stands in the person's plan. Returns its public id.

    Raises: Refused("plan.period") when it ends before it starts.
    """
    if new.ends_utc <= new.starts_utc:
        raise Refused("plan.period", N_("Tiden må slutte etter at den begynner."), field="ends")
    meeting = Meeting(
        recipient_id=recipient_id,
        staff_id=new.staff_id,
        starts_utc=new.starts_utc,
        ends_utc=new.ends_utc,
        how=new.how,
        place=new.place,
    )
    s.add(meeting)
    s.flush()
    return meeting.public_id


def cancel_meeting(s: Session, public_id: str) -> None:
    """A meeting to come stands in the plan no more; the row stays. Cancelled twice is cancelled once.

    Raises: Conflict `meeting.begun` for one that has begun: what became of it is a line in the attendance
    record, and is not wiped out by calling it off afterwards (design 3.12).
    """
    still_to_come = (
        update(Meeting)
        .where(Meeting.public_id == public_id, Meeting.cancelled_at.is_(None), Meeting.starts_utc > now_utc())
        .values(cancelled_at=now_utc())
        .returning(Meeting.id)
    )
    if s.scalar(still_to_come) is None and s.scalar(
        select(Meeting.id).where(Meeting.public_id == public_id, Meeting.cancelled_at.is_(None))
    ):
        raise Conflict(
            "meeting.begun",
            N_("Møtet har begynt og kan ikke avlyses. Skriv hvordan det gikk, under oppmøte."),
        )
