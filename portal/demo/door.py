"""Who can be chosen on the demo page, and signing in as one of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.demo.cast import RECIPIENTS, STAFF, Part, StaffPart
from portal.errors import NotFound
from portal.i18n import gettext
from portal.people.rules.words import Level
from portal.people.service import recipients, sessions


@dataclass(frozen=True)
class Choice:
    """One made-up person as the demo page shows her."""

    key: str
    name: str
    line: str


def choices(parts: tuple[Part, ...] | tuple[StaffPart, ...]) -> list[Choice]:
    """List people with their line in the language in force."""
    return [Choice(part.key, part.name, gettext(part.line)) for part in parts]


def is_staff(key: str) -> bool:
    """Whether a key is that of somebody who works there."""
    return any(part.key == key for part in STAFF)


def start_session(s: Session, key: str) -> str:
    """Sign in as a made-up person.

    Give back the session's token. Raises: NotFound for a name not in the cast.
    """
    if not is_staff(key) and all(part.key != key for part in RECIPIENTS):
        raise NotFound
    person = recipients.find_by_public_id(s, f"demo-{key}")
    if person is None:
        raise NotFound
    return sessions.start_session(s, person.id, Level.BANKID if is_staff(key) else Level.CODE_AND_PIN)
