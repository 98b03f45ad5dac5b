"""The days on which an office or a centre is closed besides its week, who said so, and opening it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    and_,
    bindparam,
    cast,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.clock import now_utc, today_oslo
from portal.db import ask
from portal.errors import N_, NotFound, Refused
from portal.people.models import Centre, ClosedDay, Office, OpeningHours, Person
from portal.people.rules.access import Viewer
from portal.people.rules.centre_days import DAYS_BACK, CentreDays, WeekdayOpen, may_be_closed
from portal.people.rules.helping import is_too_far
from portal.people.rules.roles import Place
from portal.people.service.changes import CentreDayChanged

_NO_DAY = cast(null(), Date())
_CENTRE_DAYS: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(
        OpeningHours.centre_id,
        OpeningHours.weekday,
        OpeningHours.from_on,
        OpeningHours.until_on,
        _NO_DAY.label("closed_on"),
        _NO_DAY.label("last_on"),
    ).where(OpeningHours.centre_id.in_(bindparam("ids", expanding=True))),
    select(ClosedDay.centre_id, cast(null(), Integer()), _NO_DAY, _NO_DAY, ClosedDay.day, _NO_DAY).where(
        ClosedDay.centre_id.in_(bindparam("ids", expanding=True)),
        ClosedDay.opened_at.is_(None),
        ClosedDay.day >= bindparam("first"),
    ),
    select(Centre.id, cast(null(), Integer()), _NO_DAY, _NO_DAY, _NO_DAY, Centre.last_on).where(
        Centre.id.in_(bindparam("ids", expanding=True)), Centre.last_on.is_not(None)
    ),
)
"""All at once: whatever asks who is expected asks for them."""


@dataclass(frozen=True)
class ClosedDayLine:
    """A day on which a place is closed besides its ordinary week; the reason may be empty.

    by_name: who said so. opened_by: who opened it again; None while it stands.
    """

    day: date
    reason: str
    by_name: str
    opened_by: str | None = None


def centre_days_of(s: Session, centre_ids: Collection[int], *, first: date) -> dict[int, CentreDays]:
    """Tell on which days several centres take people in, from the day `first` on: one question."""
    if not centre_ids:
        return {}
    weekdays: dict[int, list[WeekdayOpen]] = defaultdict(list)
    closed: dict[int, set[date]] = defaultdict(set)
    last: dict[int, date] = {}
    for centre_id, weekday, from_on, until_on, closed_on, last_on in ask(
        s, _CENTRE_DAYS, {"ids": sorted(centre_ids), "first": first}
    ):
        if weekday is not None:
            weekdays[centre_id].append(WeekdayOpen(weekday, from_on, until_on))
        elif closed_on is not None:
            closed[centre_id].add(closed_on)
        else:
            last[centre_id] = last_on
    return {
        one: CentreDays(tuple(weekdays[one]), frozenset(closed[one]), last.get(one)) for one in centre_ids
    }


def list_closed_days(s: Session, kind: Place, public_id: str) -> list[ClosedDayLine]:
    """Get the days to come on which a place is closed, and of a centre the latest too; earliest first."""
    since = today_oslo() - timedelta(days=DAYS_BACK) if kind is Place.CENTRE else today_oslo()
    return _lines(s, kind, public_id, ClosedDay.day >= since, ClosedDay.opened_at.is_(None))


def list_opened_again(s: Session, kind: Place, public_id: str) -> list[ClosedDayLine]:
    """Get the days that were closed and opened again, as `list_closed_days`: both names stay."""
    since = today_oslo() - timedelta(days=DAYS_BACK)
    return _lines(s, kind, public_id, ClosedDay.day >= since, ClosedDay.opened_at.is_not(None))


def require_closable(kind: Place, day: date) -> None:
    """Make sure that a place can be said to be closed on a day.

    Raises: Refused `closed_day.past`, `closed_day.too_far`.
    """
    today = today_oslo()
    if kind is Place.OFFICE and day < today:
        raise Refused("closed_day.past", N_("Velg i dag eller en senere dag."), field="day")
    if not may_be_closed(day, today=today):
        raise Refused("closed_day.past", N_("Velg en dag fra de siste to ukene, eller senere."), field="day")
    if is_too_far(day, today):
        raise Refused("closed_day.too_far", N_("Velg en dag innen ti år."), field="day")


def close_on(s: Session, viewer: Viewer, kind: Place, public_id: str, day: date, reason: str) -> None:
    """Say that a place is closed on a day. A day that is closed already gets the new reason.

    Nobody is expected at a centre then, from this moment on; its boards hear of it. A centre may also be said
    to have been closed up to two weeks ago, so that a forgotten day is not hers to explain.
    Raises: NotFound; Refused `closed_day.past`, `closed_day.too_far`.
    """
    place_id = _held(s, kind, public_id)
    require_closable(kind, day)
    row = s.scalar(select(ClosedDay).where(_standing(kind, place_id, day)))
    if row is None:
        row = ClosedDay(**{_column(kind).key: place_id}, day=day)
        s.add(row)
    row.reason, row.by_id, row.at = reason, viewer.person_id, now_utc()
    s.flush()
    _tell(s, kind, place_id, day)


def open_on(s: Session, viewer: Viewer, kind: Place, public_id: str, day: date) -> None:
    """Take a closed day back, so that the place is open as on any such weekday. The row stays.

    Raises: NotFound; Refused `closed_day.past` for a day of a centre that has been settled.
    """
    place_id = _held(s, kind, public_id)
    if not may_be_closed(day, today=today_oslo()):
        raise Refused("closed_day.past", N_("Velg en dag fra de siste to ukene, eller senere."), field="day")
    opened = {"opened_by_id": viewer.person_id, "opened_at": now_utc()}
    s.execute(update(ClosedDay).where(_standing(kind, place_id, day)).values(**opened))
    _tell(s, kind, place_id, day)


def _lines(s: Session, kind: Place, public_id: str, *which: ColumnElement[bool]) -> list[ClosedDayLine]:
    place = Office if kind is Place.OFFICE else Centre
    rows = s.scalars(
        select(ClosedDay)
        .join(place, place.id == _column(kind))
        .where(place.public_id == public_id, *which)
        .order_by(ClosedDay.day, ClosedDay.id)
    ).all()
    ids = {row.by_id for row in rows} | {row.opened_by_id for row in rows if row.opened_by_id}
    names = {
        person.id: f"{person.given_name} {person.family_name}"
        for person in s.scalars(select(Person).where(Person.id.in_(ids)))
    }
    return [
        ClosedDayLine(row.day, row.reason, names[row.by_id], names.get(row.opened_by_id or 0)) for row in rows
    ]


def _standing(kind: Place, place_id: int, day: date) -> ColumnElement[bool]:
    return and_(_column(kind) == place_id, ClosedDay.day == day, ClosedDay.opened_at.is_(None))


def _column(kind: Place) -> Any:
    return ClosedDay.office_id if kind is Place.OFFICE else ClosedDay.centre_id


def _tell(s: Session, kind: Place, place_id: int, day: date) -> None:
    if kind is Place.CENTRE:
        publish(s, CentreDayChanged(place_id, day))


def _held(s: Session, kind: Place, public_id: str) -> int:
    """Let one at a time change a place."""
    place = Office if kind is Place.OFFICE else Centre
    found = s.scalar(select(place.id).where(place.public_id == public_id).with_for_update())
    if found is None:
        raise NotFound
    return found
