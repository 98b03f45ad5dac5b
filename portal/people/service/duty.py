"""Who of an office's veiledere is at work today: everybody but those for whom others stand in."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import day_bounds_utc, to_oslo, today_oslo
from portal.people.models import Helper, StaffRole
from portal.people.rules.words import Role
from portal.people.service.helps_now import helps_now
from portal.people.service.opening import calendar_of
from portal.people.service.roles import is_held


def last_day_to_follow_up(s: Session, office_id: int | None) -> date:
    """Tell the next day the office is open: help that begins today lasts so long, to be followed up."""
    calendar = calendar_of(s, office_id)
    opens = calendar.next_opening(day_bounds_utc(today_oslo())[1])
    return to_oslo(opens).date() if opens else today_oslo() + timedelta(days=1)


def on_duty(s: Session, office_id: int) -> frozenset[int]:
    """Tell which veiledere of an office are at work today.

    Somebody is away when others stand in for everybody she helps herself. If that leaves nobody, all of them
    are told: a question about food or a bed must not wait because everybody is away.
    """
    rows = s.scalars(
        select(StaffRole).where(StaffRole.office_id == office_id, StaffRole.role == Role.VEILEDER)
    )
    team = {row.person_id for row in rows if is_held(row)}
    own = select(Helper.recipient_id).where(Helper.staff_id.in_(team), Helper.is_stand_in.is_(False))
    help_today = s.execute(
        select(Helper.recipient_id, Helper.staff_id, Helper.is_stand_in).where(
            Helper.recipient_id.in_(own), helps_now()
        )
    ).all()
    helped: dict[int, set[int]] = defaultdict(set)
    covered: set[int] = set()
    for recipient_id, staff_id, is_stand_in in help_today:
        if is_stand_in:
            covered.add(recipient_id)
        else:
            helped[staff_id].add(recipient_id)
    away = {one for one in team if helped[one] and helped[one] <= covered}
    return frozenset(team - away or team)
