"""What time it is. The only file that asks the computer.

Instants are aware datetimes in UTC. Days and weekly patterns belong to Europe/Oslo.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")

_stopped_at: datetime | None = None


def now_utc() -> datetime:
    """Tell the present instant, aware and in UTC."""
    return _stopped_at or datetime.now(UTC)


def today_oslo() -> date:
    """Tell which day it is for people in Norway."""
    return to_oslo(now_utc()).date()


def to_oslo(instant: datetime) -> datetime:
    """Show an instant as the clock on the wall in Norway.

    Raises: ValueError for an instant without a zone, so that a naive time can never be shifted by accident.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant must carry its zone")
    return instant.astimezone(OSLO)


def oslo_instant(on: date, at: time) -> datetime:
    """Tell the UTC instant at which the wall clock in Norway shows `at` on the day `on`.

    In the hour that is skipped in March the instant is the same distance after midnight (02.30 becomes
    03.30); in the hour that comes twice in October it is the first of the two.
    """
    return datetime.combine(on, at, tzinfo=OSLO).astimezone(UTC)


def day_bounds_utc(on: date) -> tuple[datetime, datetime]:
    """Tell the first instant of a Norwegian day and the first of the next: 23, 24 or 25 hours apart."""
    return oslo_instant(on, time.min), oslo_instant(on + timedelta(days=1), time.min)


@contextmanager
def stop_at(instant: datetime) -> Iterator[None]:
    """Let the clock stand still at an instant while a test runs."""
    global _stopped_at
    before, _stopped_at = _stopped_at, instant.astimezone(UTC)
    try:
        yield
    finally:
        _stopped_at = before
