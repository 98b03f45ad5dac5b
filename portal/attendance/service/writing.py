"""Adding a line about somebody's day: at which place, by whom, and the same tap written once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceDay, AttendanceEvent
from portal.attendance.rules.registered import Channel, Kind, Why, cleaned_words
from portal.attendance.service import chain
from portal.attendance.service.changes import DayChanged
from portal.bus import publish
from portal.clock import now_utc, oslo_instant, today_oslo
from portal.errors import N_, Conflict, NotFound, Refused
from portal.people.service import places
from portal.people.service.recipients import PersonCard
from portal.plan.service import meetings, visits
from portal.plan.service.meetings import HeldOn


@dataclass(frozen=True)
class Said:
    """What somebody says in a line: the tap's name, why (staff who correct), and words if she likes."""

    nonce: str
    why: Why | None = None
    words: str = ""


@dataclass(frozen=True)
class About:
    """What a line is about on a person's day: a centre, a talk (by public id), or the whole day."""

    on: date
    centre: str | None = None
    meeting: str | None = None


def changed_meanwhile() -> Conflict:
    """Say that what was to be corrected no longer stands."""
    return Conflict(
        "attendance.changed_meanwhile",
        N_("Noen endret dette samtidig med deg. Last siden på nytt og prøv igjen."),
    )


def said_already(s: Session, said: Said) -> None:
    """What stands is not said twice; but words that came with it are not thrown away.

    Raises: Conflict `attendance.changed_meanwhile` when there are words, so that the page gives them back.
    """
    if said.words.strip() and made_by(s, said.nonce) is None:
        raise changed_meanwhile()


def require_past(on: date) -> None:
    """Let only days that have come be registered. Raises: Refused `attendance.day_ahead`."""
    if on > today_oslo():
        raise Refused("attendance.day_ahead", N_("Denne dagen er ikke kommet ennå."), field="on")


def hold_place(s: Session, person: PersonCard, about: About) -> tuple[AttendanceDay, HeldOn | None]:
    """Take hold of the day where a line about this belongs: the centre's, else that of the person's office.

    Raises: NotFound for a centre where she is neither expected nor could be, a meeting that is not hers on
    that day, and a person without an office.
    """
    if about.centre is not None:
        centre = places.find_centre(s, about.centre)
        if centre is None or not _may_be_at(s, person, centre.id, about.on):
            raise NotFound
        return chain.hold_day(s, centre.id, about.on), None
    meeting = _meeting(s, person, about) if about.meeting is not None else None
    if person.office_id is None:
        raise NotFound
    return chain.hold_office_day(s, person.office_id, about.on), meeting


def write(
    s: Session, day: AttendanceDay, person: PersonCard, *, by_id: int, kind: Kind, said: Said, **more: object
) -> AttendanceEvent:
    """Add a line to a day that is held. The same tap again gives the line it made.

    `more`: further fields of `chain.Entry`. Raises: Conflict `attendance.nonce_used` when the tap made
    another line; Refused `attendance.words` for too many words.
    """
    channel = Channel.PHONE if by_id == person.id else Channel.STAFF
    entry = chain.Entry(
        person.id, kind, now_utc(), by_id, channel, said.nonce, why=said.why, words=cleaned_words(said.words)
    )
    entry = replace(entry, **more)  # type: ignore[arg-type]  # fields of the entry, by name
    known = made_by(s, said.nonce)
    if known is not None:
        if (known.recipient_id, known.kind, known.day_on) != (person.id, kind, day.day_on):
            raise Conflict("attendance.nonce_used", changed_meanwhile().sentence)
        return known
    event = chain.add(s, day, entry)
    publish(s, DayChanged(person.id, day.day_on, day.centre_ids, is_registered=True))
    return event


def made_by(s: Session, nonce: str) -> AttendanceEvent | None:
    """Find the line that a tap made, if it made one."""
    return s.scalars(select(AttendanceEvent).where(AttendanceEvent.nonce == nonce)).one_or_none()


def arrived_at(on: date, at: time) -> dict[str, object]:
    """Give the time of an arrival for the line. Raises: Refused `attendance.time_ahead`."""
    instant = oslo_instant(on, at)
    if instant > now_utc():
        raise Refused("attendance.time_ahead", N_("Dette klokkeslettet er ikke kommet ennå."), field="at")
    return {"at": instant}


def _may_be_at(s: Session, person: PersonCard, centre_id: int, on: date) -> bool:
    """Whether a centre serves her office, or has her in its plan that day, also when it was closed."""
    offices = [person.office_id] if person.office_id is not None else []
    is_served = any(centre_id in served for served in places.centres_serving(s, offices).values())
    return is_served or bool(visits.centre_day(s, centre_id, on, recipient_ids=[person.id]).visits)


def _meeting(s: Session, person: PersonCard, about: About) -> HeldOn:
    held = meetings.meetings_between(s, [person.id], about.on, about.on, with_cancelled=True)
    for one in held:
        if one.card.public_id == about.meeting:
            return one
    raise NotFound
