"""What counts as a message, and which addresses in it become links. No tables, no web."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass

from portal.errors import N_, Refused

MAX_CHARACTERS = 4000
"""Longest message, counted as a person counts: one emoji of one code point is one."""


# Marks that draw nothing although Unicode calls them letters or symbols: fillers, the blank Braille cell.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(n) for n in range(0xFE00, 0xFE10)
}


_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Zl", "Zp", "Zs"})


def _is_seen(character: str) -> bool:
    return character not in _BLANK and unicodedata.category(character) not in _UNSEEN_CATEGORIES


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"  # half an emoji, cut by a phone: cannot be stored as text
    return "" if category == "Cc" and character not in "\n\t" else character


def cleaned_body(text: str, *, may_be_empty: bool = False) -> str:
    """Give the message as it is kept: line ends made equal, edges and control characters taken off.

    Emoji and right-to-left marks are kept as written; the page isolates them, so that a mark in one message
    cannot turn another. `may_be_empty`: a message with files needs no words.

    Raises: Refused `chat.empty` when nothing would be seen, `chat.too_long` above 4 000 characters (`limit`,
        `length`).
    """
    body = "".join(map(_kept, text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
    if not any(map(_is_seen, body)):
        if may_be_empty:
            return ""
        raise Refused("chat.empty", N_("Meldingen er tom. Skriv noe, og send på nytt."), field="text")
    if len(body) > MAX_CHARACTERS:
        raise Refused(
            "chat.too_long",
            N_(
                "Meldingen er for lang. Den har %(length)s tegn, og det er plass til %(limit)s. Del den i to."
            ),
            field="text",
            length=len(body),
            limit=MAX_CHARACTERS,
        )
    return body


def cleaned_client_id(text: str) -> str:
    """Give the sender's own name for a message in its one written form.

    Raises: Refused `chat.client_id` when it is no UUID.
    """
    try:
        return str(uuid.UUID(text))
    except ValueError as fault:
        raise Refused(
            "chat.client_id", N_("Noe gikk galt med siden. Last den på nytt, og send igjen.")
        ) from fault


@dataclass(frozen=True)
class Piece:
    """A stretch of a message: plain text, or a link when `href` is set. Joined, the texts are the message."""

    text: str
    href: str | None = None


# Only these three forms ever become a link. A host is plain letters (Norwegian ones too) so that no
# look-alike alphabet, no user name before an @ and no direction mark can dress one address up as another.
_LINK = re.compile(
    # The host is taken whole or not at all (?>…): half of it would be another address.
    r"\bhttps?://(?>[a-z0-9æøå](?:[a-z0-9æøå.-]*[a-z0-9æøå])?(?::\d{1,5})?)(?!:?[@\w])"
    r"(?:[/?#][^\s<>\"\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*)?"
    r"|\btel:\+?\d(?:[ \d]{1,18}\d)"
    # An address for mail is taken alone: nothing after a ? that would fill in or hide more than is shown.
    r"|(?<![^\s(<«“])(?:mailto:)?(?P<mail>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*"
    r"@(?>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}))(?![\w@%/?:&=-]|\.\w)",
    re.IGNORECASE,
)


_CLOSING = ".,;:!?)]}'»”"


def pieces_of(body: str) -> tuple[Piece, ...]:
    """Cut a message into plain text and safe links: http, https, tel and mail, nothing else ever.

    A full stop or bracket after an address is text. Everything is still to be escaped by the page.
    """
    pieces: list[Piece] = []
    end = 0
    for match in _LINK.finditer(body):
        address = match.group().rstrip(_CLOSING)
        if match.start() > end:
            pieces.append(Piece(body[end : match.start()]))
        pieces.append(
            Piece(address, href=f"mailto:{match['mail']}" if match["mail"] else address.replace(" ", ""))
        )
        end = match.start() + len(address)
    if end < len(body):
        pieces.append(Piece(body[end:]))
    return tuple(pieces)
