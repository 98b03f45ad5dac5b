"""Who reads in a conversation besides the person herself: her helpers, and those who work at her centre.

The rule which topics that opens is `rules.topics.may_read`; here is what it is asked with, looked up anew at
each page, event and push.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from sqlalchemy import BindParameter, CompoundSelect, bindparam, literal, union_all
from sqlalchemy.orm import Session

from portal.db import ask
from portal.people.rules.words import Purpose
from portal.people.service.helps_now import helps_in_talks
from portal.plan.service.at_centre import expected_by_staff

Purposes = frozenset[Purpose]


def readers_of(s: Session, recipient_id: int) -> dict[int, Purposes]:
    """Tell who reads something of what is said with a recipient, by id, and as helper with what.

    Who works at the centre where she is expected counts as a helper at the centre. One query.
    """
    rows = ask(s, _of_recipient(), {"recipient_id": recipient_id})
    return _gathered((staff_id, purpose) for _recipient, staff_id, purpose in rows)


def read_by(s: Session, staff_id: int) -> dict[int, Purposes]:
    """Tell whose conversations somebody who works here reads, by id, and as helper with what. One query."""
    rows = s.execute(_by_staff(), {"staff_id": staff_id})
    return _gathered((recipient_id, purpose) for recipient_id, _staff, purpose in rows)


def _gathered(rows: Iterable[tuple[int, Purpose]]) -> dict[int, Purposes]:
    found: dict[int, Purposes] = {}
    for one, purpose in rows:
        found[one] = found.get(one, frozenset()) | {purpose}
    return found


@cache
def _of_recipient() -> CompoundSelect[int, int, Purpose]:
    return _union("recipient_id", 0)


@cache
def _by_staff() -> CompoundSelect[int, int, Purpose]:
    return _union("staff_id", 1)


def _union(name: str, place: int) -> CompoundSelect[int, int, Purpose]:
    helps, expected = helps_in_talks(), expected_by_staff()
    kind = list(helps.selected_columns)[2].type
    at_centre = expected.add_columns(literal(Purpose.CENTRE, kind))
    asked: BindParameter[int] = bindparam(name)
    return union_all(*(one.where(list(one.selected_columns)[place] == asked) for one in (helps, at_centre)))
