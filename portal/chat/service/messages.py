"""Messages as both sides see them: sealed rows opened, and the name of whoever wrote each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import TypeAlias

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased

from portal.chat.models import Message
from portal.chat.rules import messages, texts
from portal.chat.rules.phrases import TELLS_CENTRE
from portal.chat.rules.texts import Piece
from portal.chat.rules.topics import Side, Topic
from portal.chat.service.attached import AttachedFile, files_on
from portal.chat.service.beneath import Beneath, beneath_of
from portal.chat.service.phrasing import said
from portal.chat.service.threads import Thread
from portal.chat.service.waiting import side_of
from portal.clock import to_oslo
from portal.db import unseal
from portal.errors import N_, NotFound, Refused
from portal.people.rules.words import Opened
from portal.people.service import access_log, recipients
from portal.people.service.recipients import PersonCard

Columns: TypeAlias = tuple[
    int, int, int, Topic, int, str, str | None, bytes,
    datetime, datetime | None, int | None, datetime | None, datetime | None,
]  # fmt: skip
"""What stands in a row of `messages_in`, still sealed."""
Found: TypeAlias = Row[*Columns]
"""A row of `messages_in`."""


def _told(at_utc: datetime | None) -> str | None:
    return at_utc.isoformat() if at_utc else None


@dataclass(frozen=True)
class Author:
    """Who wrote a message, as both sides see it."""

    public_id: str
    name: str
    side: Side


@dataclass(frozen=True)
class Change:
    """A message as it is now. `rev` is its last change: of two copies the larger one is right.

    `turn`: from where on it is new to whoever has not read so far (models.Message).
    """

    seq: int
    rev: int
    turn: int
    topic: Topic
    at_utc: datetime
    author: Author
    client_id: str
    phrase: str | None
    """The code of a standard sentence; None for a person's own words."""
    body: str
    """A phrase in the reader's language. Empty when it was withdrawn: for nobody's screen any more."""
    in_norwegian: str | None = None
    """The same phrase in Norwegian, for whoever reads it in another language (design 10)."""
    withdrawn_at_utc: datetime | None = None
    corrects_seq: int | None = None
    corrects_at_utc: datetime | None = None
    """When the older message was written that this one corrects."""
    corrected_at_utc: datetime | None = None
    """When a newer message came that corrects this one."""
    files: tuple[AttachedFile, ...] = ()
    """What hangs on it; nothing when it was withdrawn."""
    beneath: Beneath | None = None
    """What was done by saying a phrase, and how that stands now."""

    @property
    def on(self) -> date:
        """The Norwegian day on which it was written."""
        return to_oslo(self.at_utc).date()

    @property
    def changeable_until_utc(self) -> datetime:
        """Until when its author may correct or withdraw it."""
        return self.at_utc + timedelta(minutes=messages.CHANGE_MINUTES)

    def may_withdraw(self, now: datetime) -> bool:
        """Whether its author may still take it back."""
        return messages.may_withdraw(
            written_at_utc=self.at_utc, is_withdrawn=self.withdrawn_at_utc is not None, now=now
        )

    def may_correct(self, now: datetime) -> bool:
        """Whether its author may still correct it; of a corrected message the correction is the one.

        A phrase is taken back and said anew: what it did, such as proposing a time, follows no other words.
        """
        return self.may_withdraw(now) and self.corrected_at_utc is None and self.phrase is None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The text cut into plain stretches and safe links."""
        return texts.pieces_of(self.body)

    def as_data(self) -> dict[str, object]:
        """Give the message as data for the page's script; instants as ISO 8601 in UTC."""
        return {
            "seq": self.seq,
            "rev": self.rev,
            "turn": self.turn,
            "topic": self.topic.value,
            "at": self.at_utc.isoformat(),
            "author": self.author.public_id,
            "name": self.author.name,
            "side": self.author.side.value,
            "client_id": self.client_id,
            "pieces": [{"text": piece.text, "href": piece.href} for piece in self.pieces],
            "phrase": self.phrase,
            "in_norwegian": self.in_norwegian,
            "withdrawn_at": _told(self.withdrawn_at_utc),
            "corrects": self.corrects_seq,
            "corrects_at": _told(self.corrects_at_utc),
            "corrected_at": _told(self.corrected_at_utc),
            "files": [file.as_data() for file in self.files],
            "beneath": self.beneath and {"text": self.beneath.text, "action": self.beneath.action},
        }


def own_message(s: Session, thread: Thread, author_id: int, seq: int) -> Change:
    """Give a message of the author's own as it is now. Whoever shows it tells of the look.

    Raises: NotFound when there is none such.
    """
    rows = s.execute(messages_in(thread).where(Message.seq == seq, Message.author_id == author_id)).all()
    if not rows:
        raise NotFound
    return _unsealed(s, thread, rows, authors_of(s, rows))[0]


def body_of(s: Session, thread: Thread, seq: int) -> str | None:
    """Say what a message in a conversation says; None when it was taken back or is not for its reader.

    Whoever shows it tells of the look.
    """
    row = s.execute(messages_in(thread).where(Message.seq == seq)).one_or_none()
    return None if row is None or row.withdrawn_at else said(row.phrase, _text(s, thread, row))[0]


