"""What staff have begun to write: kept on the server, so that another machine goes on where this one stopped.

A recipient's lie on her own phone and never come here.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.chat.models import Draft
from portal.chat.service.threads import Thread, require_staff_thread
from portal.clock import now_utc
from portal.db import seal, unseal
from portal.people.service import recipients


def save(s: Session, staff_id: int, public_id: str, text: str) -> None:
    """Keep what a helper has written so far in place of what was kept before; nothing written keeps nothing.

    Raises: NotFound when the conversation is not hers to read, or when it is her own.
    """
    thread = require_staff_thread(s, staff_id, public_id)
    recipients.hold(s, [staff_id])  # two windows at once would make two rows
    forget(s, thread, staff_id)
    if text.strip():
        sealed = seal(s, text, bound_to=binding(thread.public_id, staff_id))
        s.add(Draft(conversation_id=thread.id, person_id=staff_id, body=sealed, saved_at=now_utc()))


def find(s: Session, thread: Thread, staff_id: int) -> str:
    """Give back what she had begun to write; empty when there is nothing."""
    mine = Draft.conversation_id == thread.id, Draft.person_id == staff_id
    sealed = s.scalar(select(Draft.body).where(*mine))
    return unseal(s, sealed, bound_to=binding(thread.public_id, staff_id)) if sealed else ""


def forget(s: Session, thread: Thread, staff_id: int) -> None:
    """Let go of a draft: it was sent, or its writer has taken it away."""
    s.execute(delete(Draft).where(Draft.conversation_id == thread.id, Draft.person_id == staff_id))


def binding(thread_public_id: str, staff_id: int) -> tuple[str, ...]:
    """Name the row that a sealed draft belongs to."""
    return ("draft", thread_public_id, str(staff_id))
