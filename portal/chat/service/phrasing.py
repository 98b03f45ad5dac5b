"""What a message says: a person's own words, or a phrase in the language in force."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time

from portal import i18n
from portal.chat.rules import phrases, texts
from portal.chat.rules.phrase_shapes import Field, Filled
from portal.chat.rules.phrases import OFFICE_PHRASE, PHRASES
from portal.chat.rules.topics import Side
from portal.chat.service.staff_sentences import STAFF_SENTENCES
from portal.errors import N_
from portal.i18n import gettext as _

SENTENCES: Mapping[str, str] = {
    "on_my_way": N_("Jeg er på vei."),
    "sick_today": N_("Jeg er syk i dag."),
    "call_me": N_("Kan du ringe meg?"),
    "need_interpreter": N_("Jeg trenger tolk."),
    "no_food_or_bed": N_("Jeg har ikke mat eller et sted å sove."),
    "meeting_suits": N_("Det passer for meg."),
    "meeting_does_not_suit": N_("Tiden passer ikke for meg. Kan vi finne en annen?"),
    "emergency_taken": N_("Jeg har tatt imot meldingen din som spørsmål om nødhjelp kl. %(time)s."),
    "call_me_morning": N_("Kan du ringe meg en formiddag?"),
    "call_me_afternoon": N_("Kan du ringe meg en ettermiddag?"),
    "call_me_when": N_("Kan du ringe meg? Det passer best: %(when)s"),
    "call_promised": N_("Jeg ringer deg %(day)s mellom kl. %(first)s og %(last)s."),
    "call_spoken": N_("Vi har snakket sammen på telefon."),
    "call_no_answer": N_("Jeg ringte deg, men fikk ikke svar. Jeg prøver igjen."),
    "call_not_needed": N_("Du trenger ikke ringe meg likevel."),
    "call_not_kept": N_("Jeg har ikke blitt oppringt som avtalt."),
    **STAFF_SENTENCES,
}
"""What each phrase says. First-person sentences fit everybody who may say them."""


_IN_LISTS: Mapping[str, str] = {
    "sick_today": N_("Kan ikke komme i dag."),
    "get_well": N_("En hilsen."),
}
"""Health shows in no list (design 3.5)."""


@dataclass(frozen=True)
class Content:
    """A message to be written. `kept`: what is sealed; `said`: what its writer reads."""

    phrase: str | None
    kept: str
    said: str
    in_norwegian: str | None = None

    def is_same(self, phrase: str | None, stored: str) -> bool:
        """Whether a message that was kept before says the same; what it did then is left out."""
        if phrase != self.phrase:
            return False
        return (
            stored == self.kept if phrase is None else _filled_in(values_of(stored)) == values_of(self.kept)
        )

    def having_done(self, along: Mapping[str, str]) -> Content:
        """Keep with a phrase what was done by saying it, such as the notice to a centre."""
        return replace(self, kept=_as_json({**values_of(self.kept), **along})) if along else self


def content_of(text: str, phrase: Filled | None, *, by: Side, has_files: bool = False) -> Content:
    """Make a message of what somebody wrote, or of a phrase she filled in.

    Raises: Refused `chat.empty`, `chat.too_long`; for a phrase those of `phrases.cleaned_values`.
    """
    if phrase is None:
        body = texts.cleaned_body(text, may_be_empty=has_files)
        return Content(None, body, body)
    kept = _as_json(phrases.cleaned_values(phrase, by=by))
    return Content(phrase.code, kept, *said(phrase.code, kept))


def said(phrase: str | None, kept: str) -> tuple[str, str | None]:
    """Say a kept message: in the reader's language, and a phrase also in Norwegian if hers is another."""
    if phrase is None:
        return kept, None
    values = values_of(kept)
    if is_in_norwegian_alone(phrase, values):
        return _say(phrase, values), None
    in_her_language = _say(phrase, values)
    if i18n.current_language() == i18n.SOURCE:
        return in_her_language, None
    with i18n.using(i18n.SOURCE):
        return in_her_language, _say(phrase, values)


def said_in_list(phrase: str | None, kept: str) -> str:
    """Say a kept message where many people's stand: a phrase about health only as what follows from it."""
    in_list = _IN_LISTS.get(phrase or "")
    return _(in_list) if in_list else said(phrase, kept)[0]


def values_of(kept: str) -> dict[str, str]:
    """Give what was filled into a kept phrase, and under names that begin with «_» what was done by it."""
    values: dict[str, str] = json.loads(kept)
    return values


def is_in_norwegian_alone(phrase: str | None, values: Mapping[str, str]) -> bool:
    """Whether an office's own sentence was sent without a text in the language in force."""
    return phrase == OFFICE_PHRASE and f"_{i18n.current_language()}" not in values


def _filled_in(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if not name.startswith("_")}


def _as_json(values: Mapping[str, str]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def _say(code: str, values: Mapping[str, str]) -> str:
    if code == OFFICE_PHRASE:
        return values.get(f"_{i18n.current_language()}") or values.get(f"_{i18n.SOURCE}", "")
    fields = PHRASES[code].fields
    return _(SENTENCES[code], **{name: _said_value(kind, values[name]) for name, kind in fields.items()})


def _said_value(kind: Field, value: str) -> str:
    match kind:
        case Field.DAY:
            return i18n.format_day(date.fromisoformat(value))
        case Field.TIME:
            return i18n.format_time(time.fromisoformat(value))
        case Field.TEXT:
            return _alone(value)


def _alone(value: str) -> str:
    """Hold somebody's own words together in a sentence that is written the other way."""
    turns = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in value)
    return f"\u2068{value}\u2069" if turns or i18n.current().direction == "rtl" else value
