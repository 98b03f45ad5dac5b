"""The person card («Om personen»): how she is reached, who helps her, and what was changed about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.errors import N_, Conflict
from portal.people.models import Person
from portal.people.rules.access import Viewer
from portal.people.service import helping, pauses, person_changes, protection, recipients
from portal.people.service.helping import Colleague, HelpLine
from portal.people.service.person_changes import ChangeLine
from portal.people.service.protection import Digital
from portal.people.service.recipients import PersonCard


@dataclass(frozen=True)
class Reach:
    """How a recipient is reached: what one of her helpers may change."""

    language: str
    prefers: str
    needs_interpreter: bool
    wants_paper: bool
    has_phone: bool
    is_paused: bool

    @property
    def version(self) -> str:
        """A mark of these very values: a form that carries another was drawn from something older."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class CardPage:
    """Everything on the card. `digital` is None for somebody who is not protected."""

    person: PersonCard
    reach: Reach
    helpers: list[HelpLine]
    colleagues: list[Colleague]
    digital: Digital | None
    changes: list[ChangeLine]


def card_page(s: Session, viewer: Viewer, public_id: str) -> CardPage:
    """Show one of her helpers a recipient's card.

    Raises: NotFound for anybody whom the viewer does not help today.
    """
    person = recipients.require_recipient(s, viewer, public_id)
    return CardPage(
        person=person,
        reach=reach_of(person),
        helpers=helping.list_help(s, person.id),
        colleagues=helping.list_colleagues(s, person.office_id),
        digital=protection.digital_state(s, viewer, person) if person.is_protected else None,
        changes=person_changes.list_changes(s, person.id),
    )


def reach_of(person: PersonCard | Person) -> Reach:
    """Tell how a recipient is reached now."""
    return Reach(**{field: getattr(person, field) for field in Reach.__dataclass_fields__})


def change_reach(s: Session, viewer: Viewer, public_id: str, new: Reach, *, drawn_from: str) -> None:
    """Change how a recipient is reached. `drawn_from` is the version that the form was drawn from.

    The values must be among those offered; the form sees to it.
    Raises: NotFound for anybody whom the viewer does not help today; Conflict `card.changed_meanwhile` when a
    colleague has changed it since, so that nobody's change is lost unseen.
    """
    card = recipients.require_recipient(s, viewer, public_id)
    recipients.hold(s, [card.id])
    person = s.get_one(Person, card.id)
    before = reach_of(person)
    if new == before:
        return
    if before.version != drawn_from:
        raise Conflict("card.changed_meanwhile", N_("Noen andre endret dette mens du skrev."))
    for field in Reach.__dataclass_fields__:
        setattr(person, field, getattr(new, field))
    if new.is_paused != before.is_paused:
        (pauses.begin if new.is_paused else pauses.end)(s, person.id, by_id=viewer.person_id)
        protection.tell_where_shown(s, person)
