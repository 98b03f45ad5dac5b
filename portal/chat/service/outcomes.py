"""What came of what was said, for the case's archive: proposals, calls and urgent questions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.chat.models import Callback, EmergencyQuestion, MeetingProposal
from portal.chat.service.threads import Thread
from portal.people.service import recipients


def outcomes_of(s: Session, thread: Thread) -> dict[str, list[dict[str, Any]]]:
    """Tell how each proposal, call and urgent question of a conversation stands, by its message.

    Instants are ISO 8601 in UTC. The number she asked to be rung on is left out: it is no part of what was
    said. The caller checks who asks.
    """
    proposals = s.scalars(
        select(MeetingProposal)
        .where(MeetingProposal.conversation_id == thread.id)
        .order_by(MeetingProposal.seq)
    ).all()
    calls = s.scalars(
        select(Callback).where(Callback.conversation_id == thread.id).order_by(Callback.seq)
    ).all()
    urgent = s.scalars(
        select(EmergencyQuestion)
        .where(EmergencyQuestion.conversation_id == thread.id)
        .order_by(EmergencyQuestion.seq)
    ).all()
    by = {row.promised_by_id for row in calls} | {row.taken_by_id for row in urgent}
    names = recipients.names_for(s, {one for one in by if one})
    return {
        "proposals": [_proposal(row) for row in proposals],
        "calls": [_call(row, names) for row in calls],
        "urgent_questions": [_urgent(row, names) for row in urgent],
    }


def _proposal(row: MeetingProposal) -> dict[str, Any]:
    return {
        "message": row.seq,
        "state": row.state.value,
        "starts_at": _told(row.starts_utc),
        "changed_at": _told(row.changed_at),
    }


def _call(row: Callback, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "message": row.seq,
        "promised_from": _told(row.promised_from),
        "promised_to": _told(row.promised_to),
        "promised_by": names[row.promised_by_id] if row.promised_by_id else None,
        "tries": row.tries,
        "missed": row.missed,
        "spoken_at": _told(row.spoken_at),
        "cancelled_at": _told(row.cancelled_at),
    }


def _urgent(row: EmergencyQuestion, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "message": row.seq,
        "asked_at": _told(row.asked_at),
        "taken_by": names[row.taken_by_id] if row.taken_by_id else None,
        "taken_at": _told(row.taken_at),
    }


def _told(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
