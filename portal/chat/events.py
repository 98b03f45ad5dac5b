"""The chat's live side: the same «what is new» as over HTTP, and a push when something has changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from portal.chat.rules.topics import Topic
from portal.chat.service import emergency, reading, threads
from portal.chat.service.calls import TOPIC, CallChanged
from portal.chat.service.emergency_asked import EmergencyChanged
from portal.chat.service.handing_over import leave_words
from portal.chat.service.incoming import NewMessage, take_in
from portal.chat.service.marking import CursorMoved
from portal.chat.service.moving import MessageMoved, TopicSettled
from portal.chat.service.proposing import ProposalDecided
from portal.chat.service.rechecking import FileChecked
from portal.chat.service.sending import MessageSent
from portal.chat.service.withdrawing import MessageWithdrawn
from portal.errors import SignInNeeded
from portal.people.rules.access import Permission, Viewer
from portal.people.service.changes import HelpHandedOver, RecipientAdded
from portal.realtime.live import Live, event

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CHANGED = "chat:changed"
"""What an open page hears: a change with its number, or only how far each side has come."""


URGENT = "chat:urgent"
"""Something at the top of the inbox has changed."""


class Since(BaseModel):
    """Which conversation, and the last change the page has."""

    model_config = ConfigDict(strict=True, extra="forbid")

    conversation: Annotated[str, Field(max_length=22)]
    since: Annotated[int, Field(ge=0, le=2**31 - 1)]


@event("chat:since", may=Permission.CHAT, level="chat", shape=Since)
def since(s: Session, viewer: Viewer, data: Since) -> dict[str, object]:
    """Tell what is new in a conversation; word for word what the page's own question gives."""
    return reading.changes_since(s, viewer.person_id, data.conversation, since=data.since).as_data()


class NewMessageOfPage(NewMessage):
    """The same as over HTTP, and what the address and the form's token say there: where, and whose page."""

    conversation: Annotated[str, Field(max_length=22)]
    me: str
    """The public id of whoever the page was drawn for."""


@event("chat:send", may=Permission.CHAT, level="chat", shape=NewMessageOfPage, writes=True)
def send(s: Session, viewer: Viewer, data: NewMessageOfPage) -> dict[str, object]:
    """Send a message, as the page's own request does; the answer comes when it is never lost.

    Raises: SignInNeeded when somebody else has signed in on the phone since the page was drawn.
    """
    if data.me != viewer.public_id:
        raise SignInNeeded
    return take_in(s, viewer.person_id, data.conversation, data).as_data()


def tell_of_new_message(live: Live, fact: MessageSent) -> None:
    """Show a new message on the open pages of everybody who may read it at this moment.

    It is at hand as it was written, with its readers, so nothing is asked of the database.
    A helper for other topics hears that the number rose; a centre hears of its own messages alone, and
    fetches what it missed.
    """
    thread, new, readers = fact.thread, fact.change, fact.readers
    shown = reading.Changes(
        thread.public_id, new.rev, new.rev, more=False, changes=(new,), hidden=(), marks=None
    )
    reads_it = {person_id for person_id, topics in readers.items() if new.topic in topics}
    live.push(reads_it, CHANGED, _payload(shown), level="chat")
    others = {one for one, topics in readers.items() if topics != {Topic.CENTRE}} - reads_it
    live.push(others, CHANGED, replace(shown, changes=()).as_data(), level="chat")


def tell_of_message(
    live: Live, fact: MessageWithdrawn | MessageMoved | TopicSettled | FileChecked | ProposalDecided
) -> None:
    """Show what became of a message on the open pages of everybody who may read it at this moment."""
    _tell(live, fact.conversation_id, fact.rev)


def tell_of_cursor(live: Live, fact: CursorMoved) -> None:
    """Show on the open pages how far the other side has come."""
    _tell(live, fact.conversation_id, None)


def _tell(live: Live, conversation_id: int, rev: int | None) -> None:
    """Push to everybody who reads it, each what she may see; whoever may not see it hears only its number."""
    with live.database.transaction(writes=False) as s:
        thread = threads.get_thread(s, conversation_id)
        readers = threads.topics_of_readers(s, thread)
        payloads = {
            read: _payload(reading.change_at(s, replace(thread, topics=read), rev))
            for read in set(readers.values())
        }
    for read, payload in payloads.items():
        live.push({one for one, hers in readers.items() if hers == read}, CHANGED, payload, level="chat")


def _payload(change: reading.Changes) -> dict[str, object]:
    """What is pushed. A phrase or a file is in no language yet: the page fetches it in its reader's."""
    data, is_worded = change.as_data(), any(one.phrase or one.files for one in change.changes)
    return {**data, "changes": [], "fetch": True} if is_worded else data


def tell_of_emergency(live: Live, fact: EmergencyChanged) -> None:
    """Let the open inboxes of everybody on duty look again: a question was asked or taken. Says no more."""
    with live.database.transaction(writes=False) as s:
        told = emergency.who_is_told(s, fact.question_id)
    live.push(told, URGENT, {}, level="staff")


def tell_of_call(live: Live, fact: CallChanged) -> None:
    """Let the open inboxes of those who may ring look again."""
    with live.database.transaction(writes=False) as s:
        thread = threads.get_thread(s, fact.conversation_id)
        readers = threads.topics_of_readers(s, thread)
    told = {one for one, read in readers.items() if TOPIC in read}
    live.push(told - {thread.recipient_id}, URGENT, {}, level="staff")


def begin_conversation(s: Session, fact: RecipientAdded) -> None:
    """Lay the conversation about the plan ready for a new recipient, so that either side can write first."""
    threads.ensure_conversation(s, fact.recipient_id)


EVENTS = (since, send)
TELLS = (
    (MessageSent, tell_of_new_message),
    (MessageWithdrawn, tell_of_message),
    (MessageMoved, tell_of_message),
    (TopicSettled, tell_of_message),
    (FileChecked, tell_of_message),
    (ProposalDecided, tell_of_message),
    (CursorMoved, tell_of_cursor),
    (EmergencyChanged, tell_of_emergency),
    (CallChanged, tell_of_call),
)
WITHIN = ((RecipientAdded, begin_conversation), (HelpHandedOver, leave_words))
"""What is written in the fact's own transaction; app.py subscribes both."""
