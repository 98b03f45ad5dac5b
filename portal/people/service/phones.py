"""A bound phone: whose it is, and opening it with the PIN."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.people.models import Credential, Person
from portal.people.rules.keys import binding_ends, wait_after_wrong_pin
from portal.people.rules.words import Level
from portal.people.service import sessions

PIN_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's smallest argon2id setting: about 20 ms, short enough to count tries in the same transaction. A PIN
is protected by the count and by the phone's own secret, not by the cost of one try.
"""
_NOBODYS_PIN = PIN_HASHER.hash("")
"""What a PIN is held against on a phone that is nobody's: the same work, and never right."""


@dataclass(frozen=True)
class SignedIn:
    """A person who got in: the session's token, and the phone's token when the phone was just bound."""

    session_token: str
    device_token: str | None = None


@dataclass(frozen=True)
class WrongPin:
    """A person who did not get in.

    The wait in minutes before the next try (0 = now), or the binding's end.
    """

    wait_minutes: int = 0
    binding_ended: bool = False


def bound_name(s: Session, device_token: str) -> str | None:
    """Tell the given name of the person whose phone this is; None when it is bound to nobody (any more)."""
    credential = _find_credential(s, device_token, to_count=False)
    person = s.get(Person, credential.person_id) if credential else None
    return person.given_name if person else None


def bound_person_id(s: Session, device_token: str) -> int | None:
    """Tell whose phone this is without signing anybody in; None when it is bound to nobody (any more)."""
    credential = _find_credential(s, device_token, to_count=False)
    return credential.person_id if credential else None


def sign_in_with_pin(s: Session, device_token: str, pin: str) -> SignedIn | WrongPin:
    """Sign in on a bound phone. A wrong PIN is counted in the same transaction that compares it.

    The answer is given back and not raised, so that the count is kept. While the person has to wait, the
    PIN is not even compared, so waiting cannot be used for guessing. A phone that is nobody's takes as long
    as one that is somebody's, so the time does not tell which it is.
    """
    credential = _find_credential(s, device_token)
    if credential is None:
        with suppress(VerifyMismatchError):
            PIN_HASHER.verify(_NOBODYS_PIN, f"{pin} ")
        return WrongPin(binding_ended=True)
    now = now_utc()
    if credential.wait_until and credential.wait_until > now:
        return WrongPin(wait_minutes=_minutes_until(credential.wait_until, now))
    try:
        PIN_HASHER.verify(credential.pin_hash, pin)
    except VerifyMismatchError:
        return _count_wrong_pin(credential, now)
    credential.tries = 0
    credential.wait_until = None
    credential.used_at = now
    token = sessions.start_session(s, credential.person_id, Level.CODE_AND_PIN, credential_id=credential.id)
    return SignedIn(token)


def _count_wrong_pin(credential: Credential, now: datetime) -> WrongPin:
    credential.tries += 1
    if binding_ends(credential.tries):
        credential.ended_at = now
        return WrongPin(binding_ended=True)
    wait = wait_after_wrong_pin(credential.tries)
    credential.wait_until = now + wait if wait else None
    return WrongPin(wait_minutes=int(wait.total_seconds() // 60) if wait else 0)


def _minutes_until(then: datetime, now: datetime) -> int:
    return max(1, -(-int((then - now).total_seconds()) // 60))


def _find_credential(s: Session, device_token: str, *, to_count: bool = True) -> Credential | None:
    """Find a bound phone.

    To count tries it is locked where the database can, so that parallel ones are counted.
    """
    query = select(Credential).where(
        Credential.device_hash == sessions.token_hash(device_token), Credential.ended_at.is_(None)
    )
    return s.scalar(query.with_for_update() if to_count else query) if device_token else None
