"""What a day's line of events keeps beside what was registered, so that nobody can let it disappear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from portal.attendance.rules.seals import ChainFault
from portal.attendance.rules.telling import NoticeKind


class Beside(StrEnum):
    """What such an event says. It is shown to nobody as a line of its own: what it is about is."""

    TOLD_LATE = "told_late"
    TOLD_CANNOT_COME = "told_cannot_come"
    TOLD_BACK = "told_back"
    """What she told us is taken back; `corrects_id` names it."""
    WORDS_ERASED = "words_erased"
    """The words of an event (`about_id`) are kept no longer, by somebody's decision."""


TOLD = {
    NoticeKind.LATE: Beside.TOLD_LATE,
    NoticeKind.CANNOT_COME: Beside.TOLD_CANNOT_COME,
}


@dataclass(frozen=True)
class NoticeFacts:
    """What a notice says, but for the reason: she may change that as she likes."""

    recipient_id: int
    day_on: date
    kind: str
    late_minutes: int | None
    noted_at: datetime
    by_id: int
    tap: str
    withdrawn_at: datetime | None


def name_of_tap(nonce: str, recipient_id: int, on: date) -> str:
    """Name the event of one day of a receipt, so that the receipt's own name is bound by it too."""
    return sha256(f"{nonce}|{recipient_id}|{on.isoformat()}".encode()).hexdigest()


def check_notices(
    told: Iterable[tuple[int, int, NoticeFacts]],
    kept: Mapping[int, NoticeFacts],
    numbers: Mapping[int, int],
) -> ChainFault | None:
    """Hold the notices that are kept against what a day's line says was told; None when they agree.

    told: number in the day, id and facts of each event that tells of a notice. kept: the notices, by the id
    of the event they name. numbers: the day's events' numbers by id.
    """
    said = {event_id: (n, facts) for n, event_id, facts in told}
    for event_id, (n, facts) in said.items():
        if event_id not in kept:
            return ChainFault(n, "notice_missing")
        if kept[event_id] != facts:
            return ChainFault(n, "notice_changed")
    strange = sorted(numbers[event_id] for event_id in kept if event_id not in said)
    return ChainFault(strange[0], "notice_not_told") if strange else None
