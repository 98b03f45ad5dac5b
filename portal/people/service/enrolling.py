"""Adding a recipient to an office, with a short number and her first helper."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.clock import today_oslo
from portal.errors import N_, Refused
from portal.people.models import Person
from portal.people.rules.access import Viewer
from portal.people.rules.words import Change, Purpose
from portal.people.service import places
from portal.people.service.changes import RecipientAdded
from portal.people.service.help_given import Help, cover_days
from portal.people.service.person_changes import note
from portal.people.service.places import OfficeCard

_NUMBERS = (range(1_000, 10_000), range(10_000, 100_000), range(100_000, 1_000_000))
_TRIES = 20


@dataclass(frozen=True)
class NewRecipient:
    """Who she is and how she is reached, read and found right by the form."""

    office_public_id: str
    given_name: str
    family_name: str
    born_on: date
    language: str
    prefers: str
    needs_interpreter: bool
    has_phone: bool
    is_protected: bool


def own_offices(s: Session, viewer: Viewer) -> list[OfficeCard]:
    """Get the offices where the viewer is a veileder, by name."""
    return [office for office in places.list_offices(s) if office.id in viewer.team_ids]


def add_recipient(s: Session, viewer: Viewer, new: NewRecipient) -> str:
    """Add a recipient to one of the viewer's offices; give back her public id.

    She gets a free short number, and whoever adds her makes the plan with her from today.
    Raises: Refused `enrolling.office` for an office where the viewer is not a veileder.
    """
    office = next((one for one in own_offices(s, viewer) if one.public_id == new.office_public_id), None)
    if office is None:
        raise Refused("enrolling.office", N_("Velg kontoret ditt."), field="office")
    person = _add_with_number(s, office.id, new)
    cover_days(s, viewer, [Help(person.id, viewer.person_id, Purpose.PLAN, False, today_oslo(), None)])
    if new.is_protected:
        note(s, viewer, person.id, Change.PROTECTED)
    publish(s, RecipientAdded(person.id))
    return person.public_id


def _add_with_number(s: Session, office_id: int, new: NewRecipient) -> Person:
    """Two colleagues who add somebody at the same moment may draw the same number: then draw again."""
    for tried in range(_TRIES):
        person = Person(
            number=_free_number(s),
            given_name=new.given_name,
            family_name=new.family_name,
            born_on=new.born_on,
            office_id=office_id,
            is_recipient=True,
            language=new.language,
            prefers=new.prefers,
            needs_interpreter=new.needs_interpreter,
            has_phone=new.has_phone,
            is_protected=new.is_protected,
        )
        try:
            with s.begin_nested():
                s.add(person)
                s.flush()  # the database says whether the number is still free
            return person
        except IntegrityError:
            if tried == _TRIES - 1:
                raise
    raise AssertionError("the last try either gave a person or raised")


def _free_number(s: Session) -> int:
    """Draw a number that nobody has; drawn, so that it does not tell how many came before."""
    for numbers in _NUMBERS:
        for _ in range(_TRIES):
            drawn = secrets.choice(numbers)
            if s.scalar(select(Person.id).where(Person.number == drawn)) is None:
                return drawn
    raise RuntimeError("every short number is taken")
