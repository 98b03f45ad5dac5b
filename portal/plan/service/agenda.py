"""What one person's plan says about each day. Her activities are asked for once; a page takes from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.clock import to_oslo, today_oslo
from portal.people.rules.centre_days import CentreDays
from portal.people.rules.opening import public_holidays
from portal.people.service import closed_days, pauses, places
from portal.people.service.pauses import Pauses
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard
from portal.plan.models import Activity, ActivityWeek, AgreedException
from portal.plan.rules.expected import AgreedDay, ElsewhereVisit, ExpectedVisit, PlanTime
from portal.plan.rules.weeks import Pattern, days_between, slots_on
from portal.plan.rules.words import ActivityStatus
from portal.plan.service.visits import agreed_day, agreed_days

HORIZON_DAYS = 28

_WEEKS = (
    select(ActivityWeek)
    .join(ActivityWeek.activity)
    .options(contains_eager(ActivityWeek.activity), joinedload(ActivityWeek.slots))
    .where(
        Activity.recipient_id == bindparam("recipient_id"),
        Activity.status == ActivityStatus.AGREED,
        or_(
            ActivityWeek.to_on.is_(None),
            (ActivityWeek.to_on >= bindparam("since")) & (ActivityWeek.to_on >= ActivityWeek.from_on),
        ),
    )
    .order_by(Activity.from_on, Activity.id, ActivityWeek.from_on, ActivityWeek.id)
)
_AGREED = (
    agreed_days()
    .where(
        Activity.recipient_id == bindparam("recipient_id"),
        Activity.status == ActivityStatus.AGREED,
        AgreedException.day_on >= bindparam("since"),
    )
    .order_by(AgreedException.day_on, AgreedException.id)
)


@dataclass(frozen=True)
class Planned:
    """An agreed activity from one day to another, with its week as plain values."""

    activity: Activity
    centre_id: int | None
    place: str | None
    pattern: Pattern


@dataclass(frozen=True)
class AgreedFor:
    """What was agreed for one of her activities on one day alone."""

    activity_id: int
    activity_title: str
    place: str | None
    day: AgreedDay


@dataclass(frozen=True)
class Agenda:
    """A person's agreed activities that had not ended on the day `since`, earliest start first.

    `centres` are those where they take place. Nothing takes place on a public holiday, at a centre that is
    closed, or while her plan is paused. `agreed`: what goes before the week on single days, earliest first.
    """

    person: PersonCard
    since: date
    planned: tuple[Planned, ...]
    agreed: tuple[AgreedFor, ...]
    centres: Mapping[int, CentreCard]
    centre_days: Mapping[int, CentreDays]
    pauses: Pauses

    def running_on(self, on: date) -> list[Planned]:
        """The activities that have not ended on a day, by their weeks; some may begin later."""
        return [one for one in self.planned if one.pattern.to_on is None or one.pattern.to_on >= on]

    def at_centres(self, first: date, last: date) -> list[ExpectedVisit]:
        """Where and when centres expect her, both days included: by day, start, end and title."""
        found = [time.visit for time in self._times(first, last) if time.waits_at is not None]
        return sorted(found, key=lambda one: (one.on, one.starts_at, one.ends_at, one.activity_title))

    def elsewhere(self, first: date, last: date) -> list[ElsewhereVisit]:
        """What she has that is not at a centre, both days included: by day, start, end and title.

        Nobody registers her there, so no centre expects her; her days count all the same.
        """
        found = [
            ElsewhereVisit(
                time.on,
                time.slot.starts_at,
                time.slot.ends_at,
                time.activity_title,
                time.place or "",
                time.slot.how,
            )
            for time in self._times(first, last)
            if time.waits_at is None
        ]
        return sorted(found, key=lambda one: (one.on, one.starts_at, one.ends_at, one.activity_title))

    def days(self, first: date, last: date) -> list[date]:
        """The days that have anything, at a centre or elsewhere, both ends included, earliest first."""
        return sorted({time.on for time in self._times(first, last)})

    def closed(self, first: date, last: date) -> list[tuple[date, CentreCard]]:
        """The days on which she would have come had the centre not been closed; earliest first."""
        found = {
            (time.on, time.waits_at)
            for time in self._as_agreed(first, last)
            if time.waits_at is not None and self.centre_days[time.waits_at].is_closed_on(time.on)
        }
        return [(on, self.centres[centre_id]) for on, centre_id in sorted(found)]

    def free_on(self, on: date) -> list[str]:
        """The activities that she has agreed to have free from on a day, by title."""
        if self.pauses.is_on(self.person.id, on):
            return []
        free = {one.activity_title for one in self.agreed if one.day.on == on and not one.day.slots}
        return sorted(free)

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

    def _times(self, first: date, last: date) -> Iterator[PlanTime]:
        for time in self._as_agreed(first, last):
            if time.waits_at is None or self.centre_days[time.waits_at].is_open_on(time.on):
                yield time

    def _as_agreed(self, first: date, last: date) -> Iterator[PlanTime]:
        """Her times that no pause takes away, whether or not the centre is open."""
        return (one for one in self._as_planned(first, last) if not self.pauses.is_on(self.person.id, one.on))

    def _as_planned(self, first: date, last: date) -> Iterator[PlanTime]:
        if first < self.since:
            raise ValueError("the agenda was not asked for from so early a day")
        apart = {(one.activity_id, one.day.on) for one in self.agreed}
        for on in days_between(first, last):
            holidays = public_holidays(on.year)
            for week in self.planned:
                if (week.activity.id, on) not in apart:
                    for slot in slots_on(week.pattern, on, closed_days=holidays):
                        yield PlanTime(
                            self.person.id, on, slot, week.activity.title, week.centre_id, week.place
                        )
        for one in self.agreed:
            on = one.day.on
            if first <= on <= last and on not in public_holidays(on.year):
                for slot in one.day.slots:
                    yield PlanTime(self.person.id, on, slot, one.activity_title, one.day.centre_id, one.place)


def agenda_for(s: Session, person: PersonCard, since: date) -> Agenda:
    """Get a person's agenda from a day on: four queries, however much there is and however long it lasts.

    One more for a day before today: what was paused then.
    """
    asked = {"recipient_id": person.id, "since": since}
    planned = tuple(
        Planned(row.activity, row.centre_id, row.place, row.pattern)
        for row in s.scalars(_WEEKS, asked).unique()
    )
    agreed = tuple(
        AgreedFor(row.id, row.title, row.place, agreed_day(row)) for row in s.execute(_AGREED, asked)
    )
    ids = {one.centre_id for one in planned} | {one.day.centre_id for one in agreed}
    centre_ids = {one for one in ids if one is not None}
    return Agenda(
        person,
        since,
        planned,
        agreed,
        places.centres_for(s, centre_ids),
        closed_days.centre_days_of(s, centre_ids, first=since),
        pauses.pauses_since(s, [person.id], since)
        if since < today_oslo()
        else Pauses.from_now(person.id, is_paused=person.is_paused),
    )
