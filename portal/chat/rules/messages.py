"""What may become of a message, for how long, and how many are shown at a time. No tables, no web."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

PAGE_OF_CHANGES = 200
"""Most changes in one answer to «what is new since …» (design 7)."""


PAGE_OF_MESSAGES = 11
"""Most messages on one page of a thread: two screens, within 60 KB. The earlier ones are one tap away."""


MOST_UNREAD = 200
"""Most messages on a page when so many are unread; with more, it begins at the oldest of them."""


RUN_MINUTES = 5
"""Messages by one person closer than this are one run: time and state stand once, under the last."""


NOTICE_AFTER_SECONDS = 20
"""A notice waits this long: whoever has the chat open reads the message and needs none."""


CHANGE_MINUTES = 15
"""How long an author may correct or withdraw a message: enough for a slip, too short to rewrite history."""


class Kind(StrEnum):
    """What one change in a conversation was."""

    CREATED = "created"
    CORRECTED = "corrected"
    """A new message came that says what an older one should have said."""
    WITHDRAWN = "withdrawn"
    MOVED = "moved"
    """It belongs to another topic, and so to other readers."""
    RECORDED = "recorded"
    """It, and all before it, was put into the case's archive (journalført)."""
    SETTLED = "settled"
    """A colleague said that what was written needs no answer."""
    FILE_READY = "file_ready"
    """A file on the message has been checked and opens. The actor is who sent it."""
    FILE_BLOCKED = "file_blocked"
    """It was not what it should be and never opens. The actor is who sent it."""
    DECIDED = "decided"
    """What a message proposed was agreed, declined or called off."""


class ProposalState(StrEnum):
    """How a proposed meeting stands. Agreed only once; called off it cannot be agreed any more."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"


def may_withdraw(*, written_at_utc: datetime, is_withdrawn: bool, now: datetime) -> bool:
    """Tell whether a message's author may still take it back. Source: design 7."""
    return now - written_at_utc <= timedelta(minutes=CHANGE_MINUTES) and not is_withdrawn
