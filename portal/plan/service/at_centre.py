"""Which centre is a person's now, by her plan, and who works there."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from portal.clock import today_oslo
from portal.db import ask
from portal.people.service import places
from portal.people.service.helps_now import not_protected, works_at_centre
from portal.people.service.places import CentreCard
from portal.plan.models import Activity, ActivityWeek
from portal.plan.rules.words import ActivityStatus

_TODAY = bindparam("today_at_centre", type_=Date(), callable_=today_oslo)


@cache
def expected_by_staff() -> Select[int, int]:
    """Ask whom those who work at a centre expect: recipient and member of staff; narrow as needed.

    Hers are the centres where an agreed activity runs today; while none does, those where one is to come. So
    whoever is moved belongs to the new centre from its first day, and to the old one no more. Nobody with a
    protected address is in it (design 3.7). Put together once: every message and push asks (decision 42).
    """
    works = works_at_centre()
    hers = _weeks_now(Activity.recipient_id, works.c.person_id)
    return hers.join(works, works.c.centre_id == ActivityWeek.centre_id).where(
        Activity.recipient_id.in_(not_protected())
    )


def centres_of(s: Session, recipient_id: int) -> list[CentreCard]:
    """Tell which centres are a person's now, by the same rule; by name. None for a protected address."""
    found = ask(s, _centres(), {"recipient_id": recipient_id}).scalars()
    ids = {one for one in found if one is not None}
    return sorted(places.centres_for(s, ids).values(), key=lambda one: (one.name, one.id))


@cache
def _centres() -> Select[int | None]:
    hers = Activity.recipient_id == bindparam("recipient_id")
    return _weeks_now(ActivityWeek.centre_id).where(hers, Activity.recipient_id.in_(not_protected()))


def _weeks_now(*columns: Any) -> Select[*tuple[Any, ...]]:
    other, others = aliased(Activity), aliased(ActivityWeek)
    runs_somewhere = exists().where(
        other.recipient_id == Activity.recipient_id,
        others.activity_id == other.id,
        _is_left(other, others),
        others.from_on <= _TODAY,
    )
    return (
        select(*columns)
        .select_from(Activity)
        .join(ActivityWeek, ActivityWeek.activity_id == Activity.id)
        .where(_is_left(Activity, ActivityWeek), or_(ActivityWeek.from_on <= _TODAY, ~runs_somewhere))
    )


def _is_left(activity: type[Activity], week: type[ActivityWeek]) -> ColumnElement[bool]:
    """Narrow down to weeks at a centre that are agreed and not over; one that never held has no days."""
    not_over = and_(week.to_on >= _TODAY, week.to_on >= week.from_on)
    return and_(
        activity.status == ActivityStatus.AGREED,
        week.centre_id.is_not(None),
        or_(week.to_on.is_(None), not_over),
    )
