"""Asking again about files that the virus check has not answered for yet, until each is open or stopped."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.models import Attachment, AttachmentContent, Conversation, Journal, Message
from portal.chat.rules.messages import Kind
from portal.chat.service.attached import content_binding
from portal.chat.service.sending import hold, raise_head
from portal.chat.service.threads import get_thread
from portal.clock import now_utc
from portal.db import Database, unseal_bytes
from portal.files import virus_check
from portal.files.kinds import FileState
from portal.files.virus_check import Verdict
from portal.rounds import keep_doing

_EVERY_SECONDS = 60


@dataclass(frozen=True)
class FileChecked:
    """A file on a message opens now, or is stopped for good."""

    conversation_id: int
    rev: int


@dataclass(frozen=True)
class Round:
    """What came of asking once about every file that waits."""

    ready: int = 0
    blocked: int = 0
    waiting: int = 0


def keep_checking(database: Database, clamd: str) -> None:
    """Ask about waiting files once a minute for as long as the server runs."""
    keep_doing("files.check", lambda: check_waiting(database, clamd), every_seconds=_EVERY_SECONDS)


def check_waiting(database: Database, clamd: str) -> Round:
    """Ask once about every file that waits, oldest first. Both sides are told what came of one.

    A file that gets no clear answer waits for the next round and holds no other up. When nobody is there to
    ask, the round ends.
    """
    with database.transaction(writes=False) as s:
        waiting = list(
            s.scalars(
                select(Attachment.id).where(Attachment.state == FileState.RECEIVED).order_by(Attachment.id)
            )
        )
    done = {FileState.READY: 0, FileState.BLOCKED: 0}
    for attachment_id in waiting:
        with database.transaction(writes=False) as s:
            content = _content(s, attachment_id)
        verdict = virus_check.ask(clamd, content)
        if verdict is Verdict.NOT_REACHED:
            break
        if not verdict.is_clear:
            continue
        state = FileState.READY if verdict is Verdict.CLEAN else FileState.BLOCKED
        with database.transaction() as s:
            _settle(s, attachment_id, state)
        done[state] += 1
    return Round(done[FileState.READY], done[FileState.BLOCKED], len(waiting) - sum(done.values()))


def _content(s: Session, attachment_id: int) -> bytes:
    row = s.execute(
        select(AttachmentContent.content, Conversation.public_id, Attachment.author_id, Attachment.client_id)
        .join(Attachment, Attachment.id == AttachmentContent.attachment_id)
        .join(Conversation, Conversation.id == Attachment.conversation_id)
        .where(Attachment.id == attachment_id)
    ).one()
    return unseal_bytes(s, row.content, bound_to=content_binding(row.public_id, row.author_id, row.client_id))


def _settle(s: Session, attachment_id: int, state: FileState) -> None:
    """Write what came of it; on a message it is one change more in the conversation."""
    conversation_id = s.scalars(
        select(Attachment.conversation_id).where(Attachment.id == attachment_id)
    ).one()
    thread = get_thread(s, conversation_id)
    hold(s, thread)
    at = now_utc()
    settled = s.execute(
        update(Attachment)
        .where(Attachment.id == attachment_id, Attachment.state == FileState.RECEIVED)
        .values(state=state, checked_at=at if state is FileState.READY else None)
        .returning(Attachment.seq, Attachment.author_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if settled is None or settled.seq is None:  # another round was first, or no message has taken it along
        return
    rev = raise_head(s, thread)
    s.execute(
        update(Message)
        .where(Message.conversation_id == conversation_id, Message.seq == settled.seq)
        .values(rev=rev)
    )
    s.add(
        Journal(
            conversation_id=conversation_id,
            rev=rev,
            kind=Kind.FILE_READY if state is FileState.READY else Kind.FILE_BLOCKED,
            seq=settled.seq,
            actor_id=settled.author_id,
            at=at,
        )
    )
    publish(s, FileChecked(conversation_id, rev))
