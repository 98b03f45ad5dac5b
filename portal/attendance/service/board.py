"""The board: who is expected and who is here at one centre on one day. No reason is ever in it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import AttendanceDay, AttendanceEvent
from portal.attendance.rules import registered
from portal.attendance.rules.registered import Channel, Status
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import days
from portal.attendance.service.notices import Told, told_on
from portal.clock import today_oslo
from portal.errors import NotFound
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened
from portal.people.service import access_log, places, recipients
from portal.people.service.places import CentreCard
from portal.people.service.recipients import HelperCard, PersonCard
from portal.plan.rules.expected import ExpectedVisit
from portal.plan.service import visits


@dataclass(frozen=True)
class BoardRow:
    """One person on the board, as those who work at the centre see her.

    starts_at, ends_at: None for somebody who came without being expected. comes_at: when somebody who is late
    thinks she will be here. registered_by: given name of whoever tapped her in, None when she did it herself.
    """

    public_id: str
    name: str
    status: Status
    starts_at: datetime | None
    ends_at: datetime | None
    activities: tuple[str, ...]
    veileder: str | None
    arrived_at: datetime | None
    channel: Channel | None
    registered_by: str | None
    comes_at: datetime | None

    @property
    def state(self) -> str:
        """A mark that changes when anything in the row does: an open board changes only those rows."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class BoardCounts:
    """How many; `expected` are those with a time today, whether they are here or not."""

    expected: int
    here: int
    told_us: int
    later: int
    not_heard: int
    to_be_clarified: int
    navs_own: int
    settled: int


@dataclass(frozen=True)
class Board:
    """A centre's day. `version` changes when anything shown changes; `head` counts the events."""

    centre: CentreCard
    on: date
    head: int
    version: str
    counts: BoardCounts
    rows: tuple[BoardRow, ...]


def list_centres_for(s: Session, viewer: Viewer) -> list[CentreCard]:
    """Get the centres whose boards the viewer may open, by name."""
    centres = places.centres_for(s, viewer.centre_ids).values()
    return sorted(centres, key=lambda centre: (centre.name, centre.id))


def board_for(s: Session, viewer: Viewer, centre_public_id: str, *, on: date | None = None) -> Board:
    """Show those who work at a centre its day, by name; today when no day is given.

    Nobody with a protected address is ever on it (design 3.7). The number of queries does not depend on how
    many people come. Raises: NotFound for an unknown centre and for one where the viewer does not work.
    """
    centre = places.find_centre(s, centre_public_id)
    if centre is None or centre.id not in viewer.centre_ids:
        raise NotFound
    access_log.look(s, Opened.BOARD)
    day = on or today_oslo()
    found = _look_up(s, centre.id, day)
    rows = sorted(
        (_row(found, person) for person in found.people),
        key=lambda row: (registered.by_name(row.name), row.public_id),
    )
    counts = _count(rows)
    version = hashlib.sha256(repr((day, counts, rows)).encode()).hexdigest()[:16]
    return Board(centre, day, found.head, version, counts, tuple(rows))


@dataclass(frozen=True)
class _Found:
    """Everything that the rows of one board need, looked up once for all of them."""

    on: date
    head: int
    people: list[PersonCard]
    expected: dict[int, list[ExpectedVisit]]
    arrivals: dict[int, AttendanceEvent]
    told: dict[int, Told]
    helpers: dict[int, list[HelperCard]]
    staff: dict[int, PersonCard]


def _look_up(s: Session, centre_id: int, on: date) -> _Found:
    expected: dict[int, list[ExpectedVisit]] = defaultdict(list)
    for visit in visits.expected_on(s, on, centre_id=centre_id):
        expected[visit.recipient_id].append(visit)
    standing = days.standing(days.list_events_at(s, centre_id, on))
    arrivals = {event.recipient_id: event for event in standing.values()}
    cards = recipients.cards_for(s, expected.keys() | arrivals.keys())
    people = [card for card in cards.values() if not card.is_protected]
    ids = {person.id for person in people}
    head = s.scalar(
        select(AttendanceDay.head).where(AttendanceDay.centre_id == centre_id, AttendanceDay.day_on == on)
    )
    return _Found(
        on=on,
        head=head or 0,
        people=people,
        expected=dict(expected),
        arrivals=arrivals,
        told=told_on(s, on, ids),
        helpers=recipients.list_helpers_of(s, ids),
        staff=recipients.cards_for(s, {event.by_id for event in arrivals.values()} - ids),
    )


def _row(found: _Found, person: PersonCard) -> BoardRow:
    own = found.expected.get(person.id, [])
    arrival, told = found.arrivals.get(person.id), found.told.get(person.id)
    by = found.staff.get(arrival.by_id) if arrival else None
    return BoardRow(
        public_id=person.public_id,
        name=person.short_name,
        status=registered.status_of(
            is_here=arrival is not None, told=told.kind if told else None, on=found.on, today=today_oslo()
        ),
        starts_at=own[0].starts_utc if own else None,
        ends_at=max((visit.ends_utc for visit in own), default=None),
        activities=tuple(dict.fromkeys(visit.activity_title for visit in own)),
        veileder=recipients.makes_the_plan(found.helpers[person.id]),
        arrived_at=arrival.at if arrival else None,
        channel=Channel(arrival.channel) if arrival else None,
        registered_by=by.given_name if by else None,
        comes_at=comes_at(own[0], told) if own and told else None,
    )


def comes_at(visit: ExpectedVisit, told: Told) -> datetime | None:
    """Tell when somebody who is late thinks she comes; None when she did not say.

    Also None when that time was past already as she told us: then it is no time to wait for.
    """
    if told.kind is not NoticeKind.LATE or told.late_minutes is None:
        return None
    thinks = visit.starts_utc + timedelta(minutes=told.late_minutes)
    return thinks if thinks >= told.noted_at else None


def _count(rows: list[BoardRow]) -> BoardCounts:
    by_status = Counter(row.status for row in rows)
    return BoardCounts(
        expected=sum(row.starts_at is not None for row in rows),
        **{status.value: by_status[status] for status in Status},
    )
