"""Calls that somebody asked for: asking, what she sees of it, and taking it back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.models import Callback, Conversation
from portal.chat.rules.calls import SAID_BY, CallState, When, Window, state_of, when_said
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.topics import Topic
from portal.chat.service import sending, threads
from portal.chat.service.calls_asked import open_calls
from portal.clock import now_utc
from portal.db import seal, unseal
from portal.errors import N_, NotFound, Refused
from portal.people.service import recipients

MOST_IN_NUMBER = 20
TOPIC = Topic.PLAN
"""A call is asked of those who make the plan with her."""


@dataclass(frozen=True)
class CallChanged:
    """A call was asked for, promised, tried or is over: whoever reads the conversation looks again."""

    conversation_id: int


@dataclass(frozen=True)
class OwnCall:
    """A call that a person has asked for and that is not over. `by`: the given name of who promised it."""

    public_id: str
    asked_at: datetime
    state: CallState
    window: Window | None
    by: str | None
    tries: int


@dataclass(frozen=True)
class CallPage:
    """What a person sees: her open call, or a form to ask for one."""

    call: OwnCall | None
    has_chat: bool
    next_client_id: str


def call_page(s: Session, recipient_id: int) -> CallPage:
    """Show a person the call she has asked for, or let her ask."""
    has_chat = threads.find_conversation(s, recipient_id) is not None
    return CallPage(own_call(s, recipient_id), has_chat, str(uuid.uuid4()))


def own_call(s: Session, recipient_id: int) -> OwnCall | None:
    """Find a person's call that is not over; there is one at most."""
    row = s.scalar(
        open_calls()
        .join(Conversation, Conversation.id == Callback.conversation_id)
        .where(Conversation.recipient_id == recipient_id)
    )
    if row is None:
        return None
    by = recipients.get_person(s, row.promised_by_id).given_name if row.promised_by_id else None
    window = window_of(row)
    state = state_of(window, now_utc())
    return OwnCall(row.public_id, row.asked_at, state, window, by, row.tries)


def ask(
    s: Session, recipient_id: int, *, client_id: str, when: When, words: str = "", number: str = ""
) -> None:
    """Ask to be rung: a message to those who make the plan with her, and a call that waits for a promise.

    Asking again while a call is open changes nothing. `words`: what she wrote of when, which is never thrown
    away. `number`: another than the office knows; it is sealed.

    Raises: NotFound when she has no conversation; Refused `phrase.field` when her own words are missing, and
        `call.number`.
    """
    public_id = threads.find_conversation(s, recipient_id)
    if public_id is None:
        raise NotFound
    if sum(sign.isdigit() for sign in number) < len("110") and number:
        raise Refused("call.number", N_("Skriv telefonnummeret med tall, slik: 55 55 33 33."), field="number")
    thread = threads.require_thread(s, recipient_id, public_id)
    sending.hold(s, thread)
    if own_call(s, recipient_id) is not None:
        return
    when = when_said(when, words)
    filled = Filled(SAID_BY[when], {"when": words} if when is When.OWN_WORDS else {})
    sent = sending.post_message(s, recipient_id, public_id, client_id=client_id, phrase=filled, topic=TOPIC)
    row = s.scalar(open_calls().where(Callback.conversation_id == thread.id, Callback.seq == sent.change.seq))
    if row is not None and number:
        row.number = seal(s, number, bound_to=("callback", row.public_id))
    publish(s, CallChanged(thread.id))


def cancel(s: Session, recipient_id: int, public_id: str) -> None:
    """Say that she does not need the call after all. Raises: NotFound for another's, or one that is over."""
    row = _own(s, recipient_id, public_id)
    row.cancelled_at = now_utc()
    say(s, recipient_id, row, Filled("call_not_needed"))


def not_kept(s: Session, recipient_id: int, public_id: str) -> None:
    """Say that nobody rang as promised: kept like anybody's absence, and the call waits for a new promise.

    Raises: NotFound; Refused `call.not_over` while the window is not over. Source: design 3.12.
    """
    row = _own(s, recipient_id, public_id)
    if state_of(window_of(row), now_utc()) is not CallState.MISSED:
        raise Refused("call.not_over", N_("Tiden er ikke over ennå."))
    row.missed += 1
    row.promised_from = row.promised_to = None
    say(s, recipient_id, row, Filled("call_not_kept"))


def window_of(row: Callback) -> Window | None:
    """Give the window that is promised; None when nothing is."""
    if row.promised_from is None or row.promised_to is None:
        return None
    return Window(row.promised_from, row.promised_to)


def number_of(s: Session, row: Callback) -> str | None:
    """Open the number she asked to be rung on; None: the one that the office knows."""
    return None if row.number is None else unseal(s, row.number, bound_to=("callback", row.public_id))


def is_over(row: Callback) -> bool:
    """Whether she was spoken to, or does not need the call."""
    return row.spoken_at is not None or row.cancelled_at is not None


def say(s: Session, author_id: int, row: Callback, filled: Filled, *, client_id: str = "") -> None:
    """Let the thread tell what became of a call. `client_id`: of the form, when it may come twice."""
    thread = threads.get_thread(s, row.conversation_id)
    sent = client_id or str(uuid.uuid4())
    sending.post_message(s, author_id, thread.public_id, client_id=sent, phrase=filled, topic=TOPIC)
    publish(s, CallChanged(row.conversation_id))


def held(s: Session, public_id: str, *, over_too: bool = False) -> Callback:
    """Get an open call, for one at a time to change; with `over_too` also one that is over.

    Raises: NotFound.
    """
    wanted = select(Callback) if over_too else open_calls()
    return _found(s, wanted.where(Callback.public_id == public_id).with_for_update())


def get_open(s: Session, public_id: str) -> Callback:
    """Get an open call. Raises: NotFound for none, or one that is over."""
    return _found(s, open_calls().where(Callback.public_id == public_id))


def _found(s: Session, wanted: Select[Callback]) -> Callback:
    row = s.scalar(wanted.execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row


def _own(s: Session, recipient_id: int, public_id: str) -> Callback:
    row = held(s, public_id)
    if threads.get_thread(s, row.conversation_id).recipient_id != recipient_id:
        raise NotFound
    return row
