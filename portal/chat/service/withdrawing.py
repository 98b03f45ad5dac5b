"""Taking a message back: neither side is shown its text any more, and the case keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.models import Journal, Message
from portal.chat.rules.messages import Kind
from portal.chat.service.messages import Change, own_message, settled
from portal.chat.service.sending import hold, raise_head
from portal.chat.service.threads import require_thread
from portal.chat.service.undoing import hold_call, undo
from portal.chat.service.waiting import reckon_anew
from portal.clock import now_utc


@dataclass(frozen=True)
class MessageWithdrawn:
    """A message is on nobody's screen any more."""

    conversation_id: int
    rev: int


def withdraw(s: Session, author_id: int, public_id: str, *, seq: int) -> Change:
    """Take a message of one's own back. Both sides see that and when.

    Who waits follows from what still stands: an answer taken back answers nothing. What a sentence did is
    undone with it, see `undoing`.

    Taken back twice is taken back once.

    Raises: NotFound when it is not her conversation or her message; Refused `chat.settled` when it can no
        longer be withdrawn. Source: design 7.
    """
    thread = require_thread(s, author_id, public_id)
    hold_call(s, thread)
    hold(s, thread)
    message, at = own_message(s, thread, author_id, seq), now_utc()
    if message.withdrawn_at_utc:
        return message
    if not message.may_withdraw(at):
        raise settled()
    one = (Message.conversation_id == thread.id, Message.seq == seq)
    rev = raise_head(s, thread)
    s.execute(update(Message).where(*one).values(withdrawn_at=at, rev=rev))
    undo(s, thread, seq, by_id=author_id)
    reckon_anew(s, thread, message.topic)
    s.add(
        Journal(conversation_id=thread.id, rev=rev, kind=Kind.WITHDRAWN, seq=seq, actor_id=author_id, at=at)
    )
    publish(s, MessageWithdrawn(thread.id, rev))
    return own_message(s, thread, author_id, seq)
