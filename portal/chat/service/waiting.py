"""Who waits for an answer, and since when; nothing of what was written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.chat.models import Conversation


def waiting_since(s: Session, recipient_ids: Collection[int]) -> dict[int, datetime]:
    """Tell since when each of these people has waited for Nav; who does not wait is left out.

    One query, and no word of any message: fit for a leader's page. The caller checks whose they are.
    """
    rows = s.execute(
        select(Conversation.recipient_id, func.min(Conversation.waiting_staff_since))
        .where(Conversation.recipient_id.in_(recipient_ids), Conversation.waiting_staff_since.is_not(None))
        .group_by(Conversation.recipient_id)
    )
    return {recipient_id: since for recipient_id, since in rows if since}
