"""Before a centre is closed for a day: how many are expected then, and how many are there already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.attendance.service import days
from portal.attendance.service.running_devices import get_run_centre
from portal.clock import today_oslo
from portal.people.rules.access import Viewer
from portal.people.rules.roles import Place
from portal.people.service import closed_days, protection
from portal.people.service.places import CentreCard
from portal.plan.service import visits


@dataclass(frozen=True)
class BeforeClosing:
    """What whoever closes a centre sees first. expected, here: people, never the protected."""

    centre: CentreCard
    on: date
    expected: int
    here: int
    is_open: bool

    @property
    def is_today(self) -> bool:
        """Whether it is closed from now on."""
        return self.on == today_oslo()

    @property
    def is_past(self) -> bool:
        """Whether it was closed, and nobody had said so."""
        return self.on < today_oslo()


def before_closing(s: Session, viewer: Viewer, centre_public_id: str, on: date) -> BeforeClosing:
    """Tell how many are expected at a centre on a day, for those in charge there and those who administer.

    No sum tells of anybody with a protected address (design 3.7). Raises: NotFound for another centre;
    Refused `closed_day.past`, `closed_day.too_far` for a day that cannot be closed.
    """
    centre = get_run_centre(s, viewer, centre_public_id)
    closed_days.require_closable(Place.CENTRE, on)
    day = visits.centre_day(s, centre.id, on)
    expected = {visit.recipient_id for visit in day.visits}
    here = {person_id for person_id, _centre, _on in days.standing(days.list_events_at(s, centre.id, on))}
    hidden = protection.protected_among(s, expected | here)
    return BeforeClosing(centre, on, len(expected - hidden), len(here - hidden), day.is_open)
