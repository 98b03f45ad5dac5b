"""«Beskjed til veilederen»: what a centre tells whoever makes the plan with a person, before her own eyes.

It is a message of the centre's topic, so she, her veileder and the centre all read the same. It answers
nothing, and stands in the veileder's list until somebody says that it is seen to.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.chat.models import CentreNote, Message
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.phrases import MOST_FILLED_IN
from portal.chat.rules.staff_phrases import NOTES
from portal.chat.rules.topics import Topic
from portal.chat.service import sending, threads
from portal.chat.service.messages import binding
from portal.chat.service.phrasing import said
from portal.chat.service.threads import Thread
from portal.clock import now_utc
from portal.db import unseal
from portal.errors import N_, NotFound, Refused
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened
from portal.people.service import access_log, places, recipients
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard

MOST_WORDS = MOST_FILLED_IN
IN_OWN_WORDS = "note_words"


@dataclass(frozen=True)
class NotePage:
    """A form for a note. `veileder`: who gets it, by given name; None when nobody makes the plan yet."""

    centre: CentreCard
    person: PersonCard
    conversation: str
    veileder: str | None
    next_client_id: str


@dataclass(frozen=True)
class NoteLine:
    """A note that nobody has seen to yet, as the veileder reads it in her list."""

    conversation: str
    seq: int
    person: PersonCard
    text: str
    by: str
    at: datetime


def note_page(s: Session, viewer: Viewer, centre: str, person: str) -> NotePage:
    """Show the form to somebody who works at the centre where the person is expected.

    Raises: NotFound for a centre where the viewer does not work, for somebody whose messages with the centre
        she does not read, and alike for one with a protected address and for nobody (design 3.7).
    """
    place = places.find_centre(s, centre)
    card = recipients.find_by_public_id(s, person)
    public_id = threads.find_conversation(s, card.id) if card else None
    thread = threads.require_staff_thread(s, viewer.person_id, public_id or "")
    if place is None or place.id not in viewer.centre_ids or card is None:
        raise NotFound
    if Topic.CENTRE not in thread.topics or not thread.has_centre:
        raise NotFound
    access_log.look(s, Opened.THREAD, card.id)
    veileder = recipients.veileder_of(s, card.id)
    return NotePage(place, card, thread.public_id, veileder, str(uuid.uuid4()))


def leave_note(
    s: Session, viewer: Viewer, centre: str, person: str, *, client_id: str, what: str, words: str = ""
) -> None:
    """Leave a note. The same `client_id` is the same note, however often it comes.

    Raises: NotFound, see `note_page`; Refused `note.nothing` when nothing was chosen or written, `note.both`
        for own words beside another choice, `note.words` when they are missing or too long, `chat.client_id`;
        Conflict `chat.other_text`.
    """
    found = note_page(s, viewer, centre, person)
    has_words = bool(words.split())
    what = what or (IN_OWN_WORDS if has_words else "")
    if what not in NOTES:
        raise Refused("note.nothing", N_("Velg hva beskjeden gjelder."), field="what")
    is_own = what == IN_OWN_WORDS
    if has_words and not is_own:  # neither may be lost
        raise Refused("note.both", N_("Velg «Noe annet» når du skriver egne ord."), field="what")
    length = len(" ".join(words.split()))
    if is_own and not 0 < length <= MOST_WORDS:
        few, many = (
            N_("Skriv noen ord. Det er plass til %(limit)s tegn."),
            N_("Skriv kortere. Det er plass til %(limit)s tegn."),
        )
        raise Refused("note.words", many if length else few, field="words", limit=MOST_WORDS)
    sent = sending.post_message(
        s,
        viewer.person_id,
        found.conversation,
        client_id=client_id,
        phrase=Filled(what, {"words": words} if is_own else {}),
        topic=Topic.CENTRE,
    )
    if not sent.is_replay:
        thread = threads.require_thread(s, viewer.person_id, found.conversation)
        s.add(CentreNote(conversation_id=thread.id, seq=sent.change.seq))


def list_notes(s: Session, viewer: Viewer) -> list[NoteLine]:
    """Get the notes about people whose plan the viewer makes that nobody has seen to yet, oldest first."""
    own = {one.id: one for one in threads.list_threads(s, viewer.person_id) if Topic.PLAN in one.topics}
    rows = s.scalars(
        select(Message)
        .join(
            CentreNote,
            (CentreNote.conversation_id == Message.conversation_id) & (CentreNote.seq == Message.seq),
        )
        .where(CentreNote.done_at.is_(None), Message.withdrawn_at.is_(None), Message.conversation_id.in_(own))
        .order_by(Message.created_at, Message.conversation_id, Message.seq)
    ).all()
    people = recipients.cards_for(
        s, {own[row.conversation_id].recipient_id for row in rows} | {row.author_id for row in rows}
    )
    return [
        NoteLine(
            own[row.conversation_id].public_id,
            row.seq,
            people[own[row.conversation_id].recipient_id],
            said(row.phrase, _kept(s, own[row.conversation_id], row))[0],
            people[row.author_id].name,
            row.created_at,
        )
        for row in rows
    ]


def see_to(s: Session, viewer: Viewer, public_id: str, *, seq: int) -> None:
    """Say that a note is seen to: it leaves every veileder's list, and stays in the conversation.

    Who said so first is kept. Raises: NotFound for a note that is not hers to read, and for none.
    """
    thread = _plan_thread(s, viewer, public_id)
    row = s.get(CentreNote, (thread.id, seq), with_for_update=True)
    if row is None:
        raise NotFound
    if row.done_at is None:
        row.done_by_id, row.done_at = viewer.person_id, now_utc()


def _kept(s: Session, thread: Thread, row: Message) -> str:
    return unseal(s, row.body, bound_to=binding(thread.public_id, row.author_id, row.client_id))


def _plan_thread(s: Session, viewer: Viewer, public_id: str) -> Thread:
    thread = threads.require_staff_thread(s, viewer.person_id, public_id)
    if Topic.PLAN not in thread.topics:
        raise NotFound
    return thread
