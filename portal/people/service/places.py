"""Offices and centres, and who works there today."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, or_, select
from sqlalchemy.orm import Session

from portal import i18n
from portal.clock import today_oslo
from portal.db import ask
from portal.errors import NotFound
from portal.people.models import (
    Centre,
    CentreOffice,
    Office,
    OfficeLanguage,
    OpeningHours,
    Person,
    StaffRole,
)
from portal.people.rules.opening import Hours
from portal.people.rules.words import Role
from portal.people.service.roles import is_held
from portal.people.service.week_hours import get_hours

_CENTRES = select(*Centre.__table__.columns).where(Centre.id.in_(bindparam("ids", expanding=True)))
_CENTRE = select(*Centre.__table__.columns).where(Centre.public_id == bindparam("public_id"))
_AT_CENTRES = select(*StaffRole.__table__.columns).where(
    StaffRole.centre_id.in_(bindparam("ids", expanding=True)),
    StaffRole.role.in_((Role.CENTRE_STAFF, Role.CENTRE_LEAD)),
)
"""Put together once: every check-in and every board asks them (decision 42)."""


@dataclass(frozen=True)
class OfficeCard:
    """What other features may know of an office."""

    id: int
    public_id: str
    name: str
    phone: str
    address: str
    urgent_minutes: int


@dataclass(frozen=True)
class CentreCard:
    """What other features may know of a centre. `wants_check_out`: people may say there that they leave."""

    id: int
    public_id: str
    name: str
    address: str
    wants_check_out: bool
    capacity: int | None = None
    """How many there is room for on one day; None: nobody has said."""


@dataclass(frozen=True)
class StaffCard:
    """Somebody who works here, and as what."""

    person_id: int
    name: str
    role: Role
    office_id: int | None
    centre_id: int | None


def _office(row: Office) -> OfficeCard:
    return OfficeCard(row.id, row.public_id, row.name, row.phone, row.address, row.urgent_minutes)


def _centre(row: Centre | Row[*tuple[Any, ...]]) -> CentreCard:
    return CentreCard(row.id, row.public_id, row.name, row.address, row.wants_check_out, row.capacity)


def get_office(s: Session, office_id: int) -> OfficeCard:
    """Get one office. Raises: NotFound."""
    row = s.get(Office, office_id)
    if row is None:
        raise NotFound
    return _office(row)


def list_offices(s: Session) -> list[OfficeCard]:
    """Get every office that is not closed, by name."""
    rows = s.scalars(select(Office).where(is_open(Office)).order_by(Office.name, Office.id))
    return [_office(row) for row in rows]


def get_centre(s: Session, centre_id: int) -> CentreCard:
    """Get one centre. Raises: NotFound."""
    row = ask(s, _CENTRES, {"ids": [centre_id]}).one_or_none()
    if row is None:
        raise NotFound
    return _centre(row)


def find_centre(s: Session, public_id: str) -> CentreCard | None:
    """Find a centre by the name used in addresses."""
    row = ask(s, _CENTRE, {"public_id": public_id}).one_or_none()
    return _centre(row) if row else None


def centres_for(s: Session, ids: Collection[int]) -> dict[int, CentreCard]:
    """Get several centres at once."""
    return {row.id: _centre(row) for row in ask(s, _CENTRES, {"ids": list(ids)})} if ids else {}


def list_centres(s: Session) -> list[CentreCard]:
    """Get every centre that is not closed, by name."""
    rows = s.scalars(select(Centre).where(is_open(Centre)).order_by(Centre.name, Centre.id))
    return [_centre(row) for row in rows]


def public_ids_of_offices(s: Session) -> dict[int, str]:
    """Get the public id of every office, closed ones too, by its number here."""
    return {number: public_id for number, public_id in s.execute(select(Office.id, Office.public_id))}


def public_ids_of_centres(s: Session) -> dict[int, str]:
    """Get the public id of every centre, closed ones too, by its number here."""
    return {number: public_id for number, public_id in s.execute(select(Centre.id, Centre.public_id))}


def is_open(place: type[Office | Centre]) -> ColumnElement[bool]:
    """Narrow a question about offices or centres down to those that have not closed for good."""
    return or_(place.last_on.is_(None), place.last_on >= today_oslo())


def office_hours(s: Session, office_id: int) -> Hours:
    """Tell when an office is open in an ordinary week."""
    return get_hours(s, OpeningHours.office_id == office_id)


def centre_hours(s: Session, centre_id: int) -> Hours:
    """Tell when a centre is open in an ordinary week."""
    return get_hours(s, OpeningHours.centre_id == centre_id)


def centres_serving(s: Session, office_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Tell which centres serve each of these offices; an office may have none."""
    rows = s.scalars(select(CentreOffice).where(CentreOffice.office_id.in_(office_ids))).all()
    return {
        office_id: frozenset(row.centre_id for row in rows if row.office_id == office_id)
        for office_id in office_ids
    }


def languages_let_through(s: Session, office_id: int | None) -> frozenset[str]:
    """Tell in which unchecked translations an office lets duties and rights be shown (decision 18).

    For somebody without an office, such as a reader who is not signed in: those that every office lets
    through.
    """
    let_through = select(OfficeLanguage.language)
    if office_id is not None:
        return frozenset(s.scalars(let_through.where(OfficeLanguage.office_id == office_id)))
    offices = s.scalar(select(func.count()).select_from(Office).where(is_open(Office)))
    by_all = (
        let_through.join(Office, Office.id == OfficeLanguage.office_id)
        .where(is_open(Office))
        .group_by(OfficeLanguage.language)
        .having(func.count() == offices)
    )
    return frozenset(s.scalars(by_all))


def language_of_legal_text(s: Session, office_id: int | None) -> str:
    """Tell the language in which duties and rights are shown: the reader's, as its code.

    It is bokmål where no professional has checked the translation and the office has not let it through
    (decision 18).
    """
    chosen = i18n.current()
    if chosen.checked_by_professional or chosen.code in languages_let_through(s, office_id):
        return chosen.code
    return i18n.SOURCE


def centre_staff_ids(s: Session, centre_id: int) -> list[int]:
    """Tell who works at a centre now; ascending ids."""
    return list(staff_ids_at(s, [centre_id])[centre_id])


def staff_ids_at(s: Session, centre_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Tell who works at each of several centres now; ascending ids. One question."""
    found: dict[int, set[int]] = {centre_id: set() for centre_id in centre_ids}
    for row in ask(s, _AT_CENTRES, {"ids": list(centre_ids)}) if found else ():
        if is_held(row):
            found[row.centre_id].add(row.person_id)
    return {centre_id: tuple(sorted(ids)) for centre_id, ids in found.items()}


def list_staff(s: Session, *, office_ids: Collection[int] | None = None) -> list[StaffCard]:
    """Get everybody who holds a role now, of some offices or of all: by name, then role."""
    query = select(StaffRole, Person).join(Person, Person.id == StaffRole.person_id)
    if office_ids is not None:
        query = query.where(StaffRole.office_id.in_(office_ids))
    cards = [
        StaffCard(
            person.id, f"{person.given_name} {person.family_name}", role.role, role.office_id, role.centre_id
        )
        for role, person in s.execute(query)
        if is_held(role)
    ]
    return sorted(cards, key=lambda card: (card.name, card.role, card.person_id))
