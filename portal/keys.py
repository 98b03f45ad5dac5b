"""Reading the keys that seal people's words, as they stand in the settings."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

DROPPED = "-"
"""Stands where a key was that nothing is sealed with any more (`portal keys rotate`).

The others keep their numbers, which stand in what they sealed."""

_BYTES = 32


def keys_of(told: Sequence[object]) -> tuple[bytes, ...]:
    """Read the keys in their order; a dropped one is empty and opens nothing.

    The first one also makes the fingerprints, so it is never dropped.
    Raises: ValueError, which says what to do and never shows a key.
    """
    keys = tuple(_key(one) for one in told)
    if not any(keys) or bytes(_BYTES) in keys:
        raise ValueError("must hold a key made by chance; make one with: openssl rand -base64 32")
    if not keys[0] or not keys[-1]:
        raise ValueError("only a key between the first and the last can be dropped, with - in its place")
    held = [key for key in keys if key]
    if len(set(held)) < len(held):
        raise ValueError("names the same key twice; only ever add a new one at the end")
    return keys


def _key(told: object) -> bytes:
    if told == DROPPED:
        return b""
    try:
        raw = told if isinstance(told, bytes) else base64.b64decode(str(told), validate=True)
    except binascii.Error as fault:
        raise ValueError("must be base64; make one with: openssl rand -base64 32") from fault
    if len(raw) != _BYTES:
        raise ValueError("each key must be 32 bytes; make one with: openssl rand -base64 32")
    return raw
