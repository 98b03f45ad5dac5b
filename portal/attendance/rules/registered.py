"""What is registered about a day, and what is known from it. Nothing judges."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from portal.attendance.rules.telling import NoticeKind


class Channel(StrEnum):
    """How somebody was registered. Shown to both sides."""

    QR = "qr"
    DIGITS = "digits"
    STAFF = "staff"
    TABLET = "tablet"
    """Her number and PIN, on the centre's shared tablet."""
    LETTERS = "letters"
    """Three letters on a phone that does not know her; staff said who she is."""
    OWN_QR = "own_qr"
    """Staff read the code on her own phone."""
    WALK_IN = "walk_in"
    """Staff found her by name; she was not expected that day."""
    PHONE = "phone"
    """A button on her own page."""


class Kind(StrEnum):
    """What an attendance event says. Events are never changed: a correction is a new event."""

    CHECKED_IN = "checked_in"
    UNDONE = "undone"
    LEFT = "left"
    CAME_BACK = "came_back"


class Status(StrEnum):
    """What is known about a person on a day. Nothing judges, and nothing follows by itself (design 3.1)."""

    HERE = "here"
    TOLD_US = "told_us"
    LATER = "later"
    NOT_HEARD = "not_heard"
    TO_BE_CLARIFIED = "to_be_clarified"


class Recorded(Protocol):
    """The part of an attendance event that says what stands."""

    id: int
    kind: str
    corrects_id: int | None


def standing_arrival(events: Iterable[Recorded]) -> int | None:
    """Find the event that says a person is here: checked in and not undone. None when there is none.

    events: one person's events of one centre and day, in the order they were written.
    """
    standing: list[int] = []
    for event in events:
        if event.kind == Kind.CHECKED_IN:
            standing.append(event.id)
        elif event.corrects_id in standing:
            standing.remove(event.corrects_id)
    return standing[0] if standing else None


def standing_leave(events: Iterable[Recorded]) -> int | None:
    """Find the event that says a person has left, after an arrival that stands. None when she is here.

    events: as for `standing_arrival`. Who came back is here as before; the day has one arrival.
    """
    known = list(events)
    arrival = standing_arrival(known)
    moved = [event for event in known if event.kind in (Kind.LEFT, Kind.CAME_BACK)]
    if arrival is None or not moved or moved[-1].kind != Kind.LEFT or moved[-1].id < arrival:
        return None
    return moved[-1].id


def status_of(*, is_here: bool, told: NoticeKind | None, on: date, today: date) -> Status:
    """Say what is known about a person on a day.

    A person who is here is here, whatever was told before. Who told us that she cannot come has told us, for
    ever. A day that is over and says nothing is to be clarified by a person, and nothing else (design 8).
    """
    if is_here:
        return Status.HERE
    if told is NoticeKind.CANNOT_COME:
        return Status.TOLD_US
    if on < today:
        return Status.TO_BE_CLARIFIED
    return Status.LATER if told is NoticeKind.LATE else Status.NOT_HEARD


def minutes_early(starts_at: datetime, arrived_at: datetime) -> int:
    """Tell how many whole minutes before the start somebody came; 0 when not early. Early is always fine."""
    return max(0, int((starts_at - arrived_at).total_seconds() // 60))


_LAST_LETTERS = str.maketrans("æøå", "\ue000\ue001\ue002")


def by_name(name: str) -> str:
    """Put names in the order of a Norwegian list: æ, ø and å come last."""
    return name.casefold().translate(_LAST_LETTERS)
