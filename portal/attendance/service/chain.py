"""The day's chain of events: adding one, and checking that none was touched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceDay, AttendanceEvent
from portal.attendance.rules.registered import Channel, Kind
from portal.attendance.rules.seals import ChainFault, Link, check_chain, seal_event
from portal.clock import now_utc
from portal.db import new_public_id

_SEALED = (
    "public_id", "centre_id", "day_on", "n", "recipient_id", "kind", "at", "received_at", "by_id", "channel",
    "nonce", "corrects_id", "to_look_at",
)  # fmt: skip
"""What the seal covers: everything that was said when the event was written."""


@dataclass(frozen=True)
class Entry:
    """What is to be added to a day."""

    recipient_id: int
    kind: Kind
    at: datetime
    by_id: int
    channel: Channel
    nonce: str
    corrects_id: int | None = None
    to_look_at: bool = False


@dataclass(frozen=True)
class BrokenDay:
    """A day whose chain does not hold, and where."""

    centre_id: int
    on: date
    fault: ChainFault


def hold_day(s: Session, centre_id: int, on: date) -> AttendanceDay:
    """Take hold of a day until the transaction ends, so that its events stay in one line.

    Whoever comes second waits here, and then sees what the first has written.
    """
    insert = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
    s.execute(insert(AttendanceDay).values(centre_id=centre_id, day_on=on).on_conflict_do_nothing())
    return s.execute(
        select(AttendanceDay)
        .where(AttendanceDay.centre_id == centre_id, AttendanceDay.day_on == on)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def add(s: Session, day: AttendanceDay, entry: Entry) -> AttendanceEvent:
    """Add an event to a day that is held, sealed to the one before it."""
    event = AttendanceEvent(
        public_id=new_public_id(),
        centre_id=day.centre_id,
        day_on=day.day_on,
        n=day.head + 1,
        recipient_id=entry.recipient_id,
        kind=entry.kind,
        at=entry.at,
        received_at=now_utc(),
        by_id=entry.by_id,
        channel=entry.channel,
        nonce=entry.nonce,
        corrects_id=entry.corrects_id,
        to_look_at=entry.to_look_at,
        prev_hash=day.chain_head,
    )
    event.hash = seal_event(_sealed_fields(event), previous=day.chain_head)
    s.add(event)
    day.head, day.chain_head = event.n, event.hash
    s.flush()  # the event's id is needed by whoever corrects it, and a doubled nonce must show here
    return event


def verify_day(s: Session, centre_id: int, on: date) -> ChainFault | None:
    """Check every event of a day against its seal; tell which is the first that does not fit, if any."""
    events = s.scalars(
        select(AttendanceEvent)
        .where(AttendanceEvent.centre_id == centre_id, AttendanceEvent.day_on == on)
        .order_by(AttendanceEvent.n, AttendanceEvent.id)
    ).all()
    day = s.get(AttendanceDay, (centre_id, on))
    links = [Link(event.n, _sealed_fields(event), event.prev_hash, event.hash) for event in events]
    if day is None:
        return ChainFault(1, "not_counted") if links else None
    return check_chain(links, head=day.head, chain_head=day.chain_head)


def list_broken_days(s: Session, centre_id: int | None = None) -> list[BrokenDay]:
    """Check every day of a centre, or of all: the broken ones, earliest first."""
    days = select(AttendanceDay.day_on, AttendanceDay.centre_id).order_by(
        AttendanceDay.day_on, AttendanceDay.centre_id
    )
    if centre_id is not None:
        days = days.where(AttendanceDay.centre_id == centre_id)
    found = ((at, on, verify_day(s, at, on)) for on, at in s.execute(days))
    return [BrokenDay(at, on, fault) for at, on, fault in found if fault is not None]


def _sealed_fields(event: AttendanceEvent) -> dict[str, object]:
    return {name: getattr(event, name) for name in _SEALED}
