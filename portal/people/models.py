"""Tables for people, places, who helps whom, and sign-in."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, new_public_id
from portal.people.rules import Purpose, Role


class Office(Base):
    """A municipal Nav office."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(120))
    opens_at: Mapped[time]
    closes_at: Mapped[time]


class Centre(Base):
    """A job centre or activity centre. It may serve several offices."""

    __tablename__ = "centre"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(120))
    opens_at: Mapped[time]
    closes_at: Mapped[time]


class CentreOffice(Base):
    """That a centre serves an office."""

    __tablename__ = "centre_office"

    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)


class Person(Base):
    """A recipient or somebody who works here. `number` is the short number used where there is no phone."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    number: Mapped[int | None] = mapped_column(unique=True)
    given_name: Mapped[str] = mapped_column(String(80))
    family_name: Mapped[str] = mapped_column(String(80))
    born_on: Mapped[date | None]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    is_recipient: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(12), default="nb")
    prefers: Mapped[str] = mapped_column(String(8), default="chat")
    needs_interpreter: Mapped[bool] = mapped_column(default=False)
    is_protected: Mapped[bool] = mapped_column(default=False)
    is_paused: Mapped[bool] = mapped_column(default=False)
    has_phone: Mapped[bool] = mapped_column(default=True)


class StaffRole(Base):
    """A role that somebody holds from–to (both days included), for an office or a centre."""

    __tablename__ = "staff_role"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class Helper(Base):
    """That somebody helps a recipient with something, from–to (both days included)."""

    __tablename__ = "helper"
    __table_args__ = (Index(None, "staff_id", "recipient_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[Purpose]
    is_stand_in: Mapped[bool] = mapped_column(default=False)
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class LoginSession(Base):
    """One sign-in in one browser. The cookie holds a random token; only its hash is kept here."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    level: Mapped[int]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ActivationCode(Base):
    """A one-time code that binds a phone to a person. Only a keyed hash is kept."""

    __tablename__ = "activation_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Credential(Base):
    """A phone that is bound to a person, opened with a PIN. `tries` counts wrong PINs in a row."""

    __tablename__ = "credential"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    device_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    pin_hash: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class WrongGuess(Base):
    """How many wrong codes came from one place in one window; several processes share the count."""

    __tablename__ = "wrong_guess"
    __table_args__ = (UniqueConstraint("scope", "window_starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(80))
    window_starts_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=0)
