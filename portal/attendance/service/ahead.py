"""The days that a person may want to tell us about, and what she has told us of them already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import AbsenceNotice
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service.for_recipient import day_for
from portal.attendance.service.notices import Told, told_in
from portal.clock import today_oslo
from portal.plan.service import meetings
from portal.plan.service.agenda import Agenda

DAYS_AHEAD = 14


@dataclass(frozen=True)
class Ahead:
    """What can be ticked. days: earliest first; chosen: the day ticked beforehand.

    told: what stands already, by day. is_here: she has come today, and has nothing more today.
    """

    days: tuple[date, ...]
    chosen: date | None
    told: Mapping[date, Told]
    is_here: bool


def ahead_for(s: Session, agenda: Agenda, kind: NoticeKind, *, asked: str) -> Ahead:
    """Put together what a person is asked who says that she is late or cannot come.

    A day that she has said she cannot come is not offered again: its receipt stands beside. asked: an ISO
    day from the address, ticked beforehand; anything else is today, unless she is here already.
    """
    days = list_days_ahead(s, agenda)
    today = today_oslo()
    told = told_between(s, agenda.person.id, today, today + timedelta(days=DAYS_AHEAD - 1))
    is_here = _is_done_today(s, agenda, today)
    gone = {on for on, one in told.items() if one.kind is kind is NoticeKind.CANNOT_COME}
    gone |= {today} if is_here else set()
    open_days = tuple(on for on in days if on not in gone)
    chosen = _read(asked) or today
    return Ahead(open_days, chosen if chosen in open_days else None, told, is_here)


def told_between(s: Session, recipient_id: int, first: date, last: date) -> dict[date, Told]:
    """Tell what stands of what one person told us about these days, both included, by day. One query."""
    rows = s.scalars(
        select(AbsenceNotice)
        .where(
            AbsenceNotice.recipient_id == recipient_id,
            AbsenceNotice.day_on.between(first, last),
            AbsenceNotice.withdrawn_at.is_(None),
        )
        .order_by(AbsenceNotice.noted_at, AbsenceNotice.id)
    )
    told: dict[date, Told] = {}
    for row in rows:
        told[row.day_on] = told_in(row, told.get(row.day_on))
    return told


def list_days_ahead(s: Session, agenda: Agenda, *, number_of_days: int = DAYS_AHEAD) -> list[date]:
    """Get the days that a person may want to tell us about: today and days to come, earliest first.

    Also those of a talk, and of an activity that is not at a centre: her veileder wants to know all the same.
    """
    first = today_oslo()
    last = first + timedelta(days=number_of_days - 1)
    return sorted({*agenda.days(first, last), *meetings.days_of_talks(s, agenda.person.id, first, last)})


def _is_done_today(s: Session, agenda: Agenda, today: date) -> bool:
    """Whether she is registered everywhere that she should be today."""
    visits = day_for(s, agenda, today).visits
    is_here = bool(visits) and all(visit.arrived_at for visit in visits)
    more = agenda.elsewhere(today, today) or meetings.days_of_talks(s, agenda.person.id, today, today)
    return is_here and not more


def _read(asked: str) -> date | None:
    try:
        return date.fromisoformat(asked)
    except ValueError:
        return None
