"""What a centre tells somebody before her first day there. No tables, no web."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from portal.errors import N_, Refused

LONGEST_NAME = 80
LONGEST_WORDS = 300


class Bring(StrEnum):
    """What most centres ask people to bring; a code, so that each reads it in her own language."""

    FOOD = "food"
    WORK_CLOTHES = "work_clothes"
    INDOOR_SHOES = "indoor_shoes"
    PEN = "pen"
    PHONE = "phone"


@dataclass(frozen=True)
class Words:
    """What a centre has written. Empty: the sentences that fit every centre stand alone."""

    meets: str = ""
    """The name of whoever meets people on their first day."""
    bring: tuple[Bring, ...] = ()
    bring_too: str = ""
    way: str = ""


def cleaned(*, meets: str, bring: Collection[str], bring_too: str, way: str) -> Words:
    """Give the words in their one kept form.

    Raises: Refused `first_day.too_long` (`field`, `limit`).
    """
    texts = {"meets": meets, "bring_too": bring_too, "way": way}
    kept = {name: " ".join(text.split()) for name, text in texts.items()}
    for name, text in kept.items():
        limit = LONGEST_NAME if name == "meets" else LONGEST_WORDS
        if len(text) > limit:
            said = N_("Skriv kortere. Det er plass til %(limit)s tegn.")
            raise Refused("first_day.too_long", said, field=name, limit=limit)
    return Words(kept["meets"], tuple(one for one in Bring if one in bring), kept["bring_too"], kept["way"])
