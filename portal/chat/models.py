"""The chat's tables. A conversation counts its changes; each is a row in its journal, 1 to head, no gap."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.chat.rules.messages import Kind
from portal.chat.rules.topics import Topic
from portal.db import Base, new_public_id


class Conversation(Base):
    """The talk with one recipient about one topic."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("recipient_id", "topic"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    topic: Mapped[Topic]
    head: Mapped[int] = mapped_column(default=0)
    """How many changes there have been. Raised by one per change, in the same transaction as the change."""
    waiting_staff_since: Mapped[datetime | None]
    waiting_recipient_since: Mapped[datetime | None]


class Message(Base):
    """One message. `seq`: the head when it was written, its place; `rev`: the head at its last change."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "author_id", "client_id"),
        ForeignKeyConstraint(["conversation_id", "corrects_seq"], ["message.conversation_id", "message.seq"]),
        Index(None, "conversation_id", "rev"),
        Index(None, "conversation_id", "corrects_seq"),
    )

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rev: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    client_id: Mapped[str] = mapped_column(String(36))
    """The UUID that the sender's page gave it: the same message sent twice is one message, for ever."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed, bound to conversation, author and client id (db.seal). No hash of the text is kept: a resent
    message is compared with the opened one, so a stolen database offers nothing to guess against."""
    created_at: Mapped[datetime]
    corrects_seq: Mapped[int | None]
    """Which older message of the same author this one corrects. The older one stays as it was."""
    withdrawn_at: Mapped[datetime | None]
    """From then on neither side is shown the text; it stays in the case."""


class Journal(Base):
    """What happened, change by change. Never altered, never removed; holds no text."""

    __tablename__ = "journal"
    __table_args__ = (
        ForeignKeyConstraint(["conversation_id", "seq"], ["message.conversation_id", "message.seq"]),
    )

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    rev: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[Kind]
    seq: Mapped[int | None]
    """Which message the change is about; None when it is about the conversation itself."""
    actor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class ReadCursor(Base):
    """How far one person has come in one conversation. The only source of «unread»."""

    __tablename__ = "read_cursor"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    read_seq: Mapped[int] = mapped_column(default=0)
    delivered_seq: Mapped[int] = mapped_column(default=0)
