"""The week of an office or a centre: when it opens and closes. A change leaves earlier days as they were."""

from __future__ import annotations

from datetime import time

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.clock import today_oslo
from portal.people.models import OpeningHours
from portal.people.rules.opening import Hours

_NOT_ENDED = OpeningHours.until_on.is_(None)


def get_hours(s: Session, where: ColumnElement[bool]) -> Hours:
    """Tell when a place is open in an ordinary week. `where` says which place."""
    rows = s.scalars(select(OpeningHours).where(where, _NOT_ENDED).order_by(OpeningHours.weekday))
    return {row.weekday: _times(row) for row in rows}


def set_hours(s: Session, where: ColumnElement[bool], hours: Hours, **place: int) -> None:
    """Let a week hold from today on; what held until yesterday stays, for the days that are past."""
    today = today_oslo()
    holds = {row.weekday: row for row in s.scalars(select(OpeningHours).where(where, _NOT_ENDED))}
    for weekday, row in holds.items():
        if hours.get(weekday) == _times(row):
            continue
        if row.from_on == today:  # never held a whole day
            s.delete(row)
        else:
            row.until_on = today
    s.flush()
    s.add_all(
        OpeningHours(
            weekday=weekday,
            opens_at=opens,
            closed_from=pause[0] if pause else None,
            closed_to=pause[1] if pause else None,
            closes_at=closes,
            from_on=today,
            **place,
        )
        for weekday, (opens, *pause, closes) in sorted(hours.items())
        if weekday not in holds or hours[weekday] != _times(holds[weekday])
    )


def _times(row: OpeningHours) -> tuple[time, ...]:
    times = row.opens_at, row.closed_from, row.closed_to, row.closes_at
    return tuple(at for at in times if at is not None)
