"""Which telephone numbers a notice can go to."""

from __future__ import annotations

import re

from portal.errors import N_, Refused

NORWAY = "+47"
_NORWEGIAN_MOBILE = re.compile(r"[49]\d{7}", re.ASCII)
_ANY_COUNTRY = re.compile(r"\+[1-9]\d{7,14}", re.ASCII)
_BETWEEN_DIGITS = re.compile(r"[\s().\-\u2066-\u2069\u200e\u200f]+")
_WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


def read_number(typed: str) -> str:
    """Read a typed mobile number: «900 00 000», «004790000000» and «+46 70…» become `+47…` and the like.

    Digits of an Arabic or Persian keyboard count too. A Norwegian number must be a mobile one, since others
    receive no text.

    Raises: Refused `notice.number` when it is none.
    """
    number = _BETWEEN_DIGITS.sub("", typed.translate(_WESTERN))
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if _NORWEGIAN_MOBILE.fullmatch(number):
        return NORWAY + number
    if number.startswith(NORWAY):
        is_mobile = _NORWEGIAN_MOBILE.fullmatch(number.removeprefix(NORWAY)) is not None
    else:
        is_mobile = _ANY_COUNTRY.fullmatch(number) is not None
    if not is_mobile:
        raise Refused("notice.number", N_("Skriv et mobilnummer med åtte siffer."), field="number")
    return number


def shown(number: str) -> str:
    """Write a number as one reads it aloud: «+47 90 00 00 00», one from elsewhere as «+46 701 740 605»."""
    size = 2 if number.startswith(NORWAY) else 3
    digits = number.removeprefix("+")
    first = len(digits) % size or size
    groups = (digits[at : at + size] for at in range(first, len(digits), size))
    return " ".join((f"+{digits[:first]}", *groups))


def ending(number: str) -> str:
    """Give the last two digits alone, for a screen that others may see."""
    return number[-2:]
