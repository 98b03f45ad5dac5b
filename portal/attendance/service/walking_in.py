"""Somebody stands at the centre who is not on the board: staff find her by name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.attendance.rules.registered import Channel
from portal.attendance.service.checking_in import Arrival, Coming, register
from portal.clock import now_utc, today_oslo
from portal.people.rules.access import Viewer
from portal.people.service import at_centre
from portal.people.service.at_centre import Named
from portal.people.service.places import CentreCard
from portal.plan.service import visits


def search(s: Session, viewer: Viewer, centre_public_id: str, typed: str) -> tuple[CentreCard, list[Named]]:
    """Find by name whom the viewer's centre serves, or who has a helper there, expected today or not.

    A protected person answers exactly like an unknown name (design 3.7).
    Raises: NotFound for a centre where the viewer does not work; Refused `search.too_short`.
    """
    centre = at_centre.require_own_centre(s, viewer, centre_public_id)
    return centre, at_centre.search_served(s, centre, typed)


def check_in_found(
    s: Session, viewer: Viewer, *, centre_public_id: str, person_public_id: str, nonce: str
) -> Arrival:
    """Register somebody who stands here, whether she was expected or not. Tapping again changes nothing.

    Raises: NotFound for another centre, and alike for a protected person and for nobody at all.
    """
    centre = at_centre.require_own_centre(s, viewer, centre_public_id)
    person_id = at_centre.require_served(s, centre, person_public_id)
    planned = visits.centre_day(s, centre.id, today_oslo(), recipient_ids=[person_id]).visits
    channel = Channel.STAFF if planned else Channel.WALK_IN
    return register(s, centre, Coming(person_id, now_utc(), viewer.person_id, channel, nonce))
