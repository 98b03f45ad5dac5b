"""Finding people by name, and from which day to which somebody helps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date, timedelta

LEAST_LETTERS = 2
NAME_MOST = 80
_LONGEST_NUMBER = 9
_FURTHEST = timedelta(days=3653)
_NOT_TAKEN_APART = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th"})
_LATIN_ACCENTS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = re.compile("['’ʼ]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")

Days = tuple[date, date | None]
"""From–to, both days included; None: until further notice."""


def fold(name: str) -> str:
    """Read a name as one who only half remembers how it is written.

    Capitals, accents, hyphens and apostrophes do not matter. Example: «Åse-Lill» and «ase lill» are the same.
    """
    plain = name.casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain.translate(_NOT_TAKEN_APART))
        plain = _LATIN_ACCENTS.sub("", apart)
    if not plain.isascii():
        plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return _BETWEEN_WORDS.sub(" ", _APOSTROPHES.sub("", plain)).strip()


def name_has(folded_name: str, folded_words: Collection[str]) -> bool:
    """Whether every typed word is a part of the name, in any order."""
    return all(word in folded_name for word in folded_words)


def read_short_number(typed: str) -> int | None:
    """Read the short number that stands for a person; None for what is no number, such as a name."""
    digits = "".join(typed.split())
    is_number = digits.isdecimal() and len(digits) <= _LONGEST_NUMBER
    return int(digits) if is_number else None


def is_too_far(day: date | None, today: date) -> bool:
    """Whether a day is more than ten years ahead: nobody plans so far, and it is most likely a slip."""
    return day is not None and day - today > _FURTHEST


def days_not_covered(wanted: Days, taken: Collection[Days]) -> list[Days]:
    """Tell which of the wanted days nobody has taken yet, earliest first.

    Example: the 1st to the 31st, of which the 10th to the 12th are taken, leaves 1–9 and 13–31.
    """
    left = [wanted]
    for first, last in taken:
        left = [piece for whole in left for piece in _without(whole, first, last)]
    return sorted(left, key=lambda days: days[0])


def common_days(one: Days, other: Days) -> Days | None:
    """Tell the days that two periods share; None when they share none."""
    first = max(one[0], other[0])
    ends = [end for end in (one[1], other[1]) if end is not None]
    last = min(ends, default=None)
    return (first, last) if last is None or first <= last else None


def _without(whole: Days, first: date, last: date | None) -> list[Days]:
    if common_days(whole, (first, last)) is None:
        return [whole]
    pieces: list[Days] = []
    if whole[0] < first:
        pieces.append((whole[0], first - timedelta(days=1)))
    if last is not None and (whole[1] is None or last < whole[1]):
        pieces.append((last + timedelta(days=1), whole[1]))
    return pieces
