"""«Ny i dag»: who is at a centre for the first time, how to speak with her, and who welcomes her."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from portal.attendance.models import AttendanceEvent
from portal.attendance.rules.registered import ARRIVALS
from portal.db import ask
from portal.people.service.recipients import PersonCard
from portal.plan.service.beginnings import beginnings_at

NEW_FOR_DAYS = 14
"""Whoever was to begin longer ago is no newcomer, also on the day the portal is switched on."""

_TAKEN_BACK = aliased(AttendanceEvent)
_CAME_BEFORE = (
    select(AttendanceEvent.recipient_id)
    .where(
        AttendanceEvent.recipient_id.in_(bindparam("ids", expanding=True)),
        AttendanceEvent.day_on < bindparam("on"),
        AttendanceEvent.centre_id == bindparam("centre_id"),
        AttendanceEvent.kind.in_(ARRIVALS),
        ~exists().where(
            _TAKEN_BACK.recipient_id == AttendanceEvent.recipient_id,
            _TAKEN_BACK.day_on == AttendanceEvent.day_on,
            _TAKEN_BACK.corrects_id == AttendanceEvent.id,
        ),
    )
    .distinct()
)


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
    return frozenset(ask(s, _CAME_BEFORE, {"ids": list(ids), "on": on, "centre_id": centre_id}).scalars())
