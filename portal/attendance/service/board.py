"""The board: who is expected and who is here at one centre on one day. No reason is ever in it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from portal.attendance.rules import registered, standing
from portal.attendance.rules.registered import Channel, Status
from portal.attendance.rules.showing import Show, has_board, shows
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import choices
from portal.attendance.service.board_found import Found, look_up, with_what_came
from portal.attendance.service.choices import Chosen
from portal.attendance.service.letters import Waiting, list_waiting
from portal.attendance.service.newcomers import Newcomer
from portal.attendance.service.notices import Told
from portal.clock import today_oslo
from portal.errors import NotFound
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened
from portal.people.service import access_log, places, recipients
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard
from portal.plan.rules.expected import ExpectedVisit


@dataclass(frozen=True)
class BoardRow:
    """One person on the board, as those who work at the centre see her.

    starts_at, ends_at: None for somebody who came without being expected. comes_at: when somebody who is late
    thinks she will be here. registered_by: given name of whoever tapped her in, None when she did it herself.
    taken_back_by: given name of whoever took her last registration back, while none stands. chosen: what she
    does today, if anybody chose. newcomer: only on her first day here. left_at: when she said that she left.
    to_look_at: her time was kept without a net, may be wrong, and nobody has looked at it; looked_at_by:
    given name of whoever has.
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
    taken_back_by: str | None
    chosen: str | None
    newcomer: Newcomer | None
    left_at: datetime | None
    to_look_at: bool
    looked_at_by: str | None

    @property
    def came_by_herself(self) -> bool:
        """Whether she registered herself: then whoever takes that back says why."""
        return self.channel in registered.BY_HERSELF

    @cached_property
    def state(self) -> str:
        """A mark that changes when anything in the row does: an open board changes only those rows."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class BoardCounts:
    """How many; `expected` are those with a time today, whether they are here or not: nobody when closed."""

    expected: int
    here: int
    told_us: int
    later: int
    not_heard: int
    to_be_clarified: int
    navs_own: int
    closed: int
    settled: int
    new: int


@dataclass(frozen=True)
class Board:
    """A centre's day. `version` changes when anything shown changes; `head` counts the events.

    is_open: whether the centre takes people in that day; when it is closed, those who would have come stand
    there all the same, so that one who comes anyway is found. is_today: what is past is only looked at and
    corrected, and what is to come only looked at. waiting: who shows three letters to staff just now.
    """

    centre: CentreCard
    on: date
    head: int
    version: str
    counts: BoardCounts
    rows: tuple[BoardRow, ...]
    is_open: bool
    is_today: bool
    waiting: tuple[Waiting, ...]
    found: Found = field(repr=False, compare=False)
    """What its rows are made of."""

    @property
    def is_past(self) -> bool:
        """Whether the day is over: then people were here."""
        return self.on < today_oslo()

    def shown(self, part: Show) -> tuple[BoardRow, ...]:
        """The rows of a part of the board."""
        if part is Show.EVERYBODY:
            return self.rows
        return tuple(row for row in self.rows if shows(part, row.status, is_new=row.newcomer is not None))

    def get_row(self, person_public_id: str) -> BoardRow:
        """Get somebody's row. Raises: NotFound, alike for a protected person and for nobody at all."""
        row = next((row for row in self.rows if row.public_id == person_public_id), None)
        if row is None:
            raise NotFound
        return row


def list_centres_for(s: Session, viewer: Viewer) -> list[CentreCard]:
    """Get the centres whose boards the viewer may open, by name."""
    centres = places.centres_for(s, viewer.centre_ids).values()
    return sorted(centres, key=lambda centre: (centre.name, centre.id))


