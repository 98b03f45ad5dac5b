"""Show a person what a decision asks of her, as five answers, and whether she is exempt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, contains_eager

from portal.clock import to_oslo, today_oslo
from portal.db import unseal
from portal.duties.models import Condition, Decision, Exemption, Receipt
from portal.duties.rules import (
    LAW_CHECKED_ON,
    PHRASES_OF_COMING,
    Answer,
    Consequence,
    ExplainHow,
    KostraCondition,
    PhraseKey,
    binding_basis,
    consequence_for,
    earliest_end,
    may_name_in_list,
    may_quote_age,
    paragraph_for,
)
from portal.errors import NotFound
from portal.people.service import recipients
from portal.plan.rules.weeks import Slot
from portal.plan.rules.words import LegalBasis
from portal.plan.service import linked, plans

_CONDITIONS = (
    select(Condition)
    .join(Condition.decision)
    .options(contains_eager(Condition.decision))
    .where(
        Decision.recipient_id.in_(bindparam("recipient_ids", expanding=True)),
        or_(Condition.to_on.is_(None), Condition.to_on >= bindparam("today")),
        or_(Decision.to_on.is_(None), Decision.to_on >= bindparam("today")),
    )
    .order_by(Condition.from_on, Condition.id)
)
_RECEIPTS = (
    select(Receipt)
    .where(Receipt.condition_id.in_(bindparam("condition_ids", expanding=True)))
    .order_by(Receipt.read_utc, Receipt.id)
)


@dataclass(frozen=True)
class ReceiptCard:
    """The text was opened in this version and language. It does not say that anybody agreed."""

    version: int
    language: str
    checked_by_professional: bool
    read_utc: datetime

    @property
    def day(self) -> date:
        """The Norwegian day it was opened."""
        return to_oslo(self.read_utc).date()


@dataclass(frozen=True)
class AskedCard:
    """The person waits to have a text explained, by `due_on` at the latest."""

    how: ExplainHow
    asked_utc: datetime
    due_on: date


@dataclass(frozen=True)
class DutyLine:
    """One condition in a list. `may_be_named` False: show a neutral name, it is about health."""

    public_id: str
    phrase: PhraseKey
    phrase_values: Mapping[str, str | int]
    may_be_named: bool
    legal_basis: LegalBasis
    from_on: date
    to_on: date | None
    version: int
    read: ReceiptCard | None
    read_before: bool
    asked: AskedCard | None
    explained_on: date | None

    @property
    def is_voluntary(self) -> bool:
        """It asks nothing of the person."""
        return self.legal_basis is LegalBasis.VOLUNTARY

    @property
    def is_new(self) -> bool:
        """It asks something, and she has neither read this version nor asked to have it explained."""
        return not self.is_voluntary and self.read is None and self.asked is None


@dataclass(frozen=True)
class What:
    """Answer 1: the phrase and its values, the week it happens in, and what was written in own words."""

    phrase: PhraseKey
    values: Mapping[str, str | int]
    slots: tuple[Slot, ...]
    own_words: str | None
    is_voluntary: bool


@dataclass(frozen=True)
class Why:
    """Answer 2: the person's goal, what the condition gives, and the rule that it stands on."""

    goal: plans.Goal | None
    phrase: PhraseKey
    legal_basis: LegalBasis
    may_quote_age: bool


@dataclass(frozen=True)
class HowLong:
    """Answer 3: both days included; `to_on` None has no end yet."""

    from_on: date
    to_on: date | None


@dataclass(frozen=True)
class IfIll:
    """Answer 4: where one can also tell; None when there is no place."""

    place: str | None
    is_voluntary: bool


@dataclass(frozen=True)
class Duty:
    """One condition as five answers, with the decision it stands in. `veileder` is a given name or None."""

    line: DutyLine
    what: What
    why: Why
    how_long: HowLong
    if_ill: IfIll
    consequence: Consequence
    veileder: str | None
    decided_on: date
    paragraph: str | None
    law_checked_on: date

    @property
    def is_about_coming(self) -> bool:
        """Whether there is somewhere to come to, or only something to do."""
        return self.line.phrase in PHRASES_OF_COMING


@dataclass(frozen=True)
class ExemptionCard:
    """No activity is asked of the person. Why is not here: it may be health."""

    from_on: date
    to_on: date | None
    review_on: date | None


def duties_for(s: Session, recipient_id: int) -> list[DutyLine]:
    """The conditions that ask something of the person now or soon, oldest first."""
    return list_duties(s, [recipient_id])[recipient_id]


def list_duties(s: Session, recipient_ids: Collection[int]) -> dict[int, list[DutyLine]]:
    """Like `duties_for` for several people at once: as many queries for sixty as for one."""
    lines: dict[int, list[DutyLine]] = {recipient_id: [] for recipient_id in recipient_ids}
    if not recipient_ids:
        return lines
    asked = {"recipient_ids": list(recipient_ids), "today": today_oslo()}
    conditions = s.scalars(_CONDITIONS, asked).all()
    bases = linked.bases_of(s, {row.activity_id for row in conditions if row.activity_id})
    receipts = _receipts(s, [row.id for row in conditions])
    for row in conditions:
        basis = bases[row.activity_id] if row.activity_id else None
        lines[row.decision.recipient_id].append(_line(row, basis, receipts.get(row.id, [])))
    return lines


