"""A promised call: what becomes of it by the clock. No tables, no web."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NEAR = timedelta(minutes=15)
"""So long before the window whoever promised is reminded."""

FURTHEST = timedelta(days=14)
"""A call is promised for the next two weeks; what is later is a meeting."""


class When(StrEnum):
    """When somebody would rather be rung."""

    SOON = "soon"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    OWN_WORDS = "own_words"


SAID_BY: dict[When, str] = {
    When.SOON: "call_me",
    When.MORNING: "call_me_morning",
    When.AFTERNOON: "call_me_afternoon",
    When.OWN_WORDS: "call_me_when",
}
"""The phrase that asks for it."""

ASKS_FOR_CALL = frozenset(SAID_BY.values())


def when_said(chosen: When, words: str) -> When:
    """Tell when she would rather be rung: what she wrote herself counts, whatever stands chosen beside it."""
    return When.OWN_WORDS if words else chosen


class CallState(StrEnum):
    """How a call stands that is not over, in the order of a list: what cannot wait comes first."""

    MISSED = "missed"
    """It was promised, and nobody said that they rang: «lovet, ikke ringt»."""
    NOW = "now"
    ASKED = "asked"
    PROMISED = "promised"


@dataclass(frozen=True)
class Window:
    """From when to when somebody promised to ring."""

    first: datetime
    last: datetime


def state_of(window: Window | None, now: datetime) -> CallState:
    """Tell how an open call stands. A promise that was not kept is never quietly gone (design 3.12)."""
    if window is None:
        return CallState.ASKED
    if window.last <= now:
        return CallState.MISSED
    return CallState.NOW if window.first - NEAR <= now else CallState.PROMISED


def may_promise(window: Window, now: datetime) -> bool:
    """Whether a window can be promised: the right way round, not over, and within two weeks."""
    return window.first < window.last and now < window.last and window.first - now <= FURTHEST
