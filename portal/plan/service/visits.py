"""Who is expected where and when, from the weekly patterns; attendance keeps what then happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from portal.db import ask
from portal.people.rules.opening import public_holidays
from portal.people.service import closed_days, pauses, places, protection
from portal.people.service.places import CentreCard
from portal.plan.models import Activity, ActivitySlot, ActivityWeek, AgreedException
from portal.plan.rules.expected import AgreedDay, ExpectedVisit, PlanTime
from portal.plan.rules.tasks import add_working_days
from portal.plan.rules.weeks import Pattern, Slot, days_between, slots_on
from portal.plan.rules.words import ActivityStatus

Rows = Sequence[Row[*tuple[Any, ...]]]


def expected_on(
    s: Session, on: date, *, centre_id: int | None = None, recipient_ids: Collection[int] | None = None
) -> list[ExpectedVisit]:
    """Who is expected at a centre on a day; see `times_between` for when nobody is.

    centre_id: only this centre; recipient_ids: only these people; both None: everybody everywhere.
    Returns: by start, person and activity. Four queries, however many people.
    """
    return expected_between(s, on, on, centre_id=centre_id, recipient_ids=recipient_ids)


def expected_between(
    s: Session,
    first: date,
    last: date,
    *,
    centre_id: int | None = None,
    recipient_ids: Collection[int] | None = None,
) -> list[ExpectedVisit]:
    """Like `expected_on` for every day from `first` to `last`, both included, earliest first."""
    asked = _Asked(first, last, centre_id, recipient_ids, at_centres_only=True)
    return _visits(_times(s, asked), centre_id)


@dataclass(frozen=True)
class CentreDay:
    """A centre's day: whether it takes people in, and who is expected there, as `expected_on` gives them.

    When somebody has said that it is closed, `visits` are those who would have been expected: one of them may
    come all the same.
    """

    is_open: bool
    visits: list[ExpectedVisit]


def centre_day(
    s: Session, centre_id: int, on: date, *, recipient_ids: Collection[int] | None = None
) -> CentreDay:
    """Tell whether a centre is open on a day, and who is expected there: four questions for both.

    recipient_ids: only these people.
    """
    days = closed_days.centre_days_of(s, [centre_id], first=on)[centre_id]
    if not (days.is_open_on(on) or days.is_closed_on(on)):
        return CentreDay(False, [])
    asked = _Asked(on, on, centre_id, recipient_ids, at_centres_only=True)
    return CentreDay(days.is_open_on(on), _visits(_as_agreed(s, asked), centre_id))


def times_between(s: Session, first: date, last: date, recipient_ids: Collection[int]) -> list[PlanTime]:
    """Everything in these people's plans from `first` to `last`, both included, in no particular order.

    Nothing on a public holiday, on a day that was agreed free, while her plan is paused, or at a centre that
    is closed that day. Four queries, however many people.
    """
    return _times(s, _Asked(first, last, None, recipient_ids, at_centres_only=False))


@dataclass(frozen=True)
class CrowdedDay:
    """More people are expected at a centre on a day than there is room for: «56 av 55 plasser»."""

    centre: CentreCard
    on: date
    expected: int


def crowded_days(s: Session, centre_ids: Collection[int], first: date, last: date) -> list[CrowdedDay]:
    """The days, both ends included, on which more are expected than there is room for. It refuses nobody.

    Those with a protected address are not counted, so that no sum tells of them (design 3.7).
    """
    found = []
    for centre in places.centres_for(s, centre_ids).values():
        if centre.capacity is None:
            continue
        expected = expected_between(s, first, last, centre_id=centre.id)
        hidden = protection.protected_among(s, {visit.recipient_id for visit in expected})
        who = {(visit.on, visit.recipient_id) for visit in expected if visit.recipient_id not in hidden}
        per_day = Counter(on for on, _person in who)
        found += [CrowdedDay(centre, on, n) for on, n in per_day.items() if n > centre.capacity]
    return sorted(found, key=lambda one: (one.on, one.centre.name, one.centre.id))


def working_day_after(on: date, days: int) -> date:
    """The day that lies `days` working days after `on`, also across New Year."""
    return add_working_days(on, days, closed_days=public_holidays(on.year) | public_holidays(on.year + 1))


@dataclass(frozen=True)
class _Asked:
    """Whose times are asked for, and on which days."""

    first: date
    last: date
    centre_id: int | None
    recipient_ids: Collection[int] | None
    at_centres_only: bool

    def weeks(self, s: Session) -> Rows:
        """The times of the weeks that hold on some of these days, each with its person, place and period."""
        return ask(s, _weeks(*self._narrowed()), self._values()).all()

    def agreed(self, s: Session) -> Rows:
        """What was agreed for some of these days alone, each with the week that it stands in place of."""
        return ask(s, _agreed(*self._narrowed()), self._values()).all()

    def _narrowed(self) -> tuple[bool, bool, bool]:
        return self.recipient_ids is not None, self.centre_id is not None, self.at_centres_only

    def _values(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "last": self.last,
            "weekdays": sorted({on.weekday() for on in days_between(self.first, self.last)}),
            "centre_id": self.centre_id,
            "recipient_ids": list(self.recipient_ids or ()),
        }


@cache
def _weeks(of_people: bool, of_centre: bool, at_centres_only: bool) -> Select[*tuple[Any, ...]]:
    """Ask for the times of weeks. Put together once for each way of narrowing it (decision 42)."""
    asked = (
        select(
            Activity.id,
            Activity.recipient_id,
            Activity.title,
            ActivityWeek.centre_id,
            ActivityWeek.place,
            ActivityWeek.from_on,
            ActivityWeek.to_on,
            ActivitySlot.weekday,
            ActivitySlot.starts_at,
            ActivitySlot.ends_at,
            ActivitySlot.how,
        )
        .join(ActivityWeek, ActivityWeek.activity_id == Activity.id)
        .join(ActivitySlot, ActivitySlot.week_id == ActivityWeek.id)
        .where(
            *_who(of_people),
            ActivityWeek.from_on <= bindparam("last"),
            or_(ActivityWeek.to_on.is_(None), ActivityWeek.to_on >= bindparam("first")),
            ActivitySlot.weekday.in_(bindparam("weekdays", expanding=True)),
        )
    )
    if of_centre:
        return asked.where(ActivityWeek.centre_id == bindparam("centre_id"))
    return asked.where(ActivityWeek.centre_id.is_not(None)) if at_centres_only else asked


@cache
def _agreed(of_people: bool, of_centre: bool, _at_centres_only: bool) -> Select[*tuple[Any, ...]]:
    days = AgreedException.day_on.between(bindparam("first"), bindparam("last"))
    asked = agreed_days().where(*_who(of_people), days)
    if not of_centre:
        return asked
    centre: ColumnElement[int] = bindparam("centre_id")
    return asked.where(or_(ActivityWeek.centre_id == centre, AgreedException.centre_id == centre))


def _who(of_people: bool) -> list[ColumnElement[bool]]:
    agreed = Activity.status == ActivityStatus.AGREED
    if not of_people:
        return [agreed]
    return [agreed, Activity.recipient_id.in_(bindparam("recipient_ids", expanding=True))]


def agreed_days() -> Select[*tuple[Any, ...]]:
    """What stands as agreed for single days: activity, person, title, place, and what `agreed_day` reads."""
    return (
        select(
            Activity.id,
            Activity.recipient_id,
            Activity.title,
            ActivityWeek.place,
            AgreedException.day_on,
            AgreedException.kind,
            AgreedException.starts_at,
            AgreedException.ends_at,
            func.coalesce(AgreedException.centre_id, ActivityWeek.centre_id).label("centre_id"),
        )
        .join(AgreedException, AgreedException.activity_id == Activity.id)
        .join(
            ActivityWeek,
            (ActivityWeek.activity_id == Activity.id)
            & (ActivityWeek.from_on <= AgreedException.day_on)
            & or_(ActivityWeek.to_on.is_(None), ActivityWeek.to_on >= AgreedException.day_on),
        )
        .where(AgreedException.withdrawn_at.is_(None))
    )


def agreed_day(row: Row[*tuple[Any, ...]]) -> AgreedDay:
    """What one row of `agreed_days` says holds on its day."""
    return AgreedDay(row.day_on, row.kind, row.starts_at, row.ends_at, row.centre_id)


def _visits(times: Iterable[PlanTime], centre_id: int | None) -> list[ExpectedVisit]:
    visits = (time.visit for time in times if time.waits_at is not None)
    return sorted(
        (visit for visit in visits if centre_id is None or visit.centre_id == centre_id),
        key=lambda one: (one.on, one.starts_at, one.recipient_id, one.ends_at, one.activity_title),
    )


def _times(s: Session, asked: _Asked) -> list[PlanTime]:
    times = _as_agreed(s, asked)
    waiting = {time.waits_at for time in times if time.waits_at is not None}
    centres = closed_days.centre_days_of(s, waiting, first=asked.first)
    return [time for time in times if time.waits_at is None or centres[time.waits_at].is_open_on(time.on)]


def _as_agreed(s: Session, asked: _Asked) -> list[PlanTime]:
    """The times that no pause of the plan takes away, whether or not the centre is open."""
    if asked.recipient_ids is not None and not asked.recipient_ids:
        return []
    weeks, agreed = asked.weeks(s), asked.agreed(s)
    if not weeks and not agreed:
        return []
    paused = pauses.pauses_since(s, {row.recipient_id for row in (*weeks, *agreed)}, asked.first)
    return [time for time in _planned(asked, weeks, agreed) if not paused.is_on(time.recipient_id, time.on)]


def _planned(asked: _Asked, weeks: Rows, agreed: Rows) -> Iterator[PlanTime]:
    """The times as they were agreed, whether or not the centre is open."""
    apart = {(row.id, row.day_on) for row in agreed}
    for row in weeks:
        pattern = Pattern((Slot(row.weekday, row.starts_at, row.ends_at, row.how),), row.from_on, row.to_on)
        for on in days_between(asked.first, asked.last):
            if (row.id, on) not in apart:
                for slot in slots_on(pattern, on, closed_days=public_holidays(on.year)):
                    yield PlanTime(row.recipient_id, on, slot, row.title, row.centre_id, row.place)
    for row in agreed:
        if row.day_on not in public_holidays(row.day_on.year):
            for slot in agreed_day(row).slots:
                yield PlanTime(row.recipient_id, row.day_on, slot, row.title, row.centre_id, row.place)
