"""What a leader sees: numbers, never what anybody wrote, never who gets help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.chat.service import waiting
from portal.clock import now_utc
from portal.people.rules.access import Viewer
from portal.people.rules.words import Role
from portal.people.service import places, recipients
from portal.people.service.places import StaffCard

_SECONDS_IN_A_MINUTE = 60


@dataclass(frozen=True)
class VeilederLine:
    """How many people one veileder helps, how many of them wait, and for how long the first has."""

    name: str
    people: int
    waiting: int
    longest_minutes: int


def office_page(s: Session, viewer: Viewer) -> list[VeilederLine]:
    """Tell a leader who in the office has people waiting, by name: as many queries for ten as for one."""
    staff = places.list_staff(s, office_ids=viewer.office_ids)
    veiledere = [one for one in staff if one.role is Role.VEILEDER]
    helped = recipients.list_helped_by(s, [one.person_id for one in veiledere])
    since = waiting.waiting_since(s, {person_id for people in helped.values() for person_id in people})
    return [_line(one, helped[one.person_id], since) for one in veiledere]


def _line(one: StaffCard, people: list[int], since: dict[int, datetime]) -> VeilederLine:
    waits = [since[person_id] for person_id in people if person_id in since]
    longest = int((now_utc() - min(waits)).total_seconds()) // _SECONDS_IN_A_MINUTE if waits else 0
    return VeilederLine(one.name, len(people), len(waits), max(0, longest))
