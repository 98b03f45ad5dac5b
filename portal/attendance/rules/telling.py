"""What a person tells us about a day, why if she wants to, and for which days she can."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from portal.errors import N_, Refused

NOTICE_DAYS_AHEAD = 92
"""How far ahead a person can say that she cannot come: a plan is seldom longer than a quarter."""


class NoticeKind(StrEnum):
    """What a person has told us about a day."""

    LATE = "late"
    CANNOT_COME = "cannot_come"


class Reason(StrEnum):
    """Why somebody cannot come. Offered, never required (design 3.10); seen by her own veileder only."""

    SICK = "sick"
    CHILD_SICK = "child_sick"
    APPOINTMENT = "appointment"
    JOB = "job"
    WELFARE = "welfare"
    """Something grave or important at home, such as a funeral."""
    AGREED = "agreed"
    """Nav has said that she need not come."""
    OTHER = "other"
    TELL_VEILEDER = "tell_veileder"


class PaperEnd(StrEnum):
    """What became of a paper that was shown with a notice. It lies here no longer."""

    TAKEN_BACK = "taken_back"
    MOVED = "moved"
    """Nav keeps it, in the case."""
    REMOVED = "removed"


MOST_PAPERS = 5
"""Most papers with one notice; none is ever asked for."""


def require_day_open(on: date, *, today: date) -> None:
    """Let a person tell us about today and the days ahead, until the end of the day itself.

    Raises: Refused `attendance.day_over` for a day that is past, `attendance.day_too_far` beyond a quarter.
    """
    if on < today:
        raise Refused(
            "attendance.day_over",
            N_("Denne dagen er over. Skriv til veilederen din i chatten, så ordner dere det sammen."),
        )
    if on > today + timedelta(days=NOTICE_DAYS_AHEAD):
        raise Refused(
            "attendance.day_too_far",
            N_("Denne dagen er langt fram i tid. Skriv til veilederen din i chatten om den."),
        )
