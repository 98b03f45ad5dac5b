"""Giving roles to those who work here and taking them away; an ended role closes what it had opened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now_utc, today_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.models import Centre, Office, Person, StaffRole
from portal.people.rules.access import Viewer
from portal.people.rules.helping import common_days, days_not_covered, is_too_far
from portal.people.rules.roles import BELONGS_TO, Place, RoleState
from portal.people.rules.words import Role, RoleAct
from portal.people.service import activation, distribution, places, sessions
from portal.people.service.role_changes import note
from portal.people.service.roles import state
from portal.people.service.running_staff import NewStaff, add_staff, require_staff

_WHICH_PLACE = {
    Place.OFFICE: N_("Denne rollen hører til et kontor. Velg kontoret."),
    Place.CENTRE: N_("Denne rollen hører til et senter. Velg senteret."),
    None: N_("En administrator hører ikke til ett sted. Velg «Ikke noe sted»."),
}


@dataclass(frozen=True)
class NewRole:
    """A role to give. `place`: public id of an office or a centre, or empty; both days are included."""

    role: Role
    place: str
    from_on: date
    to_on: date | None


@dataclass(frozen=True)
class Leaving:
    """What happens when somebody leaves now.

    helps: how many recipients nobody else helps with the same today, a number and nothing else. leaders: who
    can give them a new helper, by name.
    """

    helps: int
    leaders: list[str]


def add_staff_with_role(s: Session, by: Viewer | None, told: NewStaff, first: NewRole) -> str:
    """Add somebody who is to work here; nobody is added when the first role cannot be.

    `by` is None for a command on the server, which makes the first admin.
    Gives back her public id. Raises: Refused, see add_staff and add_role.
    """
    with s.begin_nested():
        public_id = add_staff(s, told)
        _give_role(s, by, public_id, first)
    return public_id


def add_role(s: Session, viewer: Viewer, public_id: str, told: NewRole) -> None:
    """Give somebody else a role from a day on; nobody opens content for herself (decision 33).

    Raises: NotFound; Refused `role.oneself`; and beside its field `role.place`, `role.from_on`,
    `role.to_on` or `role.held`; `role.closed` when the place closes before.
    """
    if public_id == viewer.public_id:
        sentence = N_("Du kan ikke gi deg selv en rolle. Be en annen administrator.")
        raise Refused("role.oneself", sentence)
    _give_role(s, viewer, public_id, told)


def _give_role(s: Session, by: Viewer | None, public_id: str, told: NewRole) -> None:
    person = require_staff(s, public_id, to_change=True)
    office_id, centre_id = _place(s, told)
    if told.from_on < today_oslo():
        raise Refused("role.from_on", N_("Velg i dag eller en senere dag."), field="from_on")
    _refuse_too_far(told.from_on, "from_on")
    _refuse_too_far(told.to_on, "to_on")
    if told.to_on is not None and told.to_on < told.from_on:
        raise Refused("role.to_on", N_("Siste dag kan ikke være før første dag."), field="to_on")
    same = select(StaffRole).where(StaffRole.person_id == person.id, StaffRole.role == told.role)
    for row in s.scalars(same):
        is_there = (row.office_id, row.centre_id) == (office_id, centre_id) and state(row) != RoleState.OVER
        if is_there and common_days((row.from_on, row.to_on), (told.from_on, told.to_on)):
            raise Refused("role.held", N_("Personen har denne rollen her i de dagene."), field="role")
    given = StaffRole(
        person_id=person.id,
        role=told.role,
        office_id=office_id,
        centre_id=centre_id,
        from_on=told.from_on,
        to_on=told.to_on,
    )
    s.add(given)
    s.flush()  # what is written down names the row
    note(s, by, given.id, RoleAct.GIVEN, told.to_on)


def _refuse_too_far(day: date | None, field: str) -> None:
    if is_too_far(day, today_oslo()):
        raise Refused(f"role.{field}", N_("Velg en dag innen ti år."), field=field)


def _refuse_after_closing(closes_on: date | None, to_on: date | None) -> None:
    if closes_on is not None and (to_on is None or to_on > closes_on):
        sentence = N_("Stedet stenger før rollen er over. Velg en tidligere siste dag, eller et annet sted.")
        raise Refused("role.closed", sentence, field="place")


def _place(s: Session, told: NewRole) -> tuple[int | None, int | None]:
    """Find the office or the centre of a role. Raises: Refused `role.place` when it is not the right kind."""
    kind = BELONGS_TO[told.role]
    if kind is Place.OFFICE:
        office = s.scalar(select(Office).where(Office.public_id == told.place).with_for_update(read=True))
        if office is not None:
            _refuse_after_closing(office.last_on, told.to_on)
            return office.id, None
    elif kind is Place.CENTRE:
        centre = s.scalar(select(Centre).where(Centre.public_id == told.place).with_for_update(read=True))
        if centre is not None:
            _refuse_after_closing(centre.last_on, told.to_on)
            return None, centre.id
    elif not told.place:
        return None, None
    raise Refused("role.place", _WHICH_PLACE[kind], field="place")


def end_role_now(s: Session, viewer: Viewer, role_public_id: str) -> str:
    """Take a role away at once, and close every page and live connection of whoever held it.

    What her other roles open is there again when she signs in. Gives back her public id.
    Raises: NotFound; Refused `role.last_admin`.
    """
    row, person = _role(s, role_public_id)
    _end(s, viewer, person, [row])
    return person.public_id


def end_role_on(s: Session, viewer: Viewer, role_public_id: str, last_day: date) -> str:
    """Say which day is the last of a role; gives back the public id of whoever holds it.

    Raises: NotFound, also for a role that is over; Refused `role.last_day` for a day that is past, before the
    first or too far ahead, and `role.last_admin`.
    """
    row, person = _role(s, role_public_id)
    if state(row) is RoleState.OVER:
        raise NotFound
    _refuse_too_far(last_day, "last_day")
    if last_day < max(today_oslo(), row.from_on):
        sentence = N_("Velg i dag eller en senere dag, ikke før første dag i rollen.")
        raise Refused("role.last_day", sentence, field="last_day")
    for place in (Office, row.office_id), (Centre, row.centre_id):
        if place[1] is not None:
            _refuse_after_closing(s.get_one(*place).last_on, last_day)
    is_shortened = row.to_on is None or last_day < row.to_on
    if row.role is Role.ADMIN and is_shortened:
        _require_an_admin(s, [row], last_day)
    row.to_on = last_day
    note(s, viewer, row.id, RoleAct.LAST_DAY, last_day)
    return person.public_id


def leaving(s: Session, public_id: str) -> Leaving:
    """Tell what happens when somebody leaves now, before it is done. Raises: NotFound."""
    person = require_staff(s, public_id)
    open_roles = [row for row in _roles(s, person) if state(row) != RoleState.OVER]
    offices = {row.office_id for row in open_roles if row.office_id is not None}
    helps = distribution.count_left_without(s, person.id)
    cards = places.list_staff(s, office_ids=offices)
    leaders = {card.name for card in cards if card.role is Role.LEADER and card.person_id != person.id}
    return Leaving(helps, sorted(leaders))


def end_everything(s: Session, viewer: Viewer, public_id: str) -> None:
    """Take every role away at once: somebody has left.

    Every page and live connection of hers closes, no sign-in works, and unused one-time codes stop working.
    Raises: NotFound; Refused `role.last_admin`.
    """
    person = require_staff(s, public_id, to_change=True)
    _end(s, viewer, person, _roles(s, person))
    activation.void_codes_of(s, person.id)


def _end(s: Session, viewer: Viewer, person: Person, rows: Sequence[StaffRole]) -> None:
    still_open = [row for row in rows if state(row) != RoleState.OVER]
    if any(row.role is Role.ADMIN for row in still_open):
        _require_an_admin(s, still_open, today_oslo() - timedelta(days=1))
    now = now_utc()
    for row in still_open:
        row.ended_at = now
        note(s, viewer, row.id, RoleAct.ENDED)
    sessions.end_sessions_of(s, person.id)


def _require_an_admin(s: Session, ending: Collection[StaffRole], last_day: date) -> None:
    """Hold every admin's role while it is looked at: two admins may not end each other's at the same time.

    A role that is coming counts as one that is held: whoever was to take over may not vanish either.
    Raises: Refused `role.last_admin` when a day that is covered now would be without an admin.
    """
    admins = select(StaffRole).where(StaffRole.role == Role.ADMIN).order_by(StaffRole.id).with_for_update()
    rows = s.scalars(admins.execution_options(populate_existing=True)).all()
    ids = {row.id for row in ending if row.role is Role.ADMIN and state(row) is not RoleState.OVER}
    others = [
        (row.from_on, row.to_on) for row in rows if row.id not in ids and state(row) is not RoleState.OVER
    ]
    for row in rows:
        first_lost = max(row.from_on, last_day + timedelta(days=1))
        if row.id in ids and days_not_covered((first_lost, row.to_on), others):
            raise Refused(
                "role.last_admin",
                N_("Min vei trenger alltid en administrator. Gi rollen til en annen først."),
            )


def _role(s: Session, public_id: str) -> tuple[StaffRole, Person]:
    found = s.execute(
        select(StaffRole, Person)
        .join(Person, Person.id == StaffRole.person_id)
        .where(StaffRole.public_id == public_id, Person.is_recipient.is_(False))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def _roles(s: Session, person: Person) -> Sequence[StaffRole]:
    return s.scalars(select(StaffRole).where(StaffRole.person_id == person.id).order_by(StaffRole.id)).all()
