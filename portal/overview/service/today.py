"""What a person sees first: today, this week, and what waits for her."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from portal.attendance.rules.registered import Kind
from portal.attendance.rules.telling import NOTICE_DAYS_AHEAD
from portal.attendance.service import ahead, for_recipient
from portal.attendance.service.for_recipient import Day, Visit
from portal.attendance.service.notices import Told
from portal.chat.service import calls, inbox
from portal.chat.service.calls import OwnCall
from portal.clock import day_bounds_utc, now_utc, today_oslo
from portal.duties.rules import ADULT_RULES_FROM_AGE
from portal.duties.service import reading
from portal.duties.service.reading import DutyLine, ExemptionCard
from portal.people.service import recipients
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard
from portal.plan.rules.expected import ElsewhereVisit
from portal.plan.rules.weeks import Met
from portal.plan.service import first_days, meetings, plans, tasks
from portal.plan.service.agenda import HORIZON_DAYS, Agenda, agenda_for
from portal.plan.service.meetings import MeetingCard
from portal.plan.service.tasks import TaskCard


@dataclass(frozen=True)
class Next:
    """The next day the person has something in her plan, when and where; Oslo wall clock."""

    on: date
    starts_at: time
    ends_at: time
    place: str


@dataclass(frozen=True)
class TodayPage:
    """Everything on I dag. `main` is the one visit that the page is about; None when none is left today.

    elsewhere: what is left today at places that are no centre. has_begun: something today is over already.
    closed: centres where she would have been today, had they been open. free: what she has free from today.
    is_new: nothing has happened between her and Nav here yet, so she is welcomed.
    """

    on: date
    person: PersonCard
    veileder: str | None
    main: Visit | None
    minutes_until: int
    attendance: Day
    answered: dict[date, Kind]
    """Days of which her veileder has lately answered, or seen, what she said herself."""
    elsewhere: list[ElsewhereVisit]
    has_begun: bool
    meeting: MeetingCard | None
    next: Next | None
    told_ahead: Mapping[date, Told]
    """What she has told us already, by day."""
    tasks: list[TaskCard]
    new_duties: list[DutyLine]
    closed: list[CentreCard]
    free: list[str]
    unread: int
    call: OwnCall | None
    has_plan: bool
    is_first_day: bool
    first_days: list[CentreCard]
    """The centres where she begins, today or later."""
    is_new: bool
    has_messages: bool

    @property
    def done_tasks(self) -> int:
        """How many of this week's tasks are ticked."""
        return sum(task.is_done for task in self.tasks)

    @property
    def has_meeting_today(self) -> bool:
        """Whether the next meeting is today."""
        return self.meeting is not None and self.meeting.day == self.on


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
    agenda = agenda_for(s, person, on)
    attendance = for_recipient.day_for(s, agenda, on)
    main = _main_visit(attendance)
    elsewhere = agenda.elsewhere(on, on + timedelta(days=HORIZON_DAYS))
    left = [one for one in elsewhere if one.on == on and one.ends_utc > now_utc()]
    meeting = next(iter(meetings.meetings_for(s, recipient_id)), None)
    has_plan = bool(
        agenda.planned or meeting or plans.goal_for(s, recipient_id) or reading.exemption_for(s, recipient_id)
    )
    following = _next(agenda, on, elsewhere)
    heads = inbox.list_own_heads(s, recipient_id)
    has_messages = any(head.head for head in heads)
    return TodayPage(
        on=on,
        person=person,
        veileder=recipients.veileder_of(s, recipient_id),
        main=main,
        minutes_until=_minutes_until(main),
        attendance=attendance,
        answered=for_recipient.list_answered(s, recipient_id),
        elsewhere=left,
        has_begun=bool(attendance.visits) or any(one.on == on for one in elsewhere),
        meeting=meeting,
        next=following,
        told_ahead=ahead.told_between(s, recipient_id, on, on + timedelta(days=NOTICE_DAYS_AHEAD)),
        tasks=tasks.week_tasks(s, recipient_id, week_of_day=on),
        new_duties=[line for line in reading.duties_for(s, recipient_id) if line.is_new],
        closed=[centre for _on, centre in agenda.closed(on, on)],
        free=agenda.free_on(on),
        unread=sum(head.unread for head in heads),
        call=calls.own_call(s, recipient_id) if has_messages else None,
        has_plan=has_plan,
        is_first_day=bool(agenda.planned) and agenda.planned[0].activity.from_on >= on,
        first_days=first_days.centres_of_coming(s, agenda),
        is_new=not has_plan and not person.is_paused and not has_messages,
        has_messages=has_messages,
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


def _next(agenda: Agenda, today: date, elsewhere: list[ElsewhereVisit]) -> Next | None:
    """The first thing after today, at a centre or elsewhere."""
    visit = agenda.next_visit(day_bounds_utc(today)[1])
    ahead = (one for one in elsewhere if one.on > today and one.how is not Met.OWN_WORK)
    found = [Next(one.on, one.starts_at, one.ends_at, one.place) for one in ahead][:1]
    if visit:
        place = agenda.centres[visit.centre_id].name
        found.append(Next(visit.on, visit.starts_at, visit.ends_at, place))
    return min(found, key=lambda one: (one.on, one.starts_at), default=None)
