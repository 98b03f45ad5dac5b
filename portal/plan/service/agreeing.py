"""What a veileder and a person agree about her weeks: a new activity, another week, and days on their own.

Nothing that is past is ever changed, and nothing is removed: a change is one row more, with who and when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from portal.bus import publish
from portal.clock import now_utc, today_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.rules.access import Viewer
from portal.people.rules.helping import is_too_far
from portal.people.rules.words import Purpose
from portal.people.service import places, recipients
from portal.people.service.changes import ShownElsewhere
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard
from portal.plan.models import Activity, ActivityWeek, AgreedException
from portal.plan.rules.expected import ExceptionKind, require_agreed_times
from portal.plan.rules.weeks import Pattern, Slot, slots_on
from portal.plan.rules.words import ActivityStatus, LegalBasis
from portal.plan.service import plans


@dataclass(frozen=True)
class NewWeek:
    """What was agreed about a week. `centre`: public id; empty for an activity at `place`, or at none."""

    pattern: Pattern
    centre: str
    place: str


@dataclass(frozen=True)
class NewDay:
    """What was agreed for one day. The times may be left out; `centre`: public id of another centre."""

    on: date
    kind: ExceptionKind
    starts_at: time | None = None
    ends_at: time | None = None
    centre: str = ""


def makes_the_plan(s: Session, viewer: Viewer, person: PersonCard) -> bool:
    """Whether the viewer is a veileder who makes the plan with this person today, or stands in for her."""
    return any(
        one.staff_id == viewer.person_id and one.purpose is Purpose.PLAN
        for one in recipients.helpers_of(s, person.id)
    )


def require_plan_of(s: Session, viewer: Viewer, public_id: str, *, is_shown: bool = False) -> PersonCard:
    """Get a person with whom the viewer makes the plan. `is_shown`: something of hers is.

    Raises: NotFound for everybody else, also for one whom she helps with something else.
    """
    person = recipients.require_recipient(s, viewer, public_id, is_shown=is_shown)
    if not makes_the_plan(s, viewer, person):
        raise NotFound
    return person


def require_activity(
    s: Session, viewer: Viewer, public_id: str, *, is_shown: bool = False
) -> tuple[PersonCard, Activity]:
    """Get an agreed activity of somebody with whom the viewer makes the plan. Raises: NotFound."""
    activity = s.scalar(
        select(Activity)
        .options(selectinload(Activity.weeks).joinedload(ActivityWeek.slots))
        .where(Activity.public_id == public_id, Activity.status == ActivityStatus.AGREED)
        .execution_options(populate_existing=True)
    )
    if activity is None:
        raise NotFound
    owner = recipients.get_person(s, activity.recipient_id)
    return require_plan_of(s, viewer, owner.public_id, is_shown=is_shown), activity


def list_centres_for(s: Session, person: PersonCard) -> list[CentreCard]:
    """Get the centres that a person's activity may be at: those that serve her office and are not closed."""
    if person.office_id is None:
        return []
    serving = places.centres_serving(s, [person.office_id])[person.office_id]
    return [one for one in places.list_centres(s) if one.id in serving]


def add_activity(
    s: Session, viewer: Viewer, person_public_id: str, title: str, basis: LegalBasis, new: NewWeek
) -> None:
    """An activity stands in the person's plan from today or a later day.

    Raises: NotFound; Refused as `change_week`, and for a title that is empty or too long.
    """
    person = require_plan_of(s, viewer, person_public_id)
    recipients.hold(s, [person.id])
    _require_not_past(new.pattern)
    centre = _centre(s, person, new.centre)
    activity = plans.NewActivity(
        title,
        new.pattern,
        basis,
        centre_id=centre.id if centre else None,
        place=new.place or None,
        by_id=viewer.person_id,
    )
    plans.add_activity(s, person.id, activity)
    _tell(s, {centre.id if centre else None})


def mark_of(activity: Activity) -> str:
    """What the weeks of an activity look like in short, so that a change by somebody else is seen."""
    return str(len(activity.weeks))


def change_week(s: Session, viewer: Viewer, activity_public_id: str, new: NewWeek, *, seen: str) -> str:
    """Another week holds from a day on. The one before ends the day before; days that are past stay.

    seen: `mark_of` what the veileder was shown. Gives back whose it is: the person's public id.
    Raises: NotFound; Refused `plan.past` for a day before today, `plan.centre` for a centre that does not
    serve her office, `plan.changed_meanwhile`, and what `plans.add_week` refuses.
    """
    person, activity = require_activity(s, viewer, activity_public_id)
    recipients.hold(s, [person.id])
    person, activity = require_activity(s, viewer, activity_public_id)
    if seen != mark_of(activity):
        raise Refused(
            "plan.changed_meanwhile",
            N_("Noen andre har endret dette mens du skrev. Se over, og lagre en gang til."),
        )
    _require_not_past(new.pattern)
    centre = _centre(s, person, new.centre)
    before = [week for week in activity.weeks if week.to_on is None or week.to_on >= new.pattern.from_on]
    for week in before:
        week.to_on = new.pattern.from_on - timedelta(days=1)
    plans.add_week(
        s,
        activity.id,
        new.pattern,
        centre_id=centre.id if centre else None,
        place=new.place or None,
        by_id=viewer.person_id,
    )
    _tell(s, {centre.id if centre else None, *(week.centre_id for week in before)})
    return person.public_id


