"""What an admin sees of the whole: places and staff, never content, never who gets help."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.people.service import places
from portal.people.service.places import CentreCard, OfficeCard, StaffCard


@dataclass(frozen=True)
class Administration:
    """Every office, every centre, and everybody who holds a role today."""

    offices: list[OfficeCard]
    centres: list[CentreCard]
    staff: list[StaffCard]


def administration(s: Session) -> Administration:
    """Tell an admin which places and staff there are."""
    return Administration(places.list_offices(s), places.list_centres(s), places.list_staff(s))
