"""After the day: what somebody must clarify, since nothing was registered and nothing told. Sets nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceEvent
from portal.attendance.rules import standing
from portal.attendance.rules.registered import Status
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import days
from portal.attendance.service.notices import away_between
from portal.clock import today_oslo
from portal.people.service import recipients
from portal.plan.rules.expected import ExpectedVisit
from portal.plan.service import meetings, visits
from portal.plan.service.meetings import HeldOn, MeetingCard


@dataclass(frozen=True)
class ToClarify:
    """One day of a person's that somebody must clarify: at a centre, or a talk nobody has said anything of.

    Exactly one of `visit` and `meeting` is there. Of a talk it is Nav that has not said how it went.
    """

    recipient_id: int
    on: date
    visit: ExpectedVisit | None
    meeting: MeetingCard | None = None


def days_to_clarify(
    s: Session,
    *,
    first: date,
    last: date,
    recipient_ids: Collection[int] | None = None,
    centre_id: int | None = None,
    with_protected: bool = False,
) -> list[ToClarify]:
    """List what is to be clarified from `first` to `last`, both included, by day and person; never today.

    For some people (then their talks too), or for everybody expected at a centre. Left out: who came to any
    centre that day, who told us, what is settled, Nav's own no-shows, days that are closed, own work, and
    everybody with a protected address (design 3.7, 8). As many queries for sixty people as for one.
    """
    last = min(last, today_oslo() - timedelta(days=1))
    expected = visits.expected_between(s, first, last, centre_id=centre_id, recipient_ids=recipient_ids)
    talks: list[HeldOn] = []
    if recipient_ids is not None and centre_id is None:
        talks = meetings.meetings_between(s, recipient_ids, first, last)
    ids = {one.recipient_id for one in expected} | {one.recipient_id for one in talks}
    cards = recipients.cards_for(s, ids).values()
    open_ids = [card.id for card in cards if with_protected or not card.is_protected]
    known = _Known(s, open_ids, first, last)
    at_centres = {(one.on, one.recipient_id, one.centre_id): one for one in reversed(expected)}
    found = [
        ToClarify(who, on, at_centres[on, who, centre])
        for on, who, centre in sorted(at_centres)
        if known.is_open(who, on, centre)
    ]
    found += [
        ToClarify(one.recipient_id, one.card.day, None, one.card) for one in talks if known.is_open_talk(one)
    ]
    return sorted(found, key=lambda one: (one.on, one.recipient_id, one.meeting is not None))


class _Known:
    """What is known of some people's days, asked once for all of them."""

    def __init__(self, s: Session, ids: Collection[int], first: date, last: date) -> None:
        self._ids = frozenset(ids)
        self._away = away_between(s, ids, first, last)
        self._events: defaultdict[tuple[int, date], list[AttendanceEvent]] = defaultdict(list)
        for event in _events_between(s, ids, first, last):
            self._events[event.recipient_id, event.day_on].append(event)

    def is_open(self, who: int, on: date, centre_id: int) -> bool:
        """Whether a person's day at a centre is to be clarified."""
        status = standing.stands_at(
            self._events[who, on], self._told(who, on), centre_id=centre_id, on=on, today=today_oslo()
        )
        return who in self._ids and status is Status.TO_BE_CLARIFIED

    def is_open_talk(self, held: HeldOn) -> bool:
        """Whether nobody has said how a talk went."""
        who, on = held.recipient_id, held.card.day
        status = standing.talk_stands(
            self._events[who, on], self._told(who, on), meeting_id=held.id, on=on, today=today_oslo()
        )
        return who in self._ids and status is Status.TO_BE_CLARIFIED

    def _told(self, who: int, on: date) -> tuple[NoticeKind, ...]:
        return (NoticeKind.CANNOT_COME,) if (who, on) in self._away else ()


def _events_between(s: Session, ids: Collection[int], first: date, last: date) -> list[AttendanceEvent]:
    if not ids:
        return []
    wanted = select(AttendanceEvent).where(
        AttendanceEvent.recipient_id.in_(ids),
        AttendanceEvent.day_on.between(first, last),
        days.is_registered,
    )
    return list(s.scalars(wanted.order_by(AttendanceEvent.received_at, AttendanceEvent.id)))
