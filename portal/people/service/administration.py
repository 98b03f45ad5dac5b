"""What an admin sees first: places and staff, never content, never who gets help."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.people.service import running_places, running_staff
from portal.people.service.running_places import PlaceLine
from portal.people.service.running_staff import StaffSheet

_FIRST_STAFF = 12


@dataclass(frozen=True)
class Administration:
    """Every office, every centre, and the first of those who work here now or soon, by name."""

    offices: list[PlaceLine]
    centres: list[PlaceLine]
    staff: list[StaffSheet]


def administration(s: Session) -> Administration:
    """Tell an admin which places and staff there are."""
    offices, centres = running_places.list_places(s)
    working = [one for one in running_staff.list_staff(s) if one.open_roles]
    return Administration(offices, centres, working[:_FIRST_STAFF])
