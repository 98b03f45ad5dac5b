"""A whole conversation for the case's archive, and the mark that says it lies there (journalført)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import i18n
from portal.chat.models import Attachment, AttachmentContent, Journal, Message, ReadCursor
from portal.chat.rules import archive
from portal.chat.rules.messages import Kind
from portal.chat.service.attached import content_binding, name_binding
from portal.chat.service.messages import binding
from portal.chat.service.outcomes import outcomes_of
from portal.chat.service.phrasing import said
from portal.chat.service.sending import hold, raise_head
from portal.chat.service.threads import Thread, require_staff_thread
from portal.chat.service.waiting import side_of
from portal.clock import now_utc
from portal.db import unseal, unseal_bytes
from portal.errors import NotFound
from portal.people.rules.words import Opened
from portal.people.service import access_log, recipients


def require_keeper(s: Session, staff_id: int, public_id: str) -> Thread:
    """Get a conversation for a helper who reads all of it, and so may keep it for the case.

    Raises: NotFound for everybody else, the person herself among them: she prints it instead.
    """
    thread = require_staff_thread(s, staff_id, public_id)
    if not thread.is_whole:
        raise NotFound
    return thread


def export(s: Session, staff_id: int, public_id: str) -> dict[str, Any]:
    """Put everything about a conversation together: every version, what was withdrawn, who had read how far.

    Also what came of proposals, calls and urgent questions. Each copy stands in the access log, for the
    person to see. Instants are ISO 8601 in UTC, phrases in Norwegian beside their code.

    Raises: NotFound, see `require_keeper`.
    """
    thread = require_keeper(s, staff_id, public_id)
    access_log.look(s, Opened.EXPORT, thread.recipient_id)
    rows = s.scalars(select(Message).where(Message.conversation_id == thread.id).order_by(Message.seq)).all()
    journal = s.scalars(
        select(Journal).where(Journal.conversation_id == thread.id).order_by(Journal.rev)
    ).all()
    cursors = s.scalars(
        select(ReadCursor)
        .where(ReadCursor.conversation_id == thread.id)
        .order_by(ReadCursor.person_id, ReadCursor.topic)
    ).all()
    ids = {
        thread.recipient_id,
        staff_id,
        *(row.author_id for row in rows),
        *(row.actor_id for row in journal),
    }
    ids |= {row.person_id for row in cursors} | {row.recorded_by_id for row in rows if row.recorded_by_id}
    names = recipients.names_for(s, ids)
    files = _files(s, thread)
    with i18n.using(i18n.SOURCE):
        messages = archive.chained(_message(s, thread, row, names, files.get(row.seq, [])) for row in rows)
    return {
        "format": archive.FORMAT,
        "exported_at": now_utc().isoformat(),
        "exported_by": names[staff_id],
        "recipient": names[thread.recipient_id],
        "conversation": thread.public_id,
        "changes": thread.head,
        "messages": messages,
        "chain": messages[-1]["chain"] if messages else "",
        "journal": [_change(row, names) for row in journal],
        "read": [_cursor(row, names) for row in cursors],
        **outcomes_of(s, thread),
    }


def _change(row: Journal, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "change": row.rev,
        "kind": row.kind.value,
        "message": row.seq,
        "topic": row.topic.value if row.topic else None,
        "by": names[row.actor_id],
        "at": row.at.isoformat(),
    }


def _cursor(row: ReadCursor, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "by": names[row.person_id],
        "topic": row.topic.value,
        "up_to_change": row.read_seq,
        "at": row.read_at.isoformat() if row.read_at else None,
    }


def record(s: Session, staff_id: int, public_id: str, *, upto: int, alone: bool = False) -> int:
    """Say that a message and all before it lie in the case's archive; with `alone` only that one.

    What was said before stays as it was said. Gives back how many messages were marked now.

    Raises: NotFound, see `require_keeper`, and when there is no such message.
    """
    thread = require_keeper(s, staff_id, public_id)
    hold(s, thread)
    if s.get(Message, (thread.id, upto)) is None:
        raise NotFound
    which = Message.seq == upto if alone else Message.seq <= upto
    at = now_utc()
    marked = s.scalars(
        update(Message)
        .where(Message.conversation_id == thread.id, which, Message.recorded_at.is_(None))
        .values(recorded_at=at, recorded_by_id=staff_id)
        .returning(Message.seq)
        .execution_options(synchronize_session=False)
    ).all()
    if marked:
        rev = raise_head(s, thread)
        line = {"conversation_id": thread.id, "rev": rev, "kind": Kind.RECORDED, "seq": upto}
        s.add(Journal(**line, actor_id=staff_id, at=at))
    return len(marked)


def recorded_in(s: Session, staff_id: int, public_id: str) -> frozenset[int]:
    """Tell which messages lie in the case's archive already. Raises: NotFound, see `require_keeper`."""
    thread = require_keeper(s, staff_id, public_id)
    which = Message.conversation_id == thread.id, Message.recorded_at.is_not(None)
    return frozenset(s.scalars(select(Message.seq).where(*which)))


def _message(
    s: Session, thread: Thread, row: Message, names: Mapping[int, str], files: list[dict[str, Any]]
) -> dict[str, Any]:
    kept = unseal(s, row.body, bound_to=binding(thread.public_id, row.author_id, row.client_id))
    return {
        "number": row.seq,
        "topic": row.topic.value,
        "by": names[row.author_id],
        "side": side_of(thread, row.author_id).value,
        "at": row.created_at.isoformat(),
        "phrase": row.phrase,
        "text": said(row.phrase, kept)[0],
        "corrects": row.corrects_seq,
        "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
        "recorded_at": row.recorded_at.isoformat() if row.recorded_at else None,
        "recorded_by": names[row.recorded_by_id] if row.recorded_by_id else None,
        "files": files,
    }


def _files(s: Session, thread: Thread) -> dict[int, list[dict[str, Any]]]:
    """List the files with their hashes, each opened by itself: ten at once would fill the memory."""
    found: dict[int, list[dict[str, Any]]] = {}
    rows = s.scalars(
        select(Attachment)
        .where(Attachment.conversation_id == thread.id, Attachment.seq.is_not(None))
        .order_by(Attachment.id)
    )
    for row in rows:
        which = (thread.public_id, row.author_id, row.client_id)
        sealed = s.scalars(
            select(AttachmentContent.content).where(AttachmentContent.attachment_id == row.id)
        ).one()
        content = unseal_bytes(s, sealed, bound_to=content_binding(*which))
        told = {
            "name": unseal(s, row.name, bound_to=name_binding(*which)),
            "kind": row.kind.value,
            "bytes": row.size,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        found.setdefault(row.seq or 0, []).append(told)
    return found
