"""Offices and centres, and who works there today."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import today_oslo
from portal.errors import NotFound
from portal.people.models import Centre, Office, Person, StaffRole
from portal.people.rules import Role, is_current


@dataclass(frozen=True)
class OfficeCard:
    """What other features may know of an office."""

    id: int
    public_id: str
    name: str
    phone: str
    address: str
    opens_at: time
    closes_at: time


@dataclass(frozen=True)
class CentreCard:
    """What other features may know of a centre."""

    id: int
    public_id: str
    name: str
    address: str
    opens_at: time
    closes_at: time


@dataclass(frozen=True)
class StaffCard:
    """Somebody who works here, and as what."""

    person_id: int
    name: str
    role: Role
    office_id: int | None
    centre_id: int | None


def _office(row: Office) -> OfficeCard:
    return OfficeCard(row.id, row.public_id, row.name, row.phone, row.address, row.opens_at, row.closes_at)


def _centre(row: Centre) -> CentreCard:
    return CentreCard(row.id, row.public_id, row.name, row.address, row.opens_at, row.closes_at)


def get_office(s: Session, office_id: int) -> OfficeCard:
    """Get one office. Raises: NotFound."""
    row = s.get(Office, office_id)
    if row is None:
        raise NotFound
    return _office(row)


def list_offices(s: Session) -> list[OfficeCard]:
    """Get every office, by name."""
    return [_office(row) for row in s.scalars(select(Office).order_by(Office.name, Office.id))]


def get_centre(s: Session, centre_id: int) -> CentreCard:
    """Get one centre. Raises: NotFound."""
    row = s.get(Centre, centre_id)
    if row is None:
        raise NotFound
    return _centre(row)


def find_centre(s: Session, public_id: str) -> CentreCard | None:
    """Find a centre by the name used in addresses."""
    row = s.scalar(select(Centre).where(Centre.public_id == public_id))
    return _centre(row) if row else None


def centres_for(s: Session, ids: Collection[int]) -> dict[int, CentreCard]:
    """Get several centres at once."""
    return (
        {row.id: _centre(row) for row in s.scalars(select(Centre).where(Centre.id.in_(ids)))} if ids else {}
    )


def list_centres(s: Session) -> list[CentreCard]:
    """Get every centre, by name."""
    return [_centre(row) for row in s.scalars(select(Centre).order_by(Centre.name, Centre.id))]


def centre_staff_ids(s: Session, centre_id: int) -> list[int]:
    """Tell who works at a centre today; ascending ids."""
    today = today_oslo()
    rows = s.scalars(
        select(StaffRole).where(StaffRole.centre_id == centre_id, StaffRole.role == Role.CENTRE_STAFF)
    )
    return sorted({row.person_id for row in rows if is_current(today, row.from_on, row.to_on)})


def list_staff(s: Session, *, office_ids: Collection[int] | None = None) -> list[StaffCard]:
    """Get everybody who holds a role today, of some offices or of all: by name, then role."""
    today = today_oslo()
    query = select(StaffRole, Person).join(Person, Person.id == StaffRole.person_id)
    if office_ids is not None:
        query = query.where(StaffRole.office_id.in_(office_ids))
    cards = [
        StaffCard(
            person.id, f"{person.given_name} {person.family_name}", role.role, role.office_id, role.centre_id
        )
        for role, person in s.execute(query)
        if is_current(today, role.from_on, role.to_on)
    ]
    return sorted(cards, key=lambda card: (card.name, card.role, card.person_id))
