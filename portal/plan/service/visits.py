"""Who is expected where and when, from the weekly patterns; attendance keeps what then happened."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache

import holidays
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from portal.people.service import recipients
from portal.plan.models import Activity
from portal.plan.rules import (
    ActivityStatus,
    ExpectedVisit,
    Pattern,
    add_working_days,
    days_between,
    slots_on,
)


def expected_on(
    s: Session, on: date, *, centre_id: int | None = None, recipient_ids: Collection[int] | None = None
) -> list[ExpectedVisit]:
    """Who is expected at a centre on a day; nobody on a public holiday, and nobody whose plan is paused.

    centre_id: only this centre; recipient_ids: only these people; both None: everybody everywhere.
    Returns: by start, person and activity. Three queries, however many people.
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
    wanted = (
        select(Activity)
        .options(selectinload(Activity.slots))
        .where(
            Activity.status == ActivityStatus.AGREED,
            Activity.centre_id.is_not(None) if centre_id is None else Activity.centre_id == centre_id,
            Activity.from_on <= last,
            or_(Activity.to_on.is_(None), Activity.to_on >= first),
        )
        .order_by(Activity.id)
    )
    if recipient_ids is not None:
        wanted = wanted.where(Activity.recipient_id.in_(recipient_ids))
    activities = s.scalars(wanted).all()
    cards = recipients.cards_for(s, {activity.recipient_id for activity in activities})
    going = [(one, one.pattern) for one in activities if not cards[one.recipient_id].is_paused]
    visits = [
        visit
        for on in days_between(first, last)
        for activity, pattern in going
        for visit in visits_on(activity, pattern, on)
    ]
    return sorted(
        visits, key=lambda one: (one.on, one.starts_at, one.recipient_id, one.ends_at, one.activity_title)
    )


@lru_cache(maxsize=32)
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of Norway in a year.

    Without a language on purpose: the package knows its own list of languages, and only the days matter here.
    """
    return frozenset(holidays.country_holidays("NO", years=year))


def working_day_after(on: date, days: int) -> date:
    """The day that lies `days` working days after `on`, also across New Year."""
    return add_working_days(on, days, closed_days=public_holidays(on.year) | public_holidays(on.year + 1))


def visits_on(activity: Activity, pattern: Pattern, on: date) -> list[ExpectedVisit]:
    """When an activity's centre expects its person on a day; never when it is at no centre."""
    if activity.centre_id is None:
        return []
    return [
        ExpectedVisit(
            activity.recipient_id, activity.centre_id, on, slot.starts_at, slot.ends_at, activity.title
        )
        for slot in slots_on(pattern, on, closed_days=public_holidays(on.year))
    ]
