"""Three letters that somebody shows to staff, and the code on her own phone that staff read."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import permutations

from portal.people.rules.keys import CODE_LETTERS

LETTERS = "BCDFGHJKMNPRTVX"
"""No vowels, so that they never make a word, and nothing that looks like something else."""

HOW_MANY = 3

WAITS = timedelta(minutes=15)
"""So long staff have to see who stands there; then she scans again."""

MOST_WAITING = 60
"""At one centre. Whoever floods the board fills no more than this, and everybody else says her name."""

MOST_PER_ADDRESS = 60
"""In a quarter of an hour, from one network address, which fifty people share."""

OWN_CODE_SECONDS = 300
"""A person's own code lives so long, and the one before is still taken: so a photo is soon worth little."""

OWN_CODE_LENGTH = 6


def draw_letters(taken: Collection[str]) -> str | None:
    """Draw three different letters that nobody at this centre has had that day; None when all were given."""
    free = [letters for each in permutations(LETTERS, HOW_MANY) if (letters := "".join(each)) not in taken]
    return secrets.choice(free) if free else None


def own_code_window(at: datetime) -> int:
    """Number the five minutes an instant falls in."""
    return int(at.timestamp()) // OWN_CODE_SECONDS


def own_code_from(mac: bytes) -> str:
    """Write the code that a keyed hash stands for."""
    number, code = int.from_bytes(mac[:8]), ""
    for _ in range(OWN_CODE_LENGTH):
        number, sign = divmod(number, len(CODE_LETTERS))
        code += CODE_LETTERS[sign]
    return code


def clean_own_code(typed: str) -> str:
    """Read a typed or scanned code kindly: small letters, spaces and dashes do not matter."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed).upper() if sign in CODE_LETTERS)
