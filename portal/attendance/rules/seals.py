"""How a day's events are sealed to one another, and how a broken chain is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

GENESIS = "0" * 64
"""What stands before the first event of a day."""


def seal_event(fields: Mapping[str, object], *, previous: str) -> str:
    """Seal an event to the one before it: SHA-256 over its fields in one fixed spelling and the former seal.

    Instants are written in UTC with microseconds, so that both databases give the same seal.
    """
    plain = {name: _spelled(value) for name, value in fields.items()} | {"previous": previous}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def hash_words(words: str, *, salt: str) -> str:
    """Bind words to their event without telling them: SHA-256 over a secret random salt and the words.

    Salt and words lie sealed apart from the line. When they are erased, which the line then says, its seals
    hold as before, and nobody can find out what was written by trying words.
    """
    return hashlib.sha256(f"{salt}|{words}".encode()).hexdigest()


def fault_of_words(words_hash: str | None, kept: tuple[str, str] | None, *, is_erased: bool) -> str | None:
    """Say what is wrong with the words of an event, if anything.

    kept: their salt and what was written; None when they are not here. That is as it should be only where the
    line itself says that they were erased: else somebody has taken them away.
    """
    if kept is None:
        return None if words_hash is None or is_erased else "words_missing"
    if is_erased:
        return "words_not_erased"
    salt, words = kept
    return None if hash_words(words, salt=salt) == words_hash else "words_changed"


def _spelled(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True)
class Link:
    """One event as the chain sees it: its number in the day, its fields, and the two seals it carries."""

    n: int
    fields: Mapping[str, object]
    previous: str
    seal: str


@dataclass(frozen=True)
class ChainFault:
    """Where a day's chain is broken: at which event, and what does not fit."""

    n: int
    what: str


def check_chain(links: Iterable[Link], *, head: int, chain_head: str) -> ChainFault | None:
    """Walk a day's events and say where the first one does not fit. None when every one fits.

    Finds changed, removed, added, swapped and cut-off events. `head`, `chain_head`: the day's own last event.
    """
    previous, expected = GENESIS, 1
    for link in links:
        if link.n != expected:
            return ChainFault(expected, "missing" if link.n > expected else "doubled")
        if link.previous != previous:
            return ChainFault(link.n, "not_after_the_former")
        if seal_event(link.fields, previous=previous) != link.seal:
            return ChainFault(link.n, "changed")
        previous, expected = link.seal, expected + 1
    if head != expected - 1:
        return ChainFault(expected, "missing" if head >= expected else "not_counted")
    return None if chain_head == previous else ChainFault(head, "day_does_not_match")
