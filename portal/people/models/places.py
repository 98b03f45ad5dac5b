"""Tables for offices and centres: how they are reached, and when."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, new_public_id
from portal.people.rules.ringing import Answers


def _once(table: str, place: str, day: str, *, standing: str) -> Index:
    """Each place and day once among the rows that stand; those that were ended may be many."""
    holds = text(f"{standing} IS NULL")
    name = f"uq_{table}_{place}_{day}"
    return Index(name, place, day, unique=True, sqlite_where=holds, postgresql_where=holds)


class InAddresses:
    """What a row has that is named in addresses: a number of its own, and a name that nobody can guess."""

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-2)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id, sort_order=-1)


class NamedPlace(InAddresses):
    """What offices and centres have in common. `last_on`: the last day before it closes for good, if any."""

    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(120))
    last_on: Mapped[date | None]


class Office(NamedPlace, Base):
    """A municipal Nav office."""

    __tablename__ = "office"

    phone: Mapped[str] = mapped_column(String(20))
    urgent_minutes: Mapped[int] = mapped_column(default=30)
    """After so much open time the leader is told that nobody has taken a question about emergency help."""


class Centre(NamedPlace, Base):
    """A job centre or activity centre. It may serve several offices."""

    __tablename__ = "centre"

    wants_check_out: Mapped[bool] = mapped_column(default=False)
    """Whether people may say that they leave. It is never a duty."""
    capacity: Mapped[int | None]
    """How many there is room for on one day; None: nobody has said. More than that only warns."""


class OpeningHours(Base):
    """When an office or a centre is open on a weekday (0 = Monday), Oslo wall clock. No row: closed.

    `closed_from`–`closed_to`: the pause, if it has one. `from_on`: the first day it holds, None since ever;
    `until_on`: the first day it does not hold any more. A change leaves the days before it as they were.
    """

    __tablename__ = "opening_hours"
    __table_args__ = (
        _once("opening_hours", "office_id", "weekday", standing="until_on"),
        _once("opening_hours", "centre_id", "weekday", standing="until_on"),
        CheckConstraint("(office_id IS NULL) <> (centre_id IS NULL)", name="one_place"),
        CheckConstraint("weekday BETWEEN 0 AND 6 AND opens_at < closes_at", name="a_day"),
        CheckConstraint("(closed_from IS NULL) = (closed_to IS NULL)", name="both_or_none"),
        CheckConstraint(
            "opens_at < closed_from AND closed_from < closed_to AND closed_to < closes_at", name="a_pause"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    weekday: Mapped[int]
    opens_at: Mapped[time]
    closes_at: Mapped[time]
    closed_from: Mapped[time | None]
    closed_to: Mapped[time | None]
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]


class ClosedDay(Base):
    """A day on which a place is closed besides its week and the public holidays, and who said so.

    Opened again (`opened_at`), the row stays: who had closed it, and who opened it.
    """

    __tablename__ = "closed_day"
    __table_args__ = (
        _once("closed_day", "office_id", "day", standing="opened_at"),
        _once("closed_day", "centre_id", "day", standing="opened_at"),
        CheckConstraint("(office_id IS NULL) <> (centre_id IS NULL)", name="one_place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(80), default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime | None]


class DutyPhone(InAddresses, Base):
    """A number to ring when something cannot wait, such as the municipality's duty phone.

    `opens_at`–`closes_at` only for own hours, Oslo wall clock, every day; they may go past midnight.
    """

    __tablename__ = "duty_phone"
    __table_args__ = (
        CheckConstraint(
            "(answers = 'own_hours') = (opens_at IS NOT NULL) AND (opens_at IS NULL) = (closes_at IS NULL)",
            name="own_hours",
        ),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(20))
    answers: Mapped[Answers]
    opens_at: Mapped[time | None]
    closes_at: Mapped[time | None]


class OfficeLanguage(Base):
    """That an office lets duties and rights be shown in a translation no professional has checked."""

    __tablename__ = "office_language"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(12), primary_key=True)


class CentreOffice(Base):
    """That a centre serves an office."""

    __tablename__ = "centre_office"

    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
