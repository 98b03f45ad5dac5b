"""How far everybody has come in a conversation, topic by topic: stored on a device, shown on a screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.models import Message, ReadCursor
from portal.chat.rules import cursors
from portal.chat.rules.cursors import Cursor, Marks
from portal.chat.rules.topics import Topic
from portal.chat.service.sending import hold
from portal.chat.service.threads import Thread, require_thread
from portal.clock import now_utc
from portal.db import ask


@dataclass(frozen=True)
class CursorMoved:
    """Somebody has come further in a conversation."""

    conversation_id: int


def mark(s: Session, person_id: int, public_id: str, *, read_seq: int = 0, delivered_seq: int = 0) -> Cursor:
    """Remember that messages up to `delivered_seq` are on her device and up to `read_seq` on her screen.

    Both are turns (models.Message), and count for the topics that she reads. Only ever forwards, however old
    a report is. Answers nothing: a clock that runs keeps running (design 7).

    Raises: NotFound when the conversation is not hers to read.
    """
    thread = require_thread(s, person_id, public_id)
    # One report at a time in a conversation, or two first reports at once would make two rows.
    hold(s, thread)
    newest = newest_turn(s, thread)
    own = (ReadCursor.conversation_id == thread.id, ReadCursor.person_id == person_id)
    rows = {row.topic: row for row in s.scalars(select(ReadCursor).where(*own))}
    has_moved = False
    for topic in sorted(thread.topics):
        row = rows.get(topic)
        before = Cursor(row.read_seq, row.delivered_seq) if row else Cursor()
        after = cursors.moved(before, read_seq=read_seq, delivered_seq=delivered_seq, newest_turn=newest)
        if after == before:
            continue
        if row is None:
            row = rows[topic] = ReadCursor(conversation_id=thread.id, person_id=person_id, topic=topic)
            s.add(row)
        if after.read_seq > before.read_seq:
            row.read_at = now_utc()
            row.first_read_at = _first_read_at(s, row, thread, before.read_seq, after.read_seq)
        row.read_seq, row.delivered_seq = after.read_seq, after.delivered_seq
        has_moved = True
    if has_moved:
        publish(s, CursorMoved(thread.id))
    return cursors.furthest(Cursor(row.read_seq, row.delivered_seq) for row in rows.values())


def _first_read_at(s: Session, row: ReadCursor, thread: Thread, before: int, after: int) -> datetime | None:
    """Tell when her side first read the newest by the other side; what her own side wrote changes nothing."""
    is_recipient = row.person_id == thread.recipient_id
    by_recipient = Message.author_id == thread.recipient_id
    newest = s.scalar(
        select(func.max(Message.turn)).where(
            Message.conversation_id == thread.id,
            Message.topic == row.topic,
            Message.turn > before,
            Message.turn <= after,
            ~by_recipient if is_recipient else by_recipient,
        )
    )
    if newest is None:
        return row.first_read_at
    first = select(func.min(ReadCursor.first_read_at)).where(
        ReadCursor.conversation_id == thread.id,
        ReadCursor.topic == row.topic,
        ReadCursor.person_id != thread.recipient_id,
        ReadCursor.read_seq >= newest,
    )
    return (None if is_recipient else s.scalar(first)) or now_utc()


def newest_turn(s: Session, thread: Thread) -> int:
    """Tell up to where one has come who has read everything that the reader of this thread may see."""
    newest = select(func.max(Message.turn)).where(
        Message.conversation_id == thread.id, Message.topic.in_(thread.topics)
    )
    return s.scalar(newest) or 0


_CURSORS = select(
    ReadCursor.person_id,
    ReadCursor.topic,
    ReadCursor.read_seq,
    ReadCursor.delivered_seq,
    ReadCursor.first_read_at,
).where(ReadCursor.conversation_id == bindparam("conversation_id"))
"""Every look at what is new asks it (decision 42)."""


def cursors_of(s: Session, thread: Thread, person_id: int) -> tuple[dict[Topic, Cursor], Marks]:
    """Tell how far somebody has come in each topic that she reads, and how far both sides have.

    Whoever takes over begins where her colleagues are: what they have read is not new to Nav.
    """
    own: dict[Topic, Cursor] = {}
    hers: dict[Topic, Cursor] = {}
    staff: dict[Topic, list[Cursor]] = {topic: [] for topic in Topic}
    for row in ask(s, _CURSORS, {"conversation_id": thread.id}):
        cursor = Cursor(row.read_seq, row.delivered_seq, row.first_read_at)
        if row.person_id == thread.recipient_id:
            hers[row.topic] = cursor
        else:
            staff[row.topic].append(cursor)
        if row.person_id == person_id:
            own[row.topic] = cursor
    marks = Marks(
        {topic: hers.get(topic, Cursor()) for topic in thread.topics},
        {topic: cursors.furthest(staff[topic]) for topic in thread.topics},
    )
    begins = {} if person_id == thread.recipient_id else marks.staff
    return {topic: own.get(topic) or begins.get(topic, Cursor()) for topic in thread.topics}, marks


def marks_of(s: Session, thread: Thread) -> Marks:
    """Tell how far both sides have come, in the topics that the reader of this thread may see."""
    return cursors_of(s, thread, thread.recipient_id)[1]
