"""Reading a conversation: one page of it, what is new since a change, and how far each side has come."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.chat.models import Message
from portal.chat.rules import messages, texts
from portal.chat.rules.cursors import Cursor, Marks, least
from portal.chat.rules.topics import Side, Topic
from portal.chat.service.asking import TopicChoice, choices_for
from portal.chat.service.desk import Desk, desk_for
from portal.chat.service.marking import cursors_of, marks_of
from portal.chat.service.messages import (
    Change,
    Columns,
    Found,
    authors_of,
    hidden_since,
    messages_in,
    opened,
    own_message,
)
from portal.chat.service.threads import Thread, require_staff_thread, require_thread, staff_readers_of
from portal.chat.service.waiting import side_of
from portal.clock import now_utc, to_oslo
from portal.people.rules.words import Opened
from portal.people.service import access_log, recipients
from portal.people.service.recipients import HelperCard, PersonCard

_FIRST = 1
"""The first change in a conversation is its first message."""


@dataclass(frozen=True)
class Changes:
    """What is new since a change. Complete up to `upto`; when `more`, ask again from there."""

    conversation: str
    head: int
    upto: int
    more: bool
    changes: tuple[Change, ...]
    hidden: tuple[int, ...]
    """Messages that were changed and are not for this reader (any more)."""
    marks: Marks | None
    """How far both sides have come; None when that has not changed."""

    def as_data(self) -> dict[str, object]:
        """Give the answer as data; the same for a page's request and for a socket's."""
        return {
            "conversation": self.conversation,
            "head": self.head,
            "upto": self.upto,
            "more": self.more,
            "changes": [change.as_data() for change in self.changes],
            "hidden": list(self.hidden),
            **({"marks": self.marks.as_data()} if self.marks else {}),
        }


@dataclass(frozen=True)
class ThreadPage:
    """A stretch of a conversation for one viewer: oldest first, up to `upto`."""

    limit: ClassVar[int] = texts.MAX_CHARACTERS
    change_minutes: ClassVar[int] = messages.CHANGE_MINUTES
    public_id: str
    side: Side
    recipient: PersonCard
    readers: tuple[HelperCard, ...]
    """Who reads what is written about the plan, which is also where «vet ikke» goes."""
    messages: tuple[Change, ...]
    upto: int
    newest_turn: int
    """Up to where one has come who has read this page."""
    earlier_than: int | None
    """Where the next earlier stretch ends; None when this one holds the first message."""
    is_newest: bool
    begins_at_unread: bool
    """More is unread than a page holds: these are the oldest, and the next come when they are read."""
    now_utc: datetime
    viewer: str
    """The viewer's public id: her own messages are those with it."""
    next_client_id: str
    """The id that the page's form sends with, made here so that a double tap is one message."""
    own: Cursor
    unread: int
    """How many of these messages the viewer has not been shown before."""
    marks: Marks
    desk: Desk | None
    """What only staff see; None for the person herself."""
    choices: tuple[TopicChoice, ...]
    """What she is asked before she writes; empty when all of it has the same readers."""

    @property
    def centre(self) -> str:
        """The name of her own centre, which the topic is called by; empty when she is asked about none."""
        return next((one.place for one in self.choices if one.place), "")

    def may_change(self, message: Change) -> bool:
        """Whether the viewer may do something about this message now: her own, and only for a while."""
        return message.author.public_id == self.viewer and message.may_withdraw(self.now_utc)

    def state_of(self, message: Change) -> str:
        """Tell how far a message of the viewer's own has come: `sent`, `delivered` or `read`."""
        other_has = self.marks.of_other(self.side, message.topic)
        if message.turn <= other_has.read_seq:
            return "read"
        return "delivered" if message.turn <= other_has.delivered_seq else "sent"

    def read_at_of(self, message: Change) -> datetime | None:
        """Tell when the other side read a message: only of the newest that it has read in its topic."""
        other_has = self.marks.of_other(self.side, message.topic)
        read = [
            one.turn
            for one in self.messages
            if one.topic == message.topic and one.author.side is self.side and one.turn <= other_has.read_seq
        ]
        is_newest = self.is_newest and message.turn == max(read, default=0)
        return other_has.read_at if is_newest else None

    @property
    def today(self) -> date:
        """The Norwegian day it is."""
        return to_oslo(self.now_utc).date()

    def goes_on(self, index: int) -> bool:
        """Whether the message at this place and the next are read as one run by one person."""
        if index + 1 >= len(self.messages):
            return False
        one, following = self.messages[index], self.messages[index + 1]
        return (
            one.author == following.author
            and one.on == following.on
            and self.state_of(one) == self.state_of(following)
            and following.at_utc - one.at_utc < timedelta(minutes=messages.RUN_MINUTES)
        )


