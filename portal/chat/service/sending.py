"""Sending a message: the one way a message comes into being, for the app and the plain form alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.models import Conversation, Journal, Message
from portal.chat.rules import messages, texts
from portal.chat.rules.messages import Kind
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.phrases import needs_answer, topic_for
from portal.chat.rules.topics import Side, Topic
from portal.chat.service import drafts
from portal.chat.service.attached import cleaned_file_ids, hang_on, hangs_on, require_chosen
from portal.chat.service.calls_asked import note_call
from portal.chat.service.emergency_asked import note_question
from portal.chat.service.messages import (
    Change,
    author_of,
    binding,
    own_message,
    settled,
)
from portal.chat.service.phrasing import Content, content_of
from portal.chat.service.threads import Thread, require_thread, topics_of_readers
from portal.chat.service.waiting import note_message, side_of
from portal.clock import now_utc
from portal.db import ask, seal, unseal
from portal.errors import N_, Conflict
from portal.notify.rules.notices import Kind as NoticeKind
from portal.notify.service import asking as notify
from portal.people.service import recipients

Along: TypeAlias = Callable[[Thread], Mapping[str, str]]
"""What a phrase does when it is said, in the same transaction; what it gives is kept with the message."""

# What every message asks, put together once (decision 42).
_SENT_BEFORE = select(Message.seq, Message.phrase, Message.body).where(
    Message.conversation_id == bindparam("conversation"),
    Message.author_id == bindparam("author"),
    Message.client_id == bindparam("client_id"),
)
_CONVERSATIONS, _MESSAGES, _JOURNAL = (
    cast(Table, model.__table__) for model in (Conversation, Message, Journal)
)
_NEXT = (
    update(_CONVERSATIONS)
    .where(_CONVERSATIONS.c.id == bindparam("conversation"))
    .values(head=_CONVERSATIONS.c.head + 1)
    .returning(_CONVERSATIONS.c.head)
)
_NEW_MESSAGE, _NEW_LINE = insert(_MESSAGES), insert(_JOURNAL)


@dataclass(frozen=True)
class MessageSent:
    """A message stands in the database. `readers`: who may read which topics at the moment it was written."""

    thread: Thread
    change: Change
    readers: Mapping[int, frozenset[Topic]]


@dataclass(frozen=True)
class Sent:
    """The receipt for a message. `is_replay`: it was there already, and nothing was written now."""

    conversation: str
    change: Change
    is_replay: bool = False

    def as_data(self) -> dict[str, object]:
        """Give the receipt as data for the page's script."""
        return {"conversation": self.conversation, "change": self.change.as_data(), "replay": self.is_replay}


def post_message(
    s: Session,
    author_id: int,
    public_id: str,
    *,
    client_id: str,
    text: str = "",
    phrase: Filled | None = None,
    along: Along | None = None,
    topic: Topic | None = None,
    corrects_seq: int | None = None,
    files: Sequence[str] = (),
) -> Sent:
    """Send a message. When this returns and the transaction is committed, it is never lost.

    `client_id` is the UUID that the sender's page made. The same id with the same text is the same message,
    however often and from wherever it comes: the first receipt is given again and nothing is written.
    `phrase`: a standard sentence with what is filled in, instead of `text`; `along`: what is done when it is
    said the first time. `topic`: what it is about, and so
    who reads it; a correction stays with its older message.
    `corrects_seq`: an older message of her own that this one corrects; it stays, and both see that.
    `files`: the ids of photos and PDFs sent before it (see `receiving`); with them it needs no words.

    Raises: NotFound when it is not her conversation or topic, or the older message not hers; Refused
        `chat.settled` when it can no longer be corrected; Refused `chat.empty`, `chat.too_long`,
        `chat.client_id`, `phrase.unknown`, `phrase.field`, `chat.file_missing`, `chat.too_many_files`;
        Conflict `chat.other_text` when the id was used for another text, which stays as it was.
    Source: design 7.
    """
    thread = require_thread(s, author_id, public_id)
    file_ids = cleaned_file_ids(files)
    words = content_of(text, phrase, by=side_of(thread, author_id), has_files=bool(file_ids))
    client_id = texts.cleaned_client_id(client_id)
    hold(s, thread)
    replayed = _find(s, thread, author_id, client_id, words, file_ids)
    if replayed:
        return replayed
    at = now_utc()
    older = None if corrects_seq is None else own_message(s, thread, author_id, corrects_seq)
    if older and not older.may_correct(at):
        raise settled()
    about = older.topic if older else topic_for(words.phrase, thread.require_topic(topic))
    require_chosen(s, thread, author_id, file_ids)
    kept = words.having_done(along(thread)) if along else words  # first: it may refuse
    rev = raise_head(s, thread)
    change = Change(
        rev, rev, rev, about, at, author_of(thread, recipients.get_person(s, author_id)),
        client_id, words.phrase, words.said, in_norwegian=words.in_norwegian,
        corrects_seq=corrects_seq, corrects_at_utc=older.at_utc if older else None,
    )  # fmt: skip
    is_yes, is_correction = not needs_answer(words.phrase), older is not None
    note_message(s, thread, about, by_id=author_id, at_utc=at, is_correction=is_correction, is_yes=is_yes)
    write(s, thread, author_id, change, kept)
    change = replace(change, files=hang_on(s, thread, author_id, rev, file_ids))
    publish(s, MessageSent(thread, change, topics_of_readers(s, thread)))
    return Sent(thread.public_id, own_message(s, thread, author_id, rev) if along else change)


