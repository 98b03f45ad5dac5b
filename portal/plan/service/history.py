"""What was agreed about a person's weeks, now and before, and who wrote it down. Both sides read the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.clock import to_oslo, today_oslo
from portal.people.rules.access import Viewer
from portal.people.service import places, recipients
from portal.people.service.recipients import PersonCard
from portal.plan.models import Activity, ActivityWeek, AgreedException
from portal.plan.rules.expected import ExceptionKind
from portal.plan.rules.weeks import WeekLine, hours_by_days
from portal.plan.rules.words import ActivityStatus
from portal.plan.service import agreeing, visits
from portal.plan.service.visits import CrowdedDay
from portal.plan.service.week_pages import LOOKS_AHEAD


@dataclass(frozen=True)
class WeekShown:
    """A week of an activity in its period, and who wrote it down (None: it was brought in).

    never_held: another one took over before it had begun.
    """

    from_on: date
    to_on: date | None
    lines: list[WeekLine]
    place: str | None
    by_name: str | None
    at: datetime
    never_held: bool
    is_over: bool

    @property
    def written_on(self) -> date:
        """The Norwegian day on which it was written down."""
        return to_oslo(self.at).date()


@dataclass(frozen=True)
class ActivityShown:
    """An activity with all its weeks, the newest first. is_over: it has ended."""

    public_id: str
    title: str
    weeks: list[WeekShown]
    is_over: bool

    @property
    def now(self) -> list[WeekShown]:
        """The weeks that hold now and later, earliest first."""
        return [week for week in reversed(self.weeks) if not (week.never_held or week.is_over)]

    @property
    def before(self) -> list[WeekShown]:
        """The weeks that are over, or never held; newest first."""
        return [week for week in self.weeks if week.never_held or week.is_over]


@dataclass(frozen=True)
class DayShown:
    """What was agreed for one day. withdrawn_by: who took it back; None while it stands."""

    public_id: str
    on: date
    kind: ExceptionKind
    starts_at: time | None
    ends_at: time | None
    title: str
    place: str | None
    by_name: str
    at: datetime
    withdrawn_by: str | None
    is_past: bool

    @property
    def written_on(self) -> date:
        """The Norwegian day on which it was written down."""
        return to_oslo(self.at).date()


@dataclass(frozen=True)
class WeeksPage:
    """Everything agreed with one person. may_change: the viewer makes the plan with her.

    crowded: days to come on which her centres expect more than there is room for, she among them.
    """

    person: PersonCard
    activities: list[ActivityShown]
    days: list[DayShown]
    may_change: bool
    crowded: list[CrowdedDay]

    @property
    def days_to_come(self) -> list[DayShown]:
        """The days that stand, today and later, earliest first."""
        return [one for one in self.days if not one.is_past and one.withdrawn_by is None]

    @property
    def days_before(self) -> list[DayShown]:
        """Days that are past, or were taken back; newest first."""
        gone = [one for one in self.days if one.is_past or one.withdrawn_by is not None]
        return list(reversed(gone))


def weeks_page(s: Session, viewer: Viewer, public_id: str) -> WeeksPage:
    """Show one of her helpers what was agreed with a person. Raises: NotFound."""
    person = recipients.require_recipient(s, viewer, public_id)
    return _page(s, person, may_change=agreeing.makes_the_plan(s, viewer, person))


def own_page(s: Session, recipient_id: int) -> WeeksPage:
    """Show a person what was agreed with her, and what was changed; how full it is, is nothing of hers."""
    return _page(s, recipients.get_person(s, recipient_id), may_change=False)


def _page(s: Session, person: PersonCard, *, may_change: bool) -> WeeksPage:
    activities = s.scalars(
        select(Activity)
        .options(selectinload(Activity.weeks).joinedload(ActivityWeek.slots))
        .where(Activity.recipient_id == person.id, Activity.status == ActivityStatus.AGREED)
        .order_by(Activity.from_on, Activity.id)
    ).all()
    titles = {activity.id: activity.title for activity in activities}
    agreed = s.scalars(
        select(AgreedException)
        .where(AgreedException.activity_id.in_(titles))
        .order_by(AgreedException.day_on, AgreedException.id)
    ).all()
    names = recipients.names_for(s, _who(activities, agreed))
    centres = _centre_names(s, activities, agreed)
    today = today_oslo()
    shown = [_activity(one, names, centres, today) for one in activities]
    return WeeksPage(
        person,
        sorted(shown, key=lambda one: one.is_over),
        [_day(one, titles[one.activity_id], names, centres, today) for one in agreed],
        may_change,
        _crowded(s, person, today) if may_change else [],
    )


def _crowded(s: Session, person: PersonCard, today: date) -> list[CrowdedDay]:
    """The days to come on which she is one of too many."""
    expected = visits.expected_between(s, today, today + LOOKS_AHEAD, recipient_ids=[person.id])
    hers = {(visit.centre_id, visit.on) for visit in expected}
    found = visits.crowded_days(s, {centre_id for centre_id, _on in hers}, today, today + LOOKS_AHEAD)
    return [one for one in found if (one.centre.id, one.on) in hers]


def _who(activities: Iterable[Activity], agreed: Iterable[AgreedException]) -> set[int]:
    wrote = {week.by_id for activity in activities for week in activity.weeks}
    wrote |= {by for one in agreed for by in (one.by_id, one.withdrawn_by_id)}
    return {one for one in wrote if one is not None}


def _centre_names(
    s: Session, activities: Iterable[Activity], agreed: Iterable[AgreedException]
) -> dict[int, str]:
    ids = {week.centre_id for activity in activities for week in activity.weeks}
    ids |= {one.centre_id for one in agreed}
    centres = places.centres_for(s, {one for one in ids if one is not None})
    return {centre_id: centre.name for centre_id, centre in centres.items()}


def _activity(
    activity: Activity, names: Mapping[int, str], centres: Mapping[int, str], today: date
) -> ActivityShown:
    weeks = [_week(week, names, centres, today) for week in reversed(activity.weeks)]
    is_over = all(week.is_over or week.never_held for week in weeks)
    return ActivityShown(activity.public_id, activity.title, weeks, is_over)


def _week(week: ActivityWeek, names: Mapping[int, str], centres: Mapping[int, str], today: date) -> WeekShown:
    never_held = week.to_on is not None and week.to_on < week.from_on
    return WeekShown(
        week.from_on,
        week.agreed_to_on if never_held else week.to_on,
        hours_by_days(week.pattern.slots),
        centres[week.centre_id] if week.centre_id else week.place,
        names.get(week.by_id or 0),
        week.at,
        never_held,
        week.to_on is not None and week.to_on < today,
    )


def _day(
    row: AgreedException, title: str, names: Mapping[int, str], centres: Mapping[int, str], today: date
) -> DayShown:
    return DayShown(
        row.public_id,
        row.day_on,
        row.kind,
        row.starts_at,
        row.ends_at,
        title,
        centres.get(row.centre_id or 0),
        names[row.by_id],
        row.at,
        names.get(row.withdrawn_by_id or 0),
        row.day_on < today,
    )
