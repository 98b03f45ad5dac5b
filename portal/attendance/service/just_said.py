"""What a veileder said of a day a moment ago, and «Angre»: both lines stay, and the day is open again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceEvent
from portal.attendance.rules.registered import NAV_NO_SHOWS, SETTLED, Kind, standing_events
from portal.attendance.service import chain, days
from portal.attendance.service.writing import Said, changed_meanwhile, made_by, write
from portal.clock import to_oslo, today_oslo
from portal.errors import NotFound
from portal.people.rules.access import Viewer
from portal.people.service import recipients
from portal.people.service.recipients import PersonCard

_UNDONE_AT_ONCE = SETTLED | NAV_NO_SHOWS


@dataclass(frozen=True)
class JustSaid:
    """A line that still stands, for the receipt. `line`: its public id."""

    line: str
    person: PersonCard
    on: date
    what: Kind
    at: datetime


def find_just_said(s: Session, viewer: Viewer, nonce: str) -> JustSaid | None:
    """Find what a tap of the viewer's wrote, while she may undo it at once. None for anything else."""
    event = made_by(s, nonce) if nonce and nonce.isprintable() else None
    if event is None or not _may_undo(s, viewer, event) or not _stands(s, event):
        return None
    person = recipients.get_person(s, event.recipient_id)
    return JustSaid(event.public_id, person, event.day_on, Kind(event.kind), event.at)


def undo(s: Session, viewer: Viewer, event_id: str, nonce: str) -> None:
    """Take back what one said of a day, on the day one said it. Later, and others': `correcting.take_back`.

    A slip of one's own finger needs no why. The same tap again changes nothing. Raises: NotFound for anybody
    else's line; Conflict `attendance.changed_meanwhile` when it stands no more.
    """
    event = days.get_event(s, event_id)
    if not _may_undo(s, viewer, event):
        raise NotFound
    person = recipients.get_person(s, event.recipient_id)
    day = chain.hold_day_of(s, event)
    if made_by(s, nonce) is None and not _stands(s, event):
        raise changed_meanwhile()
    write(s, day, person, by_id=viewer.person_id, kind=Kind.UNDONE, said=Said(nonce), corrects_id=event.id)


def _may_undo(s: Session, viewer: Viewer, event: AttendanceEvent) -> bool:
    is_own = event.by_id == viewer.person_id and event.kind in _UNDONE_AT_ONCE
    is_todays = to_oslo(event.received_at).date() == today_oslo()
    return is_own and is_todays and recipients.is_helper(s, viewer.person_id, event.recipient_id)


def _stands(s: Session, event: AttendanceEvent) -> bool:
    own = days.list_events_of(s, event.recipient_id, first=event.day_on, last=event.day_on)
    return any(one.id == event.id for one in standing_events(own))