def settled() -> Refused:
    """Say that a message can no longer be corrected or withdrawn."""
    return Refused(
        "chat.settled",
        N_("Denne meldingen kan ikke endres lenger. Skriv en ny melding og forklar."),
        field="text",
    )


def binding(thread_public_id: str, author_id: int, client_id: str) -> tuple[str, ...]:
    """Name the row that a message's sealed text belongs to; moved to any other it cannot be opened."""
    return ("message", thread_public_id, str(author_id), client_id)


def messages_in(thread: Thread) -> Select[*Columns]:
    """Ask for the messages that the reader of a conversation may see, still sealed; narrow as needed.

    The one way to them: whatever she may not see is left out here.
    """
    found = _messages().where(Message.conversation_id == thread.id)
    return found if thread.is_whole else found.where(Message.topic.in_(thread.topics))


def hidden_since(s: Session, thread: Thread, rev: int, upto: int) -> tuple[int, ...]:
    """Tell which messages were changed and are not for this reader: what was moved leaves her screen."""
    if thread.is_whole or rev >= upto:
        return ()
    return tuple(
        s.scalars(
            select(Message.seq).where(
                Message.conversation_id == thread.id,
                Message.rev > rev,
                Message.rev <= upto,
                Message.topic.not_in(thread.topics),
                Message.turn > Message.seq,  # it was moved: she may have seen it
            )
        )
    )


@cache
def _messages() -> Select[*Columns]:
    older, newer = aliased(Message), aliased(Message)
    older_at = select(older.created_at).where(
        older.conversation_id == Message.conversation_id, older.seq == Message.corrects_seq
    )
    newer_at = select(newer.created_at).where(
        newer.conversation_id == Message.conversation_id,
        newer.corrects_seq == Message.seq,
        newer.withdrawn_at.is_(None),
    )
    return select(
        Message.seq,
        Message.rev,
        Message.turn,
        Message.topic,
        Message.author_id,
        Message.client_id,
        Message.phrase,
        Message.body,
        Message.created_at,
        Message.withdrawn_at,
        Message.corrects_seq,
        older_at.scalar_subquery().label("corrects_at"),
        newer_at.scalar_subquery().label("corrected_at"),
    )


def authors_of(s: Session, rows: Iterable[Found]) -> dict[int, PersonCard]:
    """Find everybody who wrote one of these, by their number."""
    return recipients.cards_for(s, {row.author_id for row in rows})


def opened(
    s: Session, thread: Thread, rows: Collection[Found], cards: Mapping[int, PersonCard]
) -> tuple[Change, ...]:
    """Open the sealed messages to be read by somebody; `cards` hold everybody who wrote one."""
    if rows:  # a delivery is nobody's look: its session is never asked for them
        access_log.look(s, Opened.THREAD, thread.recipient_id)
    return _unsealed(s, thread, rows, cards)


def _unsealed(
    s: Session, thread: Thread, rows: Collection[Found], cards: Mapping[int, PersonCard]
) -> tuple[Change, ...]:
    alive = [row.seq for row in rows if row.withdrawn_at is None]
    kept = {row.seq: _text(s, thread, row) for row in rows if row.withdrawn_at is None}
    # A notice to a centre outlives its message, and so does the way to take it back.
    outliving = [row for row in rows if row.withdrawn_at and row.phrase in TELLS_CENTRE]
    acted = kept | {row.seq: _text(s, thread, row) for row in outliving}
    did = {row.seq: (row.phrase, acted[row.seq]) for row in rows if row.seq in acted}
    beneath = beneath_of(s, thread, did)
    files = files_on(s, thread, alive)
    return tuple(
        replace(
            _change(thread, row, cards[row.author_id], kept.get(row.seq)),
            files=files.get(row.seq, ()),
            beneath=beneath.get(row.seq),
        )
        for row in rows
    )


def _change(thread: Thread, row: Found, card: PersonCard, kept: str | None) -> Change:
    body, in_norwegian = ("", None) if kept is None else said(row.phrase, kept)
    return Change(
        seq=row.seq,
        rev=row.rev,
        turn=row.turn,
        topic=row.topic,
        at_utc=row.created_at,
        author=author_of(thread, card),
        client_id=row.client_id,
        phrase=row.phrase,
        body=body,
        in_norwegian=in_norwegian,
        withdrawn_at_utc=row.withdrawn_at,
        corrects_seq=row.corrects_seq,
        corrects_at_utc=row.corrects_at,
        corrected_at_utc=row.corrected_at,
    )


def _text(s: Session, thread: Thread, row: Found) -> str:
    return unseal(s, row.body, bound_to=binding(thread.public_id, row.author_id, row.client_id))


def author_of(thread: Thread, card: PersonCard) -> Author:
    """Name a writer: staff by the whole name, the person herself as people say it."""
    side = side_of(thread, card.id)
    return Author(card.public_id, card.given_name if side is Side.RECIPIENT else card.name, side)
