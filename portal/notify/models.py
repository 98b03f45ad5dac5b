"""Notices to be sent. No text, no name and no place stands here: only whom, why in one word, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class Outbox(Base):
    """One notice to one person, written in the transaction of its cause and sent later, at most once."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "dedupe_key"),
        Index(None, "sent_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(40))
    """Why, as a stable word such as `chat.message`."""
    dedupe_key: Mapped[str] = mapped_column(String(120))
    """Names the cause; the same cause gives one notice however often it is reported."""
    due_at: Mapped[datetime]
    channel: Mapped[str | None] = mapped_column(String(20))
    """How it went out; chosen at sending, because a person may change her mind until then."""
    lease_until: Mapped[datetime | None]
    """A sender holds the row until then; after that another may take it."""
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
