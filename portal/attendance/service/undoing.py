"""«Angre» on the board: a registration no longer stands. Both events stay, for both to see."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.attendance.rules import registered
from portal.attendance.rules.kept import TapTime
from portal.attendance.rules.registered import Channel, Kind, Why
from portal.attendance.service import chain
from portal.attendance.service.checking_in import events_of, require_on_board, write
from portal.clock import now_utc, to_oslo, today_oslo
from portal.errors import N_, Refused
from portal.people.rules.access import Viewer

WHY_FIRST = "attendance.why_first"


def undo(
    s: Session,
    viewer: Viewer,
    *,
    centre_public_id: str,
    person_public_id: str,
    nonce: str,
    kept: TapTime | None = None,
    why: Why | None = None,
) -> None:
    """Take back the day's registration of somebody. The first event and this one both stay, for both to see.

    A tap of staff's own is taken back at once; what the person did herself only with why. Does nothing when
    there is nothing to take back. What a tablet kept from an earlier day takes nothing back: the day is over,
    and whoever clears it says why. Raises: NotFound as `checking_in.check_in_by_staff`; Refused
    `attendance.day_over`, `attendance.why_first`.
    """
    happened = kept.at if kept else now_utc()
    on = to_oslo(happened).date()
    centre, person = require_on_board(
        s, viewer, centre_public_id, person_public_id, on=on, was_kept=kept is not None
    )
    day = chain.hold_day(s, centre.id, on)
    events = events_of(s, day, person.id, nonce)
    standing = next((one for one in events if one.id == registered.standing_arrival(events)), None)
    if standing is None or any(event.nonce == nonce for event in events):
        return
    if day.day_on < today_oslo():
        raise Refused(
            "attendance.day_over",
            N_("Ikke angret: Dagen er over. Åpne dagen på tavla, trykk på navnet og skriv hvorfor."),
        )
    if why is None and Channel(standing.channel) in registered.BY_HERSELF:
        raise Refused(
            WHY_FIRST, N_("Ikke angret: Personen sjekket inn selv. Trykk på navnet og velg hvorfor.")
        )
    entry = chain.Entry(
        person.id, Kind.UNDONE, happened, viewer.person_id, Channel.STAFF, nonce, standing.id, why=why
    )
    write(s, day, entry)
