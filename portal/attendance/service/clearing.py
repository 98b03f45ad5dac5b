"""Clearing at the centre what was left open, or what is wrong: always a new line, with who and why."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy.orm import Session

from portal.attendance.rules.registered import Kind, require_why
from portal.attendance.service import chain, checking_in, correcting, days
from portal.attendance.service.writing import (
    Said,
    arrived_at,
    changed_meanwhile,
    made_by,
    require_past,
    write,
)
from portal.errors import N_, Refused
from portal.people.rules.access import Viewer


def was_here(
    s: Session, viewer: Viewer, centre: str, person_public_id: str, on: date, at: time | None, said: Said
) -> None:
    """«Var her»: she came without being registered. `at`: Oslo wall clock that day.

    The same press again changes nothing. Raises: NotFound for anybody who was not on that day's board;
    Refused `attendance.time_missing`, `attendance.why_missing`, `attendance.day_ahead`,
    `attendance.time_ahead`; Conflict `attendance.changed_meanwhile` when she is registered already.
    """
    place, person = checking_in.require_on_board(s, viewer, centre, person_public_id, on=on)
    if at is None:
        raise Refused("attendance.time_missing", N_("Skriv klokkeslettet."), field="at")
    require_why(said.why, said.words.strip())
    require_past(on)
    more = arrived_at(on, at)
    day = chain.hold_day(s, place.id, on)
    if made_by(s, said.nonce) is None:
        if (person.id, place.id, on) in days.standing(days.list_events_at(s, place.id, on)):
            raise changed_meanwhile()
        write(s, day, person, by_id=viewer.person_id, kind=Kind.CHECKED_IN, said=said, **more)


def was_not_here(
    s: Session, viewer: Viewer, centre: str, person_public_id: str, on: date, said: Said
) -> None:
    """«Var ikke her»: the registration of that day no longer stands. Both lines stay, for both to see.

    Also today, of somebody who registered herself: nobody takes that back without a word (`undoing.undo`).

    The same press again changes nothing. Raises: NotFound as `was_here`; Refused `attendance.why_missing`;
    Conflict `attendance.changed_meanwhile` when none stands.
    """
    place, person = checking_in.require_on_board(s, viewer, centre, person_public_id, on=on)
    standing = days.standing(days.list_events_at(s, place.id, on)).get((person.id, place.id, on))
    if standing is not None:
        correcting.take_back(s, viewer, standing.public_id, said)
    elif made_by(s, said.nonce) is None:
        raise changed_meanwhile()
