"""Who waits for an answer, topic by topic, and since when; nothing of what was written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.chat.models import AnsweredWait, Conversation, Message, Waiting
from portal.chat.rules import waits
from portal.chat.rules.phrases import needs_answer
from portal.chat.rules.topics import Side, Topic
from portal.chat.rules.waits import Clocks
from portal.chat.service.threads import Thread
from portal.people.service import recipients


def waiting_since(s: Session, recipient_ids: Collection[int]) -> dict[int, datetime]:
    """Tell since when each of these people has waited for Nav; who does not wait is left out.

    One query, and no word of any message: fit for a leader's page. The caller checks whose they are.
    """
    rows = s.execute(
        select(Conversation.recipient_id, func.min(Waiting.staff_since))
        .join(Waiting, Waiting.conversation_id == Conversation.id)
        .where(Conversation.recipient_id.in_(recipient_ids), Waiting.staff_since.is_not(None))
        .group_by(Conversation.recipient_id)
    )
    return {recipient_id: since for recipient_id, since in rows if since}


def list_waiting(
    s: Session, recipient_ids: Select[int], *, most: int
) -> dict[int, tuple[tuple[Topic, datetime], ...]]:
    """List who of these people waits for Nav, longest first, about what and since when; no word of a message.

    `most`: how many waits are looked at. The caller checks who may be told of whom.
    """
    rows = s.execute(
        select(Conversation.recipient_id, Waiting.topic, Waiting.staff_since)
        .join(Conversation, Conversation.id == Waiting.conversation_id)
        .where(Waiting.staff_since.is_not(None), Conversation.recipient_id.in_(recipient_ids))
        .order_by(Waiting.staff_since, Conversation.recipient_id, Waiting.topic)
        .limit(most)
    )
    found: dict[int, tuple[tuple[Topic, datetime], ...]] = {}
    for recipient_id, topic, since in rows:
        if since:
            found[recipient_id] = (*found.get(recipient_id, ()), (topic, since))
    return found


def clocks_for(s: Session, conversation_ids: Collection[int]) -> dict[int, dict[Topic, Clocks]]:
    """Tell who waits in several conversations, topic by topic; a topic nobody wrote about is left out."""
    found: dict[int, dict[Topic, Clocks]] = {one: {} for one in conversation_ids}
    rows = s.execute(
        select(Waiting.conversation_id, Waiting.topic, Waiting.staff_since, Waiting.recipient_since).where(
            Waiting.conversation_id.in_(conversation_ids)
        )
    )
    for conversation_id, topic, staff_since, recipient_since in rows:
        found[conversation_id][topic] = Clocks(staff_since, recipient_since)
    return found


def waits_for(s: Session, thread: Thread, topic: Topic) -> Waiting:
    """Get the clocks of a topic to be set, for whoever holds the conversation."""
    row = s.get(Waiting, (thread.id, topic))
    if row is None:
        row = Waiting(conversation_id=thread.id, topic=topic)
        s.add(row)
    return row


def note_message(
    s: Session,
    thread: Thread,
    topic: Topic,
    *,
    by_id: int,
    at_utc: datetime,
    is_correction: bool = False,
    is_yes: bool = False,
) -> None:
    """Start and stop the clocks of a topic for a new message, and remember a wait that it ends.

    is_yes: it only says yes, and asks for nothing.
    """
    row, by = waits_for(s, thread, topic), side_of(thread, by_id)
    said = waits.Said(by, at_utc, is_correction, needs_answer=not is_yes)
    clocks = waits.clocks_after(Clocks(row.staff_since, row.recipient_since), said)
    if row.staff_since and clocks.staff_since_utc is None:
        s.add(
            AnsweredWait(
                conversation_id=thread.id,
                topic=topic,
                office_id=recipients.get_person(s, thread.recipient_id).office_id,
                waited_since=row.staff_since,
                answered_at=at_utc,
                by_id=by_id,
            )
        )
    row.staff_since, row.recipient_since = clocks.staff_since_utc, clocks.recipient_since_utc


def reckon_anew(s: Session, thread: Thread, topic: Topic) -> None:
    """Set the clocks of a topic from what still stands there: something was taken back or moved."""
    row = waits_for(s, thread, topic)
    said = s.execute(
        select(Message.author_id, Message.created_at, Message.corrects_seq, Message.phrase)
        .where(
            Message.conversation_id == thread.id,
            Message.topic == topic,
            Message.turn > (row.settled_rev or 0),
            Message.withdrawn_at.is_(None),
        )
        .order_by(Message.seq)
    )
    clocks = waits.clocks_of(
        waits.Said(
            side_of(thread, author_id),
            at,
            is_correction=corrects is not None,
            needs_answer=needs_answer(phrase),
        )
        for author_id, at, corrects, phrase in said
    )
    row.staff_since, row.recipient_since = clocks.staff_since_utc, clocks.recipient_since_utc


def side_of(thread: Thread, person_id: int) -> Side:
    """Tell on which side of a conversation somebody stands."""
    return Side.RECIPIENT if person_id == thread.recipient_id else Side.STAFF
