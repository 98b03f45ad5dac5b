"""What staff do about a question: give it to the right topic, or say that it needs no answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.models import Journal, Message
from portal.chat.rules.messages import CHANGE_MINUTES, Kind
from portal.chat.rules.phrases import topic_for
from portal.chat.rules.topics import Topic
from portal.chat.service.sending import hold, raise_head
from portal.chat.service.threads import Thread, require_staff_thread
from portal.chat.service.waiting import reckon_anew, waits_for
from portal.clock import now_utc
from portal.errors import N_, Conflict, NotFound, Refused


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


def move(s: Session, staff_id: int, public_id: str, *, seq: int, to: Topic) -> Topic:
    """Give a recipient's message to the topic it belongs to, and so to whoever reads that.

    It keeps its place in the thread and is new to its new readers. What it corrects and what corrects it go
    with it, each as a change: no other version stays with who no longer reads it. Who waits is reckoned anew
    for both topics, from when she wrote it. Moving it to where it is changes nothing. Gives its topic before.

    Whoever moved it where she does not read may take that back for a quarter of an hour.

    Raises: NotFound when the message is not the recipient's, or the mover does not read it, and towards a
        centre that has no word with her; Refused `chat.not_for_centre` for a sentence about health or need.
    Source: design 3.5, 7.
    """
    thread = require_staff_thread(s, staff_id, public_id)
    hold(s, thread)
    one = (Message.conversation_id == thread.id, Message.seq == seq)
    found = s.execute(select(Message.topic, Message.author_id, Message.phrase).where(*one)).one_or_none()
    if found is None or found.author_id != thread.recipient_id:
        raise NotFound
    before: Topic = found.topic
    if before not in thread.topics and not (
        to in thread.topics and _moved_it_just_now(s, thread, staff_id, seq)
    ):
        raise NotFound
    if before is to:
        return to
    if to is Topic.CENTRE and not thread.has_centre:
        raise NotFound
    if topic_for(found.phrase, to) is not to:
        raise Refused("chat.not_for_centre", N_("Denne meldingen er ikke for senteret. Den er ikke flyttet."))
    for version in _versions(s, thread, seq):
        rev = raise_head(s, thread)
        this = (Message.conversation_id == thread.id, Message.seq == version)
        s.execute(update(Message).where(*this).values(topic=to, turn=rev, rev=rev))
        _note(s, thread, Journal(rev=rev, kind=Kind.MOVED, seq=version, actor_id=staff_id, topic=to))
        publish(s, MessageMoved(thread.id, rev))
    for topic in (before, to):
        reckon_anew(s, thread, topic)
    return before


def settle(s: Session, staff_id: int, public_id: str, *, topic: Topic, upto: int | None = None) -> None:
    """Say that what a recipient wrote about a topic needs no answer, so that its clock stops.

    Who said so is kept. Settling where nobody waits changes nothing. `upto`: the change that her page had
    come to, so that nothing is settled which she has not been shown.

    Raises: NotFound when the conversation or the topic is not hers to read; Conflict `chat.written_since`
        when the recipient has written about it after `upto`. Source: design 7.
    """
    thread = require_staff_thread(s, staff_id, public_id)
    hold(s, thread)
    row = waits_for(s, thread, thread.require_topic(topic))
    if row.staff_since is None:
        return
    if upto is not None and _newest_of_hers(s, thread, topic) > upto:
        raise Conflict("chat.written_since", N_("Det har kommet en ny melding. Les den først."))
    rev = raise_head(s, thread)
    row.staff_since, row.settled_rev = None, rev
    row.settled_by_id, row.settled_at = staff_id, now_utc()
    _note(s, thread, Journal(rev=rev, kind=Kind.SETTLED, seq=None, actor_id=staff_id, topic=topic))
    publish(s, TopicSettled(thread.id, rev))


def _versions(s: Session, thread: Thread, seq: int) -> list[int]:
    """Find a message with all that it corrects and all that corrects it, withdrawn or not, oldest first."""
    correction = (Message.conversation_id == thread.id, Message.corrects_seq.is_not(None))
    pairs = s.execute(select(Message.seq, Message.corrects_seq).where(*correction)).all()
    older: dict[int, int] = {newer: corrected for newer, corrected in pairs if corrected is not None}

    def first_of(one: int) -> int:
        while one in older:
            one = older[one]
        return one

    first = first_of(seq)
    return sorted({first, *(newer for newer in older if first_of(newer) == first)})


def _moved_it_just_now(s: Session, thread: Thread, staff_id: int, seq: int) -> bool:
    last = s.execute(
        select(Journal.actor_id, Journal.at)
        .where(Journal.conversation_id == thread.id, Journal.kind == Kind.MOVED, Journal.seq == seq)
        .order_by(Journal.rev.desc())
        .limit(1)
    ).one_or_none()
    return (
        last is not None
        and last.actor_id == staff_id
        and now_utc() - last.at <= timedelta(minutes=CHANGE_MINUTES)
    )


def _newest_of_hers(s: Session, thread: Thread, topic: Topic) -> int:
    newest = select(func.max(Message.turn)).where(
        Message.conversation_id == thread.id,
        Message.topic == topic,
        Message.author_id == thread.recipient_id,
    )
    return s.scalar(newest) or 0


def _note(s: Session, thread: Thread, line: Journal) -> None:
    line.conversation_id, line.at = thread.id, now_utc()
    s.add(line)
