"""What a check-in code is worth: half-minute windows, scanned codes and typed digits.

Plain Python: no tables, no web. The sentences of refusals are marked here and translated where shown.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from portal.clock import to_oslo
from portal.errors import N_, Refused

WINDOW_SECONDS = 30
"""The screen shows a new code this often (design 8)."""

QR_WINDOWS = 2
"""A scanned code is good in its own window and the next: old phones are slow."""

DIGITS_WINDOWS = 3
"""Typed digits are good in their own window and the next two: typing takes longer than scanning."""

CLAIM_LIFETIME = timedelta(minutes=15)
"""How long a code that was checked at the door waits for its person to sign in."""

GUESS_MINUTES = 15

WRONG_DIGITS_PER_PERSON = 5

WRONG_DIGITS_PER_ADDRESS = 30
"""Fifty people share one wireless address, so many more than for one person."""

WRONG_DIGITS_OF_STRANGERS = 2000
"""From everywhere, of those whom nobody knows: far above what people mistype; it takes seventy networks to
reach. Guesses from ever new addresses stop here; the QR still works then, and digits once signed in."""

KEPT_TOLERANCE = timedelta(minutes=2)
"""A phone's own clock may be so far off before staff are asked to look."""

LOOK_AFTER = timedelta(minutes=15)
"""A tap that was kept for longer than this is looked at by somebody; it counts all the same."""

_DIGITS = 6

_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,64})\.([0-9a-f]{1,10})\.[A-Za-z0-9_-]{22}", re.ASCII)


class Verdict(StrEnum):
    """What a code is worth at the moment it is shown to us."""

    GOOD = "good"
    TOO_OLD = "too_old"
    WRONG = "wrong"


class ClaimTooOld(Refused):
    """The code was good, but too long ago."""

    def __init__(self) -> None:
        said = N_("Det gikk for lang tid. Skann koden på nytt, eller si fra til dem som jobber her.")
        super().__init__("attendance.claim_too_old", said)


class NeedsSignIn(Refused):
    """A code that the door would not take any more counts for nobody but whoever signs in."""

    def __init__(self) -> None:
        said = N_("Logg inn for å sjekke inn. Du kan også si navnet ditt til dem som jobber her.")
        super().__init__("attendance.needs_sign_in", said)


def window_of(at: datetime) -> int:
    """Number the half-minute an instant falls in. Counted in UTC, so clock changes do not touch it."""
    return int(at.timestamp()) // WINDOW_SECONDS


def window_start(window: int) -> datetime:
    """Tell the instant at which a window begins."""
    return datetime.fromtimestamp(window * WINDOW_SECONDS, UTC)


def day_key(secret: bytes, on: date) -> bytes:
    """Make the centre's key for one day. Yesterday's key says nothing about today's."""
    return hmac.digest(secret, f"day|{on.isoformat()}".encode(), hashlib.sha256)


def token(secret: bytes, centre_public_id: str, window: int) -> str:
    """Write the code in the QR: whose it is, its window, and 128 bits that only the centre's key gives."""
    mac = _mac(secret, f"qr|{centre_public_id}|{window}", window)[:16]
    return f"{centre_public_id}.{window:x}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def digits(secret: bytes, centre_public_id: str, window: int) -> str:
    """Write the six digits that stand under the QR in the same window."""
    mac = _mac(secret, f"digits|{centre_public_id}|{window}", window)[:8]
    return f"{int.from_bytes(mac) % 10**_DIGITS:0{_DIGITS}}"


def _mac(secret: bytes, text: str, window: int) -> bytes:
    key = day_key(secret, to_oslo(window_start(window)).date())
    return hmac.digest(key, text.encode(), hashlib.sha256)


def centre_in(code: str) -> str | None:
    """Read whose code this says it is. None when it does not look like one of ours."""
    match = _TOKEN.fullmatch(code)
    return match[1] if match else None


def judge_token(code: str, *, secret: bytes, centre_public_id: str, at: datetime) -> Verdict:
    """Say what a scanned code is worth at an instant.

    The whole code is written anew and compared, so no second spelling of the same code is ever good.
    """
    window = genuine_window(code, secret=secret, centre_public_id=centre_public_id, until=at)
    if window is None:
        return Verdict.WRONG
    return Verdict.GOOD if is_taken_at_the_door(window, at) else Verdict.TOO_OLD


def is_taken_at_the_door(window: int, at: datetime) -> bool:
    """Whether a scanned code of that window still counts for whoever comes with it at an instant."""
    return window > window_of(at) - QR_WINDOWS


def genuine_window(code: str, *, secret: bytes, centre_public_id: str, until: datetime) -> int | None:
    """Tell in which window this centre showed a code; None when it never did, up to that instant."""
    match = _TOKEN.fullmatch(code)
    if match is None or not 0 < (window := int(match[2], 16)) <= window_of(until):
        return None
    return window if hmac.compare_digest(code, token(secret, centre_public_id, window)) else None


def time_of_kept(window: int, *, scanned_at: datetime, received_at: datetime) -> tuple[datetime, bool]:
    """Say when a code that a phone kept without a net was used, and whether staff should look at that.

    The phone's word is taken, but no code was used before it was shown, nor later than we got it. Staff
    look at it when that time does not fit the code, and whenever the door would not have taken the code as
    we got it: it may have been photographed and sent. Nothing is refused (design 8).
    """
    shown_at = window_start(window)
    shown_until = shown_at + timedelta(seconds=QR_WINDOWS * WINDOW_SECONDS)
    fits = shown_at - KEPT_TOLERANCE <= scanned_at <= shown_until + KEPT_TOLERANCE
    at = min(max(scanned_at, shown_at), received_at)
    return at, not fits or not is_taken_at_the_door(window, received_at)


def matches_digits(typed: str, *, secret: bytes, centre_public_id: str, at: datetime) -> bool:
    """Say whether six clean digits are shown by this centre now, or were in the two windows before."""
    now = window_of(at)
    shown = [digits(secret, centre_public_id, now - back) for back in range(DIGITS_WINDOWS)]
    return any([hmac.compare_digest(typed, each) for each in shown])  # all three, so time tells nothing


def clean_digits(typed: str) -> str:
    """Read six digits as people write them: «482 917», «482-917», or with Arabic numerals.

    Raises: Refused `attendance.digits_shape` when there are not six; such a try is not a wrong guess.
    """
    kept = [c for c in typed if not (c.isspace() or c == "-" or unicodedata.category(c) == "Cf")]
    if len(kept) != _DIGITS or not all(c.isdecimal() for c in kept):
        raise Refused("attendance.digits_shape", N_("Skriv seks tall."), field="code")
    return "".join(str(unicodedata.decimal(c)) for c in kept)


def claim_is_fresh(claimed_at: datetime, *, now: datetime) -> bool:
    """Whether a code that was checked at the door still counts: for a quarter of an hour."""
    return timedelta(0) <= now - claimed_at <= CLAIM_LIFETIME
