"""A person's own attendance: today, and what was registered before. She and her veileder see the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceEvent
from portal.attendance.rules import registered, standing
from portal.attendance.rules.months import Month
from portal.attendance.rules.registered import Kind, Status
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import days, navs_own
from portal.attendance.service.board import comes_at
from portal.attendance.service.lines import Line, lines_of, list_notices
from portal.attendance.service.navs_own import NavChoice
from portal.attendance.service.notices import Told, told_on
from portal.attendance.service.planned_days import PlannedDay, planned_days
from portal.clock import now_utc, today_oslo
from portal.people.service import places
from portal.people.service.places import CentreCard
from portal.plan.rules.expected import ExpectedVisit
from portal.plan.service import meetings
from portal.plan.service.agenda import Agenda
from portal.plan.service.meetings import MeetingCard

HISTORY_DAYS = 28
_ANSWER_IS_NEW_DAYS = 7
_NO_NEWS = (Kind.SEEN, Kind.LOOKED_AT)
"""What staff say that changes nothing about her day."""


@dataclass(frozen=True)
class Visit:
    """One centre where a person is expected today or has come, and how it stands.

    visit: None when she came without being expected. comes_at: when she thinks she comes, if she said so.
    """

    centre: CentreCard
    visit: ExpectedVisit | None
    status: Status
    arrived_at: datetime | None
    comes_at: datetime | None
    minutes_early: int


@dataclass(frozen=True)
class Day:
    """A person's own day. by_staff: what staff registered or took back for her today, earliest first."""

    on: date
    visits: tuple[Visit, ...]
    told: Told | None
    by_staff: tuple[Line, ...]

    @property
    def is_taken_back(self) -> bool:
        """Whether staff have taken back that she came."""
        return any(line.what is Kind.UNDONE for line in self.by_staff)


@dataclass(frozen=True)
class DayRecord:
    """One day: how it stands and everything that was registered, in order. Nothing follows by itself.

    status: None when nothing was expected of her and nothing stands. planned: what her plan has on it.
    """

    on: date
    status: Status | None
    lines: tuple[Line, ...]
    planned: PlannedDay = field(default_factory=PlannedDay)

    @property
    def is_over(self) -> bool:
        """Whether the day is past."""
        return self.on < today_oslo()

    @property
    def called_wrong(self) -> frozenset[str | None]:
        """The lines that she has called wrong, and nobody has answered about, by public id."""
        return frozenset(line.about.public_id for line in self.lines if line.is_open and line.about)


def day_for(s: Session, agenda: Agenda, on: date) -> Day:
    """Tell a person how a day stands: where she is expected, whether she is here, what she has told us."""
    recipient_id = agenda.person.id
    told = told_on(s, on, [recipient_id]).get(recipient_id)
    expected: dict[int, ExpectedVisit] = {}
    for visit in agenda.at_centres(on, on):
        first = expected.setdefault(visit.centre_id, visit)  # one row per centre, as on its board
        expected[visit.centre_id] = replace(first, ends_at=max(first.ends_at, visit.ends_at))
    events = days.list_events_of(s, recipient_id, first=on, last=on)
    arrivals = {centre_id: event for (_, centre_id, _), event in days.standing(events).items()}
    centres = _centres(s, agenda, events)
    found = [
        _visit(
            centres[centre_id],
            expected.get(centre_id),
            arrivals.get(centre_id),
            told,
            status=standing.stands_at(
                events, told.every if told else (), centre_id=centre_id, on=on, today=today_oslo()
            ),
        )
        for centre_id in expected.keys() | arrivals.keys()
    ]
    found.sort(key=lambda one: (one.visit.starts_utc if one.visit else now_utc(), one.centre.id))
    every = lines_of(s, events, [], centres, with_reasons=True)[on]
    by_staff = (line for line in every if line.by_name is not None and line.what not in _NO_NEWS)
    return Day(on, tuple(found), told, tuple(by_staff))


def _centres(s: Session, agenda: Agenda, events: Iterable[AttendanceEvent]) -> dict[int, CentreCard]:
    """The centres of her plan, and those where she came without being expected."""
    beside = {event.centre_id for event in events if event.centre_id is not None} - agenda.centres.keys()
    return {**agenda.centres, **places.centres_for(s, beside)}


def _visit(
    centre: CentreCard,
    visit: ExpectedVisit | None,
    arrival: AttendanceEvent | None,
    told: Told | None,
    *,
    status: Status,
) -> Visit:
    return Visit(
        centre=centre,
        visit=visit,
        status=status,
        arrived_at=arrival.at if arrival else None,
        comes_at=comes_at(visit, told) if visit and told else None,
        minutes_early=registered.minutes_early(visit.starts_utc, arrival.at) if visit and arrival else 0,
    )


def history_begins_on(number_of_days: int = HISTORY_DAYS) -> date:
    """The first day that a history of so many days shows; the agenda must reach as far back."""
    return today_oslo() - timedelta(days=number_of_days - 1)


