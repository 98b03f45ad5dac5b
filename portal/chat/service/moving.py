"""What staff do about a question: give it to the right topic, or say that it needs no answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.models import Journal, Message
from portal.chat.rules.messages import Kind
from portal.chat.rules.topics import Side, Topic
from portal.chat.service.sending import hold, raise_head
from portal.chat.service.threads import Thread, require_thread
from portal.chat.service.waiting import reckon_anew, side_of, waits_for
from portal.clock import now_utc
from portal.errors import NotFound


@dataclass(frozen=True)
class MessageMoved:
    """A message is for other readers now."""

    conversation_id: int
    rev: int


@dataclass(frozen=True)
class TopicSettled:
    """Nobody waits for an answer about a topic any more, though none was written."""

    conversation_id: int
    rev: int


def move(s: Session, staff_id: int, public_id: str, *, seq: int, to: Topic) -> None:
    """Give a recipient's message to the topic it belongs to, and so to whoever reads that.

    It keeps its place in the thread and is new to its new readers. Who waits is reckoned anew for both
    topics, from when she wrote it. Moving it to where it is changes nothing.

    Raises: NotFound when the message is not the recipient's, or the mover does not read it. Source: design 7.
    """
    thread = _as_staff(s, staff_id, public_id)
    hold(s, thread)
    one = (Message.conversation_id == thread.id, Message.seq == seq)
    found = s.execute(select(Message.topic, Message.author_id).where(*one)).one_or_none()
    if found is None or found.topic not in thread.topics or found.author_id != thread.recipient_id:
        raise NotFound
    if found.topic is to:
        return
    rev = raise_head(s, thread)
    s.execute(update(Message).where(*one).values(topic=to, turn=rev, rev=rev))
    for topic in (found.topic, to):
        reckon_anew(s, thread, topic)
    _note(s, thread, staff_id, rev, Kind.MOVED, seq)
    publish(s, MessageMoved(thread.id, rev))


def settle(s: Session, staff_id: int, public_id: str, *, topic: Topic) -> None:
    """Say that what a recipient wrote about a topic needs no answer, so that its clock stops.

    Who said so is kept. Settling where nobody waits changes nothing.

    Raises: NotFound when the conversation or the topic is not hers to read. Source: design 7.
    """
    thread = _as_staff(s, staff_id, public_id)
    hold(s, thread)
    row = waits_for(s, thread, thread.require_topic(topic))
    if row.staff_since is None:
        return
    rev = raise_head(s, thread)
    row.staff_since, row.settled_rev = None, rev
    row.settled_by_id, row.settled_at = staff_id, now_utc()
    _note(s, thread, staff_id, rev, Kind.SETTLED, None)
    publish(s, TopicSettled(thread.id, rev))


def _as_staff(s: Session, staff_id: int, public_id: str) -> Thread:
    thread = require_thread(s, staff_id, public_id)
    if side_of(thread, staff_id) is not Side.STAFF:
        raise NotFound
    return thread


def _note(s: Session, thread: Thread, by_id: int, rev: int, kind: Kind, seq: int | None) -> None:
    s.add(Journal(conversation_id=thread.id, rev=rev, kind=kind, seq=seq, actor_id=by_id, at=now_utc()))
