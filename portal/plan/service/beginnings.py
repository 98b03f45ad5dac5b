"""When people's time at a centre began, and whom they were told to ask for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from portal.db import ask
from portal.plan.models import Activity, ActivityWeek
from portal.plan.rules.words import ActivityStatus

_BEGINNINGS = (
    select(Activity.recipient_id, ActivityWeek.from_on, Activity.contact)
    .join(ActivityWeek, ActivityWeek.activity_id == Activity.id)
    .where(
        Activity.recipient_id.in_(bindparam("recipient_ids", expanding=True)),
        ActivityWeek.centre_id == bindparam("centre_id"),
        or_(ActivityWeek.to_on.is_(None), ActivityWeek.to_on >= ActivityWeek.from_on),
        Activity.status != ActivityStatus.PROPOSED,
    )
    .order_by(ActivityWeek.from_on.desc(), ActivityWeek.id.desc())
)


@dataclass(frozen=True)
class Beginning:
    """The first agreed day of somebody's first activity at a centre, and the contact that stands there."""

    from_on: date
    contact: str | None


def beginnings_at(s: Session, centre_id: int, recipient_ids: Collection[int]) -> dict[int, Beginning]:
    """Tell when each of these people's first activity at a centre began; who has none there is left out."""
    rows = ask(s, _BEGINNINGS, {"recipient_ids": list(recipient_ids), "centre_id": centre_id})
    return {recipient_id: Beginning(from_on, contact) for recipient_id, from_on, contact in rows}
