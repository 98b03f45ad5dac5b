"""What somebody is told before she writes: whether anybody is there now, and when an answer comes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.chat.models import AnsweredWait
from portal.chat.rules.answering import LOOKS_BACK, Answered, usual_days
from portal.clock import now_utc, to_oslo
from portal.people.service import opening

_MOST_ANSWERS = 400
"""The newest are enough to tell, also in an office that answers thousands."""

_ANSWERED = (
    select(AnsweredWait.waited_since, AnsweredWait.answered_at, AnsweredWait.by_id)
    .where(AnsweredWait.office_id == bindparam("office_id"), AnsweredWait.answered_at >= bindparam("from_at"))
    .order_by(AnsweredWait.answered_at.desc())
    .limit(_MOST_ANSWERS)
)


@dataclass(frozen=True)
class Expected:
    """What to expect now. `closes`: while the office is open; `opens`: while it is closed, if in sight.

    `days`: within how many open days an answer usually comes; 0 is the same day, None is not told.
    """

    now: datetime
    closes: datetime | None
    opens: datetime | None
    days: int | None

    @property
    def opens_today(self) -> bool:
        """Whether a closed office opens later on the same day."""
        return self.opens is not None and to_oslo(self.opens).date() == to_oslo(self.now).date()


def expected_now(s: Session, office_id: int | None, readers: Collection[int]) -> Expected | None:
    """Tell what somebody of an office may expect when she writes to these readers; None without an office.

    Two questions to the database. Source: design 7.
    """
    if office_id is None:
        return None
    now, calendar = now_utc(), opening.calendar_of(s, office_id)
    rows = s.execute(_ANSWERED, {"office_id": office_id, "from_at": now - LOOKS_BACK})
    answered = [Answered(*row) for row in rows]
    closes = calendar.closes_at(now)
    return Expected(
        now=now,
        closes=closes,
        opens=None if closes else calendar.next_opening(now),
        days=usual_days(answered, calendar, readers=readers) if readers else None,
    )
