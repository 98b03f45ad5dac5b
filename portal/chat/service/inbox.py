"""Everybody's conversations at a glance: what is unread, and who has waited longest for an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from sqlalchemy import Row, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from portal.chat.models import Attachment, Conversation, Message, ReadCursor, Waiting
from portal.chat.rules.topics import Side, Topic
from portal.chat.rules.waits import Clocks
from portal.chat.service.attached import FILE_WORDS
from portal.chat.service.messages import binding
from portal.chat.service.phrasing import said_in_list
from portal.chat.service.threads import Thread, list_own_threads, list_threads
from portal.chat.service.waiting import clocks_for, side_of
from portal.db import unseal
from portal.files.kinds import FileKind
from portal.i18n import gettext as _

_Last: TypeAlias = Row[int, int, str, str | None, bytes, datetime, datetime | None, FileKind | None]

PREVIEW_CHARACTERS = 120
_LAST_OF_ALL = datetime.max.replace(tzinfo=UTC)

_READ_AT_NAV = (
    select(func.max(ReadCursor.read_seq))
    .join(Conversation, Conversation.id == ReadCursor.conversation_id)
    .where(
        ReadCursor.conversation_id == Waiting.conversation_id,
        ReadCursor.topic == Waiting.topic,
        ReadCursor.person_id != Conversation.recipient_id,
        Conversation.recipient_id != bindparam("person_id"),
    )
    .correlate(Waiting)
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

_OWN_READ = (
    select(ReadCursor.read_seq)
    .where(
        ReadCursor.conversation_id == Waiting.conversation_id,
        ReadCursor.topic == Waiting.topic,
        ReadCursor.person_id == bindparam("person_id"),
    )
    .correlate(Waiting)
    .scalar_subquery()
)

_NEW_TO_HER = (
    select(func.count())
    .where(
        Message.conversation_id == Waiting.conversation_id,
        Message.topic == Waiting.topic,
        Message.author_id != bindparam("person_id"),
        Message.withdrawn_at.is_(None),
        Message.turn > func.coalesce(_OWN_READ, _READ_AT_NAV, 0),
    )
    .correlate(Waiting)
    .scalar_subquery()
)
"""Only what is unread is looked at, by the index: a long history costs nothing."""

_UNREAD = select(Waiting.conversation_id, Waiting.topic, _NEW_TO_HER).where(
    Waiting.conversation_id.in_(bindparam("conversation_ids", expanding=True))
)
"""Every topic that anybody has written about has its row of clocks."""

_NEWEST_TURN = (
    select(Message.turn)
    .where(Message.conversation_id == Waiting.conversation_id, Message.topic == Waiting.topic)
    .order_by(Message.turn.desc())
    .limit(1)
)
_NEWEST = (
    select(
        Waiting.conversation_id,
        Waiting.topic,
        _NEWEST_TURN.correlate(Waiting).scalar_subquery(),
        _NEWEST_TURN.where(
            Waiting.staff_since.is_not(None),
            Message.author_id == Conversation.recipient_id,
            Message.withdrawn_at.is_(None),
        )
        .correlate(Waiting, Conversation)
        .scalar_subquery(),
    )
    .join(Conversation, Conversation.id == Waiting.conversation_id)
    .where(Waiting.conversation_id.in_(bindparam("conversation_ids", expanding=True)))
)
"""The newest message of each topic, and the person's own that waits for an answer, if one does."""

READ_BY_RECIPIENT = (
    select(ReadCursor.read_seq)
    .where(
        ReadCursor.conversation_id == Waiting.conversation_id,
        ReadCursor.topic == Waiting.topic,
        ReadCursor.person_id == Conversation.recipient_id,
    )
    .correlate(Waiting, Conversation)
    .scalar_subquery()
)
"""How far the person herself has read in a topic, for a question about `Waiting` and `Conversation`."""

