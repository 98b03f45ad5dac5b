"""Being registered at a centre, by oneself or by somebody who works there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceDay, AttendanceEvent
from portal.attendance.rules import registered, windows
from portal.attendance.rules.kept import TapTime
from portal.attendance.rules.registered import Channel, Kind
from portal.attendance.service import chain, days
from portal.attendance.service.changes import DayChanged, ManyChanged
from portal.attendance.service.codes import Claim
from portal.bus import publish
from portal.clock import now_utc, to_oslo
from portal.errors import N_, Conflict, NotFound, Refused
from portal.people.rules.access import Viewer
from portal.people.service import places, recipients
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard
from portal.plan.rules.expected import ExpectedVisit
from portal.plan.service import visits

TAKEN_BACK = N_("De som jobber her, har tatt dette tilbake. Si fra til dem, eller skann koden på nytt.")
"""Said to her whose tap staff have taken back, whichever way she came."""

_NO_OFFICE = 0
"""No office has this id."""

_OWN_OR_OF_TAP = (
    select(AttendanceEvent)
    .where(
        or_(
            AttendanceEvent.nonce == bindparam("nonce"),
            (AttendanceEvent.recipient_id == bindparam("recipient_id"))
            & (AttendanceEvent.day_on == bindparam("day_on"))
            & (AttendanceEvent.centre_id == bindparam("centre_id")),
        )
    )
    .order_by(AttendanceEvent.n)
)


@dataclass(frozen=True)
class Arrival:
    """That a person is registered at a centre. `is_new` is False when she already was.

    `event_id` names the event that stands. `stands` is False when staff have taken back what this very tap
    did.
    """

    centre: CentreCard
    at: datetime
    event_id: int
    is_new: bool
    stands: bool = True


@dataclass(frozen=True)
class Coming:
    """Somebody comes: who, when, by whose hand, and how. `nonce` is that of the tap, see AttendanceEvent."""

    recipient_id: int
    at: datetime
    by_id: int
    channel: Channel
    nonce: str
    to_look_at: bool = False


def register(
    s: Session, centre: CentreCard, coming: Coming, *, require: Callable[[], None] = lambda: None
) -> Arrival:
    """Write down that somebody has come. Every way in ends here, so one day has one arrival of hers.

    Whoever came already gets the time that stands, whichever way was first. `require` may refuse a first
    arrival; it is not asked about one that stands.
    Raises: Conflict `attendance.nonce_used` when the same tap came from somebody else.
    """
    day = chain.hold_day(s, centre.id, to_oslo(coming.at).date())
    known = _known_arrival(s, centre, day, coming.recipient_id, coming.nonce)
    if known is not None:
        return known
    require()
    event = write(s, day, _entry(coming))
    return Arrival(centre, event.at, event.id, is_new=True)


def register_many(s: Session, centre: CentreCard, on: date, comings: Collection[Coming]) -> None:
    """Write down that several have come on one day, as `register`: as many questions for fifty as for one.

    Raises: Conflict `attendance.nonce_used` when the same tap was somebody else's, or of another day.
    """
    day = chain.hold_day(s, centre.id, on)
    events = days.list_events_at(s, centre.id, on)
    here = {who for who, _centre, _on in days.standing(events)}
    mine = {(event.nonce, event.recipient_id) for event in events}
    wanted = [one for one in comings if one.recipient_id not in here]
    wanted = [one for one in wanted if (one.nonce, one.recipient_id) not in mine]
    nonces = select(AttendanceEvent.id).where(AttendanceEvent.nonce.in_([one.nonce for one in wanted]))
    if wanted and s.scalars(nonces.limit(1)).first() is not None:
        raise _nonce_used()
    chain.add_many(s, day, [_entry(one) for one in wanted])
    if wanted:
        publish(s, ManyChanged(on, centre.id))


def _entry(coming: Coming) -> chain.Entry:
    return chain.Entry(
        coming.recipient_id,
        Kind.CHECKED_IN,
        coming.at,
        coming.by_id,
        coming.channel,
        coming.nonce,
        to_look_at=coming.to_look_at,
    )


def check_in(s: Session, recipient_id: int, claim: Claim) -> Arrival:
    """Register that a person is here, at the time she used the code. Tapping again changes nothing.

    What her phone kept without a net is never refused: at most staff are asked to look at it (design 8).
    Raises: ClaimTooOld a quarter of an hour after the code was used;
    Refused `attendance.other_centre` when she is expected, but only somewhere else, that day;
    Conflict `attendance.nonce_used` when the same tap came from somebody else.
    """
    centre, on = places.get_centre(s, claim.centre_id), to_oslo(claim.at).date()

    def require() -> None:
        if not claim.is_fresh(now_utc()):
            raise windows.ClaimTooOld
        if not claim.was_kept and is_expected_elsewhere(s, recipient_id, centre, on):
            raise Refused(
                "attendance.other_centre",
                N_("Du har ikke oppmøte på %(place)s. Si fra til dem som jobber her."),
                place=centre.name,
            )

    to_look_at = claim.to_look_at or (claim.was_kept and is_expected_elsewhere(s, recipient_id, centre, on))
    coming = Coming(recipient_id, claim.at, recipient_id, claim.channel, claim.nonce, to_look_at)
    return register(s, centre, coming, require=require)


def check_in_by_staff(
    s: Session,
    viewer: Viewer,
    *,
    centre_public_id: str,
    person_public_id: str,
    nonce: str,
    kept: TapTime | None = None,
) -> Arrival:
    """Register somebody on the board who is standing here. Tapping again changes nothing.

    kept: when the tap was made, for one that the tablet has kept until it had a network; None: now.
    Raises: NotFound for another centre, and for anybody who is not on its board.
    """
    happened = kept.at if kept else now_utc()
    centre, person = require_on_board(
        s, viewer, centre_public_id, person_public_id, on=to_oslo(happened).date(), was_kept=kept is not None
    )
    to_look_at = kept is not None and (
        kept.to_look_at or is_expected_elsewhere(s, person.id, centre, to_oslo(happened).date())
    )
    coming = Coming(person.id, happened, viewer.person_id, Channel.STAFF, nonce, to_look_at)
    return register(s, centre, coming)


def require_on_board(
    s: Session,
    viewer: Viewer,
    centre_public_id: str,
    person_public_id: str,
    *,
    on: date,
    was_kept: bool = False,
) -> tuple[CentreCard, PersonCard]:
    """Get a centre where the viewer works and somebody on its board that day.

    was_kept: what comes late from a tablet without network is not refused because the plan was changed
    meanwhile: then it is enough that the centre serves her office.
    Raises: NotFound alike for another centre, for a protected person and for nobody at all.
    """
    centre = places.find_centre(s, centre_public_id)
    person = recipients.find_by_public_id(s, person_public_id)
    if centre is None or centre.id not in viewer.centre_ids:
        raise NotFound
    if person is None or not person.is_recipient or person.is_protected:
        raise NotFound
    is_planned = bool(visits.centre_day(s, centre.id, on, recipient_ids=[person.id]).visits)
    if is_planned or _has_events(s, centre.id, on, person.id):
        return centre, person
    office_id = person.office_id or _NO_OFFICE
    if was_kept and centre.id in places.centres_serving(s, [office_id])[office_id]:
        return centre, person
    raise NotFound


def write(s: Session, day: AttendanceDay, entry: chain.Entry) -> AttendanceEvent:
    """Add an event to a day that is held, and let boards and helpers hear of it after the commit."""
    event = chain.add(s, day, entry)
    publish(s, DayChanged(entry.recipient_id, day.day_on, day.centre_ids, is_registered=True))
    return event


def _known_arrival(
    s: Session, centre: CentreCard, day: AttendanceDay, recipient_id: int, nonce: str
) -> Arrival | None:
    """Find what a tap has already led to: the arrival that stands, or the event this very tap made before.

    A tap that staff took back stays taken back when the phone sends it again; a new code is a new tap.
    """
    events = events_of(s, day, recipient_id, nonce)
    standing = registered.standing_arrival(event for event in events if event.recipient_id == recipient_id)
    known = next((event for event in events if standing is not None and event.id == standing), None) or next(
        (event for event in events if event.nonce == nonce), None
    )
    if known is None:
        return None
    return Arrival(centre, known.at, known.id, is_new=False, stands=known.id == standing)


def events_of(s: Session, day: AttendanceDay, recipient_id: int, nonce: str) -> list[AttendanceEvent]:
    """Get a person's events of the day in order, and whatever this tap made.

    Raises: Conflict when the tap made an event for another person, or on another day or at another centre.
    """
    told = {"nonce": nonce, "recipient_id": recipient_id, "day_on": day.day_on, "centre_id": day.centre_id}
    events = s.scalars(_OWN_OR_OF_TAP, told).all()
    own = (recipient_id, day.centre_id, day.day_on)
    if any((event.recipient_id, event.centre_id, event.day_on) != own for event in events):
        raise _nonce_used()
    return list(events)


def _nonce_used() -> Conflict:
    return Conflict(
        "attendance.nonce_used",
        N_("Noen endret dette samtidig med deg. Last siden på nytt og prøv igjen."),
    )


def _expected(s: Session, recipient_id: int, on: date) -> list[ExpectedVisit]:
    return visits.expected_on(s, on, recipient_ids=[recipient_id])


def is_expected_elsewhere(s: Session, recipient_id: int, centre: CentreCard, on: date) -> bool:
    """Whether she is expected that day, but not here. Who came on a day without a plan still came."""
    expected = _expected(s, recipient_id, on)
    return bool(expected) and all(visit.centre_id != centre.id for visit in expected)


def _has_events(s: Session, centre_id: int, on: date, recipient_id: int) -> bool:
    wanted = select(AttendanceEvent.id).where(
        AttendanceEvent.centre_id == centre_id,
        AttendanceEvent.day_on == on,
        AttendanceEvent.recipient_id == recipient_id,
    )
    return s.scalar(wanted.limit(1)) is not None
