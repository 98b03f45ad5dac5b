"""Who is told at once that a day has changed. Pages then ask for what is new; the database is the truth."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from portal.attendance.service import keys
from portal.attendance.service.changes import (
    Board,
    DayChanged,
    LettersShown,
    ManyChanged,
    boards_at,
    boards_that_hear,
)
from portal.attendance.service.kept_boards import kept_of
from portal.clock import today_oslo
from portal.people.service.changes import CentreDayChanged, RecipientProtected, ShownElsewhere
from portal.people.service.running_places import CentreSaved
from portal.realtime.live import Event, Live

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

EVENTS: tuple[Event, ...] = ()
"""Nothing is asked through the socket: the board fetches its changes as a page would."""


def tell_of_day(live: Live, fact: DayChanged) -> None:
    """Let the boards of the centres know that something has changed: fifty arrivals at once are told once."""
    if not fact.is_registered:
        kept_of(live.database).forget(fact.centre_ids)
    if fact.centre_ids and live.is_heard:
        live.gathering.add("board:changed", fact, partial(_tell_together, live))


def _tell_together(live: Live, facts: Sequence[DayChanged]) -> int:
    with live.database.transaction(writes=False) as s:
        boards = boards_that_hear(s, facts)
    for board, on in boards:
        _push(live, board, on)
    return len(boards)


def tell_of_many(live: Live, fact: ManyChanged) -> None:
    """Let a centre's board know once of a press for many."""
    _tell_boards(live, [fact.centre_id], fact.on)


def tell_of_who_is_shown(live: Live, fact: ShownElsewhere | LettersShown) -> None:
    """Let the boards of some centres look anew at whom they show today; nothing is said about anybody."""
    if isinstance(fact, ShownElsewhere):
        kept_of(live.database).forget()
    _tell_boards(live, fact.centre_ids, today_oslo())


def tell_of_centre_day(live: Live, fact: CentreDayChanged) -> None:
    """Let the boards of a centre look anew at a day on which it is closed now, or open after all."""
    kept_of(live.database).forget([fact.centre_id])
    _tell_boards(live, [fact.centre_id], fact.day)


def _tell_boards(live: Live, centre_ids: Collection[int], on: date) -> None:
    with live.database.transaction(writes=False) as s:
        boards = boards_at(s, centre_ids)
    for board in boards:
        _push(live, board, on)


def _push(live: Live, board: Board, on: date) -> None:
    live.push(board.staff_ids, "board:changed", {"centre": board.centre, "on": on.isoformat()}, level="staff")


def forget_whom_boards_showed(live: Live, _fact: RecipientProtected) -> None:
    """Look everybody up anew on every board: whoever is protected now stands on none (design 3.7)."""
    kept_of(live.database).forget()


def give_a_key(s: Session, fact: CentreSaved) -> None:
    """See that a centre has a key when it is set up or changed, so that its code screen works at once."""
    keys.ensure_centre_key(s, fact.centre_id)


TELLS = (
    (DayChanged, tell_of_day),
    (ManyChanged, tell_of_many),
    (ShownElsewhere, tell_of_who_is_shown),
    (LettersShown, tell_of_who_is_shown),
    (CentreDayChanged, tell_of_centre_day),
    (RecipientProtected, forget_whom_boards_showed),
)
"""Which fact is told, and how."""
WITHIN = ((CentreSaved, give_a_key),)
"""What is written in the fact's own transaction; app.py subscribes both."""
