"""What an open board has not got yet. Personal pages are not compressed, so only changed rows are sent."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING

from flask import request

from portal.attendance.service.board import Board, BoardRow, board_for
from portal.attendance.service.kept_boards import kept_of
from portal.clock import today_oslo
from portal.people.rules.access import Viewer
from portal.web.page import READS, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_MOST_KEPT = 128
_MOST_ROWS_KEPT = 100_000
_states: OrderedDict[str, dict[str, str]] = OrderedDict()
"""The newest versions of boards that this process has shown: of each row its state, and nothing of its words.

Only ever a saving: a board of a version that is not here any more gets every row.
"""
_held = Lock()


def remember(now: Board) -> None:
    """Note what whoever is shown this version has got."""
    states = {row.public_id: row.state for row in now.rows}
    with _held:
        _states[now.version] = states
        _states.move_to_end(now.version)
        rows = sum(len(states) for states in _states.values())
        while len(_states) > _MOST_KEPT or (rows > _MOST_ROWS_KEPT and len(_states) > 1):
            rows -= len(_states.popitem(last=False)[1])


def changed_since(version: str, rows: Sequence[BoardRow]) -> list[BoardRow]:
    """The rows that are not what they were in a version; all of them when it is not known here."""
    with _held:
        before = _states.get(version, {})
    return [row for row in rows if before.get(row.public_id) != row.state]


def board_now(
    s: Session, viewer: Viewer, centre: str, on: date | None = None, *, anew: bool = False
) -> Board:
    """Show a board, with what was registered since it was kept. anew: everybody is looked up, for its page.

    What a press is answered is not kept: its own event is not committed yet. Where other processes serve too,
    what changes there is not heard here, so nothing is kept at all. Raises: NotFound as `board_for`.
    """
    portal = this_portal()
    if portal.settings.redis_url is not None:
        return board_for(s, viewer, centre, on=on)
    kept = kept_of(portal.database)
    look = kept.begin(centre, on or today_oslo())
    board = board_for(s, viewer, centre, on=on, before=None if anew else look.before)
    if request.method in READS:
        kept.keep(look, board)
    return board
