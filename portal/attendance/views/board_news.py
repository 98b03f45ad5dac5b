"""What an open board has not got yet. Personal pages are not compressed, so only changed rows are sent."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from portal.attendance.service.board import Board, BoardRow

_MOST_KEPT = 128
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
        if len(_states) > _MOST_KEPT:
            _states.popitem(last=False)


def changed_since(version: str, rows: Sequence[BoardRow]) -> list[BoardRow]:
    """The rows that are not what they were in a version; all of them when it is not known here."""
    with _held:
        before = _states.get(version, {})
    return [row for row in rows if before.get(row.public_id) != row.state]
