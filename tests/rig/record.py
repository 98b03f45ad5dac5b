"""What everybody noted while it happened, and what the database holds afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal import i18n
from portal.bus import Bus
from portal.chat.models import Attachment, AttachmentContent, Conversation, Journal, Message
from portal.chat.service.attached import content_binding
from portal.chat.service.messages import binding
from portal.chat.service.phrasing import said
from portal.config import root_folder
from portal.db import Database, unseal, unseal_bytes
from portal.files.kinds import FileState
from portal.people.models import Person
from tests.fixtures.real_portal import KEY
from tests.rig.agreement import contradictions
from tests.rig.letters import mark_of

NONCE = re.compile(r"rig-[0-9a-f]{12}")
"""Stands in every text that the rig writes, each once: whatever becomes of ids, a text can be counted."""

Line = Mapping[str, Any]
"""{at, who, tab, kind, …}: one thing that happened to one actor, with the wall clock's time."""


@dataclass(frozen=True)
class Row:
    """A message as the database holds it."""

    conversation: str
    seq: int
    rev: int
    author: str
    client_id: str
    nonce: str = ""
    topic: str = "plan"
    says: Mapping[str, str] = field(default_factory=dict)
    """What it says, by language."""


@dataclass(frozen=True)
class Held:
    """A file as the database holds it. `seq`: its message, None while it has none; see letters.mark_of."""

    conversation: str
    seq: int | None
    client_id: str
    public_id: str
    mark: str
    is_ready: bool = True


@dataclass(frozen=True)
class Stored:
    """The database afterwards: messages in order, each conversation's head, and its journal's numbers.

    `contradictions`: where what stands beside the messages does not agree with them (I14).
    """

    rows: tuple[Row, ...]
    heads: Mapping[str, int]
    journal: Mapping[str, tuple[int, ...]]
    files: tuple[Held, ...] = ()
    contradictions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """A message as a page shows it. `says` and `files` (id, whether it opens): None as the server drew it."""

    seq: int
    client_id: str
    rev: int
    topic: str = "plan"
    says: str | None = None
    files: tuple[tuple[str, bool], ...] | None = None


@dataclass(frozen=True)
class Replica:
    """What one open page holds at the end: the messages as shown, and what still waits."""

    who: str
    tab: str
    conversation: str
    rows: tuple[Shown, ...]
    waiting: tuple[str, ...] = ()
    language: str = "nb"


@dataclass(frozen=True)
class Run:
    """Everything about one fault. `heads_before`: where each conversation stood when it began."""

    fault: str
    lines: tuple[Line, ...]
    stored: Stored
    replicas: tuple[Replica, ...]
    members: Mapping[str, frozenset[str]]
    heads_before: Mapping[str, int] = field(default_factory=dict)
    ended_at: float = 0.0


def lines_since(folder: Path, seen: Mapping[Path, int]) -> list[Line]:
    """Every actor's lines beyond what was seen of each file, in the order they happened."""
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in _lines_of(file, seen.get(file, 0))]
    return sorted(lines, key=lambda line: line["at"])  # lines of one moment stay as their writer wrote them


def _lines_of(file: Path, seen: int) -> Iterator[Line]:
    for text in file.read_bytes()[seen:].decode().splitlines():
        yield json.loads(text)


def opened(url: str) -> Database:
    """The rig's own way into the database, with the words of every language to read it by."""
    i18n.load_catalogues(root_folder() / "translations")
    return Database(url, facts=Bus(), data_keys=(KEY,))


def read_heads(database: Database, conversations: Iterable[str]) -> dict[str, int]:
    """How far each of these conversations has come."""
    named = Conversation.public_id.in_(list(conversations))
    with database.transaction(writes=False) as s:
        found = s.execute(select(Conversation.public_id, Conversation.head).where(named))
        return {conversation: head for conversation, head in found}


def read_database(database: Database, since: Mapping[str, int]) -> Stored:
    """Read what the database holds of conversations. `since`: where each stood when it began."""
    named = Conversation.public_id.in_(list(since))
    heads = read_heads(database, since)
    with database.transaction(writes=False) as s:
        journal: dict[str, list[int]] = {conversation: [] for conversation in heads}
        numbers = (
            select(Conversation.public_id, Journal.rev)
            .join(Journal, Journal.conversation_id == Conversation.id)
            .where(named)
            .order_by(Journal.conversation_id, Journal.rev)
        )
        for conversation, rev in s.execute(numbers):
            journal[conversation].append(rev)
        found = [
            f"{conversation}: {what}"
            for conversation, head in since.items()
            for what in contradictions(s, conversation, since=head)
        ]
        return Stored(
            tuple(_rows(s, named)),
            heads,
            {name: tuple(revs) for name, revs in journal.items()},
            tuple(_files(s, named)),
            tuple(found),
        )


def _rows(s: Session, named: ColumnElement[bool]) -> Iterator[Row]:
    found = s.execute(
        select(Conversation.public_id, Person.public_id, Message)
        .join(Message, Message.conversation_id == Conversation.id)
        .join(Person, Person.id == Message.author_id)
        .where(named)
        .order_by(Message.conversation_id, Message.seq)
    )
    for conversation, author, message in found:
        kept = unseal(s, message.body, bound_to=binding(conversation, message.author_id, message.client_id))
        nonce = NONCE.search(kept)
        yield Row(
            conversation, message.seq, message.rev, author, message.client_id,
            nonce[0] if nonce else "", message.topic.value, _in_each_language(message.phrase, kept),
        )  # fmt: skip


def _in_each_language(phrase: str | None, kept: str) -> dict[str, str]:
    told = {}
    for language in i18n.OFFERED:
        with i18n.using(language.code):
            told[language.code] = said(phrase, kept)[0]
    return told


def _files(s: Session, named: ColumnElement[bool]) -> Iterator[Held]:
    found = s.execute(
        select(Conversation.public_id, Attachment, AttachmentContent.content)
        .join(Attachment, Attachment.conversation_id == Conversation.id)
        .join(AttachmentContent, AttachmentContent.attachment_id == Attachment.id)
        .where(named)
        .order_by(Attachment.id)
    )
    for conversation, file, content in found:
        bound_to = content_binding(conversation, file.author_id, file.client_id)
        mark = mark_of(unseal_bytes(s, content, bound_to=bound_to))
        is_ready = file.state is FileState.READY
        yield Held(conversation, file.seq, file.client_id, file.public_id, mark, is_ready)