def board_for(
    s: Session,
    viewer: Viewer,
    centre_public_id: str,
    *,
    on: date | None = None,
    is_shown: bool = True,
    was_kept: bool = False,
    before: Board | None = None,
) -> Board:
    """Show those who work at a centre its day, by name; today when no day is given. `is_shown`: any of it is.

    was_kept: for what a tablet has kept, however long ago that was; nobody sees such a day. before: the same
    board as it was a moment ago, when all that can have changed it since is what was registered there
    (`KeptBoards`): then only that is looked up. Nobody with a protected address is ever on it (design 3.7).
    The number of queries does not depend on how many people come. Raises: NotFound for an unknown centre and
    for one where the viewer does not work.
    """
    centre, day, today = choices.get_centre(s, viewer, centre_public_id), on or today_oslo(), today_oslo()
    if not was_kept and not has_board(day, today=today):
        raise NotFound
    if is_shown:
        access_log.look(s, Opened.BOARD)
    is_today = day == today
    if before is not None and (before.on, before.is_today) != (day, is_today):
        before = None  # midnight came between
    found, rows = _rows(s, centre.id, day, before)
    counts = _count(rows, is_open=found.is_open)
    waiting = tuple(list_waiting(s, centre.id)) if is_today else ()
    shown = (day, found.is_open, counts, [(row.public_id, row.state) for row in rows], waiting)
    version = hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
    return Board(
        centre, day, found.head, version, counts, tuple(rows), found.is_open, is_today, waiting, found
    )


def _rows(s: Session, centre_id: int, on: date, before: Board | None) -> tuple[Found, Sequence[BoardRow]]:
    lately = with_what_came(s, before.found) if before else None
    if before is None or lately is None:
        found = look_up(s, centre_id, on)
        return found, _with_names_apart(found)
    return lately[0], _anew(lately[0], before.rows, lately[1])


def _anew(found: Found, rows: Sequence[BoardRow], changed: Collection[int]) -> list[BoardRow]:
    """The rows in the same order, some of them as they stand now."""
    fresh = {found.people[who].public_id: found.people[who] for who in changed}
    return [_row(found, fresh[row.public_id], row.name) if row.public_id in fresh else row for row in rows]


def _with_names_apart(found: Found) -> list[BoardRow]:
    """The rows by name. Two who look alike get their whole names, so that nobody taps the wrong one."""
    people = found.people.values()
    alike = Counter(person.short_name for person in people)
    rows = (
        _row(found, person, person.name if alike[person.short_name] > 1 else person.short_name)
        for person in people
    )
    return sorted(rows, key=lambda row: (registered.by_name(row.name), row.public_id))


def _row(found: Found, person: PersonCard, name: str) -> BoardRow:
    own = found.expected.get(person.id, [])
    arrival, told = found.arrivals.get(person.id), found.told.get(person.id)
    taken_back = found.taken_back.get(person.id)
    looked = found.looked_at.get(arrival.id) if arrival else None
    return BoardRow(
        public_id=person.public_id,
        name=name,
        status=standing.stands_at(
            found.events.get(person.id, ()),
            told.every if told else (),
            centre_id=found.centre_id,
            on=found.on,
            today=today_oslo(),
            is_closed=not found.is_open,
        ),
        starts_at=own[0].starts_utc if own else None,
        ends_at=max((visit.ends_utc for visit in own), default=None),
        activities=tuple(dict.fromkeys(visit.activity_title for visit in own)),
        veileder=recipients.makes_the_plan(found.helpers[person.id]),
        arrived_at=arrival.at if arrival else None,
        channel=Channel(arrival.channel) if arrival else None,
        registered_by=found.names.get(arrival.by_id) if arrival else None,
        comes_at=comes_at(own[0], told) if own and told else None,
        taken_back_by=found.names.get(taken_back.by_id) if taken_back else None,
        chosen=found.chosen.get(person.id, Chosen()).activity,
        newcomer=found.newcomers.get(person.id),
        left_at=found.left.get(person.id),
        to_look_at=arrival is not None and arrival.to_look_at and looked is None,
        looked_at_by=found.names.get(looked.by_id) if looked else None,
    )


def comes_at(visit: ExpectedVisit, told: Told) -> datetime | None:
    """Tell when somebody who is late thinks she comes; None when she did not say.

    Also None when that time was past already as she told us: then it is no time to wait for.
    """
    if told.kind is not NoticeKind.LATE or told.late_minutes is None:
        return None
    thinks = visit.starts_utc + timedelta(minutes=told.late_minutes)
    return thinks if thinks >= told.noted_at else None


def _count(rows: Sequence[BoardRow], *, is_open: bool) -> BoardCounts:
    by_status = Counter(row.status for row in rows)
    return BoardCounts(
        expected=sum(row.starts_at is not None for row in rows) if is_open else 0,
        new=sum(row.newcomer is not None for row in rows),
        **{status.value: by_status[status] for status in Status},
    )