_UNREAD_BY_RECIPIENT = (
    select(Waiting.conversation_id, Waiting.topic)
    .join(Conversation, Conversation.id == Waiting.conversation_id)
    .where(
        Waiting.conversation_id.in_(bindparam("conversation_ids", expanding=True)),
        select(Message.seq)
        .where(
            Message.conversation_id == Waiting.conversation_id,
            Message.topic == Waiting.topic,
            Message.author_id != Conversation.recipient_id,
            Message.withdrawn_at.is_(None),
            Message.turn > func.coalesce(READ_BY_RECIPIENT, 0),
        )
        .correlate(Waiting, Conversation)
        .exists(),
    )
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
    head: int
    """The change that the list has come to: nothing later is settled from it."""
    waits: tuple[tuple[Topic, datetime], ...]
    """What the person waits for an answer about, longest first."""
    waiting_since_utc: datetime | None
    waiting_recipient_since_utc: datetime | None
    unread: int
    last_text: str | None
    """What she waits for an answer to, else the newest message: one line, at most 120 characters.
    None when there is none or it was withdrawn."""
    last_at_utc: datetime | None
    last_side: Side | None
    last_is_own: bool
    is_read: bool
    """Whether the person has seen everything that Nav wrote to her, as far as this helper reads it."""


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
    unseen = _unread_by_recipients(s, threads.values())
    rows = [
        _row(
            s,
            staff_id,
            thread,
            last=last.get(thread.id),
            unread=unread.get(thread.id, 0),
            clocks={topic: clock for topic, clock in clocks[thread.id].items() if topic in thread.topics},
            is_read=thread.id not in unseen,
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
    """The message to show of each conversation, among those that its reader may see.

    Who waits is shown with her own words: a note from a centre answers nothing. Else it is the newest.
    """
    shown: dict[int, tuple[bool, int, Topic]] = {}
    topics = {thread.id: thread.topics for thread in threads}
    for conversation_id, topic, turn, own in s.execute(_NEWEST, {"conversation_ids": list(topics)}):
        if turn and topic in topics[conversation_id]:
            this = (own is not None, own or turn, topic)
            shown[conversation_id] = max(this, shown.get(conversation_id, this))
    places = [(conversation_id, topic, turn) for conversation_id, (_own, turn, topic) in shown.items()]
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
        ).where(tuple_(Message.conversation_id, Message.topic, Message.turn).in_(places))
    )
    return {row.conversation_id: row for row in found}


def _unread_by_recipients(s: Session, threads: Collection[Thread]) -> set[int]:
    topics = {thread.id: thread.topics for thread in threads}
    rows = s.execute(_UNREAD_BY_RECIPIENT, {"conversation_ids": list(topics)})
    return {conversation_id for conversation_id, topic in rows if topic in topics[conversation_id]}


def _row(
    s: Session,
    staff_id: int,
    thread: Thread,
    *,
    last: _Last | None,
    unread: int,
    clocks: Mapping[Topic, Clocks],
    is_read: bool,
) -> InboxRow:
    text = None
    if last and not last.withdrawn_at:
        bound_to = binding(thread.public_id, last.author_id, last.client_id)
        text = said_in_list(last.phrase, unseal(s, last.body, bound_to=bound_to))
        text = text or _(FILE_WORDS[last.file or FileKind.PDF])
    waits = [(topic, clock.staff_since_utc) for topic, clock in clocks.items() if clock.staff_since_utc]
    return InboxRow(
        recipient_id=thread.recipient_id,
        conversation=thread.public_id,
        head=thread.head,
        waits=tuple(sorted(waits, key=lambda one: (one[1], one[0]))),
        waiting_since_utc=_earliest(clock.staff_since_utc for clock in clocks.values()),
        waiting_recipient_since_utc=_earliest(clock.recipient_since_utc for clock in clocks.values()),
        unread=unread,
        last_text=" ".join(text.split())[:PREVIEW_CHARACTERS] if text else None,
        last_at_utc=last.created_at if last else None,
        last_side=side_of(thread, last.author_id) if last else None,
        last_is_own=last is not None and last.author_id == staff_id,
        is_read=is_read,
    )


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at), default=None)
