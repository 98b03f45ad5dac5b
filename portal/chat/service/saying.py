"""Saying a phrase, with what belongs to it: telling the centre, proposing a meeting, setting a task."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import for_recipient, notices
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.phrases import (
    CENTRES_GROUPS,
    OFFICE_PHRASE,
    TELLS_CENTRE,
    cleaned_values,
    may_be_said_by_centre,
    require_said_by_hand,
)
from portal.chat.rules.staff_phrases import PROPOSES
from portal.chat.rules.topics import Side, Topic
from portal.chat.service import proposing
from portal.chat.service.messages import own_message
from portal.chat.service.office_phrases import get_made
from portal.chat.service.phrasing import SENTENCES
from portal.chat.service.sending import Along, Sent, post_message
from portal.chat.service.threads import Thread, require_thread
from portal.clock import now_utc, to_oslo, today_oslo
from portal.db import new_public_id
from portal.errors import NotFound
from portal.i18n import format_names
from portal.i18n import gettext as _
from portal.people.service import recipients
from portal.plan.service import tasks
from portal.plan.service.agenda import agenda_for

QUICK_REPLIES = ("on_my_way", "sick_today", "need_interpreter")
"""What a person can say with one tap, in the order of the list. A promised call and help with food or a bed
have pages of their own."""

_KINDS = {"on_my_way": NoticeKind.LATE, "sick_today": NoticeKind.CANNOT_COME}


@dataclass(frozen=True)
class QuickReply:
    """A sentence to send with one tap. `centre`: who may be told too, by name; empty: nobody to ask about.

    next_client_id: of its own, so that one who goes back may send another sentence from the same page.
    """

    code: str
    text: str
    centre: str
    next_client_id: str


@dataclass(frozen=True)
class Said:
    """A phrase to be said. `tells_centre`: whether her centre is told too; `age`: how long it waited."""

    filled: Filled
    tells_centre: bool = False
    age: timedelta = timedelta()


def quick_replies(s: Session, person_id: int, public_id: str) -> list[QuickReply]:
    """List what a person can say with one tap, in her language. Raises: NotFound for anybody but her."""
    thread = require_thread(s, person_id, public_id)
    if not thread.is_hers:
        raise NotFound
    return [
        QuickReply(code, _(SENTENCES[code]), _centre_to_tell(s, thread.recipient_id, code), str(uuid.uuid4()))
        for code in QUICK_REPLIES
    ]


def say(
    s: Session, author_id: int, public_id: str, *, client_id: str, said: Said, topic: Topic | None = None
) -> Sent:
    """Send a phrase, and do what belongs to it in the same transaction; sent twice, both are done once.

    A proposed meeting waits for her answer; a task stands on her list; a notice stands on the centre's board.

    Raises: what `post_message` raises; NotFound for a sentence that is not for a centre to say; Refused
        `phrase.unknown` for what only a page of its own says, which writes what the sentence tells of;
        Refused `proposal.past`, and `plan.too_long` for a task.
    """
    require_said_by_hand(said.filled.code)
    code = said.filled.code
    thread = require_thread(s, author_id, public_id)
    if thread.is_centres and code != OFFICE_PHRASE and not may_be_said_by_centre(code):
        raise NotFound
    starts_utc = proposing.require_ahead(said.filled) if said.filled.code in PROPOSES else None
    if said.tells_centre and code in TELLS_CENTRE:
        recipients.hold(s, [thread.recipient_id])  # before the conversation, see portal/db.py
    sent = post_message(
        s, author_id, public_id, client_id=client_id, phrase=said.filled, along=_along(s, said), topic=topic
    )
    if sent.is_replay or starts_utc is None:
        return sent
    proposing.propose(s, thread, sent.change.seq, starts_utc)
    return Sent(sent.conversation, own_message(s, thread, author_id, sent.change.seq), is_replay=False)


def _along(s: Session, said: Said) -> Along | None:
    code = said.filled.code
    if code in TELLS_CENTRE:
        return lambda thread: _tell_centre(s, thread, said)
    if code in ("task_set", "task_set_by"):
        return lambda thread: _set_task(s, thread, said.filled)
    if code == OFFICE_PHRASE:
        return lambda thread: _take_texts(s, thread, said.filled)
    return None


def _take_texts(s: Session, thread: Thread, filled: Filled) -> Mapping[str, str]:
    """Take the texts of an office's own sentence along as they are now. Raises: NotFound when it is ended."""
    office_id = recipients.get_person(s, thread.recipient_id).office_id
    made = get_made(s, office_id, filled.values.get("made", ""))
    if thread.is_centres and made.group not in CENTRES_GROUPS:
        raise NotFound
    return {f"_{language}": text for language, text in made.texts.items()}


def _tell_centre(s: Session, thread: Thread, said: Said) -> Mapping[str, str]:
    """Write the same notice as the button on I dag, if she wants it and it is still about today."""
    on = to_oslo(now_utc() - said.age).date()
    if on != today_oslo():
        return {"_on": on.isoformat()}
    code = said.filled.code
    centre = _centre_to_tell(s, thread.recipient_id, code) if said.tells_centre else ""
    if not centre:
        return {}
    notice = notices.Notice(_KINDS[code], (on,), new_public_id(), thread.recipient_id)
    return {"_notice": notices.tell(s, thread.recipient_id, notice), "_place": centre}


def _centre_to_tell(s: Session, recipient_id: int, code: str) -> str:
    """Name the centres that expect her today and have not heard this yet.

    Empty for a person with a protected address, and when she is there or expected nowhere.
    """
    person = recipients.get_person(s, recipient_id)
    if code not in _KINDS or person.is_protected:
        return ""
    day = for_recipient.day_for(s, agenda_for(s, person, today_oslo()), today_oslo())
    if day.told is not None and day.told.kind is _KINDS[code]:
        return ""
    names = [one.centre.name for one in day.visits if one.visit and not one.arrived_at]
    return format_names(names)


def _set_task(s: Session, thread: Thread, filled: Filled) -> Mapping[str, str]:
    values = cleaned_values(filled, by=Side.STAFF)
    due_on = date.fromisoformat(values["day"]) if "day" in values else None
    return {"_task": tasks.add_task(s, thread.recipient_id, title=values["what"], due_on=due_on)}