def hold(s: Session, thread: Thread) -> None:
    """Let one writer at a time into a conversation, until its commit.

    Everything below sees what earlier writers committed, so a resent message is always found and never races
    its twin, and nobody can see change n+1 before change n. It does not hinder rows that only name the
    conversation, such as a draft. SQLite has only one writer at a time anyway.
    """
    if s.get_bind().dialect.name != "sqlite":
        one = select(Conversation.id).where(Conversation.id == thread.id)
        s.execute(one.with_for_update(key_share=True))


def is_sent(s: Session, conversation_id: int, author_id: int, client_id: str) -> bool:
    """Whether a message of hers with this id stands there already."""
    which = {"conversation": conversation_id, "author": author_id, "client_id": client_id}
    return s.execute(_SENT_BEFORE, which).one_or_none() is not None


def _find(
    s: Session, thread: Thread, author_id: int, client_id: str, words: Content, file_ids: tuple[str, ...]
) -> Sent | None:
    """Find a message that was sent before with the same id, and give its receipt again."""
    which = {"conversation": thread.id, "author": author_id, "client_id": client_id}
    found = ask(s, _SENT_BEFORE, which).one_or_none()
    if found is None:
        return None
    stored = unseal(s, found.body, bound_to=binding(thread.public_id, author_id, client_id))
    same_files = hangs_on(s, thread, author_id, found.seq) == frozenset(file_ids)
    if not words.is_same(found.phrase, stored) or not same_files:
        raise Conflict("chat.other_text", N_("Siden var gammel. Teksten din er her. Send den en gang til."))
    return Sent(thread.public_id, own_message(s, thread, author_id, found.seq), is_replay=True)


def raise_head(s: Session, thread: Thread) -> int:
    """Count one change more, for whoever holds the conversation; gives the change's number."""
    return int(ask(s, _NEXT, {"conversation": thread.id}).scalar_one())


def write(s: Session, thread: Thread, author_id: int, change: Change, words: Content) -> None:
    """Write the message, its line in the journal and its notices: all of them or none."""
    bound_to = binding(thread.public_id, author_id, change.client_id)
    where = {"conversation_id": thread.id, "seq": change.seq, "rev": change.rev}
    message = {
        "turn": change.turn,
        "topic": change.topic,
        "author_id": author_id,
        "client_id": change.client_id,
        "phrase": words.phrase,
        "body": seal(s, words.kept, bound_to=bound_to),
        "created_at": change.at_utc,
        "corrects_seq": change.corrects_seq,
    }
    s.execute(_NEW_MESSAGE, where | message)
    kind = Kind.CREATED if change.corrects_seq is None else Kind.CORRECTED
    s.execute(_NEW_LINE, where | {"kind": kind, "actor_id": author_id, "at": change.at_utc})
    if change.author.side is Side.STAFF:
        if words.phrase is None and change.corrects_seq is None:
            drafts.forget(s, thread, author_id)  # what she sent; a tap elsewhere is not her half-written text
        notify.enqueue(
            s,
            [thread.recipient_id],
            kind=NoticeKind.MESSAGE,
            about=thread.public_id,
            cause=str(change.seq),
            due_at_utc=change.at_utc + timedelta(seconds=messages.NOTICE_AFTER_SECONDS),
        )
    note_question(s, thread, words.phrase, seq=change.seq, at=change.at_utc)
    note_call(s, thread, words.phrase, seq=change.seq, at=change.at_utc)
