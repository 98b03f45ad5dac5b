"""What a message says: a person's own words, or a phrase in the language in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from portal import i18n
from portal.chat.rules import phrases, texts
from portal.chat.rules.phrases import PHRASES, Field, Filled
from portal.chat.rules.topics import Side
from portal.errors import N_
from portal.i18n import gettext as _

SENTENCES: Mapping[str, str] = {
    "on_my_way": N_("Jeg er på vei."),
    "sick_today": N_("Jeg er syk i dag."),
    "call_me": N_("Kan du ringe meg?"),
    "need_interpreter": N_("Jeg trenger tolk."),
    "no_food_or_bed": N_("Jeg har ikke mat eller et sted å sove."),
}
"""What each phrase says. First-person sentences fit everybody who may say them."""


@dataclass(frozen=True)
class Content:
    """A message to be written. `kept`: what is sealed; `said`: what its writer reads."""

    phrase: str | None
    kept: str
    said: str
    in_norwegian: str | None = None


def content_of(text: str, phrase: Filled | None, *, by: Side, has_files: bool = False) -> Content:
    """Make a message of what somebody wrote, or of a phrase she filled in.

    Raises: Refused `chat.empty`, `chat.too_long`; for a phrase those of `phrases.cleaned_values`.
    """
    if phrase is None:
        body = texts.cleaned_body(text, may_be_empty=has_files)
        return Content(None, body, body)
    kept = json.dumps(phrases.cleaned_values(phrase, by=by), ensure_ascii=False, sort_keys=True)
    return Content(phrase.code, kept, *said(phrase.code, kept))


def said(phrase: str | None, kept: str) -> tuple[str, str | None]:
    """Say a kept message: in the reader's language, and a phrase also in Norwegian if hers is another."""
    if phrase is None:
        return kept, None
    values = json.loads(kept)
    in_her_language = _say(phrase, values)
    if i18n.current_language() == i18n.SOURCE:
        return in_her_language, None
    with i18n.using(i18n.SOURCE):
        return in_her_language, _say(phrase, values)


def _say(code: str, values: Mapping[str, str]) -> str:
    fields = PHRASES[code].fields
    return _(SENTENCES[code], **{name: _said_value(fields[name], value) for name, value in values.items()})


def _said_value(kind: Field, value: str) -> str:
    match kind:
        case Field.DAY:
            return i18n.format_day(date.fromisoformat(value))
        case Field.TIME:
            return i18n.format_time(time.fromisoformat(value))
        case Field.TEXT:
            return value
