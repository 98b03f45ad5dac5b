"""What the forms about a person's weeks show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.clock import today_oslo
from portal.people.rules.access import Viewer
from portal.people.service import places
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard
from portal.plan.rules.weeks import Pattern
from portal.plan.service import agreeing, visits
from portal.plan.service.agreeing import NewWeek
from portal.plan.service.visits import CrowdedDay

LOOKS_AHEAD = timedelta(days=27)
"""So far ahead one is warned that there is not room for everybody."""


@dataclass(frozen=True)
class WeekPage:
    """What a form about a person's weeks needs. `title`, `last`: of the activity; empty for a new one.

    crowded: days to come on which a centre she may be at expects more than there is room for. seen: see
    `agreeing.mark_of`.
    """

    person: PersonCard
    activity: str
    title: str
    centres: list[CentreCard]
    crowded: list[CrowdedDay]
    last: NewWeek
    seen: str


def new_page(s: Session, viewer: Viewer, person_public_id: str) -> WeekPage:
    """Get what the form for a new activity needs. Raises: NotFound."""
    person = agreeing.require_plan_of(s, viewer, person_public_id, is_shown=True)
    nothing = NewWeek(Pattern((), today_oslo(), None), "", "")
    return _form_page(s, person, "", "", nothing, "")


def week_page(s: Session, viewer: Viewer, activity_public_id: str) -> WeekPage:
    """Get what the forms about an activity need; `last` is its latest week. Raises: NotFound."""
    person, activity = agreeing.require_activity(s, viewer, activity_public_id, is_shown=True)
    week = activity.weeks[-1]
    centres = places.centres_for(s, [week.centre_id]) if week.centre_id else {}
    at = centres[week.centre_id].public_id if week.centre_id else ""
    last = NewWeek(week.pattern, at, week.place or "")
    return _form_page(s, person, activity.public_id, activity.title, last, agreeing.mark_of(activity))


def _form_page(
    s: Session, person: PersonCard, activity: str, title: str, last: NewWeek, seen: str
) -> WeekPage:
    centres, today = agreeing.list_centres_for(s, person), today_oslo()
    crowded = visits.crowded_days(s, {one.id for one in centres}, today, today + LOOKS_AHEAD)
    return WeekPage(person, activity, title, centres, crowded, last, seen)
