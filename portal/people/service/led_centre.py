"""What whoever is in charge at a centre sets herself: when it is closed, and how many there is room for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.clock import today_oslo
from portal.errors import NotFound
from portal.people.models import Centre
from portal.people.rules.access import Viewer
from portal.people.rules.roles import Place
from portal.people.service import closed_days, places
from portal.people.service.changes import CentreDayChanged
from portal.people.service.closed_days import ClosedDayLine
from portal.people.service.places import CentreCard


@dataclass(frozen=True)
class LedCentre:
    """A centre as whoever is in charge there sets it."""

    centre: CentreCard
    closed: list[ClosedDayLine]
    opened_again: list[ClosedDayLine]


def require_led_centre(s: Session, viewer: Viewer, public_id: str) -> CentreCard:
    """Get a centre where the viewer is in charge. Raises: NotFound, alike for one elsewhere and for none."""
    centre = places.find_centre(s, public_id)
    if centre is None or centre.id not in viewer.led_centre_ids:
        raise NotFound
    return centre


def led_centre(s: Session, viewer: Viewer, public_id: str) -> LedCentre:
    """Show the closed days of a centre, and how many there is room for. Raises: NotFound."""
    centre = require_led_centre(s, viewer, public_id)
    return LedCentre(
        centre,
        closed_days.list_closed_days(s, Place.CENTRE, public_id),
        closed_days.list_opened_again(s, Place.CENTRE, public_id),
    )


def set_check_out(s: Session, viewer: Viewer, public_id: str, *, is_wanted: bool) -> None:
    """Say whether people may tell that they leave. It is never a duty. Raises: NotFound."""
    centre = require_led_centre(s, viewer, public_id)
    s.execute(update(Centre).where(Centre.id == centre.id).values(wants_check_out=is_wanted))


def set_capacity(s: Session, viewer: Viewer, public_id: str, capacity: int | None) -> None:
    """Say how many there is room for on one day; None warns nobody. It refuses nobody. Raises: NotFound."""
    centre = require_led_centre(s, viewer, public_id)
    s.execute(update(Centre).where(Centre.id == centre.id).values(capacity=capacity))
    publish(s, CentreDayChanged(centre.id, today_oslo()))
