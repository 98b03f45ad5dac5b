"""The rights a person can read about: what each rests on, and when that was last checked.

Only rights that stand in an official or primary source are here. What no lawyer has settled is left out, not
guessed (decision 10). The words of the pages are in `templates/rights/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

CHECKED_ON = date(2026, 11, 22)
"""The day every legal basis below was checked. The paragraphs are those of the administration act of 1967."""

NAV_PHONE = "55 55 33 33"
"""Nav's national number, as Nav itself writes it, in pairs."""


class RightKey(StrEnum):
    """One right; the value also names its template."""

    APPEAL = "appeal"
    EXEMPTION = "exemption"
    KVP_FIRST = "kvp_first"
    ADVICE = "advice"
    INTERPRETER = "interpreter"
    EMERGENCY_HELP = "emergency_help"


class Confidence(StrEnum):
    """How sure we are of a legal basis."""

    HIGH = "high"
    """Seen in an official or primary source."""
    MEDIUM = "medium"
    """Seen in an older or secondary source."""


@dataclass(frozen=True)
class Right:
    """One right as plain data. `legal_basis` is a reference and stays Norwegian in every language."""

    key: RightKey
    slug: str
    legal_basis: tuple[str, ...]
    checked_on: date = CHECKED_ON
    confidence: Confidence = Confidence.HIGH


RIGHTS: tuple[Right, ...] = (
    Right(
        RightKey.APPEAL,
        "klage",
        ("forvaltningsloven §§ 12, 18, 19, 28, 29 og 32", "sosialtjenesteloven § 47"),
    ),
    Right(RightKey.EXEMPTION, "unntak", ("sosialtjenesteloven §§ 20 og 20 a",)),
    Right(RightKey.KVP_FIRST, "kvp", ("sosialtjenesteloven § 29", "rundskriv R35-00 til § 20 a")),
    Right(RightKey.ADVICE, "rad", ("sosialtjenesteloven § 17", "forvaltningsloven §§ 11 og 12")),
    Right(RightKey.INTERPRETER, "tolk", ("tolkeloven §§ 4 og 6",)),
    Right(RightKey.EMERGENCY_HELP, "nodhjelp", ("sosialtjenesteloven §§ 18 og 27",)),
)
"""All rights, in the order a person meets them.

Source: the paragraphs named in each, checked 2026-11-22. Appeal: three weeks from when the decision reached
the person, to the office that decided, then Statsforvalteren. Exemption: no activity condition where weighty
reasons speak against it. Emergency help: assessed whether or not a condition was followed (preparatory works
to § 18).
"""

_BY_SLUG = {right.slug: right for right in RIGHTS}
_BY_KEY = {right.key: right for right in RIGHTS}


def find_by_slug(slug: str) -> Right | None:
    """Tell which right an address is about, or None when there is none."""
    return _BY_SLUG.get(slug)


def get_right(key: RightKey) -> Right:
    """Tell about one right."""
    return _BY_KEY[key]
