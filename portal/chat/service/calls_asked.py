"""A call that somebody asks for is kept beside its message, in whatever way the message came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.chat.models import Callback
from portal.chat.rules.calls import ASKS_FOR_CALL
from portal.chat.service.threads import Thread


def note_call(s: Session, thread: Thread, phrase: str | None, *, seq: int, at: datetime) -> None:
    """Keep that somebody asks to be rung, if that is what she said. One open call is enough."""
    if phrase not in ASKS_FOR_CALL:
        return
    if open_call(s, thread.id) is None:
        s.add(Callback(conversation_id=thread.id, seq=seq, asked_at=at))
        s.flush()


def open_call(s: Session, conversation_id: int, *, to_change: bool = False) -> Callback | None:
    """Find the call of a conversation that is not over; there is one at most."""
    wanted = open_calls().where(Callback.conversation_id == conversation_id)
    wanted = wanted.with_for_update() if to_change else wanted
    return s.scalar(wanted.execution_options(populate_existing=True))


def open_calls() -> Select[Callback]:
    """Ask for calls that are not over."""
    return select(Callback).where(Callback.spoken_at.is_(None), Callback.cancelled_at.is_(None))
