"""What becomes of what a sentence did when it is taken back. Doing it: see `saying`.

A notice to a centre stands: she may stay away and yet want the words gone; its receipt takes it back.
"""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.models import Message
from portal.chat.rules.calls import ASKS_FOR_CALL
from portal.chat.service.calls import CallChanged
from portal.chat.service.calls_asked import open_call
from portal.chat.service.emergency_asked import EMERGENCY, EmergencyChanged, open_question
from portal.chat.service.messages import binding
from portal.chat.service.phrasing import values_of
from portal.chat.service.proposing import call_off_with
from portal.chat.service.threads import Thread
from portal.clock import now_utc
from portal.db import unseal
from portal.plan.service import tasks


def hold_call(s: Session, thread: Thread) -> None:
    """Hold the open call of a conversation, to be called before the conversation is held.

    In this order, as whoever promises to ring does: two who wait for each other would both lose.
    """
    open_call(s, thread.id, to_change=True)


def undo(s: Session, thread: Thread, seq: int, *, by_id: int) -> None:
    """Undo what a withdrawn message did: a proposal is called off, a task leaves the list unless it is done.

    A call is not asked for any more when no other message asks for it. A question about food or a bed stays
    until somebody takes it, with the word that it was taken back: whoever is hungry is looked after.
    """
    one = (Message.conversation_id == thread.id, Message.seq == seq)
    said = s.scalars(select(Message).where(*one)).one()
    call_off_with(s, thread, seq, by_id=by_id)
    if said.phrase in ASKS_FOR_CALL:
        _let_call_go(s, thread)
    elif said.phrase == EMERGENCY:
        question = open_question(s, thread.id)
        if question is not None:
            publish(s, EmergencyChanged(question.id))
    elif said.phrase is not None:
        bound_to = binding(thread.public_id, said.author_id, said.client_id)
        task = values_of(unseal(s, said.body, bound_to=bound_to)).get("_task")
        if task:
            tasks.take_back(s, thread.recipient_id, task)


def _let_call_go(s: Session, thread: Thread) -> None:
    row = open_call(s, thread.id)
    if row is None or _is_asked(s, thread, since=row.seq):
        return
    row.cancelled_at = now_utc()
    publish(s, CallChanged(thread.id))


def _is_asked(s: Session, thread: Thread, *, since: int) -> bool:
    asks = exists().where(
        Message.conversation_id == thread.id,
        Message.phrase.in_(ASKS_FOR_CALL),
        Message.seq >= since,
        Message.withdrawn_at.is_(None),
    )
    return bool(s.scalar(select(asks)))
