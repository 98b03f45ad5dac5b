"""A conversation as the archive keeps it: each message with its hash, and a chain. No tables, no web.

Each message's `sha256` is over its other fields, and each `chain` over the chain before it and that hash. A
word changed by accident, or a message lost or moved, shows. Whoever changes the file on purpose can reckon
all sums anew, and cut messages off the end: the hashes have no key. Proof needs the last `chain`, noted
elsewhere when the copy was taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FORMAT = "min-vei-conversation-1"
_BEGINS = "0" * 64
_SUMS = ("sha256", "chain")


def sha256_of(entry: Mapping[str, Any]) -> str:
    """Give the hash of an entry: SHA-256 over its fields as JSON, keys sorted, no spaces, UTF-8."""
    told = {name: value for name, value in entry.items() if name not in _SUMS}
    written = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def chained(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give each entry its hash and its link in the chain, in their order."""
    found, before = [], _BEGINS
    for entry in entries:
        own = sha256_of(entry)
        before = hashlib.sha256(f"{before}{own}".encode()).hexdigest()
        found.append({**entry, "sha256": own, "chain": before})
    return found


def is_whole(entries: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether every hash and every link is right."""
    return chained(entries) == list(entries)
