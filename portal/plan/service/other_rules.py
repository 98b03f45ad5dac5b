"""When other rules on absence apply to somebody: under KVP, and with a benefit from the state (design 9)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.plan.models import Activity, ActivityWeek
from portal.plan.rules.words import LegalBasis

OTHER_RULES = frozenset({LegalBasis.KVP, LegalBasis.STATE_BENEFIT})


@dataclass(frozen=True)
class OtherRules:
    """The times in which somebody had an activity with other rules, by person; None: no end is agreed."""

    times: dict[int, list[tuple[date, date | None]]]

    def hold(self, recipient_id: int, on: date) -> bool:
        """Whether other rules held for somebody on a day, whatever she did that day."""
        times = self.times.get(recipient_id, [])
        return any(first <= on and (last is None or on <= last) for first, last in times)


def other_rules_for(s: Session, recipient_ids: Collection[int], first: date, last: date) -> OtherRules:
    """Find when other rules held for these people between two days, both included. One query."""
    rows = s.execute(
        select(Activity.recipient_id, ActivityWeek.from_on, ActivityWeek.to_on)
        .join(ActivityWeek, ActivityWeek.activity_id == Activity.id)
        .where(
            Activity.recipient_id.in_(recipient_ids),
            Activity.legal_basis.in_(OTHER_RULES),
            ActivityWeek.from_on <= last,
            or_(ActivityWeek.to_on.is_(None), ActivityWeek.to_on >= first),
        )
    )
    times: dict[int, list[tuple[date, date | None]]] = {}
    for recipient_id, from_on, to_on in rows:
        times.setdefault(recipient_id, []).append((from_on, to_on))
    return OtherRules(times)
