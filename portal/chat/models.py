"""The chat's tables. A conversation counts its changes; each is a row in its journal, 1 to head, no gap."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.chat.rules.messages import Kind, ProposalState
from portal.chat.rules.office_phrases import LONGEST_TEXT
from portal.chat.rules.phrase_shapes import Group
from portal.chat.rules.topics import Topic
from portal.db import Base, new_public_id
from portal.files.kinds import FileKind, FileState


class Conversation(Base):
    """The talk with one recipient: one thread, in which each message has a topic (decision 46)."""

    __tablename__ = "conversation"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    head: Mapped[int] = mapped_column(default=0)
    """How many changes there have been. Raised by one per change, in the same transaction as the change."""


class Waiting(Base):
    """Who waits for an answer about one topic of a conversation, and since when; no row: nobody ever did."""

    __tablename__ = "waiting"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    topic: Mapped[Topic] = mapped_column(primary_key=True)
    staff_since: Mapped[datetime | None] = mapped_column(index=True)
    recipient_since: Mapped[datetime | None]
    settled_rev: Mapped[int] = mapped_column(default=0)
    """The change by which a colleague said that nothing needs an answer; what came before starts no clock."""
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]


class AnsweredWait(Base):
    """Somebody at Nav answered: since when the person had waited. The source of «when do I get an answer»."""

    __tablename__ = "answered_wait"
    __table_args__ = (Index(None, "office_id", "answered_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    topic: Mapped[Topic]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    waited_since: Mapped[datetime]
    answered_at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Message(Base):
    """One message.

    `seq`: the head when it was written, its place in the thread. `rev`: the head at its last change. `turn`:
    the head when it last became something new to read: its seq, or the change that moved it to another topic.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "author_id", "client_id"),
        ForeignKeyConstraint(["conversation_id", "corrects_seq"], ["message.conversation_id", "message.seq"]),
        Index(None, "conversation_id", "rev"),
        Index(None, "conversation_id", "topic", "turn"),
        Index(None, "conversation_id", "corrects_seq"),
    )

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rev: Mapped[int]
    turn: Mapped[int]
    topic: Mapped[Topic]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    client_id: Mapped[str] = mapped_column(String(36))
    """The UUID that the sender's page gave it: the same message sent twice is one message, for ever."""
    phrase: Mapped[str | None] = mapped_column(String(40))
    """The code of a sentence that each side reads in its own language; None for a person's own words."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """Her words, or what is filled into the phrase, as JSON.

    Sealed, bound to conversation, author and client id (db.seal). No hash of the text is kept: a resent
    message is compared with the opened one, so a stolen database offers nothing to guess against."""
    created_at: Mapped[datetime]
    corrects_seq: Mapped[int | None]
    """Which older message of the same author this one corrects. The older one stays as it was."""
    recorded_at: Mapped[datetime | None]
    """When a helper said that it lies in the case's archive (journalført)."""
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    """From then on neither side is shown the text; it stays in the case."""


class MeetingProposal(Base):
    """A time for a meeting that staff proposed by a message, and what became of it."""

    __tablename__ = "meeting_proposal"
    __table_args__ = (
        ForeignKeyConstraint(["conversation_id", "seq"], ["message.conversation_id", "message.seq"]),
    )

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts_utc: Mapped[datetime]
    state: Mapped[ProposalState]
    changed_at: Mapped[datetime | None]
    meeting: Mapped[str | None] = mapped_column(String(22))
    """The public id of the meeting in the plan, from when she said yes."""


class OfficePhrase(Base):
    """A sentence that an office made for itself. Never altered: a changed one is a new one."""

    __tablename__ = "phrase"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    group: Mapped[Group]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]


