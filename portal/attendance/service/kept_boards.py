"""Boards as they were a moment ago: an open one is told who came without everybody being looked up anew.

In the rush each open board asks several times a second, and looking everybody up cost more than all the
check-ins (measured). What is registered is found by its number in the day's line. All else that changes a
board is a fact on the bus, and makes it forgotten here; what no fact tells of (a name, a new helper) is seen
within half a minute, as on any open board (design 7).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from weakref import WeakKeyDictionary

from portal.attendance.service.board import Board
from portal.clock import now_utc
from portal.db import Database

_FOR_AT_MOST = timedelta(seconds=30)
_MOST_KEPT = 128


@dataclass(frozen=True)
class Look:
    """A look at a board that has begun. before: the board as it was kept then, if it was."""

    number: int
    before: Board | None


class KeptBoards:
    """The newest board of each centre's day that this process has shown. Only what is committed is in it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, date], Board] = OrderedDict()
        self._times_forgotten = 0
        self._held = Lock()

    def begin(self, centre_public_id: str, on: date) -> Look:
        """Begin to look at a board, before anything is read."""
        with self._held:
            kept = self._kept.get((centre_public_id, on))
            is_too_old = kept is None or now_utc() - kept.found.looked_up_at > _FOR_AT_MOST
            return Look(self._times_forgotten, None if is_too_old else kept)

    def keep(self, look: Look, board: Board) -> None:
        """Keep what was seen, unless anything was forgotten meanwhile: it may have been read before that."""
        key = board.centre.public_id, board.on
        with self._held:
            if look.number != self._times_forgotten:
                return
            self._kept[key] = board
            self._kept.move_to_end(key)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)

    def forget(self, centre_ids: Collection[int] | None = None) -> None:
        """Forget the boards of these centres, or all of them: something else than an arrival changed them."""
        with self._held:
            self._times_forgotten += 1
            for key, board in list(self._kept.items()):
                if centre_ids is None or board.centre.id in centre_ids:
                    del self._kept[key]


_of: WeakKeyDictionary[Database, KeptBoards] = WeakKeyDictionary()
_making = Lock()


def kept_of(database: Database) -> KeptBoards:
    """Get what is kept of the boards of a database."""
    with _making:
        return _of.setdefault(database, KeptBoards())
