"""How long a session lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lives: idle minutes for recipients, staff and borrowed phones, and hours in all."""

    recipient_idle_minutes: int
    staff_idle_minutes: int
    borrowed_idle_minutes: int
    hours: int

    def idle_for(self, *, is_recipient: bool, is_borrowed: bool) -> timedelta:
        """How long a session of this kind may lie unused."""
        if is_borrowed:
            return timedelta(minutes=self.borrowed_idle_minutes)
        minutes = self.recipient_idle_minutes if is_recipient else self.staff_idle_minutes
        return timedelta(minutes=minutes)

    def in_all(self, *, is_borrowed: bool) -> timedelta:
        """How long a session may live, however much it is used: an hour on a borrowed phone."""
        return timedelta(hours=1 if is_borrowed else self.hours)


@dataclass(frozen=True)
class TimeLeft:
    """How long a session still lives: until it is over if nobody uses it, and until it is over anyhow."""

    unused: timedelta
    anyhow: timedelta

    @property
    def least(self) -> timedelta:
        """Until the first of the two."""
        return min(self.unused, self.anyhow)

    @property
    def is_over(self) -> bool:
        """Whether it may no longer be used."""
        return self.least <= timedelta(0)


def time_left(
    now_utc: datetime,
    *,
    created_utc: datetime,
    seen_utc: datetime,
    is_recipient: bool,
    is_borrowed: bool,
    limits: SessionLimits,
) -> TimeLeft:
    """Tell how long a session that has not been ended may still be used.

    Example: staff who left the desk for 31 minutes sign in again; a recipient on her own phone does after
    12 hours; on a borrowed phone after ten minutes.
    """
    idle = limits.idle_for(is_recipient=is_recipient, is_borrowed=is_borrowed)
    return TimeLeft(
        unused=seen_utc + idle - now_utc,
        anyhow=created_utc + limits.in_all(is_borrowed=is_borrowed) - now_utc,
    )


OUT_OF_REACH_DAYS = 7
"""Whoever has not been here for so long is not waited for: she is rung, or gets it on paper."""


def is_out_of_reach(*, may_use_portal: bool, last_seen: datetime | None, now: datetime) -> bool:
    """Tell whether somebody cannot be counted on to read what is written to her here.

    `may_use_portal`: she has a phone, and the portal is switched on for her. Nothing is refused for it.
    """
    return not may_use_portal or last_seen is None or now - last_seen > timedelta(days=OUT_OF_REACH_DAYS)
