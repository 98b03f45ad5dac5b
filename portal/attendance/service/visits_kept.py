"""Who was expected at a centre and who came, day by day: for its numbers and its copies. Never a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceEvent
from portal.attendance.service import days
from portal.attendance.service.notices import away_between
from portal.people.service import recipients
from portal.people.service.recipients import PersonCard
from portal.plan.service import visits


@dataclass(frozen=True)
class VisitKept:
    """One person's day at a centre. starts_at, ends_at: None when she came without being expected.

    told: whether she has said that she cannot come; never why. left_at: when she said that she left.
    """

    person: PersonCard
    on: date
    starts_at: time | None
    ends_at: time | None
    arrived_at: datetime | None
    left_at: datetime | None
    told: bool

    @property
    def is_expected(self) -> bool:
        """Whether she was expected that day."""
        return self.starts_at is not None


def visits_kept(s: Session, centre_id: int, first: date, last: date) -> list[VisitKept]:
    """List everybody's days at a centre from `first` to `last`, both included, by day and person.

    Nobody with a protected address is in it (design 3.7). As many queries for a year as for a day. The caller
    checks who may be told.
    """
    expected: dict[tuple[date, int], tuple[time, time]] = {}
    for one in visits.expected_between(s, first, last, centre_id=centre_id):
        starts_at, ends_at = expected.get((one.on, one.recipient_id), (one.starts_at, one.ends_at))
        expected[one.on, one.recipient_id] = (starts_at, max(ends_at, one.ends_at))
    events = _events_at(s, centre_id, first, last)
    came = {(on, who): event.at for (who, _centre, on), event in days.standing(events).items()}
    left = {on: days.left([one for one in events if one.day_on == on]) for on in {on for on, _who in came}}
    keys = expected.keys() | came.keys()
    cards = recipients.cards_for(s, {who for _on, who in keys})
    open_cards = {who: card for who, card in cards.items() if not card.is_protected}
    away = away_between(s, open_cards, first, last)
    found = []
    for on, who in sorted(keys):
        if who in open_cards:
            begins, ends = expected.get((on, who), (None, None))
            arrived_at, left_at = came.get((on, who)), left.get(on, {}).get(who)
            told = (who, on) in away
            found.append(VisitKept(open_cards[who], on, begins, ends, arrived_at, left_at, told))
    return found


@dataclass(frozen=True)
class DayNumbers:
    """A centre's day in numbers: how many were expected, came, and had told us that they could not."""

    on: date
    expected: int
    came: int
    told: int


def numbers_of(kept: Iterable[VisitKept]) -> list[DayNumbers]:
    """Count each day that has anybody, earliest first. No sum of a person's days is ever made."""
    by_day: dict[date, list[VisitKept]] = {}
    for one in kept:
        by_day.setdefault(one.on, []).append(one)
    return [
        DayNumbers(
            on,
            expected=sum(one.is_expected for one in own),
            came=sum(one.arrived_at is not None for one in own),
            told=sum(one.told and one.arrived_at is None for one in own),
        )
        for on, own in sorted(by_day.items())
    ]


def _events_at(s: Session, centre_id: int, first: date, last: date) -> list[AttendanceEvent]:
    wanted = select(AttendanceEvent).where(
        AttendanceEvent.centre_id == centre_id, AttendanceEvent.day_on.between(first, last)
    )
    return list(s.scalars(wanted.order_by(AttendanceEvent.day_on, AttendanceEvent.n)))
