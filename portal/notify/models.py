"""Notices to be sent, and who has chosen to get them. No text, no name and no place stands here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base
from portal.notify.rules.notices import Kind, Outcome


class Outbox(Base):
    """One notice to one person, written in the transaction of its cause and sent later, at most once.

    A row is a leased job. What is about one thing goes out together, as one notice: such rows share
    `attempt_key`, `lease_until` and their outcome. Rows stay (decision 37).
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "about", "cause"),
        Index(None, "outcome", "due_at"),
        Index(None, "attempt_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[Kind]
    about: Mapped[str] = mapped_column(String(40))
    """Which conversation or which day; there is one notice at a time about it."""
    cause: Mapped[str] = mapped_column(String(40))
    """Which message or what time; the same cause gives one row however often it is reported."""
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """When it is to be looked at next: put off by quiet hours, spacing and tries that reached nobody."""
    good_until: Mapped[datetime | None]
    starts_at: Mapped[datetime | None]
    """When that begins which a reminder is about; its time of day stands in the text."""
    channel: Mapped[str | None] = mapped_column(String(20))
    """How it went out; chosen at sending, because a person may change her mind until then."""
    lease_until: Mapped[datetime | None]
    """Set while an attempt has no known end. A sender holds the row until then; afterwards nobody knows."""
    attempt_key: Mapped[str | None] = mapped_column(String(22))
    """Names the attempt to the gateway. One that knows the key already sends nothing."""
    attempts: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]
    """When the last attempt was begun."""
    sent_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]


class NoticeChoice(Base):
    """What a person has chosen: her number and which notices. No row: nothing is sent.

    The row is what a sender holds while it decides, so that two never decide for the same person at once.
    """

    __tablename__ = "notice_choice"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    number_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number_at: Mapped[datetime]
    wants_messages: Mapped[bool] = mapped_column(default=False)
    wants_reminders: Mapped[bool] = mapped_column(default=False)
    wants_first_day: Mapped[bool] = mapped_column(default=False)
    chosen_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who last switched something on or off: the person, or a helper whom she asked."""
    chosen_at: Mapped[datetime | None]
