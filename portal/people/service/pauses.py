"""Pauses of a person's plan: beginning one, ending it, and telling on which days her plan was paused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from portal.clock import today_oslo
from portal.db import ask
from portal.people.models import Person, PlanPause

_PAUSES = (
    select(Person.id, Person.is_paused, PlanPause.from_on, PlanPause.to_on)
    .outerjoin(
        PlanPause,
        and_(
            PlanPause.person_id == Person.id,
            or_(PlanPause.to_on.is_(None), PlanPause.to_on >= bindparam("first")),
        ),
    )
    .where(Person.id.in_(bindparam("ids", expanding=True)), or_(Person.is_paused, PlanPause.id.is_not(None)))
)


@dataclass(frozen=True)
class Pauses:
    """When some people's plans are paused. From today on what holds now holds; before that, what held then.

    So a pause that ends makes no day inside it into one that she was expected, and a pause that begins takes
    no day before it away.
    """

    today: date
    now: frozenset[int] = frozenset()
    then: Mapping[int, tuple[tuple[date, date | None], ...]] = field(default_factory=dict)

    @classmethod
    def from_now(cls, person_id: int, *, is_paused: bool) -> Self:
        """Say it of one person, for whoever asks of no day before today; nothing is asked for."""
        return cls(today_oslo(), frozenset({person_id} if is_paused else ()))

    def is_on(self, person_id: int, on: date) -> bool:
        """Whether a person's plan is, or was, paused on a day."""
        if on >= self.today:
            return person_id in self.now
        return any(
            first <= on and (last is None or on <= last) for first, last in self.then.get(person_id, ())
        )


def pauses_since(s: Session, ids: Collection[int], first: date) -> Pauses:
    """Tell when these people's plans were paused from a day on. One query, however many people."""
    if not ids:
        return Pauses(today_oslo())
    now: set[int] = set()
    then: dict[int, tuple[tuple[date, date | None], ...]] = {}
    for person_id, is_paused, from_on, to_on in ask(s, _PAUSES, {"ids": list(ids), "first": first}):
        if is_paused:
            now.add(person_id)
        if from_on is not None:
            then[person_id] = (*then.get(person_id, ()), (from_on, to_on))
    return Pauses(today_oslo(), frozenset(now), then)


def begin(s: Session, person_id: int, *, by_id: int) -> None:
    """Pause a person's plan from today on. Whoever calls holds her (`recipients.hold`)."""
    s.add(PlanPause(person_id=person_id, from_on=today_oslo(), by_id=by_id))
    s.flush()


def end(s: Session, person_id: int, *, by_id: int) -> None:
    """Let a person's plan go on from today: yesterday was the last day of the pause. The row stays."""
    s.execute(
        update(PlanPause)
        .where(PlanPause.person_id == person_id, PlanPause.to_on.is_(None))
        .values(to_on=today_oslo() - timedelta(days=1), ended_by_id=by_id)
    )
