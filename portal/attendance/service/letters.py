"""Three large letters: a scan on a phone that knows nobody, until staff say who stands there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceEvent, LettersClaim
from portal.attendance.rules import letters as rules
from portal.attendance.rules.registered import Channel
from portal.attendance.rules.windows import ClaimTooOld
from portal.attendance.service import chain, days
from portal.attendance.service.changes import LettersShown
from portal.attendance.service.checking_in import Arrival, Coming, register
from portal.attendance.service.codes import Claim
from portal.bus import publish
from portal.clock import now_utc, to_oslo, today_oslo
from portal.errors import N_, Conflict, NotFound, Refused, TooManyTries
from portal.people.rules.access import Viewer
from portal.people.service import at_centre, guesses
from portal.people.service.places import CentreCard

_MINUTES = 15


@dataclass(frozen=True)
class Waiting:
    """Somebody who shows these letters; `at` is when she used the code. Nothing says who she is.

    is_taken: staff have said who it is. is_taken_back: they said so, and took it back afterwards. is_over:
    nobody did in time.
    """

    public_id: str
    letters: str
    at: datetime
    is_taken: bool
    is_over: bool
    is_taken_back: bool = False


def show_letters(s: Session, claim: Claim, *, address: str | None) -> Waiting:
    """Give whoever used a code three letters to show; the same ones when she asks again.

    Raises: ClaimTooOld, also when the day has changed since; NeedsSignIn; Refused `attendance.letters_full`
    when too many wait already, or when every three letters have been given that day.
    """
    day = chain.hold_day(s, claim.centre_id, to_oslo(claim.at).date())
    known = s.scalar(select(LettersClaim).where(LettersClaim.nonce == claim.nonce))
    if known is not None:
        return _waiting(known)
    claim.require_open()
    if day.day_on != today_oslo():
        raise ClaimTooOld  # staff see the letters of today alone
    _require_room(s, claim.centre_id, address)
    taken = select(LettersClaim.letters).where(
        LettersClaim.centre_id == day.centre_id, LettersClaim.day_on == day.day_on
    )
    drawn = rules.draw_letters(set(s.scalars(taken)))
    if drawn is None:
        raise _full()
    row = LettersClaim(
        centre_id=day.centre_id,
        day_on=day.day_on,
        letters=drawn,
        nonce=claim.nonce,
        at=claim.at,
        to_look_at=claim.to_look_at,
        asked_at=now_utc(),
    )
    s.add(row)
    s.flush()
    publish(s, LettersShown(frozenset({row.centre_id})))
    return _waiting(row)


def find_shown(s: Session, claim: Claim) -> Waiting | None:
    """Tell how the letters of a code stand; None when it was never asked for any."""
    row = s.scalar(select(LettersClaim).where(LettersClaim.nonce == claim.nonce))
    if row is None or row.event_id is None:
        return _waiting(row) if row else None
    who = s.get_one(AttendanceEvent, row.event_id).recipient_id
    of_day = days.list_events_of(s, who, first=row.day_on, last=row.day_on)
    stands = (who, row.centre_id, row.day_on) in days.standing(of_day)
    return replace(_waiting(row), is_taken=stands, is_taken_back=not stands)


def list_waiting(s: Session, centre_id: int) -> list[Waiting]:
    """Get who shows letters at a centre now, longest first."""
    rows = s.scalars(
        select(LettersClaim).where(*_waits(centre_id)).order_by(LettersClaim.asked_at, LettersClaim.id)
    )
    return [_waiting(row) for row in rows]


def get_waiting(
    s: Session, viewer: Viewer, centre_public_id: str, public_id: str
) -> tuple[CentreCard, Waiting]:
    """Get one who shows letters at the viewer's centre. Raises: NotFound, also when it is over."""
    centre = at_centre.require_own_centre(s, viewer, centre_public_id)
    row = s.scalar(select(LettersClaim).where(*_waits(centre.id), LettersClaim.public_id == public_id))
    if row is None:
        raise NotFound
    return centre, _waiting(row)


def say_who(
    s: Session, viewer: Viewer, *, centre_public_id: str, waiting: str, person_public_id: str
) -> Arrival:
    """Register the person whom staff know behind the letters, at the time she used the code.

    The code's own nonce is the tap's, so it makes one arrival, whoever taps and however often.
    Raises: NotFound for letters that wait no more, another centre, and alike for a protected person and
    nobody at all; Conflict `attendance.letters_taken` when a colleague chose somebody else.
    """
    centre = at_centre.require_own_centre(s, viewer, centre_public_id)
    person_id = at_centre.require_served(s, centre, person_public_id)
    row = s.scalar(
        select(LettersClaim)
        .where(LettersClaim.centre_id == centre.id, LettersClaim.public_id == waiting)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or row.asked_at + rules.WAITS < now_utc():
        raise NotFound
    coming = Coming(person_id, row.at, viewer.person_id, Channel.LETTERS, row.nonce, row.to_look_at)
    if row.event_id is not None and s.get_one(AttendanceEvent, row.event_id).recipient_id != person_id:
        raise Conflict("attendance.letters_taken", N_("Noen andre har alt valgt et navn her. Se på tavla."))
    arrival = register(s, centre, coming)
    if row.event_id is None:
        row.event_id = arrival.event_id
        publish(s, LettersShown(frozenset({centre.id})))
    return arrival


def _require_room(s: Session, centre_id: int, address: str | None) -> None:
    """One code gives one row; beside that an outsider can fill only so much, and nobody else is shut out."""
    here = s.scalar(select(func.count()).select_from(LettersClaim).where(*_waits(centre_id))) or 0
    if here >= rules.MOST_WAITING:
        raise _full()
    scope = guesses.scope_of_address(s, "letters", address)
    try:
        guesses.take_guess(s, scope, limit=rules.MOST_PER_ADDRESS, window_minutes=_MINUTES)
    except TooManyTries as fault:
        raise _full() from fault


def _full() -> Refused:
    said = N_("Mange venter akkurat nå. Si navnet ditt til dem som jobber her.")
    return Refused("attendance.letters_full", said)


def _waits(centre_id: int) -> tuple:  # type: ignore[type-arg]  # conditions of SQLAlchemy
    return (
        LettersClaim.centre_id == centre_id,
        LettersClaim.day_on == today_oslo(),
        LettersClaim.event_id.is_(None),
        LettersClaim.asked_at > now_utc() - rules.WAITS,
    )


def _waiting(row: LettersClaim) -> Waiting:
    is_taken, is_late = row.event_id is not None, row.asked_at + rules.WAITS < now_utc()
    return Waiting(row.public_id, row.letters, row.at, is_taken, is_over=is_late and not is_taken)