def read_thread(s: Session, person_id: int, public_id: str, *, before_seq: int | None = None) -> ThreadPage:
    """Show the newest stretch of a conversation, or the one before a message. Marks nothing as read.

    The newest stretch holds everything that she has not read, so that nothing counts as read unseen. When
    that is more than a page can hold, it begins at the oldest instead, and goes on when they are read.

    Raises: NotFound when it is not hers to read.
    """
    thread = require_thread(s, person_id, public_id)
    own, marks = cursors_of(s, thread, person_id)
    rows = s.execute(_stretch(thread, before_seq, own)).all()
    oldest = _unread_left_out(s, thread, person_id, own, rows) if before_seq is None else []
    shown = oldest or rows[::-1]
    is_staff = side_of(thread, person_id) is Side.STAFF
    helpers = recipients.helpers_of(s, thread.recipient_id)
    people = recipients.cards_for(s, {thread.recipient_id, person_id, *(row.author_id for row in shown)})
    return ThreadPage(
        public_id=thread.public_id,
        side=side_of(thread, person_id),
        recipient=people[thread.recipient_id],
        readers=tuple(staff_readers_of(s, thread, thread.own_topic, helpers)),
        choices=choices_for(s, thread, helpers),
        messages=opened(s, thread, shown, people),
        upto=thread.head,
        newest_turn=max((row.turn for row in shown), default=0),
        earlier_than=shown[0].seq if shown and shown[0].seq > _FIRST else None,
        is_newest=before_seq is None and not oldest,
        begins_at_unread=bool(oldest),
        now_utc=now_utc(),
        viewer=people[person_id].public_id,
        next_client_id=str(uuid.uuid4()),
        own=least(own),
        unread=sum(
            row.turn > own[row.topic].read_seq and row.author_id != person_id and not row.withdrawn_at
            for row in shown
        ),
        marks=marks,
        desk=desk_for(s, thread, since_rev=shown[0].seq if shown else 0, staff_id=person_id)
        if is_staff
        else None,
    )


def read_as_staff(s: Session, staff_id: int, public_id: str, *, before_seq: int | None = None) -> ThreadPage:
    """Show what somebody who works here reads of a conversation, on a page that names the person.

    Raises: NotFound when she reads nothing of it, and for the person herself.
    """
    thread = require_staff_thread(s, staff_id, public_id)
    access_log.look(s, Opened.THREAD, thread.recipient_id)
    return read_thread(s, staff_id, public_id, before_seq=before_seq)


@dataclass(frozen=True)
class OwnMessage:
    """A message of the viewer's own, and what she may still do about it."""

    conversation: str
    message: Change
    may_correct: bool
    may_withdraw: bool
    next_client_id: str


def read_own_message(s: Session, person_id: int, public_id: str, seq: int) -> OwnMessage:
    """Get a message of one's own, to be shown. Raises: NotFound when it is not."""
    thread = require_thread(s, person_id, public_id)
    message = own_message(s, thread, person_id, seq)
    access_log.look(s, Opened.THREAD, thread.recipient_id)
    now = now_utc()
    return OwnMessage(
        public_id, message, message.may_correct(now), message.may_withdraw(now), str(uuid.uuid4())
    )


