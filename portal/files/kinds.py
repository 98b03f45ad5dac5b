"""What a file from outside really is, and how large it may be."""

from __future__ import annotations

from enum import StrEnum

MOST_BYTES = 10_000_000
"""Largest file."""

LONGEST_SIDE = 2000
"""Pixels: enough to read a letter by, and a tenth of what a phone's camera makes."""

MOST_PIXELS = 64_000_000
"""A little above what phones make; drawing more would take too much memory."""

_LONGEST_NAME = 120


class FileKind(StrEnum):
    """What is kept: every photo is drawn anew as a JPEG, a PDF is kept as it is."""

    JPEG = "jpeg"
    PDF = "pdf"


class FileState(StrEnum):
    """Whether a file may be opened."""

    RECEIVED = "received"
    """It is kept safe, and opens when it has been checked for viruses."""
    READY = "ready"
    BLOCKED = "blocked"
    """A virus was found: nobody opens it."""


class Sent(StrEnum):
    """What a file is when it comes, told by its first bytes; the names are Pillow's."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    HEIF = "HEIF"
    PDF = "PDF"


_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def sent_kind(content: bytes) -> Sent | None:
    """Tell what a file is by its content, never by its name or by what the browser says; None: not taken.

    The mark must be the very first bytes, so that nothing else hides before it.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return Sent.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Sent.PNG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return Sent.WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return Sent.HEIF
    if content.startswith(b"%PDF-"):
        return Sent.PDF
    return None


def cleaned_name(name: str) -> str:
    """Give the sender's own name for a file as it is kept for the case: no folders, no signs that are unseen.

    It is never part of an address, a header or a list.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:_LONGEST_NAME]
