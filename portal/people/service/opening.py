"""When an office is open, and how much of a wait was open time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, time
from typing import Any

from sqlalchemy import CompoundSelect, Date, Integer, Time, bindparam, cast, null, select, union_all
from sqlalchemy.orm import Session

from portal.people.models import ClosedDay, OpeningHours
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
    ).where(OpeningHours.office_id.in_(bindparam("ids", expanding=True)), OpeningHours.until_on.is_(None)),
    select(
        ClosedDay.office_id, cast(null(), Integer()), ClosedDay.day, _NO_TIME, _NO_TIME, _NO_TIME, _NO_TIME
    ).where(ClosedDay.office_id.in_(bindparam("ids", expanding=True)), ClosedDay.opened_at.is_(None)),
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
