"""What a standard sentence is made of. No tables, no web."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from portal.chat.rules.topics import Side


class Field(StrEnum):
    """What is filled into a phrase. Days and times are kept as ISO, so each language can say them."""

    DAY = "day"
    TIME = "time"
    TEXT = "text"


class Group(StrEnum):
    """Where staff find a phrase in their list."""

    PROPOSALS = "proposals"
    TASKS = "tasks"
    MEETINGS = "meetings"
    DOCUMENTS = "documents"
    PRACTICAL = "practical"
    ENCOURAGEMENT = "encouragement"


@dataclass(frozen=True)
class Phrase:
    """A standard sentence: who may say it, what is filled in, and where staff find it (None: not in a list).

    needs_answer: whether whoever reads it owes an answer, as after any message.
    """

    code: str
    by: Side
    fields: Mapping[str, Field] = field(default_factory=dict)
    group: Group | None = None
    needs_answer: bool = True


@dataclass(frozen=True)
class Filled:
    """A phrase with what was filled in, as it came from a form or a page."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)
