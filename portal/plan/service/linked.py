"""What features that link to an activity, such as a condition, may ask of it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, selectinload

from portal.clock import today_oslo
from portal.plan.models import Activity, ActivityWeek
from portal.plan.rules.weeks import Pattern, Slot
from portal.plan.rules.words import LegalBasis

_BASES = select(Activity.id, Activity.legal_basis).where(Activity.id.in_(bindparam("ids", expanding=True)))


def bases_of(s: Session, activity_ids: Collection[int]) -> dict[int, LegalBasis]:
    """The legal basis of each activity, by id; for features that link to an activity."""
    if not activity_ids:
        return {}
    rows = s.execute(_BASES, {"ids": list(activity_ids)})
    return {activity_id: basis for activity_id, basis in rows}


def slots_of(s: Session, activity_ids: set[int]) -> dict[int, tuple[LegalBasis, tuple[Slot, ...]]]:
    """The legal basis and the week of each activity, by id; for features that link to an activity.

    The week that holds today; of what has not begun the first one, and of what is over the last.
    """
    if not activity_ids:
        return {}
    rows = s.scalars(
        select(Activity)
        .options(selectinload(Activity.weeks).joinedload(ActivityWeek.slots))
        .where(Activity.id.in_(activity_ids))
    )
    return {row.id: (row.legal_basis, _week_now(row).slots) for row in rows}


def _week_now(activity: Activity) -> Pattern:
    today = today_oslo()
    held = [week.pattern for week in activity.weeks if week.to_on is None or week.to_on >= week.from_on]
    coming = [pattern for pattern in held if pattern.to_on is None or pattern.to_on >= today]
    return min(coming, key=lambda one: one.from_on, default=max(held, key=lambda one: one.from_on))
