"""The fact that a day has changed, and whom it concerns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.people.service import places, recipients


@dataclass(frozen=True)
class DayChanged:
    """Somebody came, was corrected, or told us something about a day at these centres."""

    recipient_id: int
    on: date
    centre_ids: tuple[int, ...]


@dataclass(frozen=True)
class ManyChanged:
    """One press changed a day at a centre for several people; who works there is told of it once."""

    recipient_ids: frozenset[int]
    on: date
    centre_id: int


@dataclass(frozen=True)
class LettersShown:
    """Somebody waits with three letters at these centres, or waits no more. It says nothing about anybody."""

    centre_ids: frozenset[int]


@dataclass(frozen=True)
class Audience:
    """Who hears of a change: at each centre's board, and among those who help the person."""

    recipient_public_id: str
    boards: dict[str, tuple[int, ...]]
    """Public id of the centre → ids of those who may see its board."""
    helper_ids: tuple[int, ...]


def audience_of(s: Session, change: DayChanged) -> Audience:
    """Tell who may hear of a change now, by the same rules as for opening the page.

    A protected person is on no board, so no board hears of her (design 3.7).
    """
    person = recipients.get_person(s, change.recipient_id)
    boards = {} if person.is_protected else boards_at(s, change.centre_ids)
    helpers = {helper.staff_id for helper in recipients.helpers_of(s, person.id)}
    return Audience(person.public_id, boards, tuple(sorted(helpers)))


def helpers_who_hear(s: Session, change: ManyChanged) -> dict[str, tuple[int, ...]]:
    """Tell who helps each of these people, by the person's public id. Two questions, however many."""
    people = recipients.cards_for(s, change.recipient_ids)
    helpers = recipients.list_helpers_of(s, change.recipient_ids)
    return {
        card.public_id: tuple(sorted({one.staff_id for one in helpers[who]})) for who, card in people.items()
    }


def boards_at(s: Session, centre_ids: Collection[int]) -> dict[str, tuple[int, ...]]:
    """Tell who may see the boards of these centres now, by the centre's public id."""
    centres = places.centres_for(s, centre_ids)
    return {
        centre.public_id: tuple(places.centre_staff_ids(s, centre.id))
        for centre in sorted(centres.values(), key=lambda centre: centre.id)
    }
