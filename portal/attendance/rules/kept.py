"""What a tablet or a phone has kept while it had no network: when it happened, however late it comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.attendance.rules.windows import LOOK_AFTER

KEPT_AT_MOST = timedelta(days=365)
"""No tablet lies in a drawer longer; older than that it is no time at all, but a clock that was wrong."""


@dataclass(frozen=True)
class TapTime:
    """When a tap was made, and whether somebody should look at that."""

    at: datetime
    to_look_at: bool = False


def time_of_tap(waited_seconds: int | None, *, now: datetime) -> TapTime:
    """Tell when a tap was made that waited so long by the tablet's own clock, whatever that clock showed.

    None: how long cannot be read. Nothing is refused for having waited, and the day that is told is kept: a
    tap after Easter does not make somebody come today. What took long is looked at, and so is what tells no
    time at all, which counts from the moment it came. When it was received stands beside it.
    """
    waited = KEPT_AT_MOST if waited_seconds is None else timedelta(seconds=waited_seconds)
    if not timedelta() <= waited < KEPT_AT_MOST:
        return TapTime(now, to_look_at=True)
    return TapTime(now - waited, to_look_at=waited > LOOK_AFTER)
