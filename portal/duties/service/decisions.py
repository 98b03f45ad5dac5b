"""Write down a decision, what it asks, and exemptions; a changed text gets a new version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import new_public_id, seal, unseal
from portal.duties.models import Condition, Decision, Exemption
from portal.duties.rules import (
    Agreed,
    KostraCondition,
    KostraExemption,
    PhraseKey,
    require_period,
    require_phrase,
)
from portal.duties.service.reading import own_words_bound_to
from portal.errors import NotFound
from portal.plan.rules.words import LegalBasis


@dataclass(frozen=True)
class NewDecision:
    """A decision as it stands in the case; `reduction_informed` must be answered, never assumed."""

    decided_on: date
    from_on: date
    reduction_informed: bool
    to_on: date | None = None
    received_on: date | None = None


@dataclass(frozen=True)
class ConditionText:
    """What the person reads: the phrase with its values, and what was agreed in own words."""

    phrase: PhraseKey
    values: Mapping[str, str | int] = field(default_factory=dict)
    own_words: str | None = None


@dataclass(frozen=True)
class NewCondition:
    """One condition of a decision."""

    kostra_code: KostraCondition
    legal_basis: LegalBasis
    text: ConditionText
    from_on: date
    to_on: date | None = None
    activity_id: int | None = None
    agreed: Agreed = Agreed.NOT_ASKED


@dataclass(frozen=True)
class NewExemption:
    """One exemption from the duty of activity."""

    reason: KostraExemption
    decided_on: date
    from_on: date
    to_on: date | None = None
    review_on: date | None = None


def add_decision(s: Session, recipient_id: int, new: NewDecision) -> int:
    """A decision is written down. Returns its id. Raises: Refused("duties.period")."""
    require_period(new.from_on, new.to_on)
    decision = Decision(
        recipient_id=recipient_id,
        decided_on=new.decided_on,
        from_on=new.from_on,
        to_on=new.to_on,
        received_on=new.received_on,
        reduction_informed=new.reduction_informed,
    )
    s.add(decision)
    s.flush()
    return decision.id


def add_condition(s: Session, decision_id: int, new: NewCondition) -> str:
    """The person finds a new condition among her duties. Returns its public id.

    Raises: Refused("duties.period") and what `require_phrase` refuses.
    """
    require_period(new.from_on, new.to_on)
    require_phrase(new.kostra_code, new.text.phrase, new.text.values, own_words=new.text.own_words)
    condition = Condition(
        public_id=new_public_id(),
        decision_id=decision_id,
        activity_id=new.activity_id,
        kostra_code=new.kostra_code,
        legal_basis=new.legal_basis,
        phrase=new.text.phrase,
        phrase_values=dict(new.text.values),
        from_on=new.from_on,
        to_on=new.to_on,
        agreed=new.agreed,
        version=1,
    )
    _write_own_words(s, condition, new.text.own_words)
    s.add(condition)
    s.flush()
    return condition.public_id


def rewrite_condition(s: Session, public_id: str, text: ConditionText) -> int:
    """The person is asked to read again only when the text has really changed. Returns: the version.

    Raises: NotFound; what `require_phrase` refuses.
    """
    condition = s.scalar(select(Condition).where(Condition.public_id == public_id).with_for_update())
    if condition is None:
        raise NotFound
    require_phrase(condition.kostra_code, text.phrase, text.values, own_words=text.own_words)
    bound_to = own_words_bound_to(condition.public_id)
    before = condition.own_words_sealed and unseal(s, condition.own_words_sealed, bound_to=bound_to)
    if (condition.phrase, condition.phrase_values, before) != (
        text.phrase,
        dict(text.values),
        text.own_words,
    ):
        condition.phrase = text.phrase
        condition.phrase_values = dict(text.values)
        _write_own_words(s, condition, text.own_words)
        condition.version += 1
        s.flush()
    return condition.version


def add_exemption(s: Session, recipient_id: int, new: NewExemption) -> None:
    """The person sees that nothing is asked of her now, and when it is looked at again.

    Raises: Refused("duties.period").
    """
    require_period(new.from_on, new.to_on)
    s.add(
        Exemption(
            recipient_id=recipient_id,
            reason=new.reason,
            decided_on=new.decided_on,
            from_on=new.from_on,
            to_on=new.to_on,
            review_on=new.review_on,
        )
    )
    s.flush()


def _write_own_words(s: Session, condition: Condition, own_words: str | None) -> None:
    bound_to = own_words_bound_to(condition.public_id)
    condition.own_words_sealed = seal(s, own_words, bound_to=bound_to) if own_words else None
