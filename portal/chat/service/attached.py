"""The files on messages: hanging them on, telling of them, opening one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from portal.chat.models import Attachment, AttachmentContent, Conversation, Message
from portal.chat.rules import files, texts
from portal.chat.service.threads import Thread, require_thread
from portal.clock import to_oslo
from portal.db import unseal_bytes
from portal.errors import N_, Conflict, NotFound, Refused
from portal.files.kinds import FileKind, FileState
from portal.i18n import gettext as _
from portal.people.rules.words import Opened
from portal.people.service import access_log

FILE_WORDS = {FileKind.JPEG: N_("Bilde"), FileKind.PDF: N_("PDF")}
"""What a list says of a message without words: never the file's name, which can tell of an illness."""
_KB_IN_MB = 1000


@dataclass(frozen=True)
class AttachedFile:
    """A file as both sides see it: what it is and how large, never its name. `size` in bytes."""

    public_id: str
    kind: FileKind
    state: FileState
    size: int
    checked_at_utc: datetime | None
    """When it was found free of viruses; None when this office has no virus check, or it has not answered."""

    @property
    def is_unchecked_pdf(self) -> bool:
        """Whether whoever opens it must know that nobody has looked for viruses; a photo is drawn anew."""
        return self.kind is FileKind.PDF and self.checked_at_utc is None

    @property
    def words(self) -> str:
        """What it is and how large, in the reader's language: what a phone will have to fetch."""
        kb = -(-self.size // 1000)
        size = f"{kb} KB" if kb < _KB_IN_MB else f"{round(kb / _KB_IN_MB)} MB"
        return _("%(kind)s, %(size)s", kind=_(FILE_WORDS[self.kind]), size=_isolated(size))

    @property
    def note(self) -> str:
        """What there is to know before opening it, in the reader's language; empty when there is nothing."""
        match self.state:
            case FileState.RECEIVED:
                return _("Sjekkes for virus. Du kan åpne den om litt.")
            case FileState.BLOCKED:
                return _("Kan ikke åpnes. Viruskontrollen stoppet den.")
            case FileState.READY:
                return _("Ikke sjekket for virus.") if self.is_unchecked_pdf else ""

    def as_data(self) -> dict[str, object]:
        """Give the file as data for the page's script, worded for the reader."""
        opens = self.state is FileState.READY
        return {"id": self.public_id, "words": self.words, "note": self.note, "opens": opens}


@dataclass(frozen=True)
class ChosenFile:
    """A file of the writer's own that no message has taken along yet; `client_id` names it for her page."""

    client_id: str
    words: str


@dataclass(frozen=True)
class OpenedFile:
    """What a file holds, for whoever may see it. `on`: the Norwegian day on which it was sent."""

    kind: FileKind
    content: bytes
    on: date


def name_binding(thread_public_id: str, author_id: int, client_id: str) -> tuple[str, ...]:
    """Name the row that a file's sealed name belongs to."""
    return ("attachment.name", thread_public_id, str(author_id), client_id)


def content_binding(thread_public_id: str, author_id: int, client_id: str) -> tuple[str, ...]:
    """Name the row that a file's sealed bytes belong to; moved to any other they cannot be opened."""
    return ("attachment", thread_public_id, str(author_id), client_id)


def cleaned_file_ids(client_ids: Sequence[str]) -> tuple[str, ...]:
    """Give the ids of a message's files in their one written form, each once.

    Raises: Refused `chat.client_id`, `chat.too_many_files`.
    """
    cleaned = tuple(dict.fromkeys(texts.cleaned_client_id(one) for one in client_ids))
    if len(cleaned) > files.MOST_FILES:
        raise Refused(
            "chat.too_many_files",
            N_("Du kan sende %(most)s filer om gangen. Send resten i en ny melding."),
            field="files",
            most=files.MOST_FILES,
        )
    return cleaned


def require_chosen(s: Session, thread: Thread, author_id: int, client_ids: Collection[str]) -> None:
    """Make sure that each of a message's files is there to be taken along, before the message is written.

    Raises: Refused `chat.file_missing` when one was never received or hangs on another message.
    """
    if not client_ids:
        return
    there = select(func.count(Attachment.id)).where(
        *_own(thread, author_id), Attachment.client_id.in_(client_ids), Attachment.seq.is_(None)
    )
    if s.scalar(there) != len(client_ids):
        raise Refused("chat.file_missing", N_("En av filene kom ikke fram. Velg den på nytt."), field="files")


def hang_on(
    s: Session, thread: Thread, author_id: int, seq: int, client_ids: Collection[str]
) -> tuple[AttachedFile, ...]:
    """Let a new message take its author's files along, in its own transaction; gives them as shown."""
    if not client_ids:
        return ()
    s.execute(
        update(Attachment)
        .where(*_own(thread, author_id), Attachment.client_id.in_(client_ids), Attachment.seq.is_(None))
        .values(seq=seq)
        .execution_options(synchronize_session=False)
    )
    return files_on(s, thread, [seq])[seq]


def hangs_on(s: Session, thread: Thread, author_id: int, seq: int) -> frozenset[str]:
    """Tell the ids of a message's files, to hold a resent message against the first one."""
    query = select(Attachment.client_id).where(*_own(thread, author_id), Attachment.seq == seq)
    return frozenset(s.scalars(query))


def list_chosen(
    s: Session, author_id: int, public_id: str, client_ids: Collection[str]
) -> tuple[ChosenFile, ...]:
    """List the author's files that wait for their message, for a form that was not taken.

    Raises: NotFound when it is not her conversation.
    """
    thread = require_thread(s, author_id, public_id)
    rows = s.execute(
        select(
            Attachment.client_id,
            Attachment.public_id,
            Attachment.kind,
            Attachment.state,
            Attachment.size,
            Attachment.checked_at,
        )
        .where(*_own(thread, author_id), Attachment.client_id.in_(client_ids), Attachment.seq.is_(None))
        .order_by(Attachment.id)
    )
    return tuple(
        ChosenFile(client_id, AttachedFile(file_id, kind, state, size, checked_at).words)
        for client_id, file_id, kind, state, size, checked_at in rows
    )


def files_on(s: Session, thread: Thread, seqs: Collection[int]) -> dict[int, tuple[AttachedFile, ...]]:
    """Get the files of these messages, each message's in the order they came. One query."""
    if not seqs:
        return {}
    rows = s.execute(
        select(
            Attachment.seq,
            Attachment.public_id,
            Attachment.kind,
            Attachment.state,
            Attachment.size,
            Attachment.checked_at,
        )
        .where(Attachment.conversation_id == thread.id, Attachment.seq.in_(seqs))
        .order_by(Attachment.id)
    )
    found: dict[int, tuple[AttachedFile, ...]] = {}
    for seq, public_id, kind, state, size, checked_at in rows:
        one = AttachedFile(public_id, kind, state, size, checked_at)
        found[seq or 0] = (*found.get(seq or 0, ()), one)
    return found


def open_file(s: Session, person_id: int, file_id: str) -> OpenedFile:
    """Open a file of a message that this person may read now. Staff's look stands in the log.

    Raises: NotFound, alike for a foreign file, an unknown one, one that was not sent yet, and one whose
        message was withdrawn; Conflict `chat.file_unchecked`, `chat.file_blocked` when it may not be opened.
    """
    row = s.execute(
        select(
            Conversation.public_id,
            Attachment.id,
            Attachment.author_id,
            Attachment.client_id,
            Attachment.kind,
            Attachment.state,
            Message.topic,
            Message.created_at,
        )
        .join(Conversation, Conversation.id == Attachment.conversation_id)
        .join(
            Message,
            (Message.conversation_id == Attachment.conversation_id) & (Message.seq == Attachment.seq),
        )
        .where(Attachment.public_id == file_id, Message.withdrawn_at.is_(None))
    ).one_or_none()
    # Asked for no file too: a stranger shall not tell by the time whether there is one.
    thread = require_thread(s, person_id, row.public_id if row else "")
    if row is None or row.topic not in thread.topics:
        raise NotFound
    access_log.look(s, Opened.FILE, thread.recipient_id)
    if row.state is FileState.RECEIVED:
        raise Conflict("chat.file_unchecked", N_("Filen sjekkes for virus. Prøv igjen om noen minutter."))
    if row.state is FileState.BLOCKED:
        raise Conflict("chat.file_blocked", N_("Filen ble stoppet av viruskontrollen. Den kan ikke åpnes."))
    sealed = s.scalars(
        select(AttachmentContent.content).where(AttachmentContent.attachment_id == row.id)
    ).one()
    bound_to = content_binding(thread.public_id, row.author_id, row.client_id)
    return OpenedFile(row.kind, unseal_bytes(s, sealed, bound_to=bound_to), to_oslo(row.created_at).date())


def _isolated(size: str) -> str:
    """Keep number and unit in their order also within a line that runs from right to left."""
    return f"\u2066{size}\u2069"


def _own(thread: Thread, author_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Attachment.conversation_id == thread.id, Attachment.author_id == author_id)