def _stretch(thread: Thread, before_seq: int | None, own: Mapping[Topic, Cursor]) -> Select[*Columns]:
    """Ask for a page of messages, newest first; for the newest page also for all that was not read yet."""
    up_to = [Message.conversation_id == thread.id, Message.topic.in_(thread.topics)]
    up_to += [Message.seq < before_seq] if before_seq is not None else []
    newest_first = Message.seq.desc()
    page_before = select(Message.seq).where(*up_to).order_by(newest_first).offset(messages.PAGE_OF_MESSAGES)
    wanted = [Message.seq > func.coalesce(page_before.limit(1).scalar_subquery(), 0)]
    if before_seq is None:
        wanted.append(_is_new(own))
    return messages_in(thread).where(*up_to, or_(*wanted)).order_by(newest_first).limit(messages.MOST_UNREAD)


def _is_new(own: Mapping[Topic, Cursor]) -> ColumnElement[bool]:
    return or_(*(and_(Message.topic == topic, Message.turn > one.read_seq) for topic, one in own.items()))


def _unread_left_out(
    s: Session, thread: Thread, person_id: int, own: Mapping[Topic, Cursor], rows: Sequence[Found]
) -> list[Found]:
    """Find the oldest unread, if some of it has no place on the newest page: that one must not be skipped."""
    if len(rows) < messages.MOST_UNREAD:
        return []
    unread = Message.author_id != person_id, Message.withdrawn_at.is_(None), _is_new(own)
    by_turn = messages_in(thread).where(*unread).order_by(Message.turn).limit(messages.MOST_UNREAD)
    oldest = s.execute(by_turn).all()
    has_room = {row.seq for row in oldest} <= {row.seq for row in rows}
    return [] if has_room else sorted(oldest, key=lambda row: row.seq)


def changes_since(s: Session, person_id: int, public_id: str, *, since: int) -> Changes:
    """Tell what is new in a conversation since a change, 200 at a time, messages as they are now.

    The head is read before the rows: a change landing between the two is at worst told twice, never skipped.

    Raises: NotFound when it is not hers to read.
    """
    thread = require_thread(s, person_id, public_id)
    # Mostly there is nothing new, and then nothing is asked.
    rows = s.execute(_changed(thread, since)).all() if since < thread.head else []
    told = rows[: messages.PAGE_OF_CHANGES]
    more = len(rows) > messages.PAGE_OF_CHANGES
    return Changes(
        conversation=thread.public_id,
        head=thread.head,
        upto=told[-1].rev if more else thread.head,
        more=more,
        changes=opened(s, thread, told, authors_of(s, told)),
        hidden=hidden_since(s, thread, since, told[-1].rev if more else thread.head),
        marks=marks_of(s, thread),
    )


def _changed(thread: Thread, since: int) -> Select[*Columns]:
    page = messages.PAGE_OF_CHANGES + 1  # one more tells whether there is more
    return messages_in(thread).where(Message.rev > since).order_by(Message.rev).limit(page)


def change_at(s: Session, thread: Thread, rev: int | None) -> Changes:
    """Give one change for delivery, without checking who asks. `rev` None: only how far each side has come.

    When the message has been changed again since, nothing stands under this `rev`: the later one carries it.
    """
    rows = s.execute(messages_in(thread).where(Message.rev == rev)).all() if rev is not None else []
    return Changes(
        conversation=thread.public_id,
        head=thread.head,
        upto=thread.head if rev is None else rev,
        more=False,
        changes=opened(s, thread, rows, authors_of(s, rows)),
        hidden=hidden_since(s, thread, rev - 1, rev) if rev is not None else (),
        marks=marks_of(s, thread),
    )
