"""Tables of the plan. Days and weekly patterns are Oslo wall clock; instants are UTC."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, new_public_id
from portal.plan.rules import MAX_TITLE_LENGTH, ActivityStatus, LegalBasis, MeetingPlace, Pattern, Slot

_PUBLIC_ID_LENGTH = 22


class Plan(Base):
    """The plan of one person; the goal is in her own words and sealed."""

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(_PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    goal_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    goal_language: Mapped[str] = mapped_column(String(10))
    agreed_on: Mapped[date | None]


class Activity(Base):
    """Something that takes place each week, at a centre or elsewhere, with the rule it stands on."""

    __tablename__ = "activity"
    __table_args__ = (Index(None, "centre_id", "from_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(_PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(String(MAX_TITLE_LENGTH))
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    place: Mapped[str | None] = mapped_column(String(MAX_TITLE_LENGTH))
    contact: Mapped[str | None] = mapped_column(String(MAX_TITLE_LENGTH))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    status: Mapped[ActivityStatus]
    legal_basis: Mapped[LegalBasis]
    slots: Mapped[list[ActivitySlot]] = relationship(
        order_by="(ActivitySlot.weekday, ActivitySlot.starts_at)", lazy="raise", cascade="all, delete-orphan"
    )

    @property
    def pattern(self) -> Pattern:
        """The slots and the period as plain values; the slots must have been loaded."""
        slots = tuple(Slot(slot.weekday, slot.starts_at, slot.ends_at) for slot in self.slots)
        return Pattern(slots, self.from_on, self.to_on)


class ActivitySlot(Base):
    """One time in the week of an activity: weekday 0 (Monday) to 6."""

    __tablename__ = "activity_slot"
    __table_args__ = (UniqueConstraint("activity_id", "weekday", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), index=True)
    weekday: Mapped[int]
    starts_at: Mapped[time]
    ends_at: Mapped[time]


class Meeting(Base):
    """One agreed talk between the person and one of her helpers."""

    __tablename__ = "meeting"
    __table_args__ = (Index(None, "recipient_id", "starts_utc"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(_PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_utc: Mapped[datetime]
    ends_utc: Mapped[datetime]
    how: Mapped[MeetingPlace]
    place: Mapped[str | None] = mapped_column(String(MAX_TITLE_LENGTH))
    cancelled_at: Mapped[datetime | None]


class Task(Base):
    """One small thing to do; ticking it is the person's own act and can be undone."""

    __tablename__ = "task"
    __table_args__ = (Index(None, "recipient_id", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(_PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str] = mapped_column(String(MAX_TITLE_LENGTH))
    due_on: Mapped[date | None]
    done_utc: Mapped[datetime | None]
