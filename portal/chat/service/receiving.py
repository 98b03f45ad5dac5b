"""Taking in a photo or a PDF, before the message that takes it along.

In two steps, because drawing a photo anew and asking about viruses take time: `prepare` does the slow work
while no transaction is open, `receive` writes the finished rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.chat.models import Attachment, AttachmentContent
from portal.chat.rules import files, texts
from portal.chat.service.attached import AttachedFile, content_binding, name_binding
from portal.chat.service.sending import hold
from portal.chat.service.threads import Thread, require_thread
from portal.clock import now_utc
from portal.db import Database, fingerprint_bytes, seal, seal_bytes
from portal.errors import N_, Conflict, Refused
from portal.files import kinds
from portal.files.kinds import FileKind, FileState
from portal.files.taking import taken


@dataclass(frozen=True)
class Upload:
    """A file as it came: the id that the sender's page gave it, her own name for it, and its bytes."""

    client_id: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Prepared:
    """A file ready to be written. `content` is None when it was taken in before."""

    client_id: str
    sent_mark: bytes
    kind: FileKind = FileKind.PDF
    state: FileState = FileState.RECEIVED
    name: bytes = b""
    content: bytes | None = None
    size: int = 0
    checked_at: datetime | None = None


def prepare(
    database: Database, author_id: int, public_id: str, upload: Upload, *, clamd: str | None
) -> Prepared:
    """Look at a file: what it is, whether it carries a virus; draw a photo anew; seal it. Writes nothing.

    `clamd`: where to ask about viruses; None: this office does not. When no clear answer comes, the file is
    kept and stays closed until one does.

    Raises: NotFound when it is not her conversation; Refused `chat.client_id`, and those of
        `files.taking.taken`; Conflict
        `chat.other_file` when the id was used for another file.
    """
    client_id = texts.cleaned_client_id(upload.client_id)
    with database.transaction(writes=False) as s:
        thread = require_thread(s, author_id, public_id)
        sent_mark = _mark(s, thread, author_id, client_id, upload.content)
        if _known(s, thread, author_id, client_id, sent_mark):
            return Prepared(client_id, sent_mark)
    file = taken(upload.content, clamd=clamd)
    with database.transaction(writes=False) as s:  # only for the keys
        row = (thread.public_id, author_id, client_id)
        return Prepared(
            client_id,
            sent_mark,
            file.kind,
            file.state,
            seal(s, kinds.cleaned_name(upload.name), bound_to=name_binding(*row)),
            seal_bytes(s, file.content, bound_to=content_binding(*row)),
            len(file.content),
            file.checked_at,
        )


def receive(s: Session, author_id: int, public_id: str, prepared: Prepared) -> AttachedFile:
    """Write a prepared file down. When this is committed it is never lost; nobody sees it before its message.

    The same id with the same bytes is the same file, however often it comes.

    Raises: NotFound when it is not her conversation; Conflict `chat.other_file`; Refused `chat.files_loose`
        when too many already lie there without a message.
    """
    thread = require_thread(s, author_id, public_id)
    hold(s, thread)
    found = _known(s, thread, author_id, prepared.client_id, prepared.sent_mark)
    if found is not None:
        return AttachedFile(*found[1:])
    if prepared.content is None:
        raise RuntimeError("a file that was taken in is gone: rows are never removed")
    _require_room(s, thread, author_id)
    row = Attachment(
        conversation_id=thread.id,
        author_id=author_id,
        client_id=prepared.client_id,
        kind=prepared.kind,
        state=prepared.state,
        name=prepared.name,
        size=prepared.size,
        sent_mark=prepared.sent_mark,
        created_at=now_utc(),
        checked_at=prepared.checked_at,
    )
    s.add(row)
    s.flush()
    s.add(AttachmentContent(attachment_id=row.id, content=prepared.content))
    return AttachedFile(row.public_id, row.kind, row.state, row.size, row.checked_at)


def _require_room(s: Session, thread: Thread, author_id: int) -> None:
    loose = select(func.count()).where(
        Attachment.conversation_id == thread.id, Attachment.author_id == author_id, Attachment.seq.is_(None)
    )
    if (s.scalar(loose) or 0) >= files.MOST_LOOSE:
        raise Refused(
            "chat.files_loose",
            N_("Du har valgt mange filer som ikke er sendt ennå. Send dem først, og velg så resten."),
            field="files",
        )


def _mark(s: Session, thread: Thread, author_id: int, client_id: str, content: bytes) -> bytes:
    return fingerprint_bytes(s, content, bound_to=content_binding(thread.public_id, author_id, client_id))


def _known(
    s: Session, thread: Thread, author_id: int, client_id: str, sent_mark: bytes
) -> Row[bytes, str, FileKind, FileState, int, datetime | None] | None:
    """Find the same file, taken in before. Raises: Conflict when the id names another file."""
    found = s.execute(
        select(
            Attachment.sent_mark,
            Attachment.public_id,
            Attachment.kind,
            Attachment.state,
            Attachment.size,
            Attachment.checked_at,
        ).where(
            Attachment.conversation_id == thread.id,
            Attachment.author_id == author_id,
            Attachment.client_id == client_id,
        )
    ).one_or_none()
    if found is not None and found.sent_mark != sent_mark:
        raise Conflict("chat.other_file", N_("Siden var gammel. Velg filen på nytt, og send en gang til."))
    return found