def history_for(
    s: Session,
    agenda: Agenda,
    *,
    number_of_days: int = HISTORY_DAYS,
    days_ahead: int = 0,
) -> list[DayRecord]:
    """Show what was registered about a person in the last weeks, today included, newest day first.

    Days on which she had nothing and nothing was registered are left out. `days_ahead`: how far ahead to
    look for days that she has told us about. Corrections stand beside what they
    correct, without reasons and words: health never shows in a list (design 3.5), they are read inside the
    day. For the person and her own helpers only. Whoever calls has checked that.
    """
    first, last = history_begins_on(number_of_days), today_oslo() + timedelta(days=days_ahead)
    return _come_or_told(_records(s, agenda, first, last, with_reasons=False))


def month_for(s: Session, agenda: Agenda, month: Month) -> list[DayRecord]:
    """Show a month as in the history, newest day first; of days to come only what she has told us.

    The agenda must reach back to its first day. For whom, and what it leaves out: as `history_for`.
    """
    return _come_or_told(_records(s, agenda, month.first, month.last, with_reasons=False))


def _come_or_told(found: _Found) -> list[DayRecord]:
    return [one for one in found.records if one.on <= today_oslo() or one.lines]


@dataclass(frozen=True)
class OneDay:
    """One day with everything that a line about it can be about: its centres, also closed, and its talks.

    navs: what Nav may not have done on a day like this; empty when nobody was to be met or called.
    """

    record: DayRecord
    centres: tuple[CentreCard, ...]
    talks: tuple[MeetingCard, ...]
    navs: tuple[NavChoice, ...]


def one_day(s: Session, agenda: Agenda, on: date, *, with_reasons: bool) -> OneDay:
    """Show one day as in the history, also when nothing was registered. The agenda reaches back to it.

    with_reasons: for herself and for the veileder who makes the plan with her, nobody else.
    """
    found = _records(s, agenda, on, on, with_reasons=with_reasons)
    record = next(iter(found.records), DayRecord(on, None, ()))
    came_to = {each: found.centres[each] for each in found.came_to}
    centres = sorted({**record.planned.centres, **came_to}.values(), key=lambda one: (one.name, one.id))
    awaiting = {one.centre.id for one in record.planned.awaited}
    navs = navs_own.choices_of([one for one in centres if one.id in awaiting], found.talks)
    return OneDay(record, tuple(centres), found.talks, navs)


def list_answered(s: Session, recipient_id: int) -> dict[date, Kind]:
    """Tell of which days her veileder has answered or seen what she said lately, newest first, and which."""
    since = now_utc() - timedelta(days=_ANSWER_IS_NEW_DAYS)
    wanted = select(AttendanceEvent.day_on, AttendanceEvent.kind).where(
        AttendanceEvent.recipient_id == recipient_id,
        AttendanceEvent.kind.in_(registered.SEEN_TO),
        AttendanceEvent.received_at > since,
    )
    found: dict[date, Kind] = {}
    for on, kind in s.execute(wanted.order_by(AttendanceEvent.id.desc())):
        found.setdefault(on, Kind(kind))
        if kind == Kind.ANSWERED:  # words to read come before having been seen
            found[on] = Kind.ANSWERED
    return found


@dataclass(frozen=True)
class _Found:
    """The days that have anything, newest first, and what they are about."""

    records: list[DayRecord]
    centres: Mapping[int, CentreCard]
    came_to: frozenset[int]
    talks: tuple[MeetingCard, ...]


def _records(s: Session, agenda: Agenda, first: date, last: date, *, with_reasons: bool) -> _Found:
    recipient_id = agenda.person.id
    events = days.list_events_of(s, recipient_id, first=first, last=last)
    notices = list_notices(s, recipient_id, first, last)
    told: defaultdict[date, list[NoticeKind]] = defaultdict(list)
    for notice in notices:
        if notice.withdrawn_at is None:
            told[notice.day_on].append(NoticeKind(notice.kind))
    spoken_of = {event.meeting_id for event in events}
    upto = max(
        first, min(last, today_oslo())
    )  # of the days to come, only the one that is opened shows its talks
    held = meetings.meetings_between(s, [recipient_id], first, upto, with_cancelled=True)
    # Of one called off before its day there is nothing to say here; her plan says so.
    talks = [talk for talk in held if not talk.card.is_cancelled or talk.id in spoken_of]
    planned = planned_days(agenda, talks, first, last)
    centres = _centres(s, agenda, events)
    lines = lines_of(s, events, notices, centres, with_reasons=with_reasons)
    records = [
        _record(on, planned[on], [one for one in events if one.day_on == on], told[on], lines[on])
        for on in sorted(planned.keys() | lines.keys(), reverse=True)
    ]
    came_to = frozenset(event.centre_id for event in events if event.centre_id is not None)
    return _Found(records, centres, came_to, tuple(talk.card for talk in held))


def _record(
    on: date,
    planned: PlannedDay,
    events: Sequence[AttendanceEvent],
    told: Sequence[NoticeKind],
    lines: Iterable[Line],
) -> DayRecord:
    status = standing.stands_on(
        events,
        told,
        centre_ids=[one.centre.id for one in planned.awaited],
        meeting_ids=[talk.id for talk in planned.talks],
        on=on,
        today=today_oslo(),
        is_closed=bool(planned.closed),
    )
    return DayRecord(on, status, tuple(lines), planned)
