"""Tables for people, who helps whom, and sign-in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base
from portal.people.models.places import InAddresses
from portal.people.rules.words import Change, IdentityCheck, Opened, Purpose, Role, RoleAct


class Person(InAddresses, Base):
    """A recipient or somebody who works here.

    `number` is the short number used where there is no phone, `username` what staff sign in with (small
    letters). A protected recipient is non-digital until two different helpers have switched it on for her:
    `digital_asked_by_id`, then `digital_allowed_by_id`.
    """

    __tablename__ = "person"

    number: Mapped[int | None] = mapped_column(unique=True)
    username: Mapped[str | None] = mapped_column(String(80), unique=True)
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
    wants_paper: Mapped[bool] = mapped_column(default=False)
    digital_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    digital_allowed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class PlanPause(Base):
    """From when to when a person's plan was paused, both days included, and who did it.

    Only added to, or ended. `to_on` is None while it lasts, and before `from_on` when it was lifted the same
    day. `Person.is_paused` is what holds now.
    """

    __tablename__ = "plan_pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    from_on: Mapped[date]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_on: Mapped[date | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class PersonChange(Base):
    """Who changed something that decides who may reach a recipient, and when. Only ever added to.

    `helper_id`: the help that was given or ended; None for what is about the person herself.
    """

    __tablename__ = "person_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    change: Mapped[Change]
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("helper.id"))


class StaffRole(InAddresses, Base):
    """A role that somebody holds from–to (both days included), for an office or a centre.

    `ended_at` takes it away at once, in the middle of a day too.
    """

    __tablename__ = "staff_role"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]


class RoleChange(Base):
    """Who gave a role, said which day is its last, or ended it, and when. Only ever added to.

    `by_id` is None for what a command on the server did; `last_on` is the last day that was said.
    """

    __tablename__ = "role_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("staff_role.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    act: Mapped[RoleAct]
    last_on: Mapped[date | None]


class Helper(InAddresses, Base):
    """That somebody helps a recipient with something, from–to (both days included).

    `ended_at` ends it at once, in the middle of a day too; the days stay as they were agreed.
    """

    __tablename__ = "helper"
    __table_args__ = (Index(None, "staff_id", "recipient_id"),)

    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[Purpose]
    is_stand_in: Mapped[bool] = mapped_column(default=False)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]


class LoginSession(InAddresses, Base):
    """One sign-in in one browser. The cookie holds a random token; only its hash is kept here.

    `credential_id`: the bound phone it came from; when that binding ends, so does the session. `is_borrowed`:
    on a phone that is not her own, so it lives only for a short time.
    """

    __tablename__ = "login_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    level: Mapped[int]
    credential_id: Mapped[int | None] = mapped_column(ForeignKey("credential.id"), index=True)
    is_borrowed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ActivationCode(Base):
    """A one-time code that binds a recipient's phone, or lets somebody who works here choose a passphrase.

    Only a keyed hash is kept. `made_by_id` is None for the first admin's, which a command makes.
    `identity_check` says how whoever made it knew who stood there; None for staff.
    """

    __tablename__ = "activation_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    identity_check: Mapped[IdentityCheck | None]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Credential(InAddresses, Base):
    """A phone that is bound to a person, opened with a PIN. `tries`: wrong ones in a row. `name`: her own."""

    __tablename__ = "credential"

    name: Mapped[str] = mapped_column(String(40), default="")
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    device_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    pin_hash: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Passphrase(Base):
    """What somebody who works here signs in with: a passphrase, and six digits from an app (TOTP).

    `totp_sealed` is None until the app is set up; `totp_step` is the last half-minute whose digits were used,
    so that none is used twice. `tries` counts wrong ones in a row, of both kinds.
    """

    __tablename__ = "passphrase"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    totp_sealed: Mapped[bytes | None]
    totp_step: Mapped[int | None]
    tries: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class Passkey(InAddresses, Base):
    """A passkey of somebody who works here: the second step on a device that can."""

    __tablename__ = "passkey"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ExternalIdentity(Base):
    """Whom an identity provider (ID-porten, Entra ID) means by a subject, kept as a fingerprint."""

    __tablename__ = "external_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(200))
    subject_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AccessLog(Base):
    """Who opened what about whom (design 5). Only ever added to; the database itself refuses the rest.

    `person_id` is None for a list or a board: one row for the list, never one for each name on it.
    """

    __tablename__ = "access_log"
    __table_args__ = (Index(None, "person_id", "at"), Index(None, "viewer_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    viewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    opened: Mapped[Opened]
    at: Mapped[datetime]


class WrongGuess(Base):
    """How many wrong codes came from one place in one window; several processes share the count."""

    __tablename__ = "wrong_guess"
    __table_args__ = (UniqueConstraint("scope", "window_starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(80))
    window_starts_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=0)
