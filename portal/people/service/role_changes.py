"""What was done to somebody's roles and sign-in: by whom, and when. For other admins to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.clock import now_utc, to_oslo
from portal.people.models import ActivationCode, Centre, Office, Person, RoleChange, StaffRole
from portal.people.rules.access import Viewer
from portal.people.rules.words import Role, RoleAct


@dataclass(frozen=True)
class RoleChangeLine:
    """One thing that was done. `by` is empty for a command on the server, `role` is None for a one-time code.

    `last_on` is the last day that was said, if any.
    """

    at: datetime
    act: RoleAct
    by: str
    role: Role | None = None
    place: str = ""
    last_on: date | None = None

    @property
    def on(self) -> date:
        """The day it was done, Oslo."""
        return to_oslo(self.at).date()


def note(s: Session, by: Viewer | None, role_id: int, act: RoleAct, last_on: date | None = None) -> None:
    """Write down what has just been done to a role; `by` is None for a command on the server."""
    by_id = by.person_id if by else None
    s.add(RoleChange(role_id=role_id, by_id=by_id, at=now_utc(), act=act, last_on=last_on))


def list_role_changes(s: Session, public_id: str) -> list[RoleChangeLine]:
    """Tell who did what to somebody's roles and gave her one-time codes, newest first."""
    her, by = aliased(Person), aliased(Person)
    roles = s.execute(
        select(RoleChange, StaffRole.role, by, Office.name, Centre.name)
        .join(StaffRole, StaffRole.id == RoleChange.role_id)
        .join(her, her.id == StaffRole.person_id)
        .outerjoin(by, by.id == RoleChange.by_id)
        .outerjoin(Office, Office.id == StaffRole.office_id)
        .outerjoin(Centre, Centre.id == StaffRole.centre_id)
        .where(her.public_id == public_id)
        .order_by(RoleChange.id.desc())
    ).all()
    codes = s.execute(
        select(ActivationCode.made_at, by)
        .join(her, her.id == ActivationCode.person_id)
        .outerjoin(by, by.id == ActivationCode.made_by_id)
        .where(her.public_id == public_id)
        .order_by(ActivationCode.id.desc())
    ).all()
    lines = [
        RoleChangeLine(row.at, row.act, _name(who), role, office or centre or "", row.last_on)
        for row, role, who, office, centre in roles
    ]
    lines += [RoleChangeLine(at, RoleAct.CODE, _name(who)) for at, who in codes]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _name(person: Person | None) -> str:
    return f"{person.given_name} {person.family_name}" if person else ""
