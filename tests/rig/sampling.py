"""Somebody who reads the database all the time, to see that no reader ever sees what may not be seen."""

from __future__ import annotations

import threading
from contextlib import suppress

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from portal.chat.models import Conversation, Journal, ReadCursor
from portal.db import Database

_EVERY_SECONDS = 0.02


class Sampling:
    """Reads while the block runs. `gaps`: a change without the one before. `backwards`: a cursor."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.samples = 0
        self.gaps: list[str] = []
        self.backwards: list[str] = []
        self._cursors: dict[tuple[int, int], tuple[int, int]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read_on, name="sampling")

    def __enter__(self) -> Sampling:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _read_on(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            with suppress(DBAPIError):  # the database is away: then nobody reads
                self._read()

    def _read(self) -> None:
        with self.database.transaction(writes=False) as s:
            told = s.execute(
                select(Conversation.id, Conversation.head, func.count(Journal.rev), func.max(Journal.rev))
                .join(Journal, Journal.conversation_id == Conversation.id)
                .group_by(Conversation.id, Conversation.head)
            ).all()
            cursors = s.scalars(select(ReadCursor)).all()
        self.samples += 1
        self.gaps += [f"{row}" for row in told if not row[1] == row[2] == row[3]]
        heads = {row[0]: row[1] for row in told}
        for cursor in cursors:
            where, now = (
                (cursor.conversation_id, cursor.person_id),
                (cursor.read_seq, cursor.delivered_seq),
            )
            before = self._cursors.get(where, (0, 0))
            in_order = now[0] <= now[1] <= heads.get(where[0], 0)
            if now[0] < before[0] or now[1] < before[1] or not in_order:
                self.backwards.append(f"{where}: {before} and then {now}")
            self._cursors[where] = now
