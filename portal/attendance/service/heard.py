"""When people last came, met us or told us something. Never why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.attendance.models import AbsenceNotice, AttendanceEvent
from portal.attendance.rules.registered import ARRIVALS, Kind
from portal.attendance.service.days import is_registered
from portal.clock import today_oslo

_AS_FAR_BACK = timedelta(days=366)


def last_came(s: Session, recipient_ids: Collection[int]) -> dict[int, datetime]:
    """Tell when each of these people last came or met somebody, or said something of a day herself.

    What was taken back does not count. A year back, which is as far as the days have pages. One query.
    """
    later = aliased(AttendanceEvent)
    is_gone = select(later.id).where(later.corrects_id == AttendanceEvent.id).exists()
    wanted = (
        select(AttendanceEvent.recipient_id, func.max(AttendanceEvent.at))
        .where(
            AttendanceEvent.recipient_id.in_(recipient_ids),
            AttendanceEvent.day_on >= today_oslo() - _AS_FAR_BACK,
            or_(
                AttendanceEvent.kind.in_([*ARRIVALS, Kind.MET]),
                AttendanceEvent.by_id == AttendanceEvent.recipient_id,
            ),
            is_registered,
            ~is_gone,
        )
        .group_by(AttendanceEvent.recipient_id)
    )
    return {recipient_id: at for recipient_id, at in s.execute(wanted)}


def last_told(s: Session, recipient_ids: Collection[int]) -> dict[int, datetime]:
    """Tell when each of these people last told us herself that she cannot come or is late. One query."""
    wanted = (
        select(AbsenceNotice.recipient_id, func.max(AbsenceNotice.noted_at))
        .where(
            AbsenceNotice.recipient_id.in_(recipient_ids),
            AbsenceNotice.by_id == AbsenceNotice.recipient_id,
        )
        .group_by(AbsenceNotice.recipient_id)
    )
    return {recipient_id: at for recipient_id, at in s.execute(wanted)}
