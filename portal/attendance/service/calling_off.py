"""A talk that Nav calls off on its own day is Nav's own no-show, also when it is called off in the chat."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from portal.attendance.rules.registered import Kind
from portal.attendance.service.writing import About, Said, hold_place, write
from portal.clock import today_oslo
from portal.people.service import recipients


def nav_called_off(s: Session, recipient_id: int, meeting: str, on: date, *, by_id: int) -> None:
    """Write «Nav avlyste» about a talk of today; one on a day to come has only left the plan (design 3.12).

    Said once. The caller has checked that this member of staff may call it off. Raises: NotFound when the
    talk is not hers on that day.
    """
    person = recipients.get_person(s, recipient_id)
    if on != today_oslo() or person.office_id is None:
        return
    day, held = hold_place(s, person, About(on, meeting=meeting))
    meeting_id = held.id if held else None
    said = Said(f"avlyst-{meeting}")
    write(s, day, person, by_id=by_id, kind=Kind.NAV_CANCELLED, said=said, meeting_id=meeting_id)
