"""What one person's plan says about each day. Her activities are asked for once; a page takes from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.clock import to_oslo
from portal.people.rules.opening import public_holidays
from portal.people.service import places
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard
from portal.plan.models import Activity
from portal.plan.rules import (
    ActivityStatus,
    ElsewhereVisit,
    ExpectedVisit,
    Pattern,
    Slot,
    days_between,
    slots_on,
)

HORIZON_DAYS = 28

_ACTIVITIES = (
    select(Activity)
    .options(joinedload(Activity.slots))
    .where(
        Activity.recipient_id == bindparam("recipient_id"),
        Activity.status == ActivityStatus.AGREED,
        or_(Activity.to_on.is_(None), Activity.to_on >= bindparam("since")),
    )
    .order_by(Activity.from_on, Activity.id)
)


@dataclass(frozen=True)
class Planned:
    """One agreed activity, with its week as plain values."""

    activity: Activity
    pattern: Pattern


@dataclass(frozen=True)
class Agenda:
    """A person's agreed activities that had not ended on the day `since`, earliest start first.

    `centres` are those where they take place. Nothing takes place on a public holiday, or while her plan is
    paused.
    """

    person: PersonCard
    since: date
    planned: tuple[Planned, ...]
    centres: Mapping[int, CentreCard]

    def running_on(self, on: date) -> list[Planned]:
        """The activities that have not ended on a day; some may begin later."""
        return [one for one in self.planned if one.pattern.to_on is None or one.pattern.to_on >= on]

    def at_centres(self, first: date, last: date) -> list[ExpectedVisit]:
        """Where and when centres expect her, both days included: by day, start, end and title."""
        found = [
            ExpectedVisit(self.person.id, centre_id, on, slot.starts_at, slot.ends_at, one.activity.title)
            for on, one, slot in self._slots(first, last)
            if (centre_id := one.activity.centre_id) is not None
        ]
        return sorted(found, key=lambda one: (one.on, one.starts_at, one.ends_at, one.activity_title))

    def elsewhere(self, first: date, last: date) -> list[ElsewhereVisit]:
        """What she has at places that are no centre, both days included: by day, start, end and title.

        Nobody registers her there, so no centre expects her; her days count all the same.
        """
        found = [
            ElsewhereVisit(on, slot.starts_at, slot.ends_at, one.activity.title, one.activity.place or "")
            for on, one, slot in self._slots(first, last)
            if one.activity.centre_id is None
        ]
        return sorted(found, key=lambda one: (one.on, one.starts_at, one.ends_at, one.activity_title))

    def days(self, first: date, last: date) -> list[date]:
        """The days that have anything, at a centre or elsewhere, both ends included, earliest first."""
        at_centres, elsewhere = self.at_centres(first, last), self.elsewhere(first, last)
        return sorted({visit.on for visit in at_centres} | {visit.on for visit in elsewhere})

    def next_visit(self, after: datetime, *, horizon_days: int = HORIZON_DAYS) -> ExpectedVisit | None:
        """The visit to a centre that is going on at the instant `after`, or the next; None if none is near.

        horizon_days: how many days ahead to look.
        """
        first = to_oslo(after).date()
        for on in days_between(first, first + timedelta(days=horizon_days)):
            for visit in self.at_centres(on, on):
                if visit.ends_utc > after:
                    return visit
        return None

    def _slots(self, first: date, last: date) -> Iterator[tuple[date, Planned, Slot]]:
        if first < self.since:
            raise ValueError("the agenda was not asked for from so early a day")
        if self.person.is_paused:
            return
        for on in days_between(first, last):
            closed_days = public_holidays(on.year)
            for one in self.planned:
                for slot in slots_on(one.pattern, on, closed_days=closed_days):
                    yield on, one, slot


def agenda_for(s: Session, person: PersonCard, since: date) -> Agenda:
    """Get a person's agenda from a day on: two queries, however much there is and however long it lasts."""
    rows = s.scalars(_ACTIVITIES, {"recipient_id": person.id, "since": since}).unique()
    planned = tuple(Planned(row, row.pattern) for row in rows)
    ids = {one.activity.centre_id for one in planned if one.activity.centre_id is not None}
    return Agenda(person, since, planned, places.centres_for(s, ids))
