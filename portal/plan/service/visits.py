"""Who is expected where and when, from the weekly patterns; attendance keeps what then happened."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from portal.clock import to_oslo
from portal.people.service import recipients
from portal.plan.models import Activity
from portal.plan.rules import (
    ActivityStatus,
    ElsewhereVisit,
    ExpectedVisit,
    add_working_days,
    days_between,
    slots_on,
)

HORIZON_DAYS = 28


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
    going = [activity for activity in activities if not cards[activity.recipient_id].is_paused]
    visits = [visit for on in days_between(first, last) for visit in _on_day(going, on)]
    return sorted(
        visits, key=lambda one: (one.on, one.starts_at, one.recipient_id, one.ends_at, one.activity_title)
    )


def next_visit(
    s: Session, recipient_id: int, after: datetime, *, horizon_days: int = HORIZON_DAYS
) -> ExpectedVisit | None:
    """The visit that is going on at the instant `after`, or the next one; None when none is near.

    horizon_days: how many days ahead to look.
    """
    first = to_oslo(after).date()
    last = first + timedelta(days=horizon_days)
    visits = expected_between(s, first, last, recipient_ids=[recipient_id])
    return next((visit for visit in visits if visit.ends_utc > after), None)


def elsewhere_between(s: Session, recipient_id: int, first: date, last: date) -> list[ElsewhereVisit]:
    """What a person's plan has at places that are no centre, from `first` to `last`, both included.

    Nobody registers her there, so no centre expects her; her days count all the same. Nothing on a public
    holiday or while her plan is paused. Returns: by day, start and title.
    """
    if recipients.get_person(s, recipient_id).is_paused:
        return []
    activities = s.scalars(
        select(Activity)
        .options(selectinload(Activity.slots))
        .where(
            Activity.recipient_id == recipient_id,
            Activity.status == ActivityStatus.AGREED,
            Activity.centre_id.is_(None),
            Activity.from_on <= last,
            or_(Activity.to_on.is_(None), Activity.to_on >= first),
        )
        .order_by(Activity.id)
    ).all()
    found = [
        ElsewhereVisit(on, slot.starts_at, slot.ends_at, activity.title, activity.place or "")
        for on in days_between(first, last)
        for activity in activities
        for slot in slots_on(activity.pattern, on, closed_days=public_holidays(on.year))
    ]
    return sorted(found, key=lambda one: (one.on, one.starts_at, one.ends_at, one.activity_title))


def days_in_plan(s: Session, recipient_id: int, first: date, last: date) -> list[date]:
    """The days on which a person's plan has anything, at a centre or elsewhere, earliest first."""
    at_centres = expected_between(s, first, last, recipient_ids=[recipient_id])
    elsewhere = elsewhere_between(s, recipient_id, first, last)
    return sorted({visit.on for visit in at_centres} | {visit.on for visit in elsewhere})


@lru_cache(maxsize=32)
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of Norway in a year.

    Without a language on purpose: the package knows its own list of languages, and only the days matter here.
    """
    return frozenset(holidays.country_holidays("NO", years=year))


def working_day_after(on: date, days: int) -> date:
    """The day that lies `days` working days after `on`, also across New Year."""
    return add_working_days(on, days, closed_days=public_holidays(on.year) | public_holidays(on.year + 1))


def _on_day(activities: Iterable[Activity], on: date) -> list[ExpectedVisit]:
    closed_days = public_holidays(on.year)
    return [
        ExpectedVisit(
            activity.recipient_id, activity.centre_id, on, slot.starts_at, slot.ends_at, activity.title
        )
        for activity in activities
        if activity.centre_id is not None
        for slot in slots_on(activity.pattern, on, closed_days=closed_days)
    ]
