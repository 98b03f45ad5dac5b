"""What a person sees first: today, this week, and what waits for her."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.attendance.service import for_recipient
from portal.attendance.service.for_recipient import Day, Visit
from portal.chat.service import inbox
from portal.clock import day_bounds_utc, now_utc, today_oslo
from portal.duties.rules import ADULT_RULES_FROM_AGE
from portal.duties.service import reading
from portal.duties.service.reading import DutyLine, ExemptionCard
from portal.people.service import places, recipients
from portal.people.service.recipients import PersonCard
from portal.plan.rules import ExpectedVisit
from portal.plan.service import plans, tasks, visits
from portal.plan.service.tasks import TaskCard


@dataclass(frozen=True)
class Next:
    """The next day the person is expected somewhere, and where."""

    visit: ExpectedVisit
    place: str


@dataclass(frozen=True)
class TodayPage:
    """Everything on I dag. `main` is the one visit that the page is about; None when none is left today."""

    on: date
    person: PersonCard
    veileder: str | None
    main: Visit | None
    minutes_until: int
    attendance: Day
    next: Next | None
    tasks: list[TaskCard]
    new_duties: list[DutyLine]
    unread: int
    has_plan: bool
    is_first_day: bool

    @property
    def done_tasks(self) -> int:
        """How many of this week's tasks are ticked."""
        return sum(task.is_done for task in self.tasks)


@dataclass(frozen=True)
class DutiesPage:
    """Everything personal on «Rett og plikt»."""

    duties: list[DutyLine]
    exemption: ExemptionCard | None
    veileder: str | None
    is_adult_by_rules: bool


def today_page(s: Session, recipient_id: int) -> TodayPage:
    """Put a person's day together. The number of queries does not depend on how much there is."""
    on = today_oslo()
    person = recipients.get_person(s, recipient_id)
    attendance = for_recipient.today_for(s, recipient_id)
    main = _main_visit(attendance)
    activities = plans.activities_for(s, recipient_id)
    return TodayPage(
        on=on,
        person=person,
        veileder=recipients.veileder_of(s, recipient_id),
        main=main,
        minutes_until=_minutes_until(main),
        attendance=attendance,
        next=_next(s, recipient_id, on),
        tasks=tasks.week_tasks(s, recipient_id, week_of_day=on),
        new_duties=[line for line in reading.duties_for(s, recipient_id) if line.is_new],
        unread=inbox.count_unread(s, recipient_id),
        has_plan=bool(activities) or plans.goal_for(s, recipient_id) is not None,
        is_first_day=bool(activities) and min(activity.from_on for activity in activities) >= on,
    )


def duties_page(s: Session, recipient_id: int) -> DutiesPage:
    """Put a person's duties and exemption together; the rights are the same for everybody."""
    age = recipients.get_person(s, recipient_id).age_on(today_oslo())
    return DutiesPage(
        duties=reading.duties_for(s, recipient_id),
        exemption=reading.exemption_for(s, recipient_id),
        veileder=recipients.veileder_of(s, recipient_id),
        is_adult_by_rules=age is not None and age >= ADULT_RULES_FROM_AGE,
    )


def _main_visit(attendance: Day) -> Visit | None:
    """The visit that is not over and not begun by her comes first; otherwise where she already is."""
    now = now_utc()
    ahead = [one for one in attendance.visits if one.visit and one.visit.ends_utc > now]
    to_come = [one for one in ahead if one.arrived_at is None]
    been = [one for one in attendance.visits if one.arrived_at is not None]
    return next(iter([*to_come, *been]), None)


def _minutes_until(main: Visit | None) -> int:
    """Whole minutes until it starts, 0 when it has started."""
    if main is None or main.visit is None:
        return 0
    seconds = (main.visit.starts_utc - now_utc()).total_seconds()
    return max(0, -int(-seconds // 60))


def _next(s: Session, recipient_id: int, today: date) -> Next | None:
    visit = visits.next_visit(s, recipient_id, day_bounds_utc(today)[1])
    return Next(visit, places.get_centre(s, visit.centre_id).name) if visit else None
