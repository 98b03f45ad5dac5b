"""Somebody who administers, made by a command on the server: the first one has nobody to ask."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import today_oslo
from portal.errors import N_, Refused
from portal.people.models import Person, StaffRole
from portal.people.rules.keys import clean_username
from portal.people.rules.words import Role
from portal.people.service.activation import CodeMade, new_code_for

_LONGEST = 80


def add_admin(s: Session, *, username: str, given_name: str, family_name: str, hours: int) -> CodeMade:
    """Add somebody who administers from today on, and give her one-time code.

    Raises: Refused `staff.name_needed` or `staff.username_taken`.
    """
    name, given, family = clean_username(username), given_name.strip(), family_name.strip()
    if not all(part and part.isprintable() and len(part) <= _LONGEST for part in (name, given, family)):
        raise Refused("staff.name_needed", N_("Skriv brukernavn, fornavn og etternavn."))
    if s.scalar(select(Person.id).where(Person.username == name)) is not None:
        raise Refused("staff.username_taken", N_("Brukernavnet er tatt. Velg et annet."), field="username")
    person = Person(username=name, given_name=given, family_name=family)
    s.add(person)
    s.flush()
    s.add(StaffRole(person_id=person.id, role=Role.ADMIN, from_on=today_oslo(), to_on=None))
    return new_code_for(s, person.id, hours=hours, made_by_id=None, check=None)
