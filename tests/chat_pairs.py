"""Many recipients, each with a veileder of her own, both signed in: for measuring the chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.chat.service import threads
from portal.clock import today_oslo
from portal.people.models import Helper, Office, Person, StaffRole
from portal.people.rules.words import Level, Purpose, Role
from portal.people.service import sessions


@dataclass(frozen=True)
class Pair:
    """A conversation, the login of each who reads it, and what the recipient's page says of whose it is."""

    conversation: str
    me: str
    recipient: str
    veileder: str


def add_pairs(s: Session, count: int) -> list[Pair]:
    """Add an office with so many pairs, each with a conversation in which nothing was written yet."""
    office = Office(name="Nav Måling", address="Storgata 1", phone="55 55 33 33")
    s.add(office)
    s.flush()
    since = today_oslo() - timedelta(days=30)
    return [_add_pair(s, number, office.id, since) for number in range(count)]


def _add_pair(s: Session, number: int, office_id: int, since: object) -> Pair:
    recipient = Person(
        number=50_000 + number, given_name="Anna", family_name=f"Berg {number}", is_recipient=True,
        office_id=office_id,
    )  # fmt: skip
    veileder = Person(
        username=f"maaling-{number}", given_name="Vera", family_name=f"Vik {number}", is_recipient=False
    )
    s.add_all([recipient, veileder])
    s.flush()
    s.add(StaffRole(person_id=veileder.id, role=Role.VEILEDER, office_id=office_id, from_on=since))
    s.add(Helper(recipient_id=recipient.id, staff_id=veileder.id, purpose=Purpose.PLAN, from_on=since))
    conversation = threads.ensure_conversation(s, recipient.id)
    logins = [sessions.start_session(s, person.id, Level.BANKID) for person in (recipient, veileder)]
    return Pair(conversation, recipient.public_id, *logins)
