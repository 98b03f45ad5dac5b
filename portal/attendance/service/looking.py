"""«Sett på»: somebody who works here has looked at a time that a phone or tablet kept without a net."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from portal.attendance.rules.kept import TapTime
from portal.attendance.rules.registered import ARRIVALS, Kind
from portal.attendance.service import chain, checking_in, correcting, days
from portal.attendance.service.writing import Said, write
from portal.clock import to_oslo, today_oslo
from portal.errors import NotFound
from portal.people.rules.access import Viewer


def look(s: Session, viewer: Viewer, event_id: str, nonce: str) -> None:
    """Say that one has looked at a time, and it stands as it is: nobody is asked to look again.

    Who looked is kept, for both to see; a wrong time is corrected instead. Does nothing when somebody has
    looked already. Raises: NotFound for a line that the viewer may not correct, and for one that nobody was
    asked to look at.
    """
    event = days.get_event(s, event_id)
    if event.kind not in ARRIVALS or not event.to_look_at:
        raise NotFound
    _event, person = correcting.require_correctable(s, viewer, event_id)
    day = chain.hold_day_of(s, event)
    own = days.list_events_of(s, person.id, first=event.day_on, last=event.day_on)
    if event.id not in days.looked_at(own):
        said = Said(nonce)
        write(s, day, person, by_id=viewer.person_id, kind=Kind.LOOKED_AT, said=said, about_id=event.id)


def look_on_board(
    s: Session,
    viewer: Viewer,
    *,
    centre_public_id: str,
    person_public_id: str,
    nonce: str,
    kept: TapTime | None = None,
    on: date | None = None,
) -> None:
    """Say that one has looked at somebody's time on the board, today or on `on`. As `look`.

    Does nothing for whoever is not registered or whose time needs no look. Raises: NotFound as
    `checking_in.require_on_board`.
    """
    day = on or (to_oslo(kept.at).date() if kept else today_oslo())
    centre, person = checking_in.require_on_board(s, viewer, centre_public_id, person_public_id, on=day)
    arrival = days.standing(days.list_events_at(s, centre.id, day)).get((person.id, centre.id, day))
    if arrival is not None and arrival.to_look_at:
        look(s, viewer, arrival.public_id, nonce)
