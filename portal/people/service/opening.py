"""When an office is open, and how much of a wait was open time; and the days on which a place is closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import CompoundSelect, Date, Integer, Time, bindparam, cast, delete, null, select, union_all
from sqlalchemy.orm import Session

from portal.clock import now_utc, today_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.models import ClosedDay, Office, OpeningHours
from portal.people.rules.access import Viewer
from portal.people.rules.helping import is_too_far
from portal.people.rules.opening import Calendar

_NO_TIME = cast(null(), Time())
_HOURS_AND_CLOSED_DAYS: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(
        OpeningHours.office_id,
        OpeningHours.weekday,
        cast(null(), Date()).label("closed_on"),
        OpeningHours.opens_at,
        OpeningHours.closed_from,
        OpeningHours.closed_to,
        OpeningHours.closes_at,
    ).where(OpeningHours.office_id.in_(bindparam("ids", expanding=True))),
    select(
        ClosedDay.office_id, cast(null(), Integer()), ClosedDay.day, _NO_TIME, _NO_TIME, _NO_TIME, _NO_TIME
    ).where(ClosedDay.office_id.in_(bindparam("ids", expanding=True))),
)
"""Both at once: the chat asks for them whenever a person opens it."""


def calendars_of(s: Session, office_ids: Collection[int]) -> dict[int, Calendar]:
    """Get the calendars of several offices with one question, for whoever reckons many waits at once.

    A calendar answers `is_open`, `next_opening` and `open_minutes`.
    """
    asked = {"ids": sorted(office_ids)}
    hours: dict[int, dict[int, tuple[time, ...]]] = defaultdict(dict)
    closed: dict[int, set[date]] = defaultdict(set)
    for office_id, weekday, closed_on, *times in s.execute(_HOURS_AND_CLOSED_DAYS, asked):
        if closed_on is not None:
            closed[office_id].add(closed_on)
        else:
            hours[office_id][weekday] = tuple(at for at in times if at is not None)
    return {one: Calendar(hours[one], frozenset(closed[one])) for one in office_ids}


def calendar_of(s: Session, office_id: int | None) -> Calendar:
    """Get an office's calendar; of no office: one without hours, for which every minute counts."""
    return Calendar({}) if office_id is None else calendars_of(s, [office_id])[office_id]


@dataclass(frozen=True)
class ClosedDayLine:
    """A day on which a place is closed besides its ordinary week; the reason may be empty."""

    day: date
    reason: str


def list_closed_days(s: Session, office_public_id: str) -> list[ClosedDayLine]:
    """Get the days to come on which an office is closed, earliest first."""
    rows = s.execute(
        select(ClosedDay.day, ClosedDay.reason)
        .join(Office, Office.id == ClosedDay.office_id)
        .where(Office.public_id == office_public_id, ClosedDay.day >= today_oslo())
        .order_by(ClosedDay.day)
    )
    return [ClosedDayLine(day, reason) for day, reason in rows]


def close_on(s: Session, viewer: Viewer, office_public_id: str, day: date, reason: str) -> None:
    """Say that an office is closed on a day. A day that is closed already gets the new reason.

    Raises: NotFound; Refused `closed_day.past`, `closed_day.too_far`.
    """
    office_id = _held(s, office_public_id)
    if day < today_oslo():
        raise Refused("closed_day.past", N_("Velg i dag eller en senere dag."), field="day")
    if is_too_far(day, today_oslo()):
        raise Refused("closed_day.too_far", N_("Velg en dag innen ti år."), field="day")
    row = s.scalar(select(ClosedDay).where(ClosedDay.office_id == office_id, ClosedDay.day == day))
    if row is None:
        row = ClosedDay(office_id=office_id, day=day)
        s.add(row)
    row.reason, row.by_id, row.at = reason, viewer.person_id, now_utc()


def open_on(s: Session, office_public_id: str, day: date) -> None:
    """Take a closed day back, so that the office is open as on any such weekday. Raises: NotFound."""
    office_id = _held(s, office_public_id)
    s.execute(delete(ClosedDay).where(ClosedDay.office_id == office_id, ClosedDay.day == day))


def _held(s: Session, office_public_id: str) -> int:
    """Let one admin at a time change an office."""
    found = s.scalar(select(Office.id).where(Office.public_id == office_public_id).with_for_update())
    if found is None:
        raise NotFound
    return found
