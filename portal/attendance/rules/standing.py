"""How a person's day stands: one answer for the board, the list to clarify, her own day and her month."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Protocol

from portal.attendance.rules.registered import (
    NAV_NO_SHOWS,
    TALKS,
    Recorded,
    Status,
    registered_beside,
    standing_arrival,
    standing_events,
    status_of,
)
from portal.attendance.rules.telling import NoticeKind

_HOW_A_TALK_WENT = TALKS - NAV_NO_SHOWS
_MOST_OPEN_FIRST = (
    Status.TO_BE_CLARIFIED,
    Status.NOT_HEARD,
    Status.LATER,
    Status.TOLD_US,
    Status.NAVS_OWN,
    Status.SETTLED,
)


class Placed(Recorded, Protocol):
    """An event and what it is about: a centre, a talk, or (neither) the whole day."""

    centre_id: int | None
    meeting_id: int | None


def stands_at(
    events: Iterable[Placed],
    told: Sequence[NoticeKind],
    *,
    centre_id: int,
    on: date,
    today: date,
    is_closed: bool = False,
) -> Status:
    """Say how a person's day at a centre stands.

    events: everything about her day, at any place, in the order it was written. told: all that she has told
    us of the day and not taken back, in the order she told it. When the day is over, any «kan ikke komme»
    has told us, and having come to another centre is having come. How a talk went says nothing here.
    is_closed: the centre was closed that day; who came all the same came.
    """
    standing = standing_events(events)
    there = [event for event in standing if event.meeting_id is None and event.centre_id == centre_id]
    if is_closed and standing_arrival(there) is None:
        return Status.CLOSED
    day = [event for event in _about_the_day(standing) if event.kind not in _HOW_A_TALK_WENT]
    status = _status([*day, *there], told, standing_arrival(there) is not None, on, today)
    if status is Status.TO_BE_CLARIFIED and standing_arrival(standing) is not None:
        return Status.SETTLED
    return status


def talk_stands(
    events: Iterable[Placed], told: Sequence[NoticeKind], *, meeting_id: int, on: date, today: date
) -> Status:
    """Say how a talk stands: what was said of it, or of the whole day. `events`, `told`: as `stands_at`."""
    standing = standing_events(events)
    day = [event for event in _about_the_day(standing) if event.kind not in _HOW_A_TALK_WENT]
    own = [event for event in standing if event.meeting_id == meeting_id]
    return _status([*day, *own], told, False, on, today)


def stands_on(
    events: Iterable[Placed],
    told: Sequence[NoticeKind],
    *,
    centre_ids: Collection[int],
    meeting_ids: Collection[int],
    on: date,
    today: date,
    is_closed: bool = False,
) -> Status | None:
    """Say how a whole day stands: of several centres the one that is most open; of talks when there is none.

    Who came to any centre came. centre_ids: where she is expected; meeting_ids: her talks of the day.
    is_closed: a centre where she would have been was closed. None when nothing was expected of her and
    nothing stands: then nobody has anything to clarify either.
    """
    standing = standing_events(events)
    if standing_arrival(standing) is not None:
        return Status.HERE
    each = [stands_at(standing, told, centre_id=one, on=on, today=today) for one in centre_ids] or [
        talk_stands(standing, told, meeting_id=one, on=on, today=today) for one in meeting_ids
    ]
    if each:
        return min(each, key=_MOST_OPEN_FIRST.index)
    if is_closed:
        return Status.CLOSED
    status = _status(standing, told, False, on, today)
    return None if status in (Status.TO_BE_CLARIFIED, Status.NOT_HEARD) else status


def _about_the_day(standing: Iterable[Placed]) -> list[Placed]:
    return [event for event in standing if event.meeting_id is None and event.centre_id is None]


def _status(
    about: Iterable[Recorded], told: Sequence[NoticeKind], is_here: bool, on: date, today: date
) -> Status:
    word = told[-1] if told else None
    if on < today and NoticeKind.CANNOT_COME in told:
        word = NoticeKind.CANNOT_COME
    return status_of(is_here=is_here, told=word, on=on, today=today, beside=registered_beside(about))
