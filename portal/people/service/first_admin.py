"""Somebody who administers, made by a command on the server: the first one has nobody to ask."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal import i18n
from portal.clock import today_oslo
from portal.errors import N_, Refused
from portal.people.rules.words import Role
from portal.people.service.activation import CodeMade, new_code_for
from portal.people.service.running_roles import NewRole, add_staff_with_role
from portal.people.service.running_staff import NewStaff, require_staff

_LONGEST = 80


def add_admin(s: Session, *, username: str, given_name: str, family_name: str, hours: int) -> CodeMade:
    """Add somebody who administers from today on, and give her one-time code.

    The same rules hold as when an admin adds somebody; the names are looked at here, since no form has.
    Raises: Refused `staff.name_needed`, `staff.username_shape` or `staff.username_taken`.
    """
    given, family = given_name.strip(), family_name.strip()
    if not all(part and part.isprintable() and len(part) <= _LONGEST for part in (username, given, family)):
        raise Refused("staff.name_needed", N_("Skriv brukernavn, fornavn og etternavn."))
    told = NewStaff(given, family, username, i18n.SOURCE)
    public_id = add_staff_with_role(s, None, told, NewRole(Role.ADMIN, "", today_oslo(), None))
    person = require_staff(s, public_id, to_change=True)
    return new_code_for(s, person.id, hours=hours, made_by_id=None, check=None)
