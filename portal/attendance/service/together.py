"""Many on the board at once: «alle disse er her» and «kunne ikke komme». One receipt each, and one undo."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import AbsenceNotice, AttendanceEvent
from portal.attendance.rules.kept import TapTime
from portal.attendance.rules.registered import Channel, Kind, Status
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import chain, checking_in, days, notices, told_lines
from portal.attendance.service.board import Board, BoardRow, board_for
from portal.attendance.service.changes import DayChanged
from portal.attendance.service.checking_in import Coming
from portal.attendance.service.notices import Notice
from portal.bus import publish
from portal.clock import now_utc, to_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.rules.access import Viewer
from portal.people.service import recipients
from portal.people.service.recipients import PersonCard

MOST_AT_ONCE = 500
_NOT_AWAY = (Status.HERE, Status.TOLD_US, Status.CLOSED)


class Act(StrEnum):
    """What staff do for many at once."""

    HERE = "her"
    COULD_NOT_COME = "kunne-ikke-komme"


@dataclass(frozen=True)
class Receipt:
    """What one press did: for whom, and whether it still stands for anybody. nonce: that of the press."""

    nonce: str
    act: Act
    names: tuple[str, ...]
    stands_for: int


def are_here(
    s: Session,
    viewer: Viewer,
    centre: str,
    people: Collection[str],
    *,
    nonce: str,
    kept: TapTime | None = None,
) -> None:
    """Register everybody who was ticked, in one transaction. Who is here already keeps her own time.

    kept: as for one tap. The same press sent twice registers nobody twice. Who is no longer on the board is
    left out, and holds up nobody. However old, a press that a tablet kept is taken for the day it was made.
    Raises: NotFound for another centre, and when nobody is left; Refused `together.nobody`.
    """
    happened = kept.at if kept else now_utc()
    board = _board_of(s, viewer, centre, kept)
    shown = {row.public_id for row in board.rows}
    ticked = _require_some(people)
    there = recipients.cards_named(s, [one for one in ticked if one in shown])
    left = [_left_the_board(s, viewer, board, one) for one in ticked if one not in shown and kept]
    elsewhere = [
        (person, checking_in.is_expected_elsewhere(s, person.id, board.centre, board.on))
        for person in left
        if person is not None
    ]
    if not there and not elsewhere:
        raise NotFound
    is_late = kept is not None and kept.to_look_at
    comings = [
        Coming(
            person.id,
            happened,
            viewer.person_id,
            Channel.STAFF,
            _name_for(nonce, person.public_id),
            is_late or is_elsewhere,
        )
        for person, is_elsewhere in [*((person, False) for person in there), *elsewhere]
    ]
    checking_in.register_many(s, board.centre, board.on, comings)


def _left_the_board(s: Session, viewer: Viewer, board: Board, public_id: str) -> PersonCard | None:
    """Somebody whose plan was changed while the tablet had no network; None for whoever never was there."""
    centre = board.centre.public_id
    try:
        return checking_in.require_on_board(s, viewer, centre, public_id, on=board.on, was_kept=True)[1]
    except NotFound:
        return None


def could_not_come(
    s: Session,
    viewer: Viewer,
    centre: str,
    people: Collection[str],
    *,
    nonce: str,
    kept: TapTime | None = None,
) -> None:
    """Write down for everybody who was ticked that she could not come that day, told by the viewer.

    The bus did not go, say. No reason is kept: told is told. Who is here, who has said so herself, who is no
    longer on the board and everybody when it is closed is left out. kept: as for one tap. Raises: as
    `are_here`.
    """
    board = _board_of(s, viewer, centre, kept)
    ticked = set(_require_some(people))
    rows = [row for row in board.rows if row.public_id in ticked]
    if not rows:
        raise NotFound
    away = [row.public_id for row in rows if row.status not in _NOT_AWAY]
    found = [person for one in away if (person := recipients.find_by_public_id(s, one)) is not None]
    # All people at once, and offices in one order, so that two presses never wait crosswise.
    recipients.hold(s, [person.id for person in found])
    for person in sorted(found, key=lambda one: (one.office_id or 0, one.id)):
        nonce_of_hers = _name_for(nonce, person.public_id)
        told = Notice(
            NoticeKind.CANNOT_COME, (board.on,), nonce_of_hers, viewer.person_id, kept_from=board.on
        )
        notices.tell(s, person.id, told)


def _board_of(s: Session, viewer: Viewer, centre: str, kept: TapTime | None) -> Board:
    on = to_oslo(kept.at if kept else now_utc()).date()
    return board_for(s, viewer, centre, on=on, is_shown=False, was_kept=kept is not None)


def find_receipt(s: Session, board: Board, nonce: str) -> Receipt | None:
    """Show what one press did, to anybody who may see the board. None when it did nothing that day."""
    rows = {_name_for(nonce, row.public_id): row for row in board.rows}
    events = _events(s, board, rows)
    standing = {
        event.id for event in days.standing(days.list_events_at(s, board.centre.id, board.on)).values()
    }
    if events:
        stands_for = sum(event.id in standing for event in events)
        return _receipt(nonce, Act.HERE, [rows[event.nonce] for event in events], stands_for)
    told = _notices(s, board, rows)
    if told:
        stands_for = sum(one.withdrawn_at is None for one in told)
        return _receipt(nonce, Act.COULD_NOT_COME, [rows[one.nonce] for one in told], stands_for)
    return None


def take_back(s: Session, viewer: Viewer, centre: str, *, nonce: str) -> None:
    """Take back exactly what one press did, for all of them; whoever came or told us otherwise is left alone.

    What was written stays beside it, for everybody to see. Doing it twice does no more. Raises: NotFound for
    another centre.
    """
    board = board_for(s, viewer, centre, is_shown=False)
    rows = {_name_for(nonce, row.public_id): row for row in board.rows}
    recipients.hold(s, [one.recipient_id for one in _notices(s, board, rows)])  # people before days
    _undo_arrivals(s, viewer, board, rows)
    _withdraw(s, viewer, board, rows)


def _undo_arrivals(s: Session, viewer: Viewer, board: Board, rows: dict[str, BoardRow]) -> None:
    day = chain.hold_day(s, board.centre.id, board.on)
    standing = {
        event.id for event in days.standing(days.list_events_at(s, board.centre.id, board.on)).values()
    }
    for event in _events(s, board, rows):
        if event.id in standing:
            undone = f"{event.nonce}.u"
            entry = chain.Entry(
                event.recipient_id, Kind.UNDONE, now_utc(), viewer.person_id, Channel.STAFF, undone, event.id
            )
            chain.add(s, day, entry)
            publish(s, DayChanged(event.recipient_id, board.on, (board.centre.id,), is_registered=True))


def _withdraw(s: Session, viewer: Viewer, board: Board, rows: dict[str, BoardRow]) -> None:
    """Only these rows: what she has told us herself, also by giving a reason to one of them, stays told."""
    standing = [
        one for one in _notices(s, board, rows) if one.withdrawn_at is None and one.reason_code is None
    ]
    told_lines.take_back(s, standing, by_id=viewer.person_id)
    for one in standing:
        publish(s, DayChanged(one.recipient_id, board.on, (board.centre.id,)))


def _receipt(nonce: str, act: Act, rows: list[BoardRow], stands_for: int) -> Receipt:
    return Receipt(nonce, act, tuple(row.name for row in rows), stands_for)


def _events(s: Session, board: Board, nonces: Collection[str]) -> list[AttendanceEvent]:
    wanted = select(AttendanceEvent).where(AttendanceEvent.nonce.in_(nonces))
    return [
        event
        for event in s.scalars(wanted.order_by(AttendanceEvent.n))
        if (event.centre_id, event.day_on) == (board.centre.id, board.on)
    ]


def _notices(s: Session, board: Board, nonces: Collection[str]) -> list[AbsenceNotice]:
    wanted = select(AbsenceNotice).where(AbsenceNotice.nonce.in_(nonces), AbsenceNotice.day_on == board.on)
    return list(s.scalars(wanted.order_by(AbsenceNotice.id).execution_options(populate_existing=True)))


def _name_for(nonce: str, person_public_id: str) -> str:
    """Each person's part of one press, so that both the press and each event can be found again."""
    return f"{nonce}.{person_public_id}"


def _require_some(people: Collection[str]) -> list[str]:
    once = list(dict.fromkeys(people))
    if not 0 < len(once) <= MOST_AT_ONCE:
        raise Refused("together.nobody", N_("Kryss av for minst én person først."))
    return once
