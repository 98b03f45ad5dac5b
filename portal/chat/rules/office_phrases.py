"""Sentences that an office makes for itself: which texts they may have. No tables, no web."""

from __future__ import annotations

from collections.abc import Mapping

from portal.chat.rules.phrase_shapes import Group
from portal.errors import N_, Refused

NORWEGIAN = "nb"
"""Always there: it is read where a language has no text."""

LONGEST_TEXT = 500
GROUPS = (Group.MEETINGS, Group.DOCUMENTS, Group.PRACTICAL, Group.ENCOURAGEMENT)
"""Where an office may put a sentence of its own; a proposal and a task do something, and are ours."""


def cleaned_texts(typed: Mapping[str, str]) -> dict[str, str]:
    """Give the texts of a sentence by language, without those that are empty. Norwegian is always there.

    Raises: Refused `phrase.no_norwegian`, `phrase.too_long` (`field`: the language, `limit`).
    """
    texts = {language: " ".join(text.split()) for language, text in typed.items() if text.strip()}
    if NORWEGIAN not in texts:
        raise Refused("phrase.no_norwegian", N_("Skriv setningen på norsk."), field=NORWEGIAN)
    for language, text in texts.items():
        if len(text) > LONGEST_TEXT:
            said = N_("Setningen er for lang. Det er plass til %(limit)s tegn.")
            raise Refused("phrase.too_long", said, field=language, limit=LONGEST_TEXT)
    return texts
