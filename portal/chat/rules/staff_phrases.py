"""The sentences that staff may choose from, in the groups of their list. No tables, no web.

Nothing here speaks of less money or of what happens to whoever does not come (design 3).
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.chat.rules.phrase_shapes import Field, Group, Phrase
from portal.chat.rules.topics import Side

_DAY = {"day": Field.DAY}
_DAY_TIME = {**_DAY, "time": Field.TIME}
_PLACE = {"place": Field.TEXT}
_WHAT = {"what": Field.TEXT}

_GROUPS: Mapping[Group | None, Mapping[str, Mapping[str, Field]]] = {
    Group.MEETINGS: {
        "meet_at": _DAY_TIME,
        "meet_at_place": {**_DAY_TIME, **_PLACE},
        "meet_when": {},
        "meet_other_place": {},
        "meet_outside": {},
        "meet_moved": _DAY_TIME,
        "meet_cancelled": _DAY,
        "meet_late": {},
        "meet_bring_someone": {},
        "meet_interpreter": {},
        "meet_thanks": {},
    },
    Group.DOCUMENTS: {
        "doc_show": _WHAT,
        "doc_show_by": {**_WHAT, **_DAY},
        "doc_bring": _WHAT,
        "doc_got_it": {},
        "doc_unclear": {},
        "doc_help": {},
        "doc_letter_comes": {},
        "doc_letter_together": {},
    },
    Group.PRACTICAL: {
        "answer_by": _DAY,
        "looking_into": {},
        "asked_colleague": {},
        "may_i_call": _DAY_TIME,
        "which_number": {},
        "tried_to_call": {},
        "away": {"from_day": Field.DAY, "to_day": Field.DAY, "who": Field.TEXT},
        "office_closed": _DAY,
        "come_at": {**_DAY_TIME, **_PLACE},
        "passed_on": {},
        "own_language": {},
        "tell_more": {},
        "anything_else": {},
    },
    Group.ENCOURAGEMENT: {
        "welcome": {},
        "how_are_you": {},
        "well_done": {},
        "good_you_ask": {},
        "thanks_told": {},
        "get_well": {},
        "good_luck": {},
        "together": {},
        "see_you": _DAY,
    },
    Group.PROPOSALS: {
        "propose_office": _DAY_TIME,
        "propose_phone": _DAY_TIME,
        "propose_elsewhere": {**_DAY_TIME, **_PLACE},
    },
    Group.TASKS: {
        "task_set": _WHAT,
        "task_set_by": {**_WHAT, **_DAY},
    },
    None: {
        "belongs_at_nav_no": {},
    },
}

_WORDS = {"words": Field.TEXT}

HANDOVERS = (
    Phrase(
        "stand_in_begins",
        Side.STAFF,
        {"name": Field.TEXT, "first": Field.DAY, "last": Field.DAY, **_WORDS},
        needs_answer=False,
    ),
    Phrase("hands_over", Side.STAFF, _WORDS, needs_answer=False),
)
"""What the one who leaves writes, so that the person need not tell all again. It answers nothing."""

NOTES = ("note_went_well", "note_change_activity", "note_talk", "note_words")
"""«Beskjed til veilederen»: what a centre tells whoever makes the plan, before the person's own eyes."""

_NOTES = tuple(
    Phrase(code, Side.STAFF, _WORDS if code == "note_words" else {}, needs_answer=False) for code in NOTES
)

STAFF_PHRASES = (
    *(
        Phrase(code, Side.STAFF, fields, group)
        for group, phrases in _GROUPS.items()
        for code, fields in phrases.items()
    ),
    *HANDOVERS,
    *_NOTES,
)

PROPOSES = ("propose_office", "propose_phone", "propose_elsewhere")
"""A time for a meeting that the person says yes or no to; how it is held is the code."""
