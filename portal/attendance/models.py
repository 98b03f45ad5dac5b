"""What was registered, day by day. Events are only ever added; what stands is derived."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.attendance.rules.devices import DeviceKind
from portal.attendance.rules.seals import GENESIS
from portal.attendance.rules.telling import PaperEnd
from portal.db import Base, Utc, new_public_id
from portal.files.kinds import FileKind


class AttendanceDay(Base):
    """One day at one place, a centre or an office: how many events it has, and the seal of the last one."""

    __tablename__ = "attendance_day"
    __table_args__ = (
        UniqueConstraint("centre_id", "day_on"),
        UniqueConstraint("office_id", "day_on"),
        CheckConstraint("(centre_id IS NULL) <> (office_id IS NULL)", name="one_place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    """What is about no centre, a talk above all, stands in the line of the person's office."""
    day_on: Mapped[date]
    head: Mapped[int] = mapped_column(default=0)
    """Raised by one per event, in the same transaction as the event."""
    chain_head: Mapped[str] = mapped_column(String(64), default=GENESIS)

    @property
    def centre_ids(self) -> tuple[int, ...]:
        """The centre whose board shows this day; empty for an office's day, which no board shows."""
        return () if self.centre_id is None else (self.centre_id,)


class AttendanceEvent(Base):
    """Something was registered about a day, taken back, called wrong or answered. Only ever added."""

    __tablename__ = "attendance_event"
    __table_args__ = (
        UniqueConstraint("centre_id", "day_on", "n"),
        UniqueConstraint("office_id", "day_on", "n"),
        ForeignKeyConstraint(["centre_id", "day_on"], ["attendance_day.centre_id", "attendance_day.day_on"]),
        ForeignKeyConstraint(["office_id", "day_on"], ["attendance_day.office_id", "attendance_day.day_on"]),
        CheckConstraint("(centre_id IS NULL) <> (office_id IS NULL)", name="one_place"),
        Index(None, "recipient_id", "day_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    centre_id: Mapped[int | None]
    office_id: Mapped[int | None]
    day_on: Mapped[date]
    n: Mapped[int]
    """Its place in the day: 1 to head, no gap."""
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Utc)
    """When it happened: for an arrival the time of the scan, not of the button."""
    received_at: Mapped[datetime] = mapped_column(Utc)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(String(20))
    nonce: Mapped[str] = mapped_column(String(64), unique=True)
    """Made where the tap was made; the same tap sent twice is one event, for ever."""
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("attendance_event.id"))
    """What no longer stands because of this one."""
    to_look_at: Mapped[bool] = mapped_column(default=False)
    """A phone kept it without a net, and staff should look at its time. Nothing was refused."""
    about_id: Mapped[int | None] = mapped_column(ForeignKey("attendance_event.id"), index=True)
    """What is called wrong, or which such word is answered. That alone changes nothing."""
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"))
    why: Mapped[str | None] = mapped_column(String(20))
    words_hash: Mapped[str | None] = mapped_column(String(64))
    """Binds the words to the line. They lie apart, so that they can be erased (seals.hash_words)."""
    late_minutes: Mapped[int | None]
    """What she told us of how late she is; see AbsenceNotice."""
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AttendanceHead(Base):
    """How far a day had come when it was signed. Only ever added: a longer day is signed once more."""

    __tablename__ = "attendance_head"
    __table_args__ = (
        UniqueConstraint("centre_id", "day_on", "n"),
        UniqueConstraint("office_id", "day_on", "n"),
        CheckConstraint("(centre_id IS NULL) <> (office_id IS NULL)", name="one_place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    day_on: Mapped[date]
    n: Mapped[int]
    seal: Mapped[str] = mapped_column(String(64))
    """That of event number n of the day."""
    signed_at: Mapped[datetime] = mapped_column(Utc)
    signature: Mapped[str] = mapped_column(String(88))


class EventWords(Base):
    """What somebody wrote with an event. Apart from the line, so that it can be sealed anew, or erased."""

    __tablename__ = "attendance_words"

    event_id: Mapped[int] = mapped_column(ForeignKey("attendance_event.id"), primary_key=True)
    words: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed (db.seal), with the salt of the hash in front."""


class AbsenceNotice(Base):
    """A person told us that she is late or cannot come on a day. The reason is for her veileder only.

    Each stands in a day's line too, by an event that says the same but the reason, and so does taking it
    back: whoever lets it disappear, or writes one that nobody told, is found.
    """

    __tablename__ = "absence_notice"
    __table_args__ = (UniqueConstraint("nonce", "day_on"), Index(None, "recipient_id", "day_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    day_on: Mapped[date]
    kind: Mapped[str] = mapped_column(String(20))
    late_minutes: Mapped[int | None]
    reason_code: Mapped[str | None] = mapped_column(String(20))
    noted_at: Mapped[datetime] = mapped_column(Utc)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    nonce: Mapped[str] = mapped_column(String(64))
    """Names the receipt; several days told at once share it."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(Utc)
    event_id: Mapped[int] = mapped_column(ForeignKey("attendance_event.id"), unique=True)


class LettersClaim(Base):
    """Somebody used a centre's code in a browser that does not know her, and shows three letters to staff.

    It says nothing about who she is: staff do that, and then it has an event.
    """

    __tablename__ = "letters_claim"
    __table_args__ = (UniqueConstraint("centre_id", "day_on", "letters"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"))
    day_on: Mapped[date]
    letters: Mapped[str] = mapped_column(String(3))
    """Given once a day, so that nobody who left is mixed up with somebody who came."""
    nonce: Mapped[str] = mapped_column(String(64), unique=True)
    """That of the code which was used: one code gives one row, however often she asks."""
    at: Mapped[datetime] = mapped_column(Utc)
    """When the code was used, which becomes the time of arrival."""
    to_look_at: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime] = mapped_column(Utc)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("attendance_event.id"))


class AbsencePaper(Base):
    """A photo or a PDF that a person showed with a notice. For the veileder who makes the plan with her."""

    __tablename__ = "absence_paper"
    __table_args__ = (Index(None, "recipient_id", "notice_nonce"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    notice_nonce: Mapped[str] = mapped_column(String(64))
    """The receipt it was shown with."""
    kind: Mapped[FileKind]
    size: Mapped[int]
    sent_mark: Mapped[bytes] = mapped_column(LargeBinary)
    """The same file sent twice is one paper."""
    sent_at: Mapped[datetime] = mapped_column(Utc)
    checked_at: Mapped[datetime | None] = mapped_column(Utc)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed; None when it lies here no longer. The row stays and says what became of it."""
    settled_at: Mapped[datetime | None] = mapped_column(Utc)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled: Mapped[PaperEnd | None]


class CentreKey(Base):
    """A centre's secret; the one with the highest number is in use, and earlier ones are worth nothing.

    The key of each day is made from it, so nothing is written when a day begins (decision 16).
    """

    __tablename__ = "centre_key"

    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed (db.seal), so that the database file alone makes no codes."""
    made_at: Mapped[datetime] = mapped_column(Utc)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None for the first, which comes with the centre."""


class CentreDevice(Base):
    """A screen or a shared tablet of a centre. It signs nobody in and can be taken out of use at once.

    It is added with a one-time code and coupled when that code is typed on it; it is never removed, so that
    one can see later which there were.
    """

    __tablename__ = "centre_device"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"), index=True)
    kind: Mapped[DeviceKind]
    name: Mapped[str] = mapped_column(String(40))
    registered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    registered_at: Mapped[datetime] = mapped_column(Utc)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    """Of the code that couples it; a fingerprint with a secret key (decision 17)."""
    code_expires_at: Mapped[datetime] = mapped_column(Utc)
    secret_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    """Of the random secret in the device's own cookie; None until it is coupled."""
    coupled_at: Mapped[datetime | None] = mapped_column(Utc)
    last_seen_at: Mapped[datetime | None] = mapped_column(Utc)
    """Written at most once a minute."""
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Utc)


class CentreActivity(Base):
    """Something a centre offers on some weekdays, for people to choose from. Ended, never removed."""

    __tablename__ = "centre_activity"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"), index=True)
    title: Mapped[str] = mapped_column(String(60))
    weekdays: Mapped[str] = mapped_column(String(7))
    """The days of the week, 0 (Monday) to 6, in order: «0123»."""
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class DayChoice(Base):
    """What somebody does at a centre one day, or who welcomes her there. The last one of its kind stands."""

    __tablename__ = "day_choice"
    __table_args__ = (
        Index(None, "centre_id", "day_on"),
        CheckConstraint("(activity_id IS NULL) <> (host_id IS NULL)", name="one_choice"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"))
    day_on: Mapped[date]
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("centre_activity.id"))
    host_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Utc)
    nonce: Mapped[str] = mapped_column(String(64), unique=True)


class CentreFirstDay(Base):
    """What a centre tells somebody before her first day there. No row: the ready sentences alone."""

    __tablename__ = "centre_first_day"

    centre_id: Mapped[int] = mapped_column(ForeignKey("centre.id"), primary_key=True, autoincrement=False)
    meets: Mapped[str] = mapped_column(String(80))
    bring: Mapped[str] = mapped_column(String(80))
    """Codes of what to bring, one after the other: «food pen»."""
    bring_too: Mapped[str] = mapped_column(String(300))
    way: Mapped[str] = mapped_column(String(300))
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(Utc)
