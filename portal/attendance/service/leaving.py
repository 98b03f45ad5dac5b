"""Leaving and coming back, where the centre wants to know. Never a duty, and no hours are reckoned."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.attendance.rules.registered import Channel, Kind, standing_arrival, standing_leave
from portal.attendance.service import chain, checking_in, days
from portal.clock import now_utc, today_oslo
from portal.errors import NotFound
from portal.people.rules.access import Viewer
from portal.people.service import at_centre, places, recipients


def leave(s: Session, recipient_id: int, centre_public_id: str, *, nonce: str) -> None:
    """Let a person say that she leaves now. Saying it twice changes nothing.

    Raises: NotFound where the centre does not ask for it, and when she is not registered there today.
    """
    centre = places.find_centre(s, centre_public_id)
    if centre is None or not centre.wants_check_out:
        raise NotFound
    _move(s, centre.id, recipient_id, Kind.LEFT, by_id=recipient_id, channel=Channel.PHONE, nonce=nonce)


def leave_by_staff(
    s: Session, viewer: Viewer, *, centre_public_id: str, person_public_id: str, nonce: str, is_back: bool
) -> None:
    """Let staff note that somebody has left, or that she is back. Tapping twice changes nothing.

    Raises: NotFound for another centre, where it is not asked for, and for whoever is not registered today.
    """
    centre = at_centre.require_own_centre(s, viewer, centre_public_id)
    person = recipients.find_by_public_id(s, person_public_id)
    if not centre.wants_check_out or person is None or person.is_protected:
        raise NotFound
    kind = Kind.CAME_BACK if is_back else Kind.LEFT
    _move(s, centre.id, person.id, kind, by_id=viewer.person_id, channel=Channel.STAFF, nonce=nonce)


def left_at(s: Session, recipient_id: int, centre_id: int, on: date) -> datetime | None:
    """Tell when a person said that she left a centre that day; None when she is still there."""
    events = days.list_events_of(s, recipient_id, first=on, last=on)
    return days.left(one for one in events if one.centre_id == centre_id).get(recipient_id)


def _move(
    s: Session, centre_id: int, recipient_id: int, kind: Kind, *, by_id: int, channel: Channel, nonce: str
) -> None:
    day = chain.hold_day(s, centre_id, today_oslo())
    events = checking_in.events_of(s, day, recipient_id, nonce)
    own = [event for event in events if event.recipient_id == recipient_id]
    if standing_arrival(own) is None:
        raise NotFound
    has_left = standing_leave(own)
    if any(event.nonce == nonce for event in own) or (has_left is None) == (kind is Kind.CAME_BACK):
        return
    entry = chain.Entry(recipient_id, kind, now_utc(), by_id, channel, nonce)
    checking_in.write(s, day, entry)
