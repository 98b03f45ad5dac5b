"""Roles of those who work here: where each belongs, and when it holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from portal.people.rules.access import is_current
from portal.people.rules.words import Role


class Place(StrEnum):
    """What kind of place a role belongs to."""

    OFFICE = "office"
    CENTRE = "centre"


BELONGS_TO: Mapping[Role, Place | None] = {
    Role.VEILEDER: Place.OFFICE,
    Role.LEADER: Place.OFFICE,
    Role.CENTRE_STAFF: Place.CENTRE,
    Role.CENTRE_LEAD: Place.CENTRE,
    Role.ADMIN: None,
}
"""Every role that an admin can give, and where it belongs. An admin's belongs to no single place."""


class RoleState(StrEnum):
    """Whether a role opens anything now."""

    COMING = "coming"
    HELD = "held"
    OVER = "over"


def state_of(
    now_utc: datetime, today: date, *, from_on: date, to_on: date | None, ended_at: datetime | None
) -> RoleState:
    """Tell whether a role is coming, held, or over; both days are included, and `ended_at` counts at once.

    Example: a role that was ended at noon is held at 11.59.59 and over at 12.00.00.
    """
    if ended_at is not None and ended_at <= now_utc:
        return RoleState.OVER
    if is_current(today, from_on, to_on):
        return RoleState.HELD
    return RoleState.COMING if from_on > today else RoleState.OVER
