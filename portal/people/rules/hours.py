"""Reading what somebody types about times and days."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time
from enum import StrEnum

_CLOCK = re.compile(r"(\d{1,2})(?:[.:,]?(\d{2}))?")
_RANGE = re.compile(r"\s*([\d.:,]+)\s*(?:[-–]|til)\s*([\d.:,]+)\s*")
_BETWEEN_NUMBERS = re.compile(r"\s*[-.,/\s]\s*")


class HoursFault(StrEnum):
    """Why a day's opening hours cannot be read."""

    NOT_A_TIME = "not_a_time"
    ONE_IS_MISSING = "one_is_missing"
    WRONG_ORDER = "wrong_order"
    NOT_A_PAUSE = "not_a_pause"


def read_clock(typed: str) -> time | None:
    """Read a time of day kindly: 9, 9.00, 09:00 and 0900 are the same. None when it is no time."""
    found = _CLOCK.fullmatch(typed.strip())
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_hours(opens: str, closes: str, pause: str = "") -> tuple[time, ...] | HoursFault | None:
    """Read when a place opens and closes on one weekday. None: all are empty, so it is closed.

    Both may be typed in the first field. The pause is typed as one: «11.30–12». Example: («8.15», «15») and
    («8.15–15», «») are open from 08.15 to 15.00; («15», «8») is in the wrong order. With a pause four times
    are given, see `opening.Hours`.
    """
    both = _RANGE.fullmatch(opens)
    if both and not closes.strip():
        opens, closes = both[1], both[2]
    if not opens.strip() and not closes.strip():
        return HoursFault.ONE_IS_MISSING if pause.strip() else None
    if not opens.strip() or not closes.strip():
        return HoursFault.ONE_IS_MISSING
    first, last = read_clock(opens), read_clock(closes)
    if first is None or last is None:
        return HoursFault.NOT_A_TIME
    if first >= last:
        return HoursFault.WRONG_ORDER
    return _with_pause(first, last, pause) if pause.strip() else (first, last)


def _with_pause(first: time, last: time, pause: str) -> tuple[time, ...] | HoursFault:
    typed = _RANGE.fullmatch(pause)
    begins, ends = (read_clock(typed[1]), read_clock(typed[2])) if typed else (None, None)
    if begins is None or ends is None or not first < begins < ends < last:
        return HoursFault.NOT_A_PAUSE
    return first, begins, ends, last


def read_day(typed: str) -> date | None:
    """Read a day as a browser sends it (2026-11-30) or as people write it; None when it is no day.

    Example: 30.11.2026, 30/11 2026, 30,11,2026 and 30112026 are the same, in the digits of any script.
    """
    text = "".join(str(unicodedata.decimal(sign, sign)) for sign in typed.strip())
    parts = _BETWEEN_NUMBERS.split(text.rstrip("."))
    if len(parts) == 1 and len(text) == len("ddmmyyyy"):
        parts = [text[:2], text[2:4], text[4:]]
    if not all(part.isascii() and part.isdigit() for part in parts):
        return None
    match [int(part[:5]) for part in parts]:
        case [year, month, day] if len(parts[0]) == len("yyyy"):
            pass
        case [day, month, year]:
            pass
        case _:
            return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
