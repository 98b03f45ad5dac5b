"""Who is expected where and when, from the weekly patterns; attendance keeps what then happened."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, time

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from portal.people.rules.opening import public_holidays
from portal.people.service import recipients
from portal.plan.models import Activity, ActivitySlot
from portal.plan.rules import (
    ActivityStatus,
    ExpectedVisit,
    Pattern,
    Slot,
    add_working_days,
    days_between,
    slots_on,
)


def expected_on(
    s: Session, on: date, *, centre_id: int | None = None, recipient_ids: Collection[int] | None = None
) -> list[ExpectedVisit]:
    """Who is expected at a centre on a day; nobody on a public holiday, and nobody whose plan is paused.

    centre_id: only this centre; recipient_ids: only these people; both None: everybody everywhere.
    Returns: by start, person and activity. Two queries, however many people.
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
    if recipient_ids is not None and not recipient_ids:
        return []
    wanted = times_between(first, last).where(
        Activity.centre_id.is_not(None) if centre_id is None else Activity.centre_id == centre_id
    )
    if recipient_ids is not None:
        wanted = wanted.where(Activity.recipient_id.in_(recipient_ids))
    rows = s.execute(wanted).all()
    paused = recipients.paused_among(s, {row.recipient_id for row in rows})
    going = [
        (recipient_id, centre, title, Pattern((Slot(weekday, starts_at, ends_at),), from_on, to_on))
        for recipient_id, centre, title, from_on, to_on, weekday, starts_at, ends_at in rows
        if centre is not None and recipient_id not in paused
    ]
    visits = [
        ExpectedVisit(recipient_id, centre, on, slot.starts_at, slot.ends_at, title)
        for on in days_between(first, last)
        for recipient_id, centre, title, pattern in going
        for slot in slots_on(pattern, on, closed_days=public_holidays(on.year))
    ]
    return sorted(
        visits, key=lambda one: (one.on, one.starts_at, one.recipient_id, one.ends_at, one.activity_title)
    )


def times_between(
    first: date, last: date
) -> Select[int, int | None, str, date, date | None, int, time, time]:
    """The times that fall on any weekday of these days, each with its person, place and period.

    Columns: person, centre (None elsewhere), title, first and last day of the period, weekday, start, end.
    """
    return (
        select(
            Activity.recipient_id,
            Activity.centre_id,
            Activity.title,
            Activity.from_on,
            Activity.to_on,
            ActivitySlot.weekday,
            ActivitySlot.starts_at,
            ActivitySlot.ends_at,
        )
        .join(ActivitySlot, ActivitySlot.activity_id == Activity.id)
        .where(
            Activity.status == ActivityStatus.AGREED,
            Activity.from_on <= last,
            or_(Activity.to_on.is_(None), Activity.to_on >= first),
            ActivitySlot.weekday.in_({on.weekday() for on in days_between(first, last)}),
        )
    )


def working_day_after(on: date, days: int) -> date:
    """The day that lies `days` working days after `on`, also across New Year."""
    return add_working_days(on, days, closed_days=public_holidays(on.year) | public_holidays(on.year + 1))
