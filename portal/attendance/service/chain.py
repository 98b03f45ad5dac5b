"""The day's chain of events: taking hold of a day and adding to it. See `verifying` for checking it."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceDay, AttendanceEvent, EventWords
from portal.attendance.rules.beside import Beside
from portal.attendance.rules.registered import Channel, Kind, Why
from portal.attendance.rules.seals import hash_words, seal_event
from portal.clock import now_utc
from portal.db import new_public_id, seal, unseal

_SALT_BYTES = 16
_SALT_SIGNS = 2 * _SALT_BYTES
_SEALED = (
    "public_id", "centre_id", "office_id", "day_on", "n", "recipient_id", "kind", "at", "received_at",
    "by_id", "channel", "nonce", "corrects_id", "about_id", "meeting_id", "why", "words_hash",
    "to_look_at", "late_minutes",
)  # fmt: skip
"""What the seal covers: everything that was said when the event was written."""

_DAY = (
    select(AttendanceDay)
    .where(AttendanceDay.day_on == bindparam("day_on"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_DAY_OF_CENTRE = _DAY.where(AttendanceDay.centre_id == bindparam("centre_id"))
_DAY_OF_OFFICE = _DAY.where(AttendanceDay.office_id == bindparam("office_id"))


@dataclass(frozen=True)
class Entry:
    """What is to be added to a day. `corrects_id`: what no longer stands; `about_id`: what is spoken of."""

    recipient_id: int
    kind: Kind | Beside
    at: datetime
    by_id: int
    channel: Channel
    nonce: str
    corrects_id: int | None = None
    to_look_at: bool = False
    about_id: int | None = None
    meeting_id: int | None = None
    why: Why | None = None
    words: str = ""
    late_minutes: int | None = None


def hold_day(s: Session, centre_id: int, on: date) -> AttendanceDay:
    """Take hold of a centre's day until the transaction ends, so that its events stay in one line.

    Whoever comes second waits here, and then sees what the first has written.
    """
    return _hold(s, on, centre_id=centre_id)


def hold_office_day(s: Session, office_id: int, on: date) -> AttendanceDay:
    """Take hold of an office's day, as of a centre's: for what is about no centre."""
    return _hold(s, on, office_id=office_id)


def hold_day_of(s: Session, event: AttendanceEvent) -> AttendanceDay:
    """Take hold of the day in which an event stands: what corrects it or speaks of it stands there too."""
    return _hold(s, event.day_on, centre_id=event.centre_id, office_id=event.office_id)


def _hold(
    s: Session, on: date, *, centre_id: int | None = None, office_id: int | None = None
) -> AttendanceDay:
    place = {"centre_id": centre_id, "office_id": office_id, "day_on": on}
    wanted = _DAY_OF_OFFICE if centre_id is None else _DAY_OF_CENTRE
    held = s.scalars(wanted, place).one_or_none()
    if held is None:  # the first of the day; who writes it at the same moment waits here for the other
        insert = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
        s.execute(insert(AttendanceDay).values(**place).on_conflict_do_nothing())
        held = s.scalars(wanted, place).one()
    return held


def add(s: Session, day: AttendanceDay, entry: Entry) -> AttendanceEvent:
    """Add an event to a day that is held, sealed to the one before it; its words are sealed apart from it."""
    return add_many(s, day, [entry])[0]


def add_many(s: Session, day: AttendanceDay, entries: Collection[Entry]) -> list[AttendanceEvent]:
    """Add several events in this order, as `add`; they are written together, however many there are."""
    salts = [secrets.token_hex(_SALT_BYTES) for _entry in entries]
    events = [_next_event(day, *one) for one in zip(entries, salts, strict=True)]
    s.add_all(events)
    s.flush()  # an event's id is needed by whoever corrects it, and a doubled nonce must show here
    for event, entry, salt in zip(events, entries, salts, strict=True):
        if entry.words:
            sealed = seal(s, salt + entry.words, bound_to=words_binding(event.public_id))
            s.add(EventWords(event_id=event.id, words=sealed))
    return events


def _next_event(day: AttendanceDay, entry: Entry, salt: str) -> AttendanceEvent:
    event = AttendanceEvent(
        public_id=new_public_id(),
        centre_id=day.centre_id,
        office_id=day.office_id,
        day_on=day.day_on,
        n=day.head + 1,
        recipient_id=entry.recipient_id,
        kind=entry.kind,
        at=entry.at,
        received_at=now_utc(),
        by_id=entry.by_id,
        channel=entry.channel,
        nonce=entry.nonce,
        corrects_id=entry.corrects_id,
        to_look_at=entry.to_look_at,
        about_id=entry.about_id,
        meeting_id=entry.meeting_id,
        why=entry.why,
        words_hash=hash_words(entry.words, salt=salt) if entry.words else None,
        late_minutes=entry.late_minutes,
        prev_hash=day.chain_head,
    )
    event.hash = seal_event(sealed_fields(event), previous=day.chain_head)
    day.head, day.chain_head = event.n, event.hash
    return event


def words_binding(public_id: str) -> tuple[str, str]:
    """Name the event that sealed words belong to; moved to any other they cannot be opened."""
    return ("attendance_words", public_id)


def words_of(s: Session, events: Collection[AttendanceEvent]) -> dict[int, str]:
    """Open what was written with these events, by the event's id. One query; what was erased is left out.

    For the person and for the veileder who makes the plan with her; whoever calls has checked that.
    """
    named = {event.id: event.public_id for event in events if event.words_hash}
    if not named:
        return {}
    rows = s.execute(select(EventWords.event_id, EventWords.words).where(EventWords.event_id.in_(named)))
    return {each: open_words(s, words, named[each])[1] for each, words in rows}


def open_words(s: Session, sealed: bytes, public_id: str) -> tuple[str, str]:
    """Open the words of an event: their salt, and what was written. Raises: ValueError for another's."""
    opened = unseal(s, sealed, bound_to=words_binding(public_id))
    return opened[:_SALT_SIGNS], opened[_SALT_SIGNS:]


def erase_words(s: Session, event: AttendanceEvent, *, by_id: int) -> None:
    """Keep the words of an event no longer. That they were written stands, and so does who let them go.

    Salt and words are gone with the row, so nobody can find out what was written. The line itself says that
    they were erased: words that are only missing were taken by somebody, and are found.
    """
    day = hold_day_of(s, event)
    entry = Entry(event.recipient_id, Beside.WORDS_ERASED, now_utc(), by_id, Channel.STAFF, new_public_id())
    add(s, day, replace(entry, about_id=event.id))
    s.execute(delete(EventWords).where(EventWords.event_id == event.id))


def sealed_fields(event: AttendanceEvent) -> dict[str, object]:
    """Give everything of an event that its seal covers."""
    return {name: getattr(event, name) for name in _SEALED}
