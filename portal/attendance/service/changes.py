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
    is_registered: bool = False
    """Whether it is an event in the day's line and nothing else: a kept board finds that by itself."""


@dataclass(frozen=True)
class ManyChanged:
    """One press registered several people on a day at a centre; who works there is told of it once."""

    on: date
    centre_id: int


@dataclass(frozen=True)
class LettersShown:
    """Somebody waits with three letters at these centres, or waits no more. It says nothing about anybody."""

    centre_ids: frozenset[int]


@dataclass(frozen=True)
class Board:
    """A centre's board, by the name it has in addresses, and the ids of those who may see it."""

    centre_id: int
    centre: str
    staff_ids: tuple[int, ...]


def boards_that_hear(s: Session, changes: Collection[DayChanged]) -> list[tuple[Board, date]]:
    """Tell which boards hear of some changes now, of which day; each once. Three questions, however many.

    A protected person is on no board, so none hears of her (design 3.7).
    """
    people = recipients.cards_for(s, {change.recipient_id for change in changes})
    shown = [change for change in changes if not people[change.recipient_id].is_protected]
    days = {(centre_id, change.on) for change in shown for centre_id in change.centre_ids}
    boards = {board.centre_id: board for board in boards_at(s, {centre_id for centre_id, _on in days})}
    return [(boards[centre_id], on) for centre_id, on in sorted(days)]


def boards_at(s: Session, centre_ids: Collection[int]) -> list[Board]:
    """Tell who may see the boards of these centres now, by the same rules as for opening the page."""
    centres = places.centres_for(s, centre_ids)
    staff = places.staff_ids_at(s, centres)
    return [Board(one, centres[one].public_id, staff[one]) for one in sorted(centres)]
