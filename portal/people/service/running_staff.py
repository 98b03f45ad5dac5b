"""Those who work here, as an admin sees them: a name and roles. Never whom they help."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.errors import N_, NotFound, Refused
from portal.people.models import Centre, Office, Person, StaffRole
from portal.people.rules.access import Viewer
from portal.people.rules.keys import clean_username, username_has_right_shape
from portal.people.rules.roles import RoleState
from portal.people.rules.words import Role
from portal.people.service import activation
from portal.people.service.activation import CodeMade
from portal.people.service.roles import state


@dataclass(frozen=True)
class RoleLine:
    """One role of somebody, where, and whether it holds now. The place is empty for an admin's."""

    public_id: str
    role: Role
    place: str
    place_public_id: str
    from_on: date
    to_on: date | None
    ended_at: datetime | None
    state: RoleState


@dataclass(frozen=True)
class StaffSheet:
    """Somebody who works here, or did, with her roles: held first, then coming, then those that are over."""

    public_id: str
    given_name: str
    family_name: str
    username: str | None
    language: str
    roles: list[RoleLine]

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def open_roles(self) -> list[RoleLine]:
        """The roles that are held or coming."""
        return [one for one in self.roles if one.state is not RoleState.OVER]


def list_staff(s: Session, *, name: str = "", place: str = "") -> list[StaffSheet]:
    """Get everybody who works here or did, by name.

    name: only those whose name has this in it, whatever the capitals. place: only those with a role, held or
    coming, at the office or centre with this public id.
    """
    wanted = name.casefold().split()
    people = s.scalars(select(Person).where(Person.is_recipient.is_(False))).all()
    roles = _roles_of(s, [person.id for person in people])
    sheets = [_sheet(person, roles.get(person.id, [])) for person in people]
    found = [
        one
        for one in sheets
        if all(word in one.name.casefold() for word in wanted)
        and (not place or any(place == role.place_public_id for role in one.open_roles))
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.public_id))


def staff_sheet(s: Session, public_id: str) -> StaffSheet:
    """Get somebody who works here. Raises: NotFound, alike for a recipient and for nobody at all."""
    person = require_staff(s, public_id)
    return _sheet(person, _roles_of(s, [person.id]).get(person.id, []))


def role_sheet(s: Session, role_public_id: str) -> tuple[StaffSheet, RoleLine]:
    """Get one role and whoever has or had it. Raises: NotFound."""
    whose = s.scalar(
        select(Person.public_id)
        .join(StaffRole, StaffRole.person_id == Person.id)
        .where(StaffRole.public_id == role_public_id)
    )
    if whose is None:
        raise NotFound
    sheet = staff_sheet(s, whose)
    return sheet, next(one for one in sheet.roles if one.public_id == role_public_id)


def require_staff(s: Session, public_id: str, *, to_change: bool = False) -> Person:
    """Get the row of somebody who works here. `to_change`: one admin at a time, the next one waits.

    Raises: NotFound, alike for a recipient and for nobody.
    """
    query = select(Person).where(Person.public_id == public_id, Person.is_recipient.is_(False))
    if to_change:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    person = s.scalar(query)
    if person is None:
        raise NotFound
    return person


def _roles_of(s: Session, person_ids: Collection[int]) -> dict[int, list[RoleLine]]:
    rows = s.execute(
        select(StaffRole, Office, Centre)
        .outerjoin(Office, Office.id == StaffRole.office_id)
        .outerjoin(Centre, Centre.id == StaffRole.centre_id)
        .where(StaffRole.person_id.in_(person_ids))
        .order_by(StaffRole.from_on.desc(), StaffRole.id.desc())
    ).all()
    found: dict[int, list[RoleLine]] = {}
    for row, office, centre in rows:
        place: Office | Centre | None = office if row.office_id is not None else centre
        line = RoleLine(
            row.public_id,
            row.role,
            place.name if place is not None else "",
            place.public_id if place is not None else "",
            row.from_on,
            row.to_on,
            row.ended_at,
            state(row),
        )
        found.setdefault(row.person_id, []).append(line)
    return found


def _sheet(person: Person, roles: list[RoleLine]) -> StaffSheet:
    order = (RoleState.HELD, RoleState.COMING, RoleState.OVER)
    return StaffSheet(
        person.public_id,
        person.given_name,
        person.family_name,
        person.username,
        person.language,
        sorted(roles, key=lambda one: order.index(one.state)),
    )


@dataclass(frozen=True)
class NewStaff:
    """Somebody who is to work here."""

    given_name: str
    family_name: str
    username: str
    language: str


def add_staff(s: Session, told: NewStaff) -> str:
    """Add somebody who is to work here; give back the name used in addresses.

    Until she has a role and has used a one-time code, she cannot sign in.
    Raises: Refused `staff.username_shape` or `staff.username_taken`, beside `username`.
    """
    username = clean_username(told.username)
    if not username_has_right_shape(username):
        raise Refused(
            "staff.username_shape",
            N_("Bruk to eller flere bokstaver og tall, uten mellomrom. Punktum og strek går også."),
            field="username",
        )
    person = Person(
        given_name=told.given_name,
        family_name=told.family_name,
        username=username,
        language=told.language,
    )
    try:
        with s.begin_nested():  # so that the rest of the transaction can still say it kindly
            s.add(person)
    except IntegrityError as fault:
        raise Refused(
            "staff.username_taken",
            N_("Noen andre har dette brukernavnet. Velg et annet."),
            field="username",
        ) from fault
    return person.public_id


def correct_names(s: Session, public_id: str, *, given_name: str, family_name: str, language: str) -> None:
    """Correct somebody's name, and the language the portal speaks to her. Raises: NotFound."""
    person = require_staff(s, public_id)
    person.given_name, person.family_name, person.language = given_name, family_name, language


def make_code(s: Session, viewer: Viewer, public_id: str, *, hours: int) -> CodeMade:
    """Make a one-time code with which somebody who works here chooses a passphrase anew.

    Earlier unused ones stop working.
    Raises: NotFound; Refused `staff.no_role` for somebody without a role, who could not sign in anyhow,
    `staff.oneself` for the viewer: a stolen sign-in must not become a new passphrase.
    """
    if public_id == viewer.public_id:
        raise Refused("staff.oneself", N_("Du kan ikke lage kode til deg selv. Be en annen administrator."))
    person = require_staff(s, public_id, to_change=True)
    if not staff_sheet(s, public_id).open_roles:
        raise Refused("staff.no_role", N_("Gi en rolle først. Uten rolle kan ingen logge inn."))
    return activation.new_code_for(s, person.id, hours=hours, made_by_id=viewer.person_id, check=None)
