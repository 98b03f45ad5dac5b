"""Staff correct a line, say how a talk went, and settle a day. Always a new line, with who and why.

The machine sets nothing here: every line is a person's (design 3.1, 3.2).
"""

from __future__ import annotations

from datetime import time

from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceEvent
from portal.attendance.rules.registered import (
    ARRIVALS,
    CANNOT_BE_CORRECTED,
    NAV_NO_SHOWS,
    TALKS,
    Kind,
    require_why,
    standing_events,
)
from portal.attendance.service import chain, days
from portal.attendance.service.navs_own import require_possible
from portal.attendance.service.writing import (
    About,
    Said,
    arrived_at,
    changed_meanwhile,
    hold_place,
    made_by,
    require_past,
    said_already,
    write,
)
from portal.errors import NotFound
from portal.people.rules.access import Viewer
from portal.people.service import recipients
from portal.people.service.recipients import PersonCard

SETTLES = frozenset({Kind.HAD_REASON, Kind.AGREED_OTHERWISE})
"""«Hadde en grunn» and «avtalt annet»; «var der» is an arrival."""


def take_back(s: Session, viewer: Viewer, event_id: str, said: Said) -> None:
    """«Var ikke her», «feil person»: what a line says no longer stands. Both lines stay, for both to see.

    Only staff's lines and arrivals: what the person said herself she alone takes back.
    Raises: NotFound for a line that the viewer may not correct; Refused `attendance.why_missing`; Conflict
    `attendance.changed_meanwhile` when it stands no more.
    """
    event, person = require_correctable(s, viewer, event_id)
    if event.kind not in ARRIVALS and event.by_id == person.id:
        raise NotFound
    _correct(s, viewer, event, person, Kind.UNDONE, said)


def correct_time(s: Session, viewer: Viewer, event_id: str, at: time, said: Said) -> None:
    """She came at another time than was registered; the former line stays. `at`: Oslo wall clock that day.

    Raises: as `take_back`; Refused `attendance.time_ahead`.
    """
    event, person = require_correctable(s, viewer, event_id)
    if event.kind not in ARRIVALS:
        raise NotFound
    _correct(s, viewer, event, person, Kind.TIME_CORRECTED, said, **arrived_at(event.day_on, at))


def register_arrival(s: Session, viewer: Viewer, person_id: str, about: About, at: time, said: Said) -> None:
    """«Kom likevel», «var der»: she was at a centre without being registered. `at`: Oslo wall clock that day.

    Does nothing new when an arrival stands there already, see `said_already`. Raises: NotFound for anybody
    whom the viewer does not help; Refused `attendance.why_missing`, `attendance.day_ahead`,
    `attendance.time_ahead`.
    """
    person = recipients.require_recipient(s, viewer, person_id, is_shown=False)
    require_why(said.why, said.words.strip())
    require_past(about.on)
    if about.centre is None:
        raise NotFound
    day, _meeting = hold_place(s, person, about)
    if any(event.kind in ARRIVALS for event in _standing_there(s, person, day.centre_id, about)):
        said_already(s, said)
        return
    more = arrived_at(about.on, at)
    write(s, day, person, by_id=viewer.person_id, kind=Kind.CHECKED_IN, said=said, **more)


def register_talk(s: Session, viewer: Viewer, person_id: str, about: About, kind: Kind, said: Said) -> None:
    """Say how a talk went: «møttes», «ble flyttet», «Nav avlyste», «fikk ikke tak i hverandre».

    A planned talk has one such line of staff's; another needs the first taken back, with why. A talk that
    nobody had planned is about the day, and Nav cannot have called it off. Raises: NotFound for anybody whom
    the viewer does not help, and a talk that is not hers; Refused `attendance.navs_own`; Conflict
    `attendance.changed_meanwhile` when somebody has said it already.
    """
    if kind not in TALKS:
        raise NotFound
    person = recipients.require_recipient(s, viewer, person_id, is_shown=False)
    require_past(about.on)
    day, held = hold_place(s, person, About(about.on, meeting=about.meeting))
    if kind in NAV_NO_SHOWS:
        require_possible(kind, day, held)
    meeting_id = held.id if held else None
    if held is not None and made_by(s, said.nonce) is None:
        others = _standing_there(s, person, None, about)
        if any(one.meeting_id == meeting_id and one.by_id != person.id for one in others):
            raise changed_meanwhile()
    write(s, day, person, by_id=viewer.person_id, kind=kind, said=said, meeting_id=meeting_id)


def settle(s: Session, viewer: Viewer, person_id: str, about: About, kind: Kind, said: Said) -> None:
    """A day that was to be clarified: «hadde en grunn» or «avtalt annet», said by one of her helpers.

    Raises: NotFound for anybody whom the viewer does not help; Refused `attendance.day_ahead`; as
    `said_already`.
    """
    if kind not in SETTLES:
        raise NotFound
    person = recipients.require_recipient(s, viewer, person_id, is_shown=False)
    require_past(about.on)
    day, held = hold_place(s, person, about)
    meeting_id = held.id if held else None
    there = _standing_there(s, person, day.centre_id, about)
    if any((one.kind, one.meeting_id) == (kind, meeting_id) for one in there):
        said_already(s, said)
        return
    write(s, day, person, by_id=viewer.person_id, kind=kind, said=said, meeting_id=meeting_id)


def require_correctable(s: Session, viewer: Viewer, event_id: str) -> tuple[AttendanceEvent, PersonCard]:
    """Get a line that the viewer may correct: her recipient's, or an arrival at a centre where she works.

    Raises: NotFound, also for what is said for good.
    """
    event = days.get_event(s, event_id)
    if event.kind in CANNOT_BE_CORRECTED:
        raise NotFound
    person = recipients.get_person(s, event.recipient_id)
    if recipients.is_helper(s, viewer.person_id, person.id):
        return event, recipients.require_recipient(s, viewer, person.public_id, is_shown=False)
    if person.is_protected or event.centre_id not in viewer.centre_ids or event.kind not in ARRIVALS:
        raise NotFound
    return event, person


def _correct(
    s: Session,
    viewer: Viewer,
    event: AttendanceEvent,
    person: PersonCard,
    kind: Kind,
    said: Said,
    **more: object,
) -> None:
    require_why(said.why, said.words.strip())
    day = chain.hold_day_of(s, event)
    known = made_by(s, said.nonce)
    if known is None:
        own = days.list_events_of(s, person.id, first=event.day_on, last=event.day_on)
        if all(one.id != event.id for one in standing_events(own)):
            raise changed_meanwhile()
    write(s, day, person, by_id=viewer.person_id, kind=kind, said=said, corrects_id=event.id, **more)


def _standing_there(
    s: Session, person: PersonCard, centre_id: int | None, about: About
) -> list[AttendanceEvent]:
    own = days.list_events_of(s, person.id, first=about.on, last=about.on)
    return [event for event in standing_events(own) if event.centre_id == centre_id]
