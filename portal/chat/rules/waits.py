"""Who waits for an answer, and since when. No tables, no web."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from portal.chat.rules.topics import Side


@dataclass(frozen=True)
class Clocks:
    """Since when somebody waits for an answer; None = nobody does."""

    staff_since_utc: datetime | None
    recipient_since_utc: datetime | None


def clocks_after_message(before: Clocks, *, by: Side, at_utc: datetime) -> Clocks:
    """Tell who waits after a message: the writer has answered, and the other side owes an answer.

    A second message does not move a clock that runs: the wait counts from the first unanswered one. Only a
    written answer stops a clock; reading never does. Source: design 7.
    """
    if by is Side.RECIPIENT:
        return Clocks(staff_since_utc=before.staff_since_utc or at_utc, recipient_since_utc=None)
    return Clocks(staff_since_utc=None, recipient_since_utc=before.recipient_since_utc or at_utc)


def clocks_after_correction(before: Clocks, *, by: Side, at_utc: datetime) -> Clocks:
    """Tell who waits after a correction: it answers nothing, so no clock stops.

    The person herself may have said something new by it, so Nav owes an answer.
    """
    if by is Side.STAFF:
        return before
    return Clocks(before.staff_since_utc or at_utc, before.recipient_since_utc)


@dataclass(frozen=True)
class Said:
    """What the clocks need to know of a message. needs_answer: not for a yes, a handover, a call in vain."""

    by: Side
    at_utc: datetime
    is_correction: bool = False
    needs_answer: bool = True


def clocks_after(before: Clocks, said: Said) -> Clocks:
    """Tell who waits after a message or a correction; saying yes answers, and asks for nothing.

    Of Nav's own such phrases none is the answer: that a question was received, who helps from now on, or
    that a call was not answered, stops no clock.
    """
    if not said.needs_answer:
        return Clocks(before.staff_since_utc, None) if said.by is Side.RECIPIENT else before
    after = clocks_after_correction if said.is_correction else clocks_after_message
    return after(before, by=said.by, at_utc=said.at_utc)


def clocks_of(said: Iterable[Said]) -> Clocks:
    """Tell who waits, from all messages that still stand, oldest first."""
    clocks = Clocks(None, None)
    for one in said:
        clocks = clocks_after(clocks, one)
    return clocks
