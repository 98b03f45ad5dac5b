"""The words that somebody who goes leaves for a recipient, so that she need not tell all again."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.rules import topics
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.topics import Side
from portal.chat.service.messages import Change, author_of
from portal.chat.service.phrasing import content_of
from portal.chat.service.sending import MessageSent, hold, raise_head, write
from portal.chat.service.threads import list_own_threads, topics_of_readers
from portal.chat.service.waiting import note_message
from portal.clock import now_utc
from portal.people.service import recipients
from portal.people.service.changes import HelpHandedOver


def leave_words(s: Session, fact: HelpHandedOver) -> None:
    """Put her words into the conversation, in the transaction that handed the help over.

    Her help may have ended a moment ago, so nobody is asked whether she reads it. They answer nothing: a
    clock that runs keeps running, and what is unread stays unread.
    """
    for thread in list_own_threads(s, fact.recipient_id):
        words = content_of("", _phrase(fact), by=Side.STAFF)
        hold(s, thread)
        rev, at, about = raise_head(s, thread), now_utc(), topics.own_topic(frozenset({fact.purpose}))
        author = author_of(thread, recipients.get_person(s, fact.from_id))
        change = Change(
            rev, rev, rev, about, at, author, str(uuid.uuid4()), words.phrase, words.said,
            in_norwegian=words.in_norwegian,
        )  # fmt: skip
        note_message(s, thread, about, by_id=fact.from_id, at_utc=at, is_yes=True)
        write(s, thread, fact.from_id, change, words)
        publish(s, MessageSent(thread, change, topics_of_readers(s, thread)))


def _phrase(fact: HelpHandedOver) -> Filled:
    if fact.name is None or fact.first is None or fact.last is None:
        return Filled("hands_over", {"words": fact.words})
    days = {"first": fact.first.isoformat(), "last": fact.last.isoformat()}
    return Filled("stand_in_begins", {"name": fact.name, **days, "words": fact.words})
