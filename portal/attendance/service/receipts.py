"""The receipt of what a person told us: what she sees of it herself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.attendance.rules.telling import NoticeKind, Reason
from portal.attendance.service.notices import own_rows
from portal.clock import to_oslo
from portal.people.service import places, recipients
from portal.plan.service import visits


@dataclass(frozen=True)
class Receipt:
    """What the person sees after telling us: what, which days, when, who is told. by_name: not herself."""

    nonce: str
    kind: NoticeKind
    days: tuple[date, ...]
    noted_at: datetime
    late_minutes: int | None
    reason: Reason | None
    is_withdrawn: bool
    place_names: tuple[str, ...]
    is_protected: bool
    by_name: str | None

    @property
    def noted_on(self) -> date:
        """The Norwegian day on which she told us."""
        return to_oslo(self.noted_at).date()


def get_receipt(s: Session, recipient_id: int, nonce: str) -> Receipt:
    """Show a person the receipt of what she told us. Raises: NotFound, also for somebody else's.

    Days that were taken back are left out while others of the receipt still stand.
    """
    told = own_rows(s, recipient_id, nonce)
    rows = [row for row in told if row.withdrawn_at is None] or told
    first, days = rows[0], tuple(row.day_on for row in rows)
    return Receipt(
        nonce=nonce,
        kind=NoticeKind(first.kind),
        days=days,
        noted_at=first.noted_at,
        late_minutes=first.late_minutes,
        reason=Reason(first.reason_code) if first.reason_code else None,
        is_withdrawn=first.withdrawn_at is not None,
        place_names=_place_names(s, recipient_id, days),
        is_protected=recipients.get_person(s, recipient_id).is_protected,
        by_name=recipients.names_for(s, {first.by_id} - {recipient_id}).get(first.by_id),
    )


def _place_names(s: Session, recipient_id: int, days: Collection[date]) -> tuple[str, ...]:
    expected = visits.expected_between(s, min(days), max(days), recipient_ids=[recipient_id])
    centres = places.centres_for(s, {visit.centre_id for visit in expected if visit.on in days})
    return tuple(sorted(centre.name for centre in centres.values()))
