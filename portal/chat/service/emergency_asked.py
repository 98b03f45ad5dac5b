"""A question about emergency help is kept beside its message, in whatever way the message came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.models import EmergencyQuestion, Message
from portal.chat.service.threads import Thread
from portal.people.service import opening, places, recipients

EMERGENCY = "no_food_or_bed"
"""The code of the phrase that is such a question."""


@dataclass(frozen=True)
class EmergencyChanged:
    """A question about emergency help was asked or taken: whoever is on duty looks again."""

    question_id: int


def note_question(s: Session, thread: Thread, phrase: str | None, *, seq: int, at: datetime) -> None:
    """Keep that somebody has asked, if that is what she said. One open question is enough."""
    if phrase != EMERGENCY:
        return
    standing = open_question(s, thread.id)
    if standing is not None:
        publish(s, EmergencyChanged(standing.id))  # it may have been taken back before
        return
    office_id = recipients.get_person(s, thread.recipient_id).office_id
    row = EmergencyQuestion(
        conversation_id=thread.id,
        seq=seq,
        office_id=office_id,
        asked_at=at,
        late_at=_late_at(s, office_id, at),
    )
    s.add(row)
    s.flush()
    publish(s, EmergencyChanged(row.id))


def _late_at(s: Session, office_id: int | None, at: datetime) -> datetime | None:
    if office_id is None:
        return None
    minutes = places.get_office(s, office_id).urgent_minutes
    return opening.calendar_of(s, office_id).add_open_minutes(at, minutes)


def is_taken_back() -> ColumnElement[bool]:
    """Whether no message stands any more that asks it. The question itself is never gone."""
    return ~exists().where(
        Message.conversation_id == EmergencyQuestion.conversation_id,
        Message.seq >= EmergencyQuestion.seq,
        Message.phrase == EMERGENCY,
        Message.withdrawn_at.is_(None),
    )


def open_question(s: Session, conversation_id: int) -> EmergencyQuestion | None:
    """Find the question that nobody has taken yet."""
    return s.scalar(
        select(EmergencyQuestion).where(
            EmergencyQuestion.conversation_id == conversation_id, EmergencyQuestion.taken_at.is_(None)
        )
    )
