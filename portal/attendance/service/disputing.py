"""What the person says of a day herself: it is wrong, or Nav did not come. Open until it is seen to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.attendance.models import AttendanceDay, AttendanceEvent
from portal.attendance.rules.registered import (
    HER_OWN_WORDS,
    NAV_NO_SHOWS,
    SEEN_TO,
    Kind,
    cleaned_words,
    standing_events,
)
from portal.attendance.service import chain, days
from portal.attendance.service.writing import About, Said, hold_place, made_by, require_past, write
from portal.errors import N_, Conflict, NotFound
from portal.people.rules.access import Viewer
from portal.people.rules.words import Purpose
from portal.people.service import recipients
from portal.people.service.recipients import PersonCard


@dataclass(frozen=True)
class OpenDispute:
    """Somebody says that a day is wrong, or that Nav did not come, and nobody has seen to it.

    Never her words: it is a list.
    """

    public_id: str
    recipient_id: int
    on: date
    said_at: datetime
    kind: Kind

    @property
    def is_of_nav(self) -> bool:
        """Whether it says that Nav did not come; to have seen that is enough."""
        return self.kind in NAV_NO_SHOWS


def makes_the_plan(s: Session, viewer: Viewer, recipient_id: int) -> bool:
    """Tell whether the viewer is the veileder, or her stand-in, to whom a person's reasons and words go."""
    return any(
        one.staff_id == viewer.person_id and one.purpose is Purpose.PLAN
        for one in recipients.helpers_of(s, recipient_id)
    )


def dispute_line(s: Session, recipient_id: int, event_id: str, said: Said) -> None:
    """Say that a line is wrong. Said again it is said once; with words, those take its place.

    Raises: NotFound for a line that is not hers, and for her own word.
    """
    event = days.get_event(s, event_id)
    if event.recipient_id != recipient_id or event.kind == Kind.DISPUTED:
        raise NotFound
    person = recipients.get_person(s, recipient_id)
    _dispute(s, person, chain.hold_day_of(s, event), said, about_id=event.id)


def dispute_day(s: Session, recipient_id: int, on: date, said: Said) -> None:
    """Say that what stands about a day, or does not, is wrong. Raises: Refused `attendance.day_ahead`."""
    require_past(on)
    person = recipients.get_person(s, recipient_id)
    _dispute(s, person, hold_place(s, person, About(on))[0], said, about_id=None)


def take_back_own(s: Session, recipient_id: int, event_id: str, nonce: str) -> None:
    """Take back what she said herself: that a line is wrong, or that Nav did not come. Both lines stay.

    Does nothing when it is taken back already. Raises: NotFound for anything that is not her own word.
    """
    event = days.get_event(s, event_id)
    if event.kind not in HER_OWN_WORDS or event.by_id != recipient_id:
        raise NotFound
    day = chain.hold_day_of(s, event)
    own = days.list_events_of(s, recipient_id, first=event.day_on, last=event.day_on)
    if any(one.corrects_id == event.id for one in own):
        return
    person = recipients.get_person(s, recipient_id)
    write(s, day, person, by_id=recipient_id, kind=Kind.UNDONE, said=Said(nonce), corrects_id=event.id)


def answer(s: Session, viewer: Viewer, event_id: str, said: Said) -> None:
    """Answer what somebody said of a day, in words that she sees; it is no longer open.

    A correction, if one is due, is a line of its own beside it. Raises: NotFound for anybody but the veileder
    who makes the plan with her; Refused `attendance.words` without words; Conflict `attendance.answered` when
    it was answered or taken back meanwhile.
    """
    event = _her_word(s, viewer, event_id)
    cleaned_words(said.words, is_needed=True)
    day = chain.hold_day_of(s, event)
    if made_by(s, said.nonce) is None and not list_open(s, [event.recipient_id], event_id=event.id):
        raise Conflict(
            "attendance.answered", N_("Dette er alt besvart eller tatt tilbake. Last siden på nytt.")
        )
    person = recipients.get_person(s, event.recipient_id)
    write(s, day, person, by_id=viewer.person_id, kind=Kind.ANSWERED, said=said, about_id=event.id)


def see(s: Session, viewer: Viewer, event_id: str, nonce: str) -> None:
    """«Sett»: her veileder has seen that she says Nav did not come. She sees who, and it is no longer open.

    Does nothing when it was seen, answered or taken back meanwhile. Raises: NotFound for anybody but the
    veileder who makes the plan with her, and for «dette stemmer ikke», which is owed an answer.
    """
    event = _her_word(s, viewer, event_id)
    if event.kind not in NAV_NO_SHOWS:
        raise NotFound
    day = chain.hold_day_of(s, event)
    if list_open(s, [event.recipient_id], event_id=event.id):
        person = recipients.get_person(s, event.recipient_id)
        write(s, day, person, by_id=viewer.person_id, kind=Kind.SEEN, said=Said(nonce), about_id=event.id)


def list_open_for(s: Session, viewer: Viewer) -> list[OpenDispute]:
    """Get what waits for an answer from this veileder: of those with whom she makes the plan. Two queries."""
    helps = recipients.helps_with(s, viewer.person_id)
    return list_open(s, [who for who, purposes in helps.items() if Purpose.PLAN in purposes])


def list_open(
    s: Session, recipient_ids: Collection[int], *, event_id: int | None = None
) -> list[OpenDispute]:
    """Get what these people say of their days and nobody has seen to, the oldest first. One query."""
    if not recipient_ids:
        return []
    later = aliased(AttendanceEvent)
    is_closed = select(later.id).where(
        (later.corrects_id == AttendanceEvent.id)
        | ((later.about_id == AttendanceEvent.id) & later.kind.in_(SEEN_TO))
    )
    wanted = select(AttendanceEvent).where(
        AttendanceEvent.kind.in_(HER_OWN_WORDS),
        AttendanceEvent.by_id == AttendanceEvent.recipient_id,
        AttendanceEvent.recipient_id.in_(recipient_ids),
        ~is_closed.exists(),
    )
    if event_id is not None:
        wanted = wanted.where(AttendanceEvent.id == event_id)
    rows = s.scalars(wanted.order_by(AttendanceEvent.received_at, AttendanceEvent.id))
    return [
        OpenDispute(row.public_id, row.recipient_id, row.day_on, row.received_at, Kind(row.kind))
        for row in rows
    ]


def _her_word(s: Session, viewer: Viewer, event_id: str) -> AttendanceEvent:
    """Find what a person said of a day herself. Raises: NotFound for anybody but her veileder."""
    event = days.get_event(s, event_id)
    if event.kind not in HER_OWN_WORDS or event.by_id != event.recipient_id:
        raise NotFound
    if not makes_the_plan(s, viewer, event.recipient_id):
        raise NotFound
    return event


def _dispute(s: Session, person: PersonCard, day: AttendanceDay, said: Said, *, about_id: int | None) -> None:
    own = days.list_events_of(s, person.id, first=day.day_on, last=day.day_on)
    answered = {one.about_id for one in own if one.kind == Kind.ANSWERED}
    former = next(
        (
            one
            for one in standing_events(own)
            if one.kind == Kind.DISPUTED and one.about_id == about_id and one.id not in answered
        ),
        None,
    )
    if former is not None and not said.words.strip():
        return
    more = {"about_id": about_id, "corrects_id": former.id if former else None}
    write(s, day, person, by_id=person.id, kind=Kind.DISPUTED, said=said, **more)
