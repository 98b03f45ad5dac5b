"""When people last wrote to us or were spoken to. Days and times, never a word of what was said."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.chat.models import Callback, Conversation, Message

_LAST_OWN = (
    select(Message.created_at)
    .where(
        Message.conversation_id == Conversation.id,
        Message.author_id == Conversation.recipient_id,
    )
    .order_by(Message.seq.desc())
    .limit(1)
    .correlate(Conversation)
    .scalar_subquery()
)
"""Read from the end of each conversation, so that a long history costs nothing."""


def last_written(s: Session, recipient_ids: Collection[int]) -> dict[int, datetime]:
    """Tell when each of these people last wrote herself; who never did is left out. One query."""
    theirs = select(Conversation.recipient_id, _LAST_OWN).where(Conversation.recipient_id.in_(recipient_ids))
    return {recipient_id: at for recipient_id, at in s.execute(theirs.where(_LAST_OWN.is_not(None)))}


def last_spoken(s: Session, recipient_ids: Collection[int]) -> dict[int, datetime]:
    """Tell when each of these people was last spoken to in a call that she had asked for. One query."""
    wanted = (
        select(Conversation.recipient_id, func.max(Callback.spoken_at))
        .join(Callback, Callback.conversation_id == Conversation.id)
        .where(Conversation.recipient_id.in_(recipient_ids), Callback.spoken_at.is_not(None))
        .group_by(Conversation.recipient_id)
    )
    return {recipient_id: at for recipient_id, at in s.execute(wanted) if at}
