"""Calls as those see them who ring: the list in order, the promise, and how it ended."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.chat.models import Callback
from portal.chat.rules.calls import CallState, Window, may_promise, state_of
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.texts import cleaned_client_id
from portal.chat.service import calls, messages, sending, threads
from portal.chat.service.calls_asked import open_calls
from portal.chat.service.threads import Thread
from portal.clock import now_utc, oslo_instant, to_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.rules.access import Viewer
from portal.people.rules.hours import read_clock, read_day
from portal.people.rules.words import Opened
from portal.people.service import access_log, recipients
from portal.people.service.recipients import PersonCard


@dataclass(frozen=True)
class CallLine:
    """A call in a veileder's list. `missed`: how often it was promised and not kept, as the person said."""

    public_id: str
    person: PersonCard
    state: CallState
    asked_at: datetime
    window: Window | None
    tries: int
    missed: int


@dataclass(frozen=True)
class CallCard:
    """One call with what is needed to ring. `number`: None when the office has it already.

    `wish`: what she said when she asked, in the reader's language; None when she took it back.
    """

    line: CallLine
    number: str | None
    wish: str | None
    next_client_id: str


def list_calls(s: Session, viewer: Viewer) -> list[CallLine]:
    """Get the open calls of the people whom the viewer helps: not kept first, then now, then by time.

    It follows who helps: whoever takes over or stands in has the call in her list the same day.
    """
    rows = s.scalars(open_calls()).all()
    if not rows:
        return []
    own = {one.id: one for one in threads.list_threads(s, viewer.person_id) if calls.TOPIC in one.topics}
    mine = [row for row in rows if row.conversation_id in own]
    people = recipients.cards_for(s, {own[row.conversation_id].recipient_id for row in mine})
    lines = [_line(row, people[own[row.conversation_id].recipient_id]) for row in mine]
    return sorted(lines, key=_order)


def get_call(s: Session, viewer: Viewer, public_id: str) -> CallCard:
    """Show one call with its number. Raises: NotFound for one that is not hers to see, or is over."""
    row = calls.get_open(s, public_id)
    thread = _thread(s, viewer, row)
    access_log.look(s, Opened.THREAD, thread.recipient_id)
    person = recipients.get_person(s, thread.recipient_id)
    wish = messages.body_of(s, thread, row.seq)
    return CallCard(_line(row, person), calls.number_of(s, row), wish, str(uuid.uuid4()))


def promise(s: Session, viewer: Viewer, public_id: str, *, day: str, first: str, last: str) -> None:
    """Promise to ring within a window; it stands in both people's day, and a new one takes its place.

    That an earlier one passed without a call is kept (design 3.12). The same promise once more, or for a
    call that is over, changes nothing.

    Raises: NotFound; Refused `call.window` (`field`) when it cannot be read, is over or is too far ahead.
    """
    row = _held(s, viewer, public_id)
    window = _read_window(day, first, last)
    if calls.is_over(row) or (calls.window_of(row), row.promised_by_id) == (window, viewer.person_id):
        return
    if state_of(calls.window_of(row), now_utc()) is CallState.MISSED:
        row.missed += 1
    row.promised_from, row.promised_to = window.first, window.last
    row.promised_by_id = viewer.person_id
    on, begins, ends = to_oslo(window.first), to_oslo(window.first), to_oslo(window.last)
    values = {"day": on.date().isoformat(), "first": f"{begins:%H:%M}", "last": f"{ends:%H:%M}"}
    calls.say(s, viewer.person_id, row, Filled("call_promised", values))


def spoke(s: Session, viewer: Viewer, public_id: str) -> None:
    """Say that they have spoken: the call is over. Of one that is over already nothing more is said.

    Raises: NotFound.
    """
    row = _held(s, viewer, public_id)
    if calls.is_over(row):
        return
    row.spoken_at = now_utc()
    calls.say(s, viewer.person_id, row, Filled("call_spoken"))


def got_no_answer(s: Session, viewer: Viewer, public_id: str, *, client_id: str) -> None:
    """Say that one rang in vain: the call comes back into the list by itself.

    The same `client_id` is the same try, however often it comes; of a call that is over nothing is said.
    Raises: NotFound; Refused `chat.client_id`.
    """
    client_id = cleaned_client_id(client_id)
    row = _held(s, viewer, public_id)
    if calls.is_over(row) or sending.is_sent(s, row.conversation_id, viewer.person_id, client_id):
        return
    row.tries, row.tried_at = row.tries + 1, now_utc()
    row.promised_from = row.promised_to = None
    calls.say(s, viewer.person_id, row, Filled("call_no_answer"), client_id=client_id)


def _held(s: Session, viewer: Viewer, public_id: str) -> Callback:
    """Hold a call, over or not, whose thread the viewer reads. Raises: NotFound."""
    row = calls.held(s, public_id, over_too=True)
    _thread(s, viewer, row)
    return row


def _thread(s: Session, viewer: Viewer, row: Callback) -> Thread:
    conversation = threads.get_thread(s, row.conversation_id).public_id
    thread = threads.require_thread(s, viewer.person_id, conversation)
    if thread.is_hers or calls.TOPIC not in thread.topics:
        raise NotFound
    return thread


def _read_window(day: str, first: str, last: str) -> Window:
    on, begins, ends = read_day(day), read_clock(first), read_clock(last)
    if on is None:
        raise Refused("call.window", N_("Skriv datoen slik: 24.12.2026."), field="day")
    if begins is None or ends is None:
        raise Refused("call.window", N_("Skriv klokkeslettet slik: 09.00."), field="first")
    window = Window(oslo_instant(on, begins), oslo_instant(on, ends))
    if window.last <= window.first:
        raise Refused("call.window", N_("«Til kl.» må være senere enn «Fra kl.»."), field="last")
    if not may_promise(window, now_utc()):
        raise Refused("call.window", N_("Velg et tidsrom som ikke er over, og innen to uker."), field="first")
    return window


def _line(row: Callback, person: PersonCard) -> CallLine:
    window = calls.window_of(row)
    state = state_of(window, now_utc())
    return CallLine(row.public_id, person, state, row.asked_at, window, row.tries, row.missed)


def _order(line: CallLine) -> tuple[int, datetime, str]:
    return (
        list(CallState).index(line.state),
        line.window.first if line.window else line.asked_at,
        line.public_id,
    )
