"""What a person may be reminded of: the meetings and visits in her plan; one person or thousands at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import day_bounds_utc, oslo_instant, to_oslo
from portal.notify.rules.notices import Reminder
from portal.people.rules.opening import public_holidays
from portal.people.service import recipients
from portal.plan.models import Meeting
from portal.plan.rules.weeks import Met
from portal.plan.service import visits


def starts_between(s: Session, person_ids: Collection[int], first: date, last: date) -> list[Reminder]:
    """Tell what these people have in their plans on these days, both included: visits anywhere, and meetings.

    Nothing on a public holiday or when the centre is closed, and nothing for somebody whose plan is paused.
    Six queries, however many people; in no particular order.
    """
    going = set(person_ids) - recipients.paused_among(s, person_ids)
    if not going:
        return []
    return [*_visits(s, going, first, last), *_meetings(s, going, first, last)]


def _visits(s: Session, going: Collection[int], first: date, last: date) -> Iterator[Reminder]:
    """Where somebody waits for her: nobody is reminded of her own work."""
    for time in visits.times_between(s, first, last, going):
        if time.slot.how is not Met.OWN_WORK:
            yield Reminder(time.recipient_id, oslo_instant(time.on, time.slot.starts_at))


def _meetings(s: Session, going: Collection[int], first: date, last: date) -> Iterator[Reminder]:
    begins, _ = day_bounds_utc(first)
    ends, _ = day_bounds_utc(last + timedelta(days=1))
    rows = s.execute(
        select(Meeting.recipient_id, Meeting.starts_utc).where(
            Meeting.recipient_id.in_(going),
            Meeting.starts_utc >= begins,
            Meeting.starts_utc < ends,
            Meeting.cancelled_at.is_(None),
        )
    )
    for person_id, starts_utc in rows:
        on = to_oslo(starts_utc).date()
        if on not in public_holidays(on.year):
            yield Reminder(person_id, starts_utc)
