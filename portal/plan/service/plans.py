"""Show a person her plan, and write down what she and her helpers agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now_utc, today_oslo
from portal.db import new_public_id, seal, unseal
from portal.errors import N_, Refused
from portal.people.service import recipients
from portal.people.service.places import CentreCard
from portal.people.service.recipients import HelperCard
from portal.plan.models import Activity, ActivitySlot, ActivityWeek, Plan
from portal.plan.rules.weeks import Met, Pattern, Slot, WeekLine, hours_by_days, require_pattern
from portal.plan.rules.words import (
    MAX_GOAL_LENGTH,
    MAX_TITLE_LENGTH,
    ActivityStatus,
    LegalBasis,
    require_text,
)
from portal.plan.service.agenda import Agenda, Planned
from portal.plan.service.meetings import MeetingCard, meetings_for
from portal.plan.service.own_days import OwnDay, days_ahead


@dataclass(frozen=True)
class Goal:
    """The goal in the person's own words, in the language she wrote it in."""

    text: str
    language: str
    agreed_on: date | None


@dataclass(frozen=True)
class ActivityCard:
    """One activity as the person sees it; `address` only for a centre.

    `slots` and `place` are those that hold now, or first; `changes` what is agreed from later days on.
    """

    public_id: str
    title: str
    place: str | None
    address: str | None
    contact: str | None
    from_on: date
    to_on: date | None
    legal_basis: LegalBasis
    slots: tuple[Slot, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Change:
    """A week to come of an activity: from which day, when and where."""

    from_on: date
    to_on: date | None
    slots: tuple[Slot, ...]
    place: str | None

    @property
    def lines(self) -> list[WeekLine]:
        """The week said shortly."""
        return hours_by_days(self.slots)


@dataclass(frozen=True)
class DayTime:
    """One line in the week: when and what."""

    slot: Slot
    title: str
    place: str | None


@dataclass(frozen=True)
class PlanPage:
    """Everything on «Planen min»: `week` has the lines of each weekday that has any, Monday first.

    `days`: those to come on which something else than the week holds. `meetings`: those to come, and those
    that were called off, so that none is gone without a word.
    """

    goal: Goal | None
    activities: list[ActivityCard]
    week: list[tuple[int, list[DayTime]]]
    days: list[OwnDay]
    meetings: list[MeetingCard]
    helpers: list[HelperCard]

    @property
    def veileder(self) -> str | None:
        """The given name of the veileder who makes the plan with her; None when there is nobody yet."""
        return recipients.makes_the_plan(self.helpers)

    @property
    def is_empty(self) -> bool:
        """Nothing has been agreed yet."""
        return not (self.goal or self.activities or self.meetings)

    @property
    def has_duty_activity(self) -> bool:
        """An activity that a decision may ask for is among them."""
        return any(one.legal_basis in (LegalBasis.SOTJL_20, LegalBasis.SOTJL_20A) for one in self.activities)


@dataclass(frozen=True)
class NewActivity:
    """What staff write down about an activity; `place` is needed when there is no centre."""

    title: str
    pattern: Pattern
    legal_basis: LegalBasis
    centre_id: int | None = None
    place: str | None = None
    contact: str | None = None
    status: ActivityStatus = ActivityStatus.AGREED
    by_id: int | None = None


def plan_for(s: Session, agenda: Agenda) -> PlanPage:
    """The person sees her goal, her week, her activities, her meetings and who helps her.

    Three queries and the helpers', however much there is. What has ended is left out.
    """
    activities = _activities(agenda)
    recipient_id = agenda.person.id
    return PlanPage(
        goal=goal_for(s, recipient_id),
        activities=activities,
        week=_week(activities),
        days=days_ahead(agenda),
        meetings=meetings_for(s, recipient_id, with_cancelled=True),
        helpers=recipients.helpers_of(s, recipient_id),
    )


def goal_for(s: Session, recipient_id: int) -> Goal | None:
    """The person's goal in her own words; None when none has been written down."""
    plan = s.scalar(select(Plan).where(Plan.recipient_id == recipient_id))
    if plan is None:
        return None
    return Goal(
        unseal(s, plan.goal_sealed, bound_to=goal_bound_to(plan.public_id)),
        plan.goal_language,
        plan.agreed_on,
    )


def write_goal(s: Session, recipient_id: int, *, text: str, language: str, agreed_on: date | None) -> None:
    """The person's goal is kept in her own words, sealed; a new goal takes the place of the old one.

    Raises: Refused("plan.empty"), Refused("plan.too_long").
    """
    text = require_text(text, longest=MAX_GOAL_LENGTH, field="goal")
    plan = s.scalar(select(Plan).where(Plan.recipient_id == recipient_id))
    if plan is None:
        plan = Plan(recipient_id=recipient_id, public_id=new_public_id())
        s.add(plan)
    plan.goal_sealed = seal(s, text, bound_to=goal_bound_to(plan.public_id))
    plan.goal_language = language
    plan.agreed_on = agreed_on
    s.flush()


def add_activity(s: Session, recipient_id: int, new: NewActivity) -> int:
    """An activity stands in the person's week from its first day. Returns its id.

    Raises: Refused("plan.empty"), Refused("plan.too_long"), Refused("plan.place") when it has no place,
    and what `require_pattern` refuses.
    """
    activity = Activity(
        recipient_id=recipient_id,
        title=require_text(new.title, longest=MAX_TITLE_LENGTH, field="title"),
        contact=new.contact,
        from_on=new.pattern.from_on,
        status=new.status,
        legal_basis=new.legal_basis,
    )
    s.add(activity)
    s.flush()
    add_week(s, activity.id, new.pattern, centre_id=new.centre_id, place=new.place, by_id=new.by_id)
    return activity.id


def add_week(
    s: Session,
    activity_id: int,
    pattern: Pattern,
    *,
    centre_id: int | None,
    place: str | None,
    by_id: int | None,
) -> None:
    """An activity has this week in its period; ending the one before is for whoever asks.

    by_id: who wrote it down, None for what is brought in. Raises: as `add_activity`.
    """
    require_pattern(pattern)
    if centre_id is None and not place and any(slot.how is Met.AT_PLACE for slot in pattern.slots):
        raise Refused("plan.place", N_("Skriv hvor aktiviteten er."), field="place")
    week = ActivityWeek(
        activity_id=activity_id,
        centre_id=centre_id,
        place=None if centre_id is not None else place or None,
        from_on=pattern.from_on,
        to_on=pattern.to_on,
        agreed_to_on=pattern.to_on,
        by_id=by_id,
        at=now_utc(),
        slots=[
            ActivitySlot(weekday=slot.weekday, starts_at=slot.starts_at, ends_at=slot.ends_at, how=slot.how)
            for slot in pattern.slots
        ],
    )
    s.add(week)
    s.flush()


def goal_bound_to(plan_public_id: str) -> tuple[str, ...]:
    """Name the row that a sealed goal belongs to."""
    return ("plan.goal", plan_public_id)


def _activities(agenda: Agenda) -> list[ActivityCard]:
    """A card for each activity that is not over, with the weeks it has now and later."""
    by_id: dict[int, list[Planned]] = {}
    for one in agenda.running_on(today_oslo()):
        by_id.setdefault(one.activity.id, []).append(one)
    return [_card(weeks, agenda.centres) for weeks in by_id.values()]


def _card(weeks: list[Planned], centres: Mapping[int, CentreCard]) -> ActivityCard:
    first, row = weeks[0], weeks[0].activity
    centre = centres[first.centre_id] if first.centre_id else None
    return ActivityCard(
        public_id=row.public_id,
        title=row.title,
        place=_place(first, centres),
        address=centre.address if centre else None,
        contact=row.contact,
        from_on=row.from_on,
        to_on=weeks[-1].pattern.to_on,
        legal_basis=row.legal_basis,
        slots=first.pattern.slots,
        changes=tuple(
            Change(one.pattern.from_on, one.pattern.to_on, one.pattern.slots, _place(one, centres))
            for one in weeks[1:]
        ),
    )


def _place(week: Planned, centres: Mapping[int, CentreCard]) -> str | None:
    return centres[week.centre_id].name if week.centre_id else week.place


def _week(activities: list[ActivityCard]) -> list[tuple[int, list[DayTime]]]:
    by_weekday: dict[int, list[DayTime]] = {}
    today = today_oslo()
    for activity in activities:
        if activity.from_on > today:
            continue  # shown with its first day among the activities, not yet in the week
        for slot in activity.slots:
            by_weekday.setdefault(slot.weekday, []).append(DayTime(slot, activity.title, activity.place))
    return [(day, sorted(by_weekday[day], key=lambda line: line.slot)) for day in sorted(by_weekday)]
