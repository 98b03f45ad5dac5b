"""The head of a day, signed: whoever keeps it elsewhere can see later that the day was not written anew.

The chain alone shows that an event was changed. Who can write the tables can also write a whole day anew;
that needs the key as well, which lies outside the database (design 8).
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import date

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_KIND = "min-vei/attendance-head/1"


@dataclass(frozen=True)
class Head:
    """How far a day had come: `n` events, and the seal of the last. `place`: centre or office, and its id."""

    place: str
    on: date
    n: int
    seal: str

    def as_text(self) -> bytes:
        """What is signed, in one fixed spelling."""
        plain = {
            "kind": _KIND,
            "place": self.place,
            "day": self.on.isoformat(),
            "n": self.n,
            "seal": self.seal,
        }
        return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True)
class HeadFault:
    """A signed head that the record does not bear out, and what does not fit."""

    place: str
    on: date
    n: int
    what: str


def sign(head: Head, *, seed: bytes) -> str:
    """Sign a head with Ed25519, in base64; the same head and seed (32 bytes) give the same signature."""
    return b64encode(Ed25519PrivateKey.from_private_bytes(seed).sign(head.as_text())).decode()


def public_key(seed: bytes) -> str:
    """Tell the key with which anybody can check the signatures, in base64."""
    return b64encode(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()).decode()


def is_signed(head: Head, signature: str, *, by: str) -> bool:
    """Say whether the key `by` (base64) has signed this head; anything that is no signature has not."""
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(by, validate=True))
        key.verify(b64decode(signature, validate=True), head.as_text())
    except (InvalidSignature, ValueError):
        return False
    return True
