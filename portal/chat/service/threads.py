"""Which conversations there are, and who may see them now. What is in them is read and written elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from portal.chat.models import Conversation
from portal.chat.rules import topics
from portal.chat.rules.topics import Topic
from portal.errors import NotFound
from portal.people.rules.words import Purpose
from portal.people.service import recipients
from portal.people.service.recipients import HelperCard


@dataclass(frozen=True)
class Thread:
    """A conversation that somebody may read. `head`: how many changes it has had."""

    id: int
    public_id: str
    recipient_id: int
    topic: Topic
    head: int
    waiting_staff_since_utc: datetime | None
    """Since when the person waits for Nav; None when nobody at Nav owes an answer."""
    waiting_recipient_since_utc: datetime | None


def _select() -> Select[int, str, int, Topic, int, datetime | None, datetime | None]:
    return select(
        Conversation.id,
        Conversation.public_id,
        Conversation.recipient_id,
        Conversation.topic,
        Conversation.head,
        Conversation.waiting_staff_since,
        Conversation.waiting_recipient_since,
    )


_OWN = _select().where(Conversation.recipient_id == bindparam("recipient_id")).order_by(Conversation.id)


def ensure_conversation(s: Session, recipient_id: int, *, topic: Topic = Topic.PLAN) -> str:
    """Make sure that a recipient has a conversation about a topic; gives back its public id.

    To be called when a person is enrolled; reading a page never makes one.
    """
    found = find_conversation(s, recipient_id, topic=topic)
    if found is not None:
        return found
    made = Conversation(recipient_id=recipient_id, topic=topic)
    s.add(made)
    s.flush()  # gives the public id its value before the caller commits
    return made.public_id


def find_conversation(s: Session, recipient_id: int, *, topic: Topic = Topic.PLAN) -> str | None:
    """Find the public id of a recipient's conversation about a topic. Does not check who asks."""
    return s.scalar(
        select(Conversation.public_id).where(
            Conversation.recipient_id == recipient_id, Conversation.topic == topic
        )
    )


def require_thread(s: Session, person_id: int, public_id: str) -> Thread:
    """Get a conversation that this person may read now.

    Raises: NotFound, alike for somebody else's conversation and for none at all.
    """
    if not public_id.isprintable():
        raise NotFound  # half a character or a NUL: PostgreSQL would refuse the question itself
    row = s.execute(_select().where(Conversation.public_id == public_id)).one_or_none()
    if row is None:
        recipients.helpers_of(s, 0)  # nobody's: a stranger shall not tell by the time whether there is one
        raise NotFound
    thread = Thread(*row)
    is_recipient = person_id == thread.recipient_id
    helpers = [] if is_recipient else recipients.helpers_of(s, thread.recipient_id)
    if not topics.may_read(thread.topic, is_recipient=is_recipient, purposes=_purposes(helpers, person_id)):
        raise NotFound
    return thread


def list_threads(s: Session, person_id: int) -> list[Thread]:
    """Get every conversation this person may read now, by id: her own, and those of the people she helps."""
    helps_with = recipients.helps_with(s, person_id)
    rows = s.execute(
        _select().where(Conversation.recipient_id.in_([person_id, *helps_with])).order_by(Conversation.id)
    )
    return [
        thread
        for thread in (Thread(*row) for row in rows)
        if topics.may_read(
            thread.topic,
            is_recipient=thread.recipient_id == person_id,
            purposes=helps_with.get(thread.recipient_id, frozenset()),
        )
    ]


def list_own_threads(s: Session, recipient_id: int) -> list[Thread]:
    """Get a recipient's own conversations, by id: she may read every one of them."""
    return [Thread(*row) for row in s.execute(_OWN, {"recipient_id": recipient_id})]


def get_thread(s: Session, conversation_id: int) -> Thread:
    """Get a conversation for delivery; `readers_of` says to whom. Raises: NotFound."""
    row = s.execute(_select().where(Conversation.id == conversation_id)).one_or_none()
    if row is None:
        raise NotFound
    return Thread(*row)


def staff_readers_of(s: Session, thread: Thread) -> list[HelperCard]:
    """Get the helpers who may read a conversation today, each once, primary before stand-in."""
    helpers = recipients.helpers_of(s, thread.recipient_id)
    readers: dict[int, HelperCard] = {}
    for helper in helpers:
        purposes = _purposes(helpers, helper.staff_id)
        if topics.may_read(thread.topic, is_recipient=False, purposes=purposes):
            readers.setdefault(helper.staff_id, helper)
    return list(readers.values())


def readers_of(s: Session, thread: Thread) -> frozenset[int]:
    """Tell whom a change is delivered to: the person herself and her helpers, by the rule that pages use."""
    return frozenset({thread.recipient_id, *(helper.staff_id for helper in staff_readers_of(s, thread))})


def _purposes(helpers: Iterable[HelperCard], person_id: int) -> frozenset[Purpose]:
    return frozenset(helper.purpose for helper in helpers if helper.staff_id == person_id)
