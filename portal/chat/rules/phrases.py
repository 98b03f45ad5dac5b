"""Standard sentences as codes with parameters, so that each side reads its own language (design 10).

What a phrase says in words: service/phrasing.py. No tables, no web.
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.chat.rules.calls import ASKS_FOR_CALL
from portal.chat.rules.phrase_shapes import Field, Filled, Group, Phrase
from portal.chat.rules.staff_phrases import STAFF_PHRASES
from portal.chat.rules.topics import Side, Topic
from portal.errors import N_, Refused
from portal.people.rules.hours import read_clock, read_day
from portal.plan.rules.words import MAX_TITLE_LENGTH

MOST_FILLED_IN = 200
"""Longest text that may be filled into a phrase."""

_LONGEST: Mapping[str, int] = {"what": MAX_TITLE_LENGTH}
"""What is kept shorter: a task to be done stands in a list with this as its title."""

TELLS_CENTRE = ("on_my_way", "sick_today")
"""What a person says that her centre may want to hear too."""

OFFICE_PHRASE = "office_phrase"
"""A sentence that an office made itself; the message carries its texts, so it never changes afterwards."""

_SAID_BY_RECIPIENT = ("on_my_way", "sick_today", "call_me", "need_interpreter", "no_food_or_bed")

PHRASES: Mapping[str, Phrase] = {
    one.code: one
    for one in (
        *(Phrase(code, Side.RECIPIENT) for code in _SAID_BY_RECIPIENT),
        Phrase("meeting_suits", Side.RECIPIENT, needs_answer=False),
        Phrase("meeting_does_not_suit", Side.RECIPIENT),
        Phrase("call_me_morning", Side.RECIPIENT),
        Phrase("call_me_afternoon", Side.RECIPIENT),
        Phrase("call_me_when", Side.RECIPIENT, {"when": Field.TEXT}),
        Phrase("call_not_needed", Side.RECIPIENT, needs_answer=False),
        Phrase("call_not_kept", Side.RECIPIENT),
        Phrase("emergency_taken", Side.STAFF, {"time": Field.TIME}, needs_answer=False),
        Phrase("call_promised", Side.STAFF, {"day": Field.DAY, "first": Field.TIME, "last": Field.TIME}),
        Phrase("call_spoken", Side.STAFF),
        Phrase("call_no_answer", Side.STAFF, needs_answer=False),
        Phrase(OFFICE_PHRASE, Side.STAFF, {"made": Field.TEXT}),
        *STAFF_PHRASES,
    )
}
"""Every phrase there is. A code once used is never given another meaning: old messages hold it."""

NOT_FOR_CENTRE = frozenset({"sick_today", "get_well", "no_food_or_bed", *ASKS_FOR_CALL})
"""What no centre ever reads, whatever topic was chosen: health, need, and calls (design 3.5)."""

CENTRES_GROUPS = frozenset({Group.MEETINGS, Group.PRACTICAL, Group.ENCOURAGEMENT})
"""Where a centre finds its sentences: what sets tasks or meetings is for whoever makes the plan."""

FIELD_NAMES = frozenset(name for one in PHRASES.values() for name in one.fields)
"""What may be filled into any phrase, by name."""

_BY_HAND = frozenset(
    {
        *_SAID_BY_RECIPIENT,
        OFFICE_PHRASE,
        *(code for code, one in PHRASES.items() if one.group is not None),
    }
)


def cleaned_values(filled: Filled, *, by: Side) -> dict[str, str]:
    """Give what was filled into a phrase in its one kept form: ISO days and times, trimmed text.

    Raises: Refused `phrase.unknown` for a code that this side cannot say; `phrase.field` when something is
        missing, too long or cannot be read (`field`).
    """
    phrase = PHRASES.get(filled.code)
    if phrase is None or phrase.by is not by:
        raise _unknown()
    return {name: _cleaned(name, kind, filled.values.get(name, "")) for name, kind in phrase.fields.items()}


def require_said_by_hand(code: str) -> None:
    """Make sure that a sentence may be sent as it is: no other page must write something with it.

    Example: «Jeg ringer deg i morgen» is said by the page that promises the call, and by nothing else.

    Raises: Refused `phrase.unknown`.
    """
    if code not in _BY_HAND:
        raise _unknown()


def topic_for(code: str | None, chosen: Topic) -> Topic:
    """Tell what a sentence is about: what is not for a centre goes to those who make the plan instead."""
    return Topic.PLAN if chosen is Topic.CENTRE and code in NOT_FOR_CENTRE else chosen


def may_be_said_by_centre(code: str) -> bool:
    """Whether those who work at a centre may say it; of an office's own sentence its group decides."""
    phrase = PHRASES.get(code)
    return phrase is not None and phrase.group in CENTRES_GROUPS and code not in NOT_FOR_CENTRE


def needs_answer(code: str | None) -> bool:
    """Tell whether a message is waited upon: all are, but a phrase that only says yes."""
    return code is None or PHRASES[code].needs_answer


def longest(name: str) -> int:
    """Tell how long a text may be filled in at a place of a phrase."""
    return _LONGEST.get(name, MOST_FILLED_IN)


def _unknown() -> Refused:
    return Refused("phrase.unknown", N_("Denne setningen finnes ikke lenger. Skriv med egne ord."))


def _cleaned(name: str, kind: Field, typed: str) -> str:
    kept = _as_kept(kind, typed)
    if not kept or len(kept) > longest(name):
        raise Refused("phrase.field", N_("Fyll ut feltet, eller skriv det på en annen måte."), field=name)
    return kept


def _as_kept(kind: Field, typed: str) -> str:
    if kind is Field.TEXT:
        return " ".join(typed.split())
    found = read_day(typed) if kind is Field.DAY else read_clock(typed)
    return found.isoformat() if found else ""
