"""Whom those who work at a centre may find there by name or by the code on her phone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from portal.errors import N_, NotFound, Refused
from portal.people.models import CentreOffice, Helper, Person
from portal.people.rules.access import Viewer
from portal.people.rules.helping import LEAST_LETTERS, fold, name_has
from portal.people.rules.words import Opened, Purpose
from portal.people.service import places, recipients
from portal.people.service.access_log import look
from portal.people.service.helps_now import helps_now
from portal.people.service.places import CentreCard

MOST_HITS = 20


@dataclass(frozen=True)
class Named:
    """Somebody who was found: her name as on the board, and her veileder's to tell namesakes apart."""

    id: int
    public_id: str
    name: str
    veileder: str | None


def require_own_centre(s: Session, viewer: Viewer, public_id: str) -> CentreCard:
    """Get a centre where the viewer works. Raises: NotFound, alike for another one and for none."""
    centre = places.find_centre(s, public_id)
    if centre is None or centre.id not in viewer.centre_ids:
        raise NotFound
    return centre


def search_served(s: Session, centre: CentreCard, typed: str) -> list[Named]:
    """Find whom a centre serves by parts of the name, or who has a helper there; by name, a few at most.

    A protected person answers exactly like an unknown name. Raises: Refused `search.too_short`.
    """
    words = fold(typed).split()
    if len("".join(words)) < LEAST_LETTERS:
        raise Refused("search.too_short", N_("Skriv minst to bokstaver av navnet."), field="name")
    look(s, Opened.SEARCH)
    rows = s.execute(_served(s, centre)).all()
    named = sorted((fold(f"{row.given_name} {row.family_name}"), row.id) for row in rows)
    return cards_of(s, [one for name, one in named if name_has(name, words)][:MOST_HITS])


def cards_of(s: Session, ids: list[int]) -> list[Named]:
    """Give the names of these people in the same order; whoever has a protected address is left out."""
    cards = recipients.cards_for(s, ids)
    helpers = recipients.list_helpers_of(s, ids) if ids else {}
    shown = [cards[one] for one in ids if one in cards and not cards[one].is_protected]
    return [
        Named(card.id, card.public_id, card.short_name, recipients.makes_the_plan(helpers[card.id]))
        for card in shown
    ]


def served_public_ids(s: Session, centre: CentreCard) -> dict[str, int]:
    """Tell whom a centre serves, or who has a helper there: public id and id, nobody protected."""
    return {row.public_id: row.id for row in s.execute(_served(s, centre))}


def require_served(s: Session, centre: CentreCard, person_public_id: str) -> int:
    """Make sure that a centre serves somebody; give back her id.

    Raises: NotFound, alike for a protected person, one of another centre and nobody at all.
    """
    row = s.execute(_served(s, centre).where(Person.public_id == person_public_id)).one_or_none()
    if row is None:
        raise NotFound
    return int(row.id)


def _served(s: Session, centre: CentreCard) -> Select[int, str, str, str]:
    offices = select(CentreOffice.office_id).where(CentreOffice.centre_id == centre.id)
    helped_here = select(Helper.recipient_id).where(
        Helper.staff_id.in_(places.centre_staff_ids(s, centre.id)),
        Helper.purpose == Purpose.CENTRE,
        helps_now(),
    )
    return select(Person.id, Person.public_id, Person.given_name, Person.family_name).where(
        Person.is_recipient,
        Person.is_protected.is_(False),
        or_(Person.office_id.in_(offices), Person.id.in_(helped_here)),
    )
