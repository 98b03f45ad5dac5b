"""Who is told at once that a day has changed. Pages then ask for what is new; the database is the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.attendance.service import keys
from portal.attendance.service.changes import (
    DayChanged,
    LettersShown,
    ManyChanged,
    audience_of,
    boards_at,
    helpers_who_hear,
)
from portal.clock import today_oslo
from portal.people.service.changes import CentreDayChanged, ShownElsewhere
from portal.people.service.running_places import CentreSaved
from portal.realtime.live import Event, Live

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

EVENTS: tuple[Event, ...] = ()
"""Nothing is asked through the socket: the board fetches its changes as a page would."""


def tell_of_day(live: Live, fact: DayChanged) -> None:
    """Let the boards of the centres, and those who help the person, know that something has changed."""
    with live.database.transaction(writes=False) as s:
        audience = audience_of(s, fact)
    on = fact.on.isoformat()
    for centre, person_ids in audience.boards.items():
        live.push(person_ids, "board:changed", {"centre": centre, "on": on}, level="staff")
    live.push(
        audience.helper_ids,
        "attendance:changed",
        {"person": audience.recipient_public_id, "on": on},
        level="staff",
    )


def tell_of_many(live: Live, fact: ManyChanged) -> None:
    """Let a centre's board know once of a press for many, and those who help each of them."""
    with live.database.transaction(writes=False) as s:
        boards, helpers = boards_at(s, [fact.centre_id]), helpers_who_hear(s, fact)
    on = fact.on.isoformat()
    for centre, person_ids in boards.items():
        live.push(person_ids, "board:changed", {"centre": centre, "on": on}, level="staff")
    for person, helper_ids in helpers.items():
        live.push(helper_ids, "attendance:changed", {"person": person, "on": on}, level="staff")


def tell_of_who_is_shown(live: Live, fact: ShownElsewhere | LettersShown) -> None:
    """Let the boards of some centres look anew at whom they show today; nothing is said about anybody."""
    with live.database.transaction(writes=False) as s:
        boards = boards_at(s, fact.centre_ids)
    for centre, person_ids in boards.items():
        live.push(
            person_ids, "board:changed", {"centre": centre, "on": today_oslo().isoformat()}, level="staff"
        )


def tell_of_centre_day(live: Live, fact: CentreDayChanged) -> None:
    """Let the boards of a centre look anew at a day on which it is closed now, or open after all."""
    with live.database.transaction(writes=False) as s:
        boards = boards_at(s, [fact.centre_id])
    for centre, person_ids in boards.items():
        told: dict[str, object] = {"centre": centre, "on": fact.day.isoformat()}
        live.push(person_ids, "board:changed", told, level="staff")


def give_a_key(s: Session, fact: CentreSaved) -> None:
    """See that a centre has a key when it is set up or changed, so that its code screen works at once."""
    keys.ensure_centre_key(s, fact.centre_id)


TELLS = (
    (DayChanged, tell_of_day),
    (ManyChanged, tell_of_many),
    (ShownElsewhere, tell_of_who_is_shown),
    (LettersShown, tell_of_who_is_shown),
    (CentreDayChanged, tell_of_centre_day),
)
"""Which fact is told, and how."""
WITHIN = ((CentreSaved, give_a_key),)
"""What is written in the fact's own transaction; app.py subscribes both."""