def duty(s: Session, recipient_id: int, public_id: str) -> Duty:
    """The person reads one condition as five answers; the last one is built from her own decision.

    Raises: NotFound for an unknown condition or one of somebody else.
    """
    row = get_condition(s, recipient_id, public_id)
    activity_basis, slots = (
        linked.slots_of(s, {row.activity_id})[row.activity_id] if row.activity_id else (None, ())
    )
    line = _line(row, activity_basis, _receipts(s, [row.id]).get(row.id, []))
    basis = line.legal_basis
    age = recipients.get_person(s, recipient_id).age_on(today_oslo())
    place = row.phrase_values.get("place")
    return Duty(
        line=line,
        what=What(row.phrase, row.phrase_values, slots, _own_words(s, row), line.is_voluntary),
        why=Why(plans.goal_for(s, recipient_id), row.phrase, basis, may_quote_age(basis, age)),
        how_long=HowLong(line.from_on, line.to_on),
        if_ill=IfIll(str(place) if place else None, line.is_voluntary),
        consequence=consequence_for(reduction_informed=row.decision.reduction_informed, legal_basis=basis),
        veileder=recipients.veileder_of(s, recipient_id),
        decided_on=row.decision.decided_on,
        paragraph=paragraph_for(basis),
        law_checked_on=LAW_CHECKED_ON,
    )


def exemption_for(s: Session, recipient_id: int) -> ExemptionCard | None:
    """The exemption that holds today; None when there is none."""
    today = today_oslo()
    row = s.scalar(
        select(Exemption)
        .where(
            Exemption.recipient_id == recipient_id,
            Exemption.from_on <= today,
            or_(Exemption.to_on.is_(None), Exemption.to_on >= today),
        )
        .order_by(Exemption.from_on.desc(), Exemption.id.desc())
        .limit(1)
    )
    return ExemptionCard(row.from_on, row.to_on, row.review_on) if row else None


def get_condition(s: Session, recipient_id: int, public_id: str, *, lock: bool = False) -> Condition:
    """Get one of the person's conditions with its decision; `lock` keeps others out until the commit.

    Raises: NotFound for an unknown condition or one of somebody else.
    """
    wanted = (
        select(Condition)
        .join(Condition.decision)
        .options(contains_eager(Condition.decision))
        .where(Condition.public_id == public_id, Decision.recipient_id == recipient_id)
    )
    row = s.scalar(wanted.with_for_update(of=Condition) if lock else wanted)
    if row is None:
        raise NotFound
    return row


def own_words_bound_to(public_id: str) -> tuple[str, ...]:
    """What the sealed own words of a condition are bound to."""
    return ("duties.own_words", public_id)


def _own_words(s: Session, row: Condition) -> str | None:
    if row.own_words_sealed is None:
        return None
    return unseal(s, row.own_words_sealed, bound_to=own_words_bound_to(row.public_id))


def _receipts(s: Session, condition_ids: Collection[int]) -> dict[int, list[Receipt]]:
    found: dict[int, list[Receipt]] = {}
    if condition_ids:
        for row in s.scalars(_RECEIPTS, {"condition_ids": list(condition_ids)}):
            found.setdefault(row.condition_id, []).append(row)
    return found


def _line(row: Condition, activity_basis: LegalBasis | None, receipts: Collection[Receipt]) -> DutyLine:
    reads = [one for one in receipts if one.answer is Answer.READ]
    of_this = [one for one in reads if one.condition_version == row.version]
    explained = [one.explained_utc for one in receipts if one.explained_utc]
    waiting = [one for one in receipts if one.answer is Answer.EXPLAIN and one.explained_utc is None]
    return DutyLine(
        public_id=row.public_id,
        phrase=row.phrase,
        phrase_values=row.phrase_values,
        may_be_named=may_name_in_list(KostraCondition(row.kostra_code)),
        legal_basis=binding_basis(row.legal_basis, activity_basis),
        from_on=row.from_on,
        to_on=earliest_end(row.to_on, row.decision.to_on),
        version=row.version,
        read=_read_card(of_this[-1]) if of_this else None,
        read_before=bool(reads) and not of_this,
        asked=_asked_card(waiting[-1]) if waiting else None,
        explained_on=to_oslo(max(explained)).date() if explained else None,
    )


def _read_card(row: Receipt) -> ReceiptCard:
    return ReceiptCard(row.condition_version, row.language, row.checked_by_professional, row.read_utc)


def _asked_card(row: Receipt) -> AskedCard | None:
    if row.explain_how is None or row.explain_due_on is None:
        return None
    return AskedCard(row.explain_how, row.read_utc, row.explain_due_on)
