"""Telling how far somebody has come in a conversation: stored on her device, shown on her screen."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.models import Conversation, ReadCursor
from portal.chat.rules import cursors
from portal.chat.rules.cursors import Cursor
from portal.chat.service.reading import newest_seq
from portal.chat.service.threads import require_thread


@dataclass(frozen=True)
class CursorMoved:
    """Somebody has come further in a conversation."""

    conversation_id: int


def mark(s: Session, person_id: int, public_id: str, *, read_seq: int = 0, delivered_seq: int = 0) -> Cursor:
    """Remember that messages up to `delivered_seq` are on her device and up to `read_seq` on her screen.

    Only ever forwards, however old a report is. Answers nothing: a clock that runs keeps running (design 7).

    Raises: NotFound when the conversation is not hers to read.
    """
    thread = require_thread(s, person_id, public_id)
    # One report at a time in a conversation, or two first reports at once would make two rows.
    s.execute(select(Conversation.id).where(Conversation.id == thread.id).with_for_update())
    row = s.get(ReadCursor, (thread.id, person_id))
    before = Cursor(row.read_seq, row.delivered_seq) if row else Cursor()
    after = cursors.moved(
        before, read_seq=read_seq, delivered_seq=delivered_seq, newest_seq=newest_seq(s, thread.id)
    )
    if after == before:
        return before
    if row is None:
        row = ReadCursor(conversation_id=thread.id, person_id=person_id)
        s.add(row)
    row.read_seq, row.delivered_seq = after.read_seq, after.delivered_seq
    publish(s, CursorMoved(thread.id))
    return after
