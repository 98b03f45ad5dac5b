"""Messages as both sides see them: sealed rows opened, and the name of whoever wrote each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from portal.chat import rules
from portal.chat.models import Message
from portal.chat.rules import Piece, Side
from portal.chat.service.threads import Thread
from portal.clock import to_oslo
from portal.db import unseal
from portal.people.rules.words import Opened
from portal.people.service import access_log, recipients
from portal.people.service.recipients import PersonCard

Found: TypeAlias = Row[int, int, int, str, bytes, datetime]
"""A row of `messages_in`."""


@dataclass(frozen=True)
class Author:
    """Who wrote a message, as both sides see it."""

    public_id: str
    name: str
    side: Side


@dataclass(frozen=True)
class Change:
    """A message as it is now. `rev` is its last change: of two copies the larger one is right."""

    seq: int
    rev: int
    at_utc: datetime
    author: Author
    client_id: str
    body: str

    @property
    def on(self) -> date:
        """The Norwegian day on which it was written."""
        return to_oslo(self.at_utc).date()

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The text cut into plain stretches and safe links."""
        return rules.pieces_of(self.body)

    def as_data(self) -> dict[str, object]:
        """Give the message as data for the page's script; instants as ISO 8601 in UTC."""
        return {
            "seq": self.seq,
            "rev": self.rev,
            "at": self.at_utc.isoformat(),
            "author": self.author.public_id,
            "name": self.author.name,
            "side": self.author.side.value,
            "client_id": self.client_id,
            "pieces": [{"text": piece.text, "href": piece.href} for piece in self.pieces],
        }


def side_of(thread: Thread, person_id: int) -> Side:
    """Tell on which side of a conversation somebody stands."""
    return Side.RECIPIENT if person_id == thread.recipient_id else Side.STAFF


def binding(thread_public_id: str, author_id: int, client_id: str) -> tuple[str, ...]:
    """Name the row that a message's sealed text belongs to; moved to any other it cannot be opened."""
    return ("message", thread_public_id, str(author_id), client_id)


def messages_in(thread: Thread) -> Select[int, int, int, str, bytes, datetime]:
    """Ask for the messages of a conversation, still sealed; narrow and order as needed."""
    return select(
        Message.seq, Message.rev, Message.author_id, Message.client_id, Message.body, Message.created_at
    ).where(Message.conversation_id == thread.id)


def authors_of(s: Session, rows: Iterable[Found]) -> dict[int, PersonCard]:
    """Find everybody who wrote one of these, by their number."""
    return recipients.cards_for(s, {row.author_id for row in rows})


def opened(
    s: Session, thread: Thread, rows: Collection[Found], cards: Mapping[int, PersonCard]
) -> tuple[Change, ...]:
    """Open the sealed messages; `cards` hold everybody who wrote one."""
    if rows:  # a delivery is nobody's look: its session is never asked for them
        access_log.look(s, Opened.THREAD, thread.recipient_id)
    return tuple(
        Change(
            seq=row.seq,
            rev=row.rev,
            at_utc=row.created_at,
            author=author_of(thread, cards[row.author_id]),
            client_id=row.client_id,
            body=unseal(s, row.body, bound_to=binding(thread.public_id, row.author_id, row.client_id)),
        )
        for row in rows
    )


def author_of(thread: Thread, card: PersonCard) -> Author:
    """Name a writer: staff by the whole name, the person herself as people say it."""
    side = side_of(thread, card.id)
    return Author(card.public_id, card.given_name if side is Side.RECIPIENT else card.name, side)
