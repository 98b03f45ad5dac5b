"""Proposing a meeting: she says yes or no, once, and a yes is a meeting in her plan in the same moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.attendance.service import calling_off
from portal.bus import publish
from portal.chat.models import Journal, MeetingProposal, Message
from portal.chat.rules.messages import Kind, ProposalState
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.phrases import cleaned_values
from portal.chat.rules.topics import Side
from portal.chat.service.messages import Change, authors_of, binding, messages_in, opened
from portal.chat.service.phrasing import values_of
from portal.chat.service.sending import hold, post_message, raise_head
from portal.chat.service.threads import Thread, require_staff_thread, require_thread
from portal.clock import now_utc, oslo_instant, to_oslo
from portal.db import unseal
from portal.errors import N_, Conflict, NotFound, Refused
from portal.plan.rules.words import MeetingPlace
from portal.plan.service import meetings

MEETING_MINUTES = 45
"""How long a proposed meeting stands in the plan."""

_HOW = {
    "propose_office": MeetingPlace.OFFICE,
    "propose_phone": MeetingPlace.PHONE,
    "propose_elsewhere": MeetingPlace.ELSEWHERE,
}


@dataclass(frozen=True)
class ProposalDecided:
    """A proposed meeting was taken, declined or called off."""

    conversation_id: int
    rev: int


def require_ahead(filled: Filled) -> datetime:
    """Tell when a proposed meeting starts. Raises: Refused `proposal.past` when that is over already."""
    values = cleaned_values(filled, by=Side.STAFF)
    starts_utc = oslo_instant(date.fromisoformat(values["day"]), time.fromisoformat(values["time"]))
    if starts_utc <= now_utc():
        raise Refused("proposal.past", N_("Velg en dag og et klokkeslett som ikke har vært."), field="day")
    return starts_utc


def propose(s: Session, thread: Thread, seq: int, starts_utc: datetime) -> None:
    """Let a message that has just been sent wait for her yes or no."""
    s.add(
        MeetingProposal(conversation_id=thread.id, seq=seq, starts_utc=starts_utc, state=ProposalState.OPEN)
    )
    s.flush()


def read_message(
    s: Session, person_id: int, public_id: str, seq: int, *, withdrawn_too: bool = False
) -> tuple[Thread, Change, str]:
    """Show a message to one of the two, to do something about it; and what is kept of it.

    Raises: NotFound when it is not hers to read, or was withdrawn.
    """
    thread = require_thread(s, person_id, public_id)
    rows = s.execute(messages_in(thread).where(Message.seq == seq)).all()
    if not rows or (rows[0].withdrawn_at and not withdrawn_too):
        raise NotFound
    change = opened(s, thread, rows, authors_of(s, rows))[0]
    bound_to = binding(thread.public_id, rows[0].author_id, change.client_id)
    return thread, change, unseal(s, rows[0].body, bound_to=bound_to)


def answer(s: Session, person_id: int, public_id: str, *, seq: int, client_id: str, suits: bool) -> None:
    """Let the person say yes or no to a proposed time; a yes puts the meeting into her plan at once.

    Her answer is a message in the thread. The same answer twice is one.

    Raises: NotFound for anybody but her; Conflict `proposal.settled` when it was answered otherwise or called
        off; Refused `proposal.past`.
    """
    thread = require_thread(s, person_id, public_id)
    if not thread.is_hers:
        raise NotFound
    hold(s, thread)
    row, state = _get(s, thread, seq), ProposalState.ACCEPTED if suits else ProposalState.DECLINED
    if row.state is state:
        return
    if row.state is not ProposalState.OPEN:
        raise Conflict("proposal.settled", N_("Forslaget gjelder ikke lenger. Se meldingene i chatten."))
    if row.starts_utc <= now_utc():
        raise Refused("proposal.past", N_("Tiden er forbi. Skriv til veilederen, og finn en ny tid."))
    message = _message(s, thread, seq)
    if suits:
        row.meeting = _put_in_plan(s, thread, message, row.starts_utc)
    _decide(s, thread, row, state, by_id=person_id)
    said = Filled("meeting_suits" if suits else "meeting_does_not_suit")
    post_message(s, person_id, public_id, client_id=client_id, phrase=said, topic=message.topic)


def call_off(s: Session, staff_id: int, public_id: str, *, seq: int) -> None:
    """Take a proposal back, or call the agreed meeting off: it leaves the plan. Twice is once.

    Called off on its own day it is Nav's own no-show, and stands so. Raises: NotFound for anybody but staff
    who read it; Conflict `meeting.begun` when the meeting has begun.
    """
    thread = require_staff_thread(s, staff_id, public_id)
    hold(s, thread)
    row = _get(s, thread, seq)
    if _message(s, thread, seq).topic not in thread.topics:
        raise NotFound
    if row.state in (ProposalState.OPEN, ProposalState.ACCEPTED):
        _call_off(s, thread, row, by_id=staff_id)


def call_off_with(s: Session, thread: Thread, seq: int, *, by_id: int) -> None:
    """Let a proposal go when its message is withdrawn; anything else has none. What has begun stays."""
    row = s.get(MeetingProposal, (thread.id, seq))
    if row is not None and row.meeting and row.starts_utc <= now_utc():
        return
    if row is not None and row.state in (ProposalState.OPEN, ProposalState.ACCEPTED):
        _call_off(s, thread, row, by_id=by_id)


def _call_off(s: Session, thread: Thread, row: MeetingProposal, *, by_id: int) -> None:
    if row.meeting:
        meetings.cancel_meeting(s, row.meeting)
        on = to_oslo(row.starts_utc).date()
        calling_off.nav_called_off(s, thread.recipient_id, row.meeting, on, by_id=by_id)
    _decide(s, thread, row, ProposalState.CANCELLED, by_id=by_id)


def _get(s: Session, thread: Thread, seq: int) -> MeetingProposal:
    found = s.get(MeetingProposal, (thread.id, seq), populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _message(s: Session, thread: Thread, seq: int) -> Message:
    return s.scalars(select(Message).where(Message.conversation_id == thread.id, Message.seq == seq)).one()


def _put_in_plan(s: Session, thread: Thread, message: Message, starts_utc: datetime) -> str:
    bound_to = binding(thread.public_id, message.author_id, message.client_id)
    values = values_of(unseal(s, message.body, bound_to=bound_to))
    new = meetings.NewMeeting(
        staff_id=message.author_id,
        starts_utc=starts_utc,
        ends_utc=starts_utc + timedelta(minutes=MEETING_MINUTES),
        how=_HOW[message.phrase or ""],
        place=values.get("place"),
    )
    return meetings.add_meeting(s, thread.recipient_id, new)


def _decide(s: Session, thread: Thread, row: MeetingProposal, state: ProposalState, *, by_id: int) -> None:
    """Write down what became of it, as one change more of its message: open pages show it."""
    rev, at = raise_head(s, thread), now_utc()
    row.state, row.changed_at = state, at
    s.execute(
        update(Message).where(Message.conversation_id == thread.id, Message.seq == row.seq).values(rev=rev)
    )
    s.add(Journal(conversation_id=thread.id, rev=rev, kind=Kind.DECIDED, seq=row.seq, actor_id=by_id, at=at))
    s.flush()
    publish(s, ProposalDecided(thread.id, rev))
