"""What a person tells us stands in a day's line of events too, so that nobody can let it disappear."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import AbsenceNotice, AttendanceDay, AttendanceEvent
from portal.attendance.rules.beside import TOLD, Beside, name_of_tap
from portal.attendance.rules.registered import Channel
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import chain
from portal.clock import now_utc
from portal.people.service import places, recipients


def hold_lines(s: Session, recipient_id: int, days: Sequence[date]) -> list[AttendanceDay]:
    """Take hold of the lines of these days, the earliest first: those of her office.

    No centre's: whoever checks in waits for nobody who stays at home. Who has no office stands in the line of
    the first one, where it is only there to be checked.
    """
    office_id = recipients.get_person(s, recipient_id).office_id or min(places.public_ids_of_offices(s))
    return [chain.hold_office_day(s, office_id, on) for on in sorted(days)]


def add_told(s: Session, line: AttendanceDay, notice: AbsenceNotice) -> int:
    """Add what a person tells us about a day to its line, which is held. Gives back the event's id."""
    entry = chain.Entry(
        notice.recipient_id,
        TOLD[NoticeKind(notice.kind)],
        notice.noted_at,
        notice.by_id,
        _channel(notice),
        name_of_tap(notice.nonce, notice.recipient_id, notice.day_on),
        late_minutes=notice.late_minutes,
    )
    return chain.add(s, line, entry).id


def take_back(s: Session, notices: Collection[AbsenceNotice], *, by_id: int) -> None:
    """Take notices back, each in the line where it was told. Those who told them are held already."""
    at, told_by = now_utc(), {notice.event_id: notice for notice in notices}
    told = select(AttendanceEvent).where(AttendanceEvent.id.in_(told_by))
    in_order = told.order_by(AttendanceEvent.day_on, AttendanceEvent.office_id, AttendanceEvent.id)
    for event in s.scalars(in_order).all():
        notice, who = told_by[event.id], event.recipient_id
        tap = name_of_tap(f"{notice.nonce}.back", who, event.day_on)
        channel = Channel.PHONE if by_id == who else Channel.STAFF
        entry = chain.Entry(who, Beside.TOLD_BACK, at, by_id, channel, tap, corrects_id=event.id)
        chain.add(s, chain.hold_day_of(s, event), entry)
        notice.withdrawn_at = at


def _channel(notice: AbsenceNotice) -> Channel:
    return Channel.PHONE if notice.by_id == notice.recipient_id else Channel.STAFF
