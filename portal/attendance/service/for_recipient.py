"""A person's own attendance: today, and what was registered before. She and her veileder see the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import AbsenceNotice, AttendanceEvent
from portal.attendance.rules import registered
from portal.attendance.rules.registered import Channel, Kind, Status
from portal.attendance.rules.telling import NoticeKind, Reason
from portal.attendance.service import days
from portal.attendance.service.board import comes_at
from portal.attendance.service.notices import Told, told_on
from portal.clock import now_utc, today_oslo
from portal.people.service import places, recipients
from portal.people.service.places import CentreCard
from portal.plan.rules import ExpectedVisit
from portal.plan.service.agenda import Agenda

HISTORY_DAYS = 28
DAYS_AHEAD = 14


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
class Line:
    """One thing that was registered about a day: what, when, by whom, how. by_name: None when by herself."""

    at: datetime
    what: Kind | NoticeKind
    is_taken_back: bool
    by_name: str | None
    channel: Channel | None
    place: str | None
    reason: Reason | None


@dataclass(frozen=True)
class DayRecord:
    """One day: how it stands and everything that was registered, in order. Nothing follows by itself."""

    on: date
    status: Status
    lines: tuple[Line, ...]

    @property
    def is_corrected(self) -> bool:
        """Whether anything was taken back, so that both sides should see every line of the day."""
        return any(line.is_taken_back for line in self.lines)


def day_for(s: Session, agenda: Agenda, on: date) -> Day:
    """Tell a person how a day stands: where she is expected, whether she is here, what she has told us."""
    recipient_id = agenda.person.id
    told = told_on(s, on, [recipient_id]).get(recipient_id)
    expected: dict[int, ExpectedVisit] = {}
    for visit in agenda.at_centres(on, on):
        first = expected.setdefault(visit.centre_id, visit)  # one row per centre, as on its board
        expected[visit.centre_id] = replace(first, ends_at=max(first.ends_at, visit.ends_at))
    events = days.list_events_of(s, recipient_id, first=on, last=on)
    arrivals = {event.centre_id: event for event in days.standing(events).values()}
    centres = _centres(s, agenda, events)
    found = [
        _visit(on, centres[centre_id], expected.get(centre_id), arrivals.get(centre_id), told)
        for centre_id in expected.keys() | arrivals.keys()
    ]
    found.sort(key=lambda one: (one.visit.starts_utc if one.visit else now_utc(), one.centre.id))
    by_others = [event for event in events if event.by_id != recipient_id]
    by_staff = _lines(s, recipient_id, by_others, [], centres)[on]
    return Day(on, tuple(found), told, tuple(by_staff))


def _centres(s: Session, agenda: Agenda, events: Iterable[AttendanceEvent]) -> dict[int, CentreCard]:
    """The centres of her plan, and those where she came without being expected."""
    beside = {event.centre_id for event in events} - agenda.centres.keys()
    return {**agenda.centres, **places.centres_for(s, beside)}


def _visit(
    on: date,
    centre: CentreCard,
    visit: ExpectedVisit | None,
    arrival: AttendanceEvent | None,
    told: Told | None,
) -> Visit:
    return Visit(
        centre=centre,
        visit=visit,
        status=registered.status_of(
            is_here=arrival is not None, told=told.kind if told else None, on=on, today=today_oslo()
        ),
        arrived_at=arrival.at if arrival else None,
        comes_at=comes_at(visit, told) if visit and told else None,
        minutes_early=registered.minutes_early(visit.starts_utc, arrival.at) if visit and arrival else 0,
    )


def history_begins_on(number_of_days: int = HISTORY_DAYS) -> date:
    """The first day that a history of so many days shows; the agenda must reach as far back."""
    return today_oslo() - timedelta(days=number_of_days - 1)


def history_for(
    s: Session, agenda: Agenda, *, number_of_days: int = HISTORY_DAYS, with_reasons: bool = False
) -> list[DayRecord]:
    """Show what was registered about a person in the last weeks, today included, newest day first.

    Days on which she was not expected and nothing was registered are left out. Corrections stand beside what
    they correct. For the person and her own helpers only; `with_reasons` for herself and for the veileder who
    makes the plan with her, nobody else. Whoever calls has checked that.
    """
    recipient_id, last = agenda.person.id, today_oslo()
    first = history_begins_on(number_of_days)
    events = days.list_events_of(s, recipient_id, first=first, last=last)
    notices = _notices(s, recipient_id, first, last)
    expected = {visit.on for visit in agenda.at_centres(first, last)}
    arrived = {on for _person, _centre, on in days.standing(events)}
    told = {one.day_on: NoticeKind(one.kind) for one in notices if one.withdrawn_at is None}
    centres = _centres(s, agenda, events)
    lines = _lines(s, recipient_id, events, notices, centres, with_reasons=with_reasons)
    return [
        DayRecord(
            on,
            registered.status_of(is_here=on in arrived, told=told.get(on), on=on, today=last),
            tuple(sorted(lines[on], key=lambda line: line.at)),
        )
        for on in sorted(expected | lines.keys(), reverse=True)
    ]


def _notices(s: Session, recipient_id: int, first: date, last: date) -> list[AbsenceNotice]:
    wanted = select(AbsenceNotice).where(
        AbsenceNotice.recipient_id == recipient_id, AbsenceNotice.day_on.between(first, last)
    )
    return list(s.scalars(wanted.order_by(AbsenceNotice.noted_at, AbsenceNotice.id)))


def _lines(
    s: Session,
    recipient_id: int,
    events: list[AttendanceEvent],
    notices: list[AbsenceNotice],
    centres: Mapping[int, CentreCard],
    *,
    with_reasons: bool = False,
) -> defaultdict[date, list[Line]]:
    by_ids = {event.by_id for event in events} | {notice.by_id for notice in notices}
    names = recipients.names_for(s, by_ids - {recipient_id})
    corrected = {event.corrects_id for event in events}
    lines: defaultdict[date, list[Line]] = defaultdict(list)
    for event in events:
        line = Line(
            at=event.at,
            what=Kind(event.kind),
            is_taken_back=event.id in corrected,
            by_name=names.get(event.by_id),
            channel=Channel(event.channel),
            place=centres[event.centre_id].name,
            reason=None,
        )
        lines[event.day_on].append(line)
    for notice in notices:
        line = Line(
            at=notice.noted_at,
            what=NoticeKind(notice.kind),
            is_taken_back=notice.withdrawn_at is not None,
            by_name=names.get(notice.by_id),
            channel=None,
            place=None,
            reason=Reason(notice.reason_code) if with_reasons and notice.reason_code else None,
        )
        lines[notice.day_on].append(line)
    return lines


def list_days_ahead(agenda: Agenda, *, number_of_days: int = DAYS_AHEAD) -> list[date]:
    """Get the days that a person may want to tell us about: today and days to come, earliest first.

    Also those of an activity that is not at a centre: her veileder wants to know all the same.
    """
    first = today_oslo()
    return agenda.days(first, first + timedelta(days=number_of_days - 1))


def day_in_question(s: Session, agenda: Agenda, asked: str) -> date | None:
    """The day ticked beforehand: the one the link was about, else today; None for who is here already.

    asked: an ISO day from the address; anything else is no day.
    """
    try:
        return date.fromisoformat(asked)
    except ValueError:
        day = day_for(s, agenda, today_oslo())
    return None if any(visit.arrived_at for visit in day.visits) else day.on
