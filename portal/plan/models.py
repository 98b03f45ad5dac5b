"""Tables of the plan. Days and weekly patterns are Oslo wall clock; instants are UTC."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, new_public_id
from portal.plan.rules.expected import ExceptionKind
from portal.plan.rules.weeks import Met, Pattern, Slot
from portal.plan.rules.words import MAX_TITLE_LENGTH, ActivityStatus, LegalBasis, MeetingPlace

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
    """Something that takes place each week, with the rule it stands on. Its weeks say where and when."""

    __tablename__ = "activity"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(_PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(String(MAX_TITLE_LENGTH))
    contact: Mapped[str | None] = mapped_column(String(MAX_TITLE_LENGTH))
    from_on: Mapped[date]
    """The first day of all, whatever was changed later."""
    status: Mapped[ActivityStatus]
    legal_basis: Mapped[LegalBasis]
    weeks: Mapped[list[ActivityWeek]] = relationship(
        order_by="ActivityWeek.id", lazy="raise", back_populates="activity"
    )


class ActivityWeek(Base):
    """Where and when an activity takes place from one day to another. A change is a new row, never an edit.

    The week before then ends the day before; one that had not begun ends before it begins, and never held.
    So the days that are past stay as they were agreed.
    """

    __tablename__ = "activity_week"
    __table_args__ = (Index(None, "centre_id", "from_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), index=True)
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    place: Mapped[str | None] = mapped_column(String(MAX_TITLE_LENGTH))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    agreed_to_on: Mapped[date | None]
    """The last day as it was agreed, before a later week took over."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who wrote it down; None for what was brought in."""
    at: Mapped[datetime]
    activity: Mapped[Activity] = relationship(lazy="raise", back_populates="weeks")
    slots: Mapped[list[ActivitySlot]] = relationship(
        order_by="(ActivitySlot.weekday, ActivitySlot.starts_at)", lazy="raise", cascade="all, delete-orphan"
    )

    @property
    def pattern(self) -> Pattern:
        """The slots and the period as plain values; the slots must have been loaded."""
        slots = tuple(Slot(slot.weekday, slot.starts_at, slot.ends_at, slot.how) for slot in self.slots)
        return Pattern(slots, self.from_on, self.to_on)


class ActivitySlot(Base):
    """One time in a week of an activity: weekday 0 (Monday) to 6, and how it is met."""

    __tablename__ = "activity_slot"
    __table_args__ = (UniqueConstraint("week_id", "weekday", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    week_id: Mapped[int] = mapped_column(ForeignKey("activity_week.id"), index=True)
    weekday: Mapped[int]
    starts_at: Mapped[time]
    ends_at: Mapped[time]
    how: Mapped[Met] = mapped_column(default=Met.AT_PLACE)


class AgreedException(Base):
    """What was agreed for one activity on one day in place of its week. Taken back, it stays in the history.

    `starts_at`–`ends_at` and `centre_id` (None: as in the week) are what holds on that day; free has neither.
    """

    __tablename__ = "agreed_exception"
    __table_args__ = (
        Index(
            "uq_agreed_exception_standing",
            "activity_id",
            "day_on",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(None, "day_on"),
        CheckConstraint(
            "(kind = 'free') = (starts_at IS NULL) AND (starts_at IS NULL) = (ends_at IS NULL)", name="times"
        ),
        CheckConstraint("(kind = 'other_centre') = (centre_id IS NOT NULL)", name="centre"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(_PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    day_on: Mapped[date]
    kind: Mapped[ExceptionKind]
    starts_at: Mapped[time | None]
    ends_at: Mapped[time | None]
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]


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
