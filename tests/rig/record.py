"""What everybody noted while it happened, and what the database holds afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.bus import Bus
from portal.chat.models import Conversation, Journal, Message
from portal.chat.service.messages import binding
from portal.db import Database, unseal
from portal.people.models import Person
from tests.fixtures.real_portal import KEY

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


@dataclass(frozen=True)
class Stored:
    """The database afterwards: messages in order, each conversation's head, and its journal's numbers."""

    rows: tuple[Row, ...]
    heads: Mapping[str, int]
    journal: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Replica:
    """What one open page holds at the end: [(seq, client_id, rev)] as shown, and what still waits."""

    who: str
    tab: str
    conversation: str
    rows: tuple[tuple[int, str, int], ...]
    waiting: tuple[str, ...] = ()


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
    """The rig's own way into the database."""
    return Database(url, facts=Bus(), data_keys=(KEY,))


def read_heads(database: Database, conversations: Iterable[str]) -> dict[str, int]:
    """How far each of these conversations has come."""
    named = Conversation.public_id.in_(list(conversations))
    with database.transaction(writes=False) as s:
        found = s.execute(select(Conversation.public_id, Conversation.head).where(named))
        return {conversation: head for conversation, head in found}


def read_database(database: Database, conversations: Iterable[str]) -> Stored:
    """Read what the database holds of these conversations."""
    named = Conversation.public_id.in_(list(conversations))
    heads = read_heads(database, conversations)
    with database.transaction(writes=False) as s:
        found = s.execute(
            select(Conversation.public_id, Person.public_id, Message)
            .join(Message, Message.conversation_id == Conversation.id)
            .join(Person, Person.id == Message.author_id)
            .where(named)
            .order_by(Message.conversation_id, Message.seq)
        ).all()
        rows = []
        for conversation, author, message in found:
            bound_to = binding(conversation, message.author_id, message.client_id)
            nonce = NONCE.search(unseal(s, message.body, bound_to=bound_to))
            rows.append(
                Row(
                    conversation, message.seq, message.rev, author, message.client_id,
                    nonce[0] if nonce else "",
                )
            )  # fmt: skip
        journal: dict[str, list[int]] = {conversation: [] for conversation in heads}
        numbers = (
            select(Conversation.public_id, Journal.rev)
            .join(Journal, Journal.conversation_id == Conversation.id)
            .where(named)
            .order_by(Journal.conversation_id, Journal.rev)
        )
        for conversation, rev in s.execute(numbers):
            journal[conversation].append(rev)
    return Stored(tuple(rows), heads, {name: tuple(revs) for name, revs in journal.items()})
