"""Tables of duties: the decision, what it asks, who opened the text, and exemptions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, new_public_id
from portal.duties.rules import Agreed, Answer, ExplainHow, KostraCondition, KostraExemption, PhraseKey
from portal.plan.rules.words import LegalBasis

_PUBLIC_ID_LENGTH = 22
_HASH_LENGTH = 64


class Decision(Base):
    """A written answer from Nav; `reduction_informed` says whether it told that the money may be reduced."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(_PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    decided_on: Mapped[date]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    received_on: Mapped[date | None]
    reduction_informed: Mapped[bool]


class Condition(Base):
    """One thing that a decision asks; a changed text gets a new `version` and asks for a new reading."""

    __tablename__ = "condition"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(_PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"), index=True)
    kostra_code: Mapped[KostraCondition]
    legal_basis: Mapped[LegalBasis]
    phrase: Mapped[PhraseKey]
    phrase_values: Mapped[dict[str, str | int]] = mapped_column(JSON)
    own_words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    agreed: Mapped[Agreed]
    version: Mapped[int] = mapped_column(default=1)
    decision: Mapped[Decision] = relationship(lazy="raise")


class Receipt(Base):
    """A text was opened in one version and one language; it never says that anybody agreed or understood."""

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("condition_id", "condition_version", "language", "answer", "asking"),
        Index(None, "recipient_id", "answer", "explained_utc"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(_PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    condition_id: Mapped[int] = mapped_column(ForeignKey("condition.id"))
    condition_version: Mapped[int]
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    language: Mapped[str] = mapped_column(String(10))
    checked_by_professional: Mapped[bool]
    text_hash: Mapped[str] = mapped_column(String(_HASH_LENGTH))
    read_utc: Mapped[datetime]
    answer: Mapped[Answer]
    asking: Mapped[int] = mapped_column(default=1)
    explain_how: Mapped[ExplainHow | None]
    explain_due_on: Mapped[date | None]
    explained_utc: Mapped[datetime | None]
    explained_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Exemption(Base):
    """A person for whom no activity is asked; why is never shown in a list."""

    __tablename__ = "exemption"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(_PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[KostraExemption]
    decided_on: Mapped[date]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    review_on: Mapped[date | None]
