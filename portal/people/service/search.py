"""Finding a recipient by name, within what the viewer may find at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.orm import Session

from portal.errors import N_, Refused
from portal.people.models import CentreOffice, Helper, Person
from portal.people.rules.access import Viewer, may_be_digital, may_find
from portal.people.rules.helping import LEAST_LETTERS, fold, name_has, read_short_number
from portal.people.rules.words import Opened
from portal.people.service import places, recipients
from portal.people.service.access_log import look
from portal.people.service.helps_now import helps_now

MOST_HITS = 50


@dataclass(frozen=True)
class Hit:
    """One recipient who was found: `is_mine` opens her page, and who is digital can get a code."""

    public_id: str
    name: str
    born_year: int | None
    number: int | None
    veileder: str | None
    is_mine: bool
    is_protected: bool
    is_digital: bool


@dataclass(frozen=True)
class Found:
    """What a search gave, by name; `is_cut` when there are more than are shown."""

    hits: list[Hit]
    is_cut: bool


def search(s: Session, viewer: Viewer, typed: str) -> Found:
    """Find recipients by parts of their names, or by the whole short number.

    Capitals and accents do not matter. Names are compared here and not in the database, since neither
    database folds accents by itself. It is one question for all names in the viewer's own offices, and two
    more however many are found.
    Raises: Refused `search.too_short` for fewer than two letters.
    """
    words, number = fold(typed).split(), read_short_number(typed)
    if len("".join(words)) < LEAST_LETTERS:
        raise Refused("search.too_short", N_("Skriv minst to bokstaver av navnet."), field="name")
    look(s, Opened.SEARCH)
    near = _near(s, viewer) if number is None else _near(s, viewer, Person.number == number)
    named = [(fold(f"{row.given_name} {row.family_name}"), row) for row in near]
    fits = [(name, row) for name, row in named if number is not None or name_has(name, words)]
    may = {row.id for row in _who_may_be_found(s, viewer, [row for _name, row in fits])}
    found = sorted((not _begins(name, words), name, row.id, row) for name, row in fits if row.id in may)
    shown = [row for *_order, row in found[:MOST_HITS]]
    helpers = recipients.list_helpers_of(s, [row.id for row in shown]) if shown else {}
    hits = [
        Hit(
            public_id=row.public_id,
            name=f"{row.given_name} {row.family_name}",
            born_year=row.born_on.year if row.born_on else None,
            number=row.number,
            veileder=recipients.makes_the_plan(helpers[row.id]),
            is_mine=row.is_mine,
            is_protected=row.is_protected,
            is_digital=may_be_digital(
                is_protected=row.is_protected,
                asked_by_id=row.digital_asked_by_id,
                allowed_by_id=row.digital_allowed_by_id,
            ),
        )
        for row in shown
    ]
    return Found(hits, len(found) > MOST_HITS)


def list_namesakes(s: Session, viewer: Viewer, name: str, born_on: date) -> list[str]:
    """Tell the names of those whom the viewer may find and who have the same name and date of birth.

    It tells whether somebody is known, so it stands in the access log as a search does.
    """
    look(s, Opened.SEARCH)
    wanted = fold(name)
    same = [
        row
        for row in _near(s, viewer, Person.born_on == born_on)
        if fold(f"{row.given_name} {row.family_name}") == wanted
    ]
    return [f"{row.given_name} {row.family_name}" for row in _who_may_be_found(s, viewer, same)]


def _near(s: Session, viewer: Viewer, *which: ColumnElement[bool]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Everybody in the viewer's places and everybody she helps; the one rule has not been asked yet."""
    helped = select(Helper.recipient_id).where(Helper.staff_id == viewer.person_id, helps_now())
    is_mine = Person.id.in_(helped)
    served = select(CentreOffice.office_id).where(CentreOffice.centre_id.in_(viewer.led_centre_ids))
    near = or_(Person.office_id.in_(viewer.team_ids), Person.office_id.in_(served))
    return s.execute(
        select(
            Person.id,
            Person.public_id,
            Person.number,
            Person.given_name,
            Person.family_name,
            Person.born_on,
            Person.office_id,
            Person.is_protected,
            Person.digital_asked_by_id,
            Person.digital_allowed_by_id,
            is_mine.label("is_mine"),
        ).where(Person.is_recipient, or_(is_mine, near), *which)
    ).all()


def _who_may_be_found(
    s: Session, viewer: Viewer, rows: Collection[Row[*tuple[Any, ...]]]
) -> list[Row[*tuple[Any, ...]]]:
    centres = places.centres_serving(s, {row.office_id for row in rows if row.office_id})
    return [
        row
        for row in rows
        if may_find(
            viewer,
            is_helper=bool(row.is_mine),
            is_protected=row.is_protected,
            office_id=row.office_id,
            centre_ids=centres.get(row.office_id, frozenset()),
        )
    ]


def _begins(folded_name: str, words: list[str]) -> bool:
    """Whether every word begins a part of the name: such hits come first."""
    parts = folded_name.split()
    return all(any(part.startswith(word) for part in parts) for word in words)
