"""«Ny i dag»: who is at a centre for the first time, how to speak with her, and who welcomes her."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from portal.attendance.models import AttendanceEvent
from portal.attendance.rules.registered import Kind
from portal.people.service.recipients import PersonCard
from portal.plan.service.beginnings import beginnings_at

NEW_FOR_DAYS = 14
"""Whoever was to begin longer ago is no newcomer, also on the day the portal is switched on."""


@dataclass(frozen=True)
class Newcomer:
    """What it takes to welcome somebody: her language, an interpreter, and who does it. Nothing else.

    welcomed_by: the given name of whoever said so on the board, else the contact in her plan, else None.
    """

    language: str
    needs_interpreter: bool
    welcomed_by: str | None


def newcomers_on(
    s: Session, centre_id: int, on: date, people: Collection[PersonCard], hosts: Mapping[int, str]
) -> dict[int, Newcomer]:
    """Tell who has never been at the centre before this day, by person. hosts: who welcomes whom, by name.

    Who was expected and did not come is as new on the day she does. Two questions, however many people.
    """
    began = beginnings_at(s, centre_id, {person.id for person in people})
    earliest = on - timedelta(days=NEW_FOR_DAYS)
    recent = {one.id for one in people if one.id not in began or began[one.id].from_on >= earliest}
    known = _were_here_before(s, centre_id, on, recent)
    return {
        person.id: Newcomer(
            person.language,
            person.needs_interpreter,
            hosts.get(person.id) or (began[person.id].contact if person.id in began else None),
        )
        for person in people
        if person.id in recent - known
    }


def _were_here_before(s: Session, centre_id: int, on: date, ids: Collection[int]) -> frozenset[int]:
    """Who of these was registered there on an earlier day, not counting what was taken back."""
    one, taken_back = AttendanceEvent, aliased(AttendanceEvent)
    came = (
        select(one.recipient_id)
        .where(one.recipient_id.in_(ids), one.day_on < on)
        .where(one.centre_id == centre_id, one.kind == Kind.CHECKED_IN)
        .where(
            ~exists().where(
                taken_back.recipient_id == one.recipient_id,
                taken_back.day_on == one.day_on,
                taken_back.corrects_id == one.id,
            )
        )
    )
    return frozenset(s.scalars(came.distinct()))
