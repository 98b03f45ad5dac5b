"""What a tablet or a phone has kept while it had no network: when it happened, however late it comes."""

from __future__ import annotations

from datetime import datetime, timedelta

KEPT_AT_MOST = timedelta(days=7)
"""Over a long Easter. Older than that, the clock that counted is not to be believed."""


def time_of_tap(waited_seconds: int, *, now: datetime) -> datetime:
    """Tell when a tap was made that waited so long by the tablet's own clock, whatever that clock showed.

    Nothing is refused for having waited. What cannot be true (before now, or more than a week) counts from
    the moment it came. When it was received is kept beside it, so both can be seen.
    """
    waited = timedelta(seconds=waited_seconds)
    return now - waited if timedelta() <= waited <= KEPT_AT_MOST else now
