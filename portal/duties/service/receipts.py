"""What a person answers to a condition: that she has read it, or that she wants it explained."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import now_utc, today_oslo
from portal.duties.models import Condition, Receipt
from portal.duties.rules import WORKING_DAYS_TO_EXPLAIN, Answer, ExplainHow
from portal.duties.service.reading import get_condition
from portal.errors import NotFound
from portal.people.rules.access import Viewer
from portal.people.service import recipients
from portal.plan.service import visits


@dataclass(frozen=True)
class Reading:
    """The text as it was shown: its language, whether a professional had checked it, its SHA-256 in hex."""

    language: str
    checked_by_professional: bool
    text_hash: str


@dataclass(frozen=True)
class Explanation:
    """A promise to explain a condition, for staff: to whom, how and by which day at the latest."""

    public_id: str
    recipient_id: int
    condition_public_id: str
    how: ExplainHow
    asked_utc: datetime
    due_on: date


def record_receipt(s: Session, recipient_id: int, public_id: str, *, reading: Reading) -> datetime:
    """That the person opened the text is kept, once per version and language; it is not an agreement.

    A second tap changes nothing. Returns: the instant of the first tap.
    Raises: NotFound for an unknown condition or one of somebody else.
    """
    condition = get_condition(s, recipient_id, public_id, lock=True)
    receipt = s.scalar(
        select(Receipt).where(
            Receipt.condition_id == condition.id,
            Receipt.condition_version == condition.version,
            Receipt.language == reading.language,
            Receipt.answer == Answer.READ,
        )
    )
    if receipt is None:
        receipt = _new_receipt(condition, recipient_id, reading)
        s.add(receipt)
        s.flush()
    return receipt.read_utc


def ask_for_explanation(
    s: Session, recipient_id: int, public_id: str, *, reading: Reading, how: ExplainHow
) -> date:
    """The person is promised an explanation within three working days, in the way she wants it.

    Asking again while she waits changes only the way; after it was explained, asking again is a new promise.
    Returns: the last day of the promise. Raises: NotFound for an unknown condition or one of somebody else.
    """
    condition = get_condition(s, recipient_id, public_id, lock=True)
    asked = select(Receipt).where(Receipt.condition_id == condition.id, Receipt.answer == Answer.EXPLAIN)
    waiting = s.scalar(asked.where(Receipt.explained_utc.is_(None)).order_by(Receipt.id).limit(1))
    if waiting is None or waiting.explain_due_on is None:
        waiting = _new_receipt(condition, recipient_id, reading)
        waiting.answer = Answer.EXPLAIN
        waiting.asking = 1 + (s.scalar(select(func.count()).select_from(asked.subquery())) or 0)
        waiting.explain_due_on = visits.working_day_after(today_oslo(), WORKING_DAYS_TO_EXPLAIN)
        s.add(waiting)
    waiting.explain_how = how
    s.flush()
    return waiting.explain_due_on


def open_explanations(s: Session, recipient_ids: Collection[int]) -> list[Explanation]:
    """What these people still wait to have explained, the nearest day first."""
    if not recipient_ids:
        return []
    rows = s.execute(
        select(Receipt, Condition.public_id)
        .join(Condition, Condition.id == Receipt.condition_id)
        .where(
            Receipt.recipient_id.in_(recipient_ids),
            Receipt.answer == Answer.EXPLAIN,
            Receipt.explained_utc.is_(None),
        )
        .order_by(Receipt.explain_due_on, Receipt.read_utc, Receipt.id)
    )
    return [
        Explanation(
            row.public_id, row.recipient_id, condition, row.explain_how, row.read_utc, row.explain_due_on
        )
        for row, condition in rows
        if row.explain_how and row.explain_due_on
    ]


def mark_explained(s: Session, viewer: Viewer, public_id: str) -> int:
    """A named helper says that she has explained it; the promise is kept and leaves her list.

    Returns: the recipient's id. Raises: NotFound unless the viewer helps this person today.
    """
    receipt = s.scalar(
        select(Receipt)
        .where(Receipt.public_id == public_id, Receipt.answer == Answer.EXPLAIN)
        .with_for_update()
    )
    if receipt is None or not recipients.is_helper(s, viewer.person_id, receipt.recipient_id):
        raise NotFound
    if receipt.explained_utc is None:
        receipt.explained_utc = now_utc()
        receipt.explained_by_id = viewer.person_id
        s.flush()
    return receipt.recipient_id


def _new_receipt(condition: Condition, recipient_id: int, reading: Reading) -> Receipt:
    return Receipt(
        condition_id=condition.id,
        condition_version=condition.version,
        recipient_id=recipient_id,
        language=reading.language,
        checked_by_professional=reading.checked_by_professional,
        text_hash=reading.text_hash,
        read_utc=now_utc(),
        answer=Answer.READ,
        asking=1,
    )
