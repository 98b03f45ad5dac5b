"""One-time codes, PINs, passphrases: what they look like, and how often one may be wrong."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from itertools import pairwise

CODE_LETTERS = "ABCDEFGHJKMNPQRTUVWXY346789"
"""What a one-time code is made of: nothing that looks like something else (0 O, 1 I L, 2 Z, 5 S)."""

CODE_LENGTH = 8


def normalise_code(typed: str) -> str:
    """Read a typed code kindly: small letters, spaces and dashes do not matter."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def code_has_right_shape(code: str) -> bool:
    """Whether a normalised code could be one at all."""
    return len(code) == CODE_LENGTH and all(sign in CODE_LETTERS for sign in code)


PIN_LENGTH = 6
_FEW_DIGITS = 2
_ENDS_BINDING_AT = 15
_WAITS_MINUTES = {5: 15, 10: 60, 12: 120, 14: 240}


def clean_pin(typed: str) -> str:
    """Read a typed PIN kindly: spaces do not matter, and Arabic or Persian digits are digits."""
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in typed if not sign.isspace())


def pin_has_right_shape(pin: str) -> bool:
    """Whether a PIN is six digits."""
    return len(pin) == PIN_LENGTH and pin.isascii() and pin.isdigit()


def pin_is_easy(pin: str, born_on: date | None = None) -> bool:
    """Whether a PIN is among the first that somebody who finds the phone would try.

    Example: 111111, 121212, 123456 and 654321; and for somebody born on 4 March 2002, 040302 and 020304.
    """
    if born_on is not None and pin in (f"{born_on:%d%m%y}", f"{born_on:%y%m%d}"):
        return True
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    return len(set(pin)) <= _FEW_DIGITS or steps in ({1}, {-1})


PASSPHRASE_LEAST = 12
PASSPHRASE_MOST = 128
PASSPHRASE_STRENGTH = 3
"""zxcvbn's score from 0 to 4; 3 means more than a hundred million guesses."""

PASSPHRASE_JUDGED = 72
"""So many signs are judged; the time that judging takes grows fast with the length."""

TOTP_SECONDS = 30
HALF_SIGNED_IN_MINUTES = 5
"""Between the passphrase and the second step."""

STAFF_TRIES = 5
STAFF_WAITS_MINUTES = 15


def wait_after_wrong_staff_try(tries: int) -> timedelta | None:
    """How long somebody who works here waits after this many wrong passphrases or digits in a row.

    None when one may try again at once. Every fifth costs another quarter of an hour and never more. Whoever
    keeps on can keep a name she knows waiting; it opens a quarter of an hour after she stops (decision 29).
    """
    return timedelta(minutes=STAFF_WAITS_MINUTES) if tries and tries % STAFF_TRIES == 0 else None


def clean_passphrase(typed: str) -> str:
    """Read a typed passphrase the same way from every keyboard; spaces and capitals do matter."""
    return unicodedata.normalize("NFKC", typed)


def clean_username(typed: str) -> str:
    """Read a typed username kindly: capitals and surrounding spaces do not matter."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def username_has_right_shape(username: str) -> bool:
    """Whether a cleaned username is 2–80 letters, digits and the signs . _ - @, such as «ingrid.berg»."""
    return re.fullmatch(r"[\w.@-]{2,80}", username) is not None


def wait_after_wrong_pin(tries: int) -> timedelta | None:
    """How long to wait after this many wrong PINs in a row.

    None when one may try again at once. Each wait is longer than the one before: five wrong PINs in a row
    cost a quarter of an hour, ten an hour, twelve two and fourteen four.
    """
    minutes = _WAITS_MINUTES.get(tries)
    return timedelta(minutes=minutes) if minutes else None


def tries_before_wait(tries: int) -> int:
    """How many more wrong PINs there may be before the next wait, or before the phone's binding ends."""
    return next(limit for limit in (*_WAITS_MINUTES, _ENDS_BINDING_AT) if limit > tries) - tries


def binding_ends(tries: int) -> bool:
    """Whether so many wrong PINs end the phone's binding; the person then gets a new code from Nav."""
    return tries >= _ENDS_BINDING_AT
