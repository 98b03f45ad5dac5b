"""What a check-in code is worth, how a row on the board is read, and how a chain of events is sealed.

Plain Python: no tables, no web. The sentences of refusals are marked here and translated where shown.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

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

NOTICE_DAYS_AHEAD = 92
"""How far ahead a person can say that she cannot come: a plan is seldom longer than a quarter."""

GUESS_MINUTES = 15
WRONG_DIGITS_PER_PERSON = 5
WRONG_DIGITS_PER_ADDRESS = 30
"""Fifty people share one wireless address, so many more than for one person."""
GENESIS = "0" * 64
"""What stands before the first event of a day."""
_DIGITS = 6
_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,64})\.([0-9a-f]{1,10})\.[A-Za-z0-9_-]{22}", re.ASCII)


class Channel(StrEnum):
    """How somebody was registered. Shown to both sides."""

    QR = "qr"
    DIGITS = "digits"
    STAFF = "staff"


class Kind(StrEnum):
    """What an attendance event says. Events are never changed: a correction is a new event."""

    CHECKED_IN = "checked_in"
    UNDONE = "undone"


class NoticeKind(StrEnum):
    """What a person has told us about a day."""

    LATE = "late"
    CANNOT_COME = "cannot_come"


class Reason(StrEnum):
    """Why somebody cannot come. Offered, never required (design 3.10); seen by her own veileder only."""

    SICK = "sick"
    CHILD_SICK = "child_sick"
    APPOINTMENT = "appointment"
    JOB = "job"
    OTHER = "other"
    TELL_VEILEDER = "tell_veileder"


class Status(StrEnum):
    """What is known about a person on a day. Nothing judges, and nothing follows by itself (design 3.1)."""

    HERE = "here"
    TOLD_US = "told_us"
    LATER = "later"
    NOT_HEARD = "not_heard"
    TO_BE_CLARIFIED = "to_be_clarified"


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


class Recorded(Protocol):
    """The part of an attendance event that says what stands."""

    id: int
    kind: str
    corrects_id: int | None


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
    match, now = _TOKEN.fullmatch(code), window_of(at)
    if match is None or not 0 < (window := int(match[2], 16)) <= now:
        return Verdict.WRONG
    if not hmac.compare_digest(code, token(secret, centre_public_id, window)):
        return Verdict.WRONG
    return Verdict.GOOD if window > now - QR_WINDOWS else Verdict.TOO_OLD


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


def standing_arrival(events: Iterable[Recorded]) -> int | None:
    """Find the event that says a person is here: checked in and not undone. None when there is none.

    events: one person's events of one centre and day, in the order they were written.
    """
    standing: list[int] = []
    for event in events:
        if event.kind == Kind.CHECKED_IN:
            standing.append(event.id)
        elif event.corrects_id in standing:
            standing.remove(event.corrects_id)
    return standing[0] if standing else None


def status_of(*, is_here: bool, told: NoticeKind | None, on: date, today: date) -> Status:
    """Say what is known about a person on a day.

    A person who is here is here, whatever was told before. Who told us that she cannot come has told us, for
    ever. A day that is over and says nothing is to be clarified by a person, and nothing else (design 8).
    """
    if is_here:
        return Status.HERE
    if told is NoticeKind.CANNOT_COME:
        return Status.TOLD_US
    if on < today:
        return Status.TO_BE_CLARIFIED
    return Status.LATER if told is NoticeKind.LATE else Status.NOT_HEARD


def minutes_early(starts_at: datetime, arrived_at: datetime) -> int:
    """Tell how many whole minutes before the start somebody came; 0 when not early. Early is always fine."""
    return max(0, int((starts_at - arrived_at).total_seconds() // 60))


def require_day_open(on: date, *, today: date) -> None:
    """Let a person tell us about today and the days ahead, until the end of the day itself.

    Raises: Refused `attendance.day_over` for a day that is past, `attendance.day_too_far` beyond a quarter.
    """
    if on < today:
        raise Refused(
            "attendance.day_over",
            N_("Denne dagen er over. Skriv til veilederen din i chatten, så ordner dere det sammen."),
        )
    if on > today + timedelta(days=NOTICE_DAYS_AHEAD):
        raise Refused(
            "attendance.day_too_far",
            N_("Denne dagen er langt fram i tid. Skriv til veilederen din i chatten om den."),
        )


def seal_event(fields: Mapping[str, object], *, previous: str) -> str:
    """Seal an event to the one before it: SHA-256 over its fields in one fixed spelling and the former seal.

    Instants are written in UTC with microseconds, so that both databases give the same seal.
    """
    plain = {name: _spelled(value) for name, value in fields.items()} | {"previous": previous}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


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


_LAST_LETTERS = str.maketrans("æøå", "\ue000\ue001\ue002")


def by_name(name: str) -> str:
    """Put names in the order of a Norwegian list: æ, ø and å come last."""
    return name.casefold().translate(_LAST_LETTERS)
