"""What notices do when something happens elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.notify.service import choices
from portal.people.service.changes import RecipientProtected

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def forget_choice(s: Session, fact: RecipientProtected) -> None:
    """Forget the number of somebody who is protected from now on; she may choose anew (design 3.7)."""
    choices.forget(s, fact.recipient_id)


WITHIN = ((RecipientProtected, forget_choice),)
"""What is written in the fact's own transaction; app.py subscribes it."""
