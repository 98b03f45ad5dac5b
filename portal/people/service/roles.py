"""Which roles somebody who works here holds now, and taking one away at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from portal.clock import now_utc, today_oslo
from portal.db import ask
from portal.people.models import StaffRole
from portal.people.rules.roles import RoleState, state_of

_ROLES = (
    select(*StaffRole.__table__.columns)
    .where(StaffRole.person_id.in_(bindparam("person_ids", expanding=True)))
    .order_by(StaffRole.id)
)
"""Put together once: every page of those who work here asks it (decision 42)."""


def roles_held(s: Session, person_ids: Collection[int]) -> list[Any]:
    """Get the roles that these people hold right now, oldest first: rows to be read, not changed."""
    return [row for row in ask(s, _ROLES, {"person_ids": list(person_ids)}) if is_held(row)]


def is_held(row: StaffRole | Row[*tuple[Any, ...]]) -> bool:
    """Whether a role is held right now: today is one of its days, and nobody has ended it."""
    return state(row) is RoleState.HELD


def state(row: StaffRole | Row[*tuple[Any, ...]]) -> RoleState:
    """Tell whether a role is coming, held or over right now."""
    return state_of(now_utc(), today_oslo(), from_on=row.from_on, to_on=row.to_on, ended_at=row.ended_at)
