"""«Dette skjer første dag»: what a person reads before she comes to a centre, and what the centre writes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.attendance.models import CentreFirstDay
from portal.attendance.rules.first_day import Bring, Words
from portal.clock import now_utc, today_oslo
from portal.errors import NotFound
from portal.people.rules.access import Viewer
from portal.people.service import led_centre, places, recipients
from portal.people.service.places import CentreCard
from portal.plan.rules.expected import ExpectedVisit
from portal.plan.service import first_days
from portal.plan.service.agenda import agenda_for


@dataclass(frozen=True)
class FirstDayPage:
    """A person's first day at a centre. `veileder`: by given name; None when she has none yet."""

    centre: CentreCard
    visit: ExpectedVisit
    words: Words
    veileder: str | None


def read_first_day(s: Session, person_id: int, centre: str) -> FirstDayPage:
    """Show a person what happens on her first day. It can be read from when it is agreed, to the day itself.

    Raises: NotFound when she has no first day ahead at that centre, alike for no centre at all.
    """
    place = places.find_centre(s, centre)
    agenda = agenda_for(s, recipients.get_person(s, person_id), today_oslo())
    ahead = [one for one in first_days.coming(s, agenda) if place is not None and one.centre_id == place.id]
    if place is None or not ahead:
        raise NotFound
    return FirstDayPage(place, ahead[0], words_of(s, place.id), recipients.veileder_of(s, person_id))


def words_of(s: Session, centre_id: int) -> Words:
    """Get what a centre has written; nothing when it has not."""
    row = s.get(CentreFirstDay, centre_id)
    if row is None:
        return Words()
    bring = tuple(Bring(one) for one in row.bring.split())
    return Words(row.meets, bring, row.bring_too, row.way)


def require_led_centre(s: Session, viewer: Viewer, centre: str) -> CentreCard:
    """Get a centre that the viewer is in charge of. Raises: NotFound."""
    led_centre.require_led_centre(s, viewer, centre)
    place = places.find_centre(s, centre)
    if place is None:
        raise NotFound
    return place


def save_words(s: Session, viewer: Viewer, centre: str, words: Words) -> None:
    """Keep what whoever is in charge at a centre has written, and who it was. Raises: NotFound."""
    place = require_led_centre(s, viewer, centre)
    row = s.get(CentreFirstDay, place.id, with_for_update=True) or CentreFirstDay(centre_id=place.id)
    row.meets, row.bring_too, row.way = words.meets, words.bring_too, words.way
    row.bring = " ".join(words.bring)
    row.changed_by_id, row.changed_at = viewer.person_id, now_utc()
    s.add(row)
