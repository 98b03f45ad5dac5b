"""What counts as a message, who may read and write it, and which clock it starts. No tables, no web."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.errors import N_, Refused
from portal.people.rules.words import Purpose

MAX_CHARACTERS = 4000
"""Longest message, counted as a person counts: one emoji of one code point is one."""

PAGE_OF_CHANGES = 200
"""Most changes in one answer to «what is new since …» (design 7)."""

PAGE_OF_MESSAGES = 11
"""Most messages on one page of a thread: two screens, within 60 KB. The earlier ones are one tap away."""


MOST_UNREAD = 60
"""Most messages on the newest page when so many are unread."""

RUN_MINUTES = 5
"""Messages by one person closer than this are one run: time and state stand once, under the last."""

NOTICE_AFTER_SECONDS = 20
"""A notice waits this long: whoever has the chat open reads the message and needs none."""


CHANGE_MINUTES = 15
"""How long an author may correct or withdraw a message: enough for a slip, too short to rewrite history."""


class Topic(StrEnum):
    """What a conversation is about. Each topic has its own readers."""

    PLAN = "plan"
    MONEY = "money"
    CENTRE = "centre"


class Kind(StrEnum):
    """What one change in a conversation was."""

    CREATED = "created"
    CORRECTED = "corrected"
    """A new message came that says what an older one should have said."""
    WITHDRAWN = "withdrawn"


class Side(StrEnum):
    """The two who talk: the person herself, and Nav, whoever writes there."""

    RECIPIENT = "recipient"
    STAFF = "staff"


_READERS: dict[Topic, frozenset[Purpose]] = {
    Topic.PLAN: frozenset({Purpose.PLAN, Purpose.JOB}),
    Topic.MONEY: frozenset({Purpose.MONEY, Purpose.PLAN}),
    # The veileder reads the centre's thread too, and the person is told so (design 7).
    Topic.CENTRE: frozenset({Purpose.CENTRE, Purpose.PLAN, Purpose.JOB}),
}


def may_read(topic: Topic, *, is_recipient: bool, purposes: Collection[Purpose]) -> bool:
    """Tell whether someone sees a conversation: the person it is with, or a helper of hers for such things.

    `purposes`: what she is helped with today by the one who asks, empty for anybody else. Pages, events and
    delivery all ask here, each time anew. Source: design 7.
    """
    return is_recipient or not _READERS[topic].isdisjoint(purposes)


@dataclass(frozen=True)
class Clocks:
    """Since when somebody waits for an answer; None = nobody does."""

    staff_since_utc: datetime | None
    recipient_since_utc: datetime | None


def clocks_after_message(before: Clocks, *, by: Side, at_utc: datetime) -> Clocks:
    """Tell who waits after a message: the writer has answered, and the other side owes an answer.

    A second message does not move a clock that runs: the wait counts from the first unanswered one. Only a
    written answer stops a clock; reading never does. Source: design 7.
    """
    if by is Side.RECIPIENT:
        return Clocks(staff_since_utc=before.staff_since_utc or at_utc, recipient_since_utc=None)
    return Clocks(staff_since_utc=None, recipient_since_utc=before.recipient_since_utc or at_utc)


def may_withdraw(*, written_at_utc: datetime, is_withdrawn: bool, now: datetime) -> bool:
    """Tell whether a message's author may still take it back. Source: design 7."""
    return now - written_at_utc <= timedelta(minutes=CHANGE_MINUTES) and not is_withdrawn


def clocks_after_correction(before: Clocks, *, by: Side, at_utc: datetime) -> Clocks:
    """Tell who waits after a correction: it answers nothing, so no clock stops.

    The person herself may have said something new by it, so Nav owes an answer.
    """
    if by is Side.STAFF:
        return before
    return Clocks(before.staff_since_utc or at_utc, before.recipient_since_utc)


@dataclass(frozen=True)
class Said:
    """What the clocks need to know of a message."""

    by: Side
    at_utc: datetime
    is_correction: bool


def clocks_of(said: Iterable[Said]) -> Clocks:
    """Tell who waits, from all messages that still stand, oldest first."""
    clocks = Clocks(None, None)
    for one in said:
        after = clocks_after_correction if one.is_correction else clocks_after_message
        clocks = after(clocks, by=one.by, at_utc=one.at_utc)
    return clocks


@dataclass(frozen=True)
class Cursor:
    """How far one person has come: `read_seq` shown on her screen, `delivered_seq` stored on her device."""

    read_seq: int = 0
    delivered_seq: int = 0


def moved(before: Cursor, *, read_seq: int, delivered_seq: int, newest_seq: int) -> Cursor:
    """Tell where a cursor stands after a report: never backwards, never beyond what has been written.

    What was read was also delivered. `newest_seq`: the newest message, 0 if none.
    """
    read = max(before.read_seq, min(read_seq, newest_seq))
    return Cursor(
        read_seq=read, delivered_seq=max(before.delivered_seq, min(delivered_seq, newest_seq), read)
    )


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


def cleaned_body(text: str) -> str:
    """Give the message as it is kept: line ends made equal, edges and control characters taken off.

    Emoji and right-to-left marks are kept as written; the page isolates them, so that a mark in one message
    cannot turn another.

    Raises: Refused `chat.empty` when nothing would be seen, `chat.too_long` above 4 000 characters (`limit`,
        `length`).
    """
    body = "".join(map(_kept, text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
    if not any(map(_is_seen, body)):
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


# Only these two forms ever become a link. A host is plain letters (Norwegian ones too) so that no look-alike
# alphabet, no user name before an @ and no direction mark can dress one address up as another.
_LINK = re.compile(
    # The host is taken whole or not at all (?>…): half of it would be another address.
    r"\bhttps?://(?>[a-z0-9æøå](?:[a-z0-9æøå.-]*[a-z0-9æøå])?(?::\d{1,5})?)(?!:?[@\w])"
    r"(?:[/?#][^\s<>\"\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*)?"
    r"|\btel:\+?\d(?:[ \d]{1,18}\d)",
    re.IGNORECASE,
)
_CLOSING = ".,;:!?)]}'»”"


def pieces_of(body: str) -> tuple[Piece, ...]:
    """Cut a message into plain text and safe links: http, https and tel, nothing else ever.

    A full stop or bracket after an address is text. Everything is still to be escaped by the page.
    """
    pieces: list[Piece] = []
    end = 0
    for match in _LINK.finditer(body):
        address = match.group().rstrip(_CLOSING)
        if match.start() > end:
            pieces.append(Piece(body[end : match.start()]))
        pieces.append(Piece(address, href=address.replace(" ", "")))
        end = match.start() + len(address)
    if end < len(body):
        pieces.append(Piece(body[end:]))
    return tuple(pieces)
