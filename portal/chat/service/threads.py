"""Which conversations there are, and who may see them now. What is in them is read and written elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from portal.chat.models import Conversation
from portal.chat.rules import topics
from portal.chat.rules.topics import Topic
from portal.chat.service.readers import read_by, readers_of
from portal.db import ask
from portal.errors import NotFound
from portal.people.rules.words import Purpose
from portal.people.service import recipients
from portal.people.service.helps_now import not_protected
from portal.people.service.recipients import HelperCard


@dataclass(frozen=True)
class Thread:
    """A conversation that somebody may read. `head`: its changes so far; `topics`: what she reads."""

    id: int
    public_id: str
    recipient_id: int
    head: int
    topics: frozenset[Topic]
    own_topic: Topic
    """What she writes about when nothing else has been said."""
    has_centre: bool
    """Whether a centre may have a word with her at all: never with a protected address (design 3.7)."""
    is_hers: bool = False
    """Whether the person herself reads it."""

    @property
    def is_whole(self) -> bool:
        """Whether she reads everything in it."""
        return len(self.topics) == len(Topic)

    @property
    def is_centres(self) -> bool:
        """Whether she reads it for a centre, and nothing else in it."""
        return self.topics == {Topic.CENTRE}

    def require_topic(self, topic: Topic | None) -> Topic:
        """Give the topic to write about; what no centre may read goes to those who make the plan.

        Raises: NotFound when she does not read it.
        """
        if topic is not None and topic not in self.topics:
            raise NotFound
        about = topic or self.own_topic
        return about if about is not Topic.CENTRE or self.has_centre else Topic.PLAN


def _select() -> Select[int, str, int, int, bool]:
    has_centre = Conversation.recipient_id.in_(not_protected())
    return select(
        Conversation.id, Conversation.public_id, Conversation.recipient_id, Conversation.head, has_centre
    )


# What every message, push and look at what is new asks, put together once (decision 42).
_OWN = _select().where(Conversation.recipient_id == bindparam("recipient_id")).order_by(Conversation.id)
_NAMED = _select().where(Conversation.public_id == bindparam("public_id"))
_NUMBERED = _select().where(Conversation.id == bindparam("conversation_id"))
_ALL = frozenset(Topic)


def _thread(row: Row[int, str, int, int, bool], purposes: frozenset[Purpose] | None) -> Thread:
    """`purposes`: what the person is helped with by the one who asks; None for the person herself."""
    conversation_id, public_id, recipient_id, head, has_centre = row
    if purposes is None:
        open_to_her, own_topic = _ALL, Topic.PLAN
    else:
        open_to_her = topics.open_topics(is_recipient=False, purposes=purposes)
        own_topic = topics.own_topic(purposes)
    return Thread(
        conversation_id,
        public_id,
        recipient_id,
        head,
        topics=open_to_her,
        own_topic=own_topic,
        has_centre=has_centre,
        is_hers=purposes is None,
    )


def ensure_conversation(s: Session, recipient_id: int) -> str:
    """Make sure that a recipient has her conversation; gives back its public id.

    To be called when a person is enrolled; reading a page never makes one.
    """
    found = find_conversation(s, recipient_id)
    if found is not None:
        return found
    made = Conversation(recipient_id=recipient_id)
    s.add(made)
    s.flush()  # gives the public id its value before the caller commits
    return made.public_id


def find_conversation(s: Session, recipient_id: int) -> str | None:
    """Find the public id of a recipient's conversation. Does not check who asks."""
    return s.scalar(select(Conversation.public_id).where(Conversation.recipient_id == recipient_id))


def require_thread(s: Session, person_id: int, public_id: str) -> Thread:
    """Get a conversation that this person may read now.

    Raises: NotFound, alike for somebody else's conversation and for none at all.
    """
    if not public_id.isprintable():
        raise NotFound  # half a character or a NUL: PostgreSQL would refuse the question itself
    row = ask(s, _NAMED, {"public_id": public_id}).one_or_none()
    if row is None:
        readers_of(s, 0)  # nobody's: a stranger shall not tell by the time whether there is one
        raise NotFound
    if row.recipient_id == person_id:
        return _thread(row, None)
    thread = _thread(row, readers_of(s, row.recipient_id).get(person_id, frozenset()))
    if not thread.topics:
        raise NotFound
    return thread


def require_staff_thread(s: Session, staff_id: int, public_id: str) -> Thread:
    """Get a conversation that this person reads as staff.

    Raises: NotFound for everybody else, also for the person whose it is.
    """
    thread = require_thread(s, staff_id, public_id)
    if thread.is_hers:
        raise NotFound
    return thread


def list_threads(s: Session, person_id: int) -> list[Thread]:
    """Get every conversation this person may read now, by id: her own, and those she reads as staff."""
    reads = read_by(s, person_id)
    rows = s.execute(
        _select().where(Conversation.recipient_id.in_([person_id, *reads])).order_by(Conversation.id)
    )
    threads = [
        _thread(row, None if row.recipient_id == person_id else reads.get(row.recipient_id, frozenset()))
        for row in rows
    ]
    return [thread for thread in threads if thread.topics]


def list_own_threads(s: Session, recipient_id: int) -> list[Thread]:
    """Get a recipient's own conversations, by id: she may read every one of them."""
    return [_thread(row, None) for row in s.execute(_OWN, {"recipient_id": recipient_id})]


def get_thread(s: Session, conversation_id: int) -> Thread:
    """Get a conversation for delivery; `topics_of_readers` says to whom. Raises: NotFound."""
    row = ask(s, _NUMBERED, {"conversation_id": conversation_id}).one_or_none()
    if row is None:
        raise NotFound
    return _thread(row, None)


def topics_of_readers(s: Session, thread: Thread) -> dict[int, frozenset[Topic]]:
    """Tell whom a change is delivered to, and which topics each of them reads, by the rule that pages use."""
    read = {
        staff_id: topics.open_topics(is_recipient=False, purposes=purposes)
        for staff_id, purposes in readers_of(s, thread.recipient_id).items()
    }
    return {thread.recipient_id: _ALL, **{staff_id: open_to for staff_id, open_to in read.items() if open_to}}


def staff_readers_of(
    s: Session, thread: Thread, topic: Topic, helpers: list[HelperCard] | None = None
) -> list[HelperCard]:
    """Get the helpers who may read a topic today, each once, primary before stand-in."""
    helpers = recipients.helpers_of(s, thread.recipient_id) if helpers is None else helpers
    readers: dict[int, HelperCard] = {}
    for helper in helpers:
        if topics.may_read(topic, is_recipient=False, purposes=_purposes(helpers, helper.staff_id)):
            readers.setdefault(helper.staff_id, helper)
    return list(readers.values())


def _purposes(helpers: Iterable[HelperCard], person_id: int) -> frozenset[Purpose]:
    return frozenset(helper.purpose for helper in helpers if helper.staff_id == person_id)