class PhraseText(Base):
    """What such a sentence says in one language; a language that has none reads Norwegian."""

    __tablename__ = "phrase_text"

    phrase_id: Mapped[int] = mapped_column(ForeignKey("phrase.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(10), primary_key=True)
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))


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
    topic: Mapped[Topic | None]
    """Where a message was moved to, or which topic needs no answer; None for every other change."""
    actor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Draft(Base):
    """What somebody who works here has begun to write in a conversation; nobody else is ever shown it."""

    __tablename__ = "draft"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed, bound to conversation and writer."""
    saved_at: Mapped[datetime]


class ReadCursor(Base):
    """How far one person has come in one topic of a conversation, by `turn`. The only source of «unread»."""

    __tablename__ = "read_cursor"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    topic: Mapped[Topic] = mapped_column(primary_key=True)
    read_seq: Mapped[int] = mapped_column(default=0)
    delivered_seq: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None]
    """When she came to where she has read; for the archive."""
    first_read_at: Mapped[datetime | None]
    """When her side first read the newest by the other side up to there; for whoever wrote it."""


class Attachment(Base):
    """A photo or a PDF. It is sent by itself, then a message takes it along. What it holds lies beside."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("conversation_id", "author_id", "client_id"),
        ForeignKeyConstraint(["conversation_id", "seq"], ["message.conversation_id", "message.seq"]),
        Index(None, "conversation_id", "seq"),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    client_id: Mapped[str] = mapped_column(String(36))
    """The UUID that the sender's page gave it: the same file sent twice is one file, for ever."""
    seq: Mapped[int | None]
    """Which message it hangs on; None until its sender has sent that, and until then nobody sees it."""
    kind: Mapped[FileKind]
    state: Mapped[FileState]
    name: Mapped[bytes] = mapped_column(LargeBinary)
    """The sender's own name for it, sealed. For the case alone: a name can tell of an illness."""
    size: Mapped[int]
    """Bytes as it is kept, which is what a phone fetches."""
    sent_mark: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Keyed hash of the bytes as they came (db.fingerprint_bytes): tells the same file from another one with
    the same id. Without the key nobody can try guesses against it."""
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    """When it was found free of viruses; None when nobody has looked."""


class AttachmentContent(Base):
    """What a file holds, sealed. Apart from the rest: it is read when somebody opens it, never in a list."""

    __tablename__ = "attachment_content"

    attachment_id: Mapped[int] = mapped_column(
        ForeignKey("attachment.id"), primary_key=True, autoincrement=False
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)


class EmergencyQuestion(Base):
    """Somebody said that she has no food or no bed. One takes it by name.

    `late_at`: when the office has been open for so long that its leader hears of it, by the hours when it was
    asked; None: not in sight then. `leader_told_at`: when a leader saw that nobody had taken it in time.
    """

    __tablename__ = "emergency_question"
    __table_args__ = (
        ForeignKeyConstraint(["conversation_id", "seq"], ["message.conversation_id", "message.seq"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    seq: Mapped[int]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    asked_at: Mapped[datetime]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime | None] = mapped_column(index=True)
    late_at: Mapped[datetime | None]
    leader_told_at: Mapped[datetime | None]


class CentreNote(Base):
    """«Beskjed til veilederen»: a message by a centre that waits for whoever makes the plan."""

    __tablename__ = "centre_note"
    __table_args__ = (
        ForeignKeyConstraint(["conversation_id", "seq"], ["message.conversation_id", "message.seq"]),
    )

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    done_at: Mapped[datetime | None]


class Callback(Base):
    """A call that somebody asked for, and what became of it. A row never ends in silence (design 3.12).

    `number` is sealed; None: the office knows her number. `promised_from`–`promised_to`: the window that was
    promised last, and by whom. `tries`: calls that were not answered. It is over once she was spoken to or
    does not need it.
    """

    __tablename__ = "callback"
    __table_args__ = (
        ForeignKeyConstraint(["conversation_id", "seq"], ["message.conversation_id", "message.seq"]),
        Index(None, "conversation_id", "spoken_at", "cancelled_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    asked_at: Mapped[datetime]
    number: Mapped[bytes | None]
    promised_from: Mapped[datetime | None]
    promised_to: Mapped[datetime | None]
    promised_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    missed: Mapped[int] = mapped_column(default=0)
    """How many promised windows passed without a call: told by the person herself, or by a new promise."""
    spoken_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
