"""What stands on a day: who is registered where, read from the events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceEvent
from portal.attendance.rules.registered import Kind, standing_arrival, standing_leave

_EVENTS_OF = (
    select(AttendanceEvent)
    .where(
        AttendanceEvent.recipient_id == bindparam("recipient_id"),
        AttendanceEvent.day_on.between(bindparam("first"), bindparam("last")),
    )
    .order_by(AttendanceEvent.received_at, AttendanceEvent.id)
)

_EVENTS_AT = (
    select(AttendanceEvent)
    .where(AttendanceEvent.centre_id == bindparam("centre_id"), AttendanceEvent.day_on == bindparam("on"))
    .order_by(AttendanceEvent.n)
)

_EVENTS_ELSEWHERE = (
    select(AttendanceEvent)
    .where(
        AttendanceEvent.recipient_id.in_(bindparam("recipient_ids", expanding=True)),
        AttendanceEvent.day_on == bindparam("on"),
        AttendanceEvent.centre_id.is_distinct_from(bindparam("centre_id")),
    )
    .order_by(AttendanceEvent.received_at, AttendanceEvent.id)
)


def list_events_at(s: Session, centre_id: int, on: date) -> list[AttendanceEvent]:
    """Get what was registered at a centre on a day, in the order it was written."""
    return list(s.scalars(_EVENTS_AT, {"centre_id": centre_id, "on": on}))


def list_events_elsewhere(
    s: Session, recipient_ids: Collection[int], on: date, centre_id: int
) -> list[AttendanceEvent]:
    """Get what was registered about some people's day, but not at this centre, earliest first. One query."""
    told = {"recipient_ids": list(recipient_ids), "on": on, "centre_id": centre_id}
    return list(s.scalars(_EVENTS_ELSEWHERE, told)) if recipient_ids else []


def list_events_of(s: Session, recipient_id: int, *, first: date, last: date) -> list[AttendanceEvent]:
    """Get what was registered about a person from `first` to `last`, both included, earliest first."""
    return list(s.scalars(_EVENTS_OF, {"recipient_id": recipient_id, "first": first, "last": last}))


def left(events: Iterable[AttendanceEvent]) -> dict[int, datetime]:
    """Tell when people have left a centre, by person; who is still there is not in it.

    events: one centre's, of one day, in the order they were written.
    """
    own: dict[int, list[AttendanceEvent]] = defaultdict(list)
    for event in events:
        own[event.recipient_id].append(event)
    last = {person_id: standing_leave(mine) for person_id, mine in own.items()}
    return {
        event.recipient_id: event.at for mine in own.values() for event in mine if event.id in last.values()
    }


def looked_at(events: Iterable[AttendanceEvent]) -> dict[int, AttendanceEvent]:
    """Tell which arrivals somebody has looked at, by their id, and by which event first."""
    found: dict[int, AttendanceEvent] = {}
    for event in events:
        if event.kind == Kind.LOOKED_AT and event.about_id is not None:
            found.setdefault(event.about_id, event)
    return found


def standing(events: Iterable[AttendanceEvent]) -> dict[tuple[int, int, date], AttendanceEvent]:
    """Find the arrivals that stand, by person, centre and day.

    events: each day's in the order they were written.
    """
    grouped: dict[tuple[int, int, date], list[AttendanceEvent]] = defaultdict(list)
    for event in events:
        if event.centre_id is not None:
            grouped[event.recipient_id, event.centre_id, event.day_on].append(event)
    found: dict[tuple[int, int, date], AttendanceEvent] = {}
    for key, own in grouped.items():
        stands = standing_arrival(own)
        found.update((key, event) for event in own if event.id == stands)
    return found
