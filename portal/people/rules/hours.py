"""Reading what somebody types about times and days."""

from __future__ import annotations

import re
from datetime import date, time
from enum import StrEnum

_CLOCK = re.compile(r"(\d{1,2})(?:[.:,]?(\d{2}))?")
_NORWEGIAN_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")


class HoursFault(StrEnum):
    """Why a day's opening hours cannot be read."""

    NOT_A_TIME = "not_a_time"
    ONE_IS_MISSING = "one_is_missing"
    WRONG_ORDER = "wrong_order"


def read_clock(typed: str) -> time | None:
    """Read a time of day kindly: 9, 9.00, 09:00 and 0900 are the same. None when it is no time."""
    found = _CLOCK.fullmatch(typed.strip())
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_hours(opens: str, closes: str) -> tuple[time, time] | HoursFault | None:
    """Read when a place opens and closes on one weekday. None: both are empty, so it is closed.

    Example: («8.15», «15») is open from 08.15 to 15.00; («15», «8») is in the wrong order.
    """
    if not opens.strip() and not closes.strip():
        return None
    if not opens.strip() or not closes.strip():
        return HoursFault.ONE_IS_MISSING
    first, last = read_clock(opens), read_clock(closes)
    if first is None or last is None:
        return HoursFault.NOT_A_TIME
    return (first, last) if first < last else HoursFault.WRONG_ORDER


def read_date(typed: str) -> date | None:
    """Read a date written as 2026-11-24 or 24.11.2026. None when it is no date."""
    clean = typed.strip()
    found = _NORWEGIAN_DAY.fullmatch(clean)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(clean)
    except ValueError:
        return None
