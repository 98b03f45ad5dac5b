"""Everybody's conversations at a glance: what is unread, and who has waited longest for an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from sqlalchemy import Row, and_, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from portal.chat.models import Attachment, Conversation, Message, ReadCursor
from portal.chat.rules.files import FileKind
from portal.chat.rules.topics import Side
from portal.chat.rules.waits import Clocks
from portal.chat.service.attached import FILE_WORDS
from portal.chat.service.messages import binding
from portal.chat.service.phrasing import said
from portal.chat.service.threads import Thread, list_own_threads, list_threads
from portal.chat.service.waiting import clocks_for, side_of
from portal.db import unseal
from portal.i18n import gettext as _

_Last: TypeAlias = Row[int, int, str, str | None, bytes, datetime, datetime | None, FileKind | None]

PREVIEW_CHARACTERS = 120
_LAST_OF_ALL = datetime.max.replace(tzinfo=UTC)

_READ_AT_NAV = (
    select(func.max(ReadCursor.read_seq))
    .join(Conversation, Conversation.id == ReadCursor.conversation_id)
    .where(
        ReadCursor.conversation_id == Message.conversation_id,
        ReadCursor.topic == Message.topic,
        ReadCursor.person_id != Conversation.recipient_id,
        Conversation.recipient_id != bindparam("person_id"),
    )
    .correlate(Message)
    .scalar_subquery()
)
"""Where whoever takes over begins: what a colleague has read is not new to Nav."""

_FIRST_FILE = (
    select(Attachment.kind)
    .where(Attachment.conversation_id == Message.conversation_id, Attachment.seq == Message.seq)
    .order_by(Attachment.id)
    .limit(1)
    .correlate(Message)
    .scalar_subquery()
)

_UNREAD = (
    select(Message.conversation_id, Message.topic, func.count())
    .outerjoin(
        ReadCursor,
        and_(
            ReadCursor.conversation_id == Message.conversation_id,
            ReadCursor.topic == Message.topic,
            ReadCursor.person_id == bindparam("person_id"),
        ),
    )
    .where(
        Message.conversation_id.in_(bindparam("conversation_ids", expanding=True)),
        Message.author_id != bindparam("person_id"),
        Message.withdrawn_at.is_(None),
        Message.turn > func.coalesce(ReadCursor.read_seq, _READ_AT_NAV, 0),
    )
    .group_by(Message.conversation_id, Message.topic)
)


@dataclass(frozen=True)
class Head:
    """How far a conversation has come, and how much of it one person has not been shown."""

    conversation: str
    head: int
    unread: int


@dataclass(frozen=True)
class InboxRow:
    """One conversation in a helper's inbox. `waiting_since_utc`: since when the person waits for Nav."""

    recipient_id: int
    conversation: str
    waiting_since_utc: datetime | None
    waiting_recipient_since_utc: datetime | None
    unread: int
    last_text: str | None
    """The newest message, one line, at most 120 characters; None when there is none or it was withdrawn."""
    last_at_utc: datetime | None
    last_side: Side | None
    last_is_own: bool


def list_heads(s: Session, person_id: int) -> list[Head]:
    """Tell for each of a person's conversations how far it has come and how much is unread; by id.

    Cheap on purpose: every open page asks twice a minute, so that nothing is stale when live push is dead.
    """
    return _heads(s, person_id, list_threads(s, person_id))


def list_own_heads(s: Session, recipient_id: int) -> list[Head]:
    """Like `list_heads`, of a recipient's own conversations."""
    return _heads(s, recipient_id, list_own_threads(s, recipient_id))


def _heads(s: Session, person_id: int, threads: Collection[Thread]) -> list[Head]:
    unread = _unread(s, person_id, threads)
    return [Head(thread.public_id, thread.head, unread.get(thread.id, 0)) for thread in threads]


def conversations_waiting(s: Session, staff_id: int) -> list[InboxRow]:
    """List a helper's conversations: who waits for an answer, longest first; then the others, newest first.

    The number of queries does not depend on the number of rows.
    """
    threads = {thread.id: thread for thread in list_threads(s, staff_id)}
    unread = _unread(s, staff_id, threads.values())
    last = _last_messages(s, threads.values())
    clocks = clocks_for(s, threads)
    rows = [
        _row(
            s,
            staff_id,
            thread,
            last=last.get(thread.id),
            unread=unread.get(thread.id, 0),
            clocks=[clock for topic, clock in clocks[thread.id].items() if topic in thread.topics],
        )
        for thread in threads.values()
    ]
    return sorted(rows, key=_order)


def _order(row: InboxRow) -> tuple[datetime, float, str]:
    newest_first = -row.last_at_utc.timestamp() if row.last_at_utc else 0.0
    return (row.waiting_since_utc or _LAST_OF_ALL, newest_first, row.conversation)


def _unread(s: Session, person_id: int, threads: Collection[Thread]) -> dict[int, int]:
    rows = s.execute(_UNREAD, {"person_id": person_id, "conversation_ids": [one.id for one in threads]})
    topics = {thread.id: thread.topics for thread in threads}
    unread: dict[int, int] = defaultdict(int)
    for conversation_id, topic, count in rows:
        unread[conversation_id] += count if topic in topics[conversation_id] else 0
    return unread


def _last_messages(s: Session, threads: Collection[Thread]) -> dict[int, _Last]:
    """The newest message of each conversation that its reader may see."""
    newest: dict[int, int] = {}
    topics = {thread.id: thread.topics for thread in threads}
    rows = s.execute(
        select(Message.conversation_id, Message.topic, func.max(Message.seq))
        .where(Message.conversation_id.in_(topics))
        .group_by(Message.conversation_id, Message.topic)
    )
    for conversation_id, topic, seq in rows:
        if topic in topics[conversation_id]:
            newest[conversation_id] = max(seq, newest.get(conversation_id, 0))
    found = s.execute(
        select(
            Message.conversation_id,
            Message.author_id,
            Message.client_id,
            Message.phrase,
            Message.body,
            Message.created_at,
            Message.withdrawn_at,
            _FIRST_FILE.label("file"),
        ).where(tuple_(Message.conversation_id, Message.seq).in_(newest.items()))
    )
    return {row.conversation_id: row for row in found}


def _row(
    s: Session,
    staff_id: int,
    thread: Thread,
    *,
    last: _Last | None,
    unread: int,
    clocks: Collection[Clocks],
) -> InboxRow:
    text = None
    if last and not last.withdrawn_at:
        bound_to = binding(thread.public_id, last.author_id, last.client_id)
        text = said(last.phrase, unseal(s, last.body, bound_to=bound_to))[0]
        text = text or _(FILE_WORDS[last.file or FileKind.PDF])
    return InboxRow(
        recipient_id=thread.recipient_id,
        conversation=thread.public_id,
        waiting_since_utc=_earliest(clock.staff_since_utc for clock in clocks),
        waiting_recipient_since_utc=_earliest(clock.recipient_since_utc for clock in clocks),
        unread=unread,
        last_text=" ".join(text.split())[:PREVIEW_CHARACTERS] if text else None,
        last_at_utc=last.created_at if last else None,
        last_side=side_of(thread, last.author_id) if last else None,
        last_is_own=last is not None and last.author_id == staff_id,
    )


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at), default=None)
