"""What stands on a day: who is registered where, read from the events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceEvent
from portal.attendance.rules.beside import Beside
from portal.attendance.rules.registered import Kind, Recorded, standing_arrival, standing_leave
from portal.db import ask
from portal.errors import NotFound

is_registered = AttendanceEvent.kind.not_in(list(Beside))
"""Narrows a question about events down to what was registered: a notice is read as itself."""

_EVENTS_OF = (
    select(AttendanceEvent)
    .where(
        AttendanceEvent.recipient_id == bindparam("recipient_id"),
        AttendanceEvent.day_on.between(bindparam("first"), bindparam("last")),
        is_registered,
    )
    .order_by(AttendanceEvent.received_at, AttendanceEvent.id)
)

_EVENTS_AT = (
    select(AttendanceEvent)
    .where(AttendanceEvent.centre_id == bindparam("centre_id"), AttendanceEvent.day_on == bindparam("on"))
    .order_by(AttendanceEvent.n)
)


class Dated(Recorded, Protocol):
    """The part of an attendance event that says whose it is, and of which centre's day."""

    recipient_id: int
    centre_id: int | None
    day_on: date
    at: datetime
    about_id: int | None


_Event = TypeVar("_Event", bound=Dated)


@dataclass(slots=True)
class Mark:
    """What a board needs of an event: plain, so that it can be kept when the transaction is over."""

    id: int
    n: int
    recipient_id: int
    kind: str
    corrects_id: int | None
    about_id: int | None
    centre_id: int | None
    meeting_id: int | None
    day_on: date
    at: datetime
    by_id: int
    channel: str
    to_look_at: bool


_MARKS = select(*(getattr(AttendanceEvent, field) for field in Mark.__dataclass_fields__)).where(
    AttendanceEvent.day_on == bindparam("on")
)
_MARKS_AT = _MARKS.where(
    AttendanceEvent.centre_id == bindparam("centre_id"), AttendanceEvent.n > bindparam("after")
).order_by(AttendanceEvent.n)
_MARKS_ELSEWHERE = _MARKS.where(
    AttendanceEvent.recipient_id.in_(bindparam("recipient_ids", expanding=True)),
    AttendanceEvent.centre_id.is_distinct_from(bindparam("centre_id")),
    is_registered,
).order_by(AttendanceEvent.received_at, AttendanceEvent.id)


def list_events_at(s: Session, centre_id: int, on: date) -> list[AttendanceEvent]:
    """Get what was registered at a centre on a day, in the order it was written."""
    return list(s.scalars(_EVENTS_AT, {"centre_id": centre_id, "on": on}))


def list_marks_at(s: Session, centre_id: int, on: date, *, after: int = 0) -> list[Mark]:
    """Get what was registered at a centre on a day, as `list_events_at`. after: only later numbers."""
    return [Mark(*row) for row in ask(s, _MARKS_AT, {"centre_id": centre_id, "on": on, "after": after})]


def get_event(s: Session, public_id: str) -> AttendanceEvent:
    """Get something that was registered, by the name it has on pages. Checks nothing. Raises: NotFound."""
    wanted = select(AttendanceEvent).where(AttendanceEvent.public_id == public_id, is_registered)
    event = s.scalars(wanted).one_or_none()
    if event is None:
        raise NotFound
    return event


def list_marks_elsewhere(s: Session, recipient_ids: Collection[int], on: date, centre_id: int) -> list[Mark]:
    """Get what was registered about some people's day, but not at this centre, earliest first. One query."""
    told = {"recipient_ids": list(recipient_ids), "on": on, "centre_id": centre_id}
    return [Mark(*row) for row in ask(s, _MARKS_ELSEWHERE, told)] if recipient_ids else []


def list_events_of(s: Session, recipient_id: int, *, first: date, last: date) -> list[AttendanceEvent]:
    """Get what was registered about a person from `first` to `last`, both included, earliest first."""
    return list(s.scalars(_EVENTS_OF, {"recipient_id": recipient_id, "first": first, "last": last}))


def left(events: Iterable[_Event]) -> dict[int, datetime]:
    """Tell when people have left a centre, by person; who is still there is not in it.

    events: one centre's, of one day, in the order they were written.
    """
    own: dict[int, list[_Event]] = defaultdict(list)
    for event in events:
        own[event.recipient_id].append(event)
    last = {person_id: standing_leave(mine) for person_id, mine in own.items()}
    return {
        event.recipient_id: event.at for mine in own.values() for event in mine if event.id in last.values()
    }


def looked_at(events: Iterable[_Event]) -> dict[int, _Event]:
    """Tell which arrivals somebody has looked at, by their id, and by which event first."""
    found: dict[int, _Event] = {}
    for event in events:
        if event.kind == Kind.LOOKED_AT and event.about_id is not None:
            found.setdefault(event.about_id, event)
    return found


def standing(events: Iterable[_Event]) -> dict[tuple[int, int, date], _Event]:
    """Find the arrivals that stand, by person, centre and day.

    events: each day's in the order they were written.
    """
    grouped: dict[tuple[int, int, date], list[_Event]] = defaultdict(list)
    for event in events:
        if event.centre_id is not None:
            grouped[event.recipient_id, event.centre_id, event.day_on].append(event)
    found: dict[tuple[int, int, date], _Event] = {}
    for key, own in grouped.items():
        stands = standing_arrival(own)
        found.update((key, event) for event in own if event.id == stands)
    return found
