"""Standard sentences as codes with parameters, so that each side reads its own language (design 10).

What a phrase says in words: service/phrasing.py. No tables, no web.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from portal.chat.rules.topics import Side
from portal.errors import N_, Refused
from portal.people.rules.hours import read_clock, read_day

MOST_FILLED_IN = 200
"""Longest text that may be filled into a phrase."""


class Field(StrEnum):
    """What is filled into a phrase. Days and times are kept as ISO, so each language can say them."""

    DAY = "day"
    TIME = "time"
    TEXT = "text"


@dataclass(frozen=True)
class Phrase:
    """A standard sentence: who may say it, and what is filled in, name by name."""

    code: str
    by: Side
    fields: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True)
class Filled:
    """A phrase with what was filled in, as it came from a form or a page."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


_SAID_BY_RECIPIENT = ("on_my_way", "sick_today", "call_me", "need_interpreter", "no_food_or_bed")

PHRASES: Mapping[str, Phrase] = {
    one.code: one for one in (*(Phrase(code, Side.RECIPIENT) for code in _SAID_BY_RECIPIENT),)
}
"""Every phrase there is. A code once used is never given another meaning: old messages hold it."""


def cleaned_values(filled: Filled, *, by: Side) -> dict[str, str]:
    """Give what was filled into a phrase in its one kept form: ISO days and times, trimmed text.

    Raises: Refused `phrase.unknown` for a code that this side cannot say; `phrase.field` when something is
        missing, too long or cannot be read (`field`).
    """
    phrase = PHRASES.get(filled.code)
    if phrase is None or phrase.by is not by:
        raise Refused("phrase.unknown", N_("Denne setningen finnes ikke lenger. Skriv med egne ord."))
    return {name: _cleaned(name, kind, filled.values.get(name, "")) for name, kind in phrase.fields.items()}


def _cleaned(name: str, kind: Field, typed: str) -> str:
    kept = _as_kept(kind, typed)
    if not kept or len(kept) > MOST_FILLED_IN:
        raise Refused("phrase.field", N_("Fyll ut feltet, eller skriv det på en annen måte."), field=name)
    return kept


def _as_kept(kind: Field, typed: str) -> str:
    if kind is Field.TEXT:
        return " ".join(typed.split())
    found = read_day(typed) if kind is Field.DAY else read_clock(typed)
    return found.isoformat() if found else ""
