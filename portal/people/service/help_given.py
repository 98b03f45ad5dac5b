"""Help as it is kept: given for days, ended at once, and never without who did it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.people.models import Helper
from portal.people.rules.access import Viewer
from portal.people.rules.helping import Days, days_not_covered
from portal.people.rules.words import Change, Purpose
from portal.people.service.helps_now import not_over
from portal.people.service.person_changes import note


@dataclass(frozen=True)
class Help:
    """Help that somebody is to give a recipient, from–to (both days included)."""

    recipient_id: int
    staff_id: int
    purpose: Purpose
    is_stand_in: bool
    from_on: date
    to_on: date | None


def cover_days(s: Session, viewer: Viewer, wanted: Collection[Help]) -> set[int]:
    """Let help be given on those days on which the same is not given already; tell who got any.

    The caller holds the recipients, so that two do not take the same days. Who becomes a helper of her own
    and only stood in until now, is one from these days on. Who gave it is written down.
    """
    taken = _taken_days(s, wanted)
    made = []
    for one in wanted:
        same = taken[one.recipient_id, one.staff_id, one.purpose]
        counts = [days for stands_in, days in same if one.is_stand_in or not stands_in]
        for first, last in days_not_covered((one.from_on, one.to_on), counts):
            same.append((one.is_stand_in, (first, last)))
            made.append(Helper(**{**asdict(one), "from_on": first, "to_on": last}))
    s.add_all(made)
    s.flush()  # what is written down names the row
    for row in made:
        note(s, viewer, row.recipient_id, Change.HELP_GIVEN, row.id)
    return {row.recipient_id for row in made}


def _taken_days(
    s: Session, wanted: Collection[Help]
) -> dict[tuple[int, int, Purpose], list[tuple[bool, Days]]]:
    """Which days are taken, and whether by a stand-in: by recipient, helper and purpose."""
    about = (
        Helper.recipient_id.in_({one.recipient_id for one in wanted}),
        Helper.staff_id.in_({one.staff_id for one in wanted}),
    )
    taken: dict[tuple[int, int, Purpose], list[tuple[bool, Days]]] = defaultdict(list)
    for row in s.scalars(select(Helper).where(*about, not_over())):
        taken[row.recipient_id, row.staff_id, row.purpose].append((row.is_stand_in, (row.from_on, row.to_on)))
    return taken


def end_rows(s: Session, viewer: Viewer, ids: Collection[int]) -> None:
    """End help from this moment on; the rows stay, and what was ended before stays as it was.

    Who ended it is written down.
    """
    still_open = (Helper.id.in_(ids), Helper.ended_at.is_(None))
    ending = update(Helper).where(*still_open).values(ended_at=now_utc())
    for helper_id, recipient_id in s.execute(ending.returning(Helper.id, Helper.recipient_id)).all():
        note(s, viewer, recipient_id, Change.HELP_ENDED, helper_id)