def agree_day(s: Session, viewer: Viewer, activity_public_id: str, new: NewDay) -> str:
    """Something else than the week holds on one day. What was agreed for that day before is taken back.

    Gives back the person's public id. Raises: NotFound; Refused `plan.past`, `plan.nothing_then` for a day on
    which the activity asks for nothing, `plan.centre`, `plan.slot`.
    """
    person, activity = require_activity(s, viewer, activity_public_id)
    recipients.hold(s, [person.id])
    week = next((one for one in activity.weeks if one.pattern.holds_on(new.on)), None)
    _require_day(new.on)
    slots = slots_on(week.pattern, new.on, closed_days=()) if week else []
    if week is None or (not slots and new.kind is not ExceptionKind.OTHER_TIME and new.starts_at is None):
        raise Refused(
            "plan.nothing_then", N_("Aktiviteten har ingenting den dagen. Velg en annen dag."), field="on"
        )
    centre = _centre(s, person, new.centre) if new.kind is ExceptionKind.OTHER_CENTRE else None
    if new.kind is ExceptionKind.OTHER_CENTRE and centre is None:
        raise Refused("plan.centre", N_("Velg et senter som tar imot folk fra kontoret."), field="centre")
    starts_at, ends_at = _times(new, slots)
    require_agreed_times(new.kind, starts_at, ends_at)
    for standing in s.scalars(_standing(activity.id, new.on)):
        _withdraw(standing, viewer)
    s.flush()
    agreed = AgreedException(
        activity_id=activity.id,
        day_on=new.on,
        kind=new.kind,
        starts_at=starts_at,
        ends_at=ends_at,
        centre_id=centre.id if centre else None,
        by_id=viewer.person_id,
        at=now_utc(),
    )
    s.add(agreed)
    s.flush()
    _tell(s, {centre.id if centre else None, week.centre_id})
    return person.public_id


def withdraw_day(s: Session, viewer: Viewer, public_id: str) -> str:
    """The week holds on that day again; the row stays, with who took it back. Twice is once.

    Gives back the person's public id. Raises: NotFound; Refused `plan.past` once the day is over.
    """
    row = s.scalar(select(AgreedException).where(AgreedException.public_id == public_id))
    activity = s.get(Activity, row.activity_id) if row else None
    if row is None or activity is None:
        raise NotFound
    person, activity = require_activity(s, viewer, activity.public_id)
    _require_day(row.day_on)
    if row.withdrawn_at is None:
        _withdraw(row, viewer)
        s.flush()
        _tell(s, {row.centre_id, *(week.centre_id for week in activity.weeks)})
    return person.public_id


def _withdraw(row: AgreedException, viewer: Viewer) -> None:
    row.withdrawn_at, row.withdrawn_by_id = now_utc(), viewer.person_id


def _standing(activity_id: int, on: date) -> Select[AgreedException]:
    return select(AgreedException).where(
        AgreedException.activity_id == activity_id,
        AgreedException.day_on == on,
        AgreedException.withdrawn_at.is_(None),
    )


def _times(new: NewDay, slots: list[Slot]) -> tuple[time | None, time | None]:
    """The typed times; for another centre those of the week when none are typed."""
    if new.kind is ExceptionKind.FREE:
        return None, None
    if new.starts_at is None and new.kind is ExceptionKind.OTHER_CENTRE and slots:
        return slots[0].starts_at, max(slot.ends_at for slot in slots)
    return new.starts_at, new.ends_at


def _require_not_past(pattern: Pattern) -> None:
    _require_day(pattern.from_on, field="from_on")
    if pattern.to_on is not None and is_too_far(pattern.to_on, today_oslo()):
        raise Refused("plan.too_far", N_("Velg en dag innen ti år."), field="to_on")
    if not pattern.slots:
        raise Refused("plan.no_day", N_("Skriv tiden for minst én dag."), field="hours_0")


def _require_day(on: date, *, field: str = "on") -> None:
    if on < today_oslo():
        raise Refused(
            "plan.past", N_("Velg i dag eller en senere dag. Det som har vært, blir stående."), field=field
        )
    if is_too_far(on, today_oslo()):
        raise Refused("plan.too_far", N_("Velg en dag innen ti år."), field=field)


def _centre(s: Session, person: PersonCard, public_id: str) -> CentreCard | None:
    if not public_id:
        return None
    found = next((one for one in list_centres_for(s, person) if one.public_id == public_id), None)
    if found is None:
        raise Refused("plan.centre", N_("Velg et senter som tar imot folk fra kontoret."), field="centre")
    return found


def _tell(s: Session, centre_ids: set[int | None]) -> None:
    """Let the boards of these centres look anew; nothing is said about anybody."""
    ids = frozenset(one for one in centre_ids if one is not None)
    if ids:
        publish(s, ShownElsewhere(ids))
