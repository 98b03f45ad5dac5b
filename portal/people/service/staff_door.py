"""Somebody who works here signs in: username and passphrase, then digits from her app or a passkey.

Between the two steps she is half signed in: a signed note in her browser says so for five minutes. It opens
nothing. Unknown and known usernames get the same answer after the same work (decision 24).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.db import unseal
from portal.people.models import Passphrase, Person
from portal.people.rules import totp
from portal.people.rules.keys import (
    HALF_SIGNED_IN_MINUTES,
    STAFF_TRIES,
    STAFF_WAITS_MINUTES,
    clean_pin,
    clean_username,
    wait_after_wrong_staff_try,
)
from portal.people.rules.words import Level
from portal.people.service import guesses, passkeys, passphrases, sessions
from portal.people.service.roles import roles_held

_ADDRESS_GUESSES = 100
"""An office shares one network address, so it may be wrong more often than one name."""


@dataclass(frozen=True)
class HalfIn:
    """Somebody whose passphrase was right. A new passphrase makes it void, and so do five minutes."""

    person_id: int
    passphrase_of: datetime
    since: datetime

    def to_note(self) -> list[str]:
        """Write it down for the signed cookie."""
        return [str(self.person_id), self.passphrase_of.isoformat(), self.since.isoformat()]

    @classmethod
    def from_note(cls, note: list[str] | None) -> HalfIn | None:
        """Read it again; None when there is none or it is too old."""
        if not note:
            return None
        half = cls(int(note[0]), datetime.fromisoformat(note[1]), datetime.fromisoformat(note[2]))
        age = now_utc() - half.since
        return half if timedelta(0) <= age < timedelta(minutes=HALF_SIGNED_IN_MINUTES) else None


class NotIn(StrEnum):
    """Why the second step let nobody in."""

    WRONG = "wrong"
    WAIT = "wait"
    START_AGAIN = "start_again"
    NO_ROLE = "no_role"


@dataclass(frozen=True)
class Refusal:
    """Nobody came in. `wait_minutes`: before the next try counts."""

    why: NotIn
    wait_minutes: int = 0


def check_passphrase(s: Session, username: str, passphrase: str, *, address: str | None) -> HalfIn | None:
    """Hold a passphrase against the username's; None when they do not go together.

    A wrong one is counted for the name, whether or not somebody has it, and for the network address.
    Raises: TooManyTries with `minutes`, known and unknown names alike; then nothing was compared.
    """
    name = clean_username(username)
    by_address = guesses.scope_of_address(s, "staff", address)
    by_name = guesses.scope_of_address(s, "staff-name", name)
    # the name comes first: while it waits, its tries use up none of the address that the whole office shares
    guesses.take_guess(s, by_name, limit=STAFF_TRIES, window_minutes=STAFF_WAITS_MINUTES)
    guesses.take_guess(s, by_address, limit=_ADDRESS_GUESSES, window_minutes=STAFF_WAITS_MINUTES)
    kept = s.scalar(
        select(Passphrase)
        .join(Person, Person.id == Passphrase.person_id)
        .where(Person.username == (name if name.isprintable() else ""), Person.is_recipient.is_(False))
    )
    right = passphrases.is_right(kept.hash if kept else None, passphrase)
    if kept is None or not right:
        return None
    guesses.give_back(s, by_address, window_minutes=STAFF_WAITS_MINUTES)
    guesses.give_back(s, by_name, window_minutes=STAFF_WAITS_MINUTES)
    return HalfIn(kept.person_id, kept.changed_at, now_utc())


def finish_with_digits(s: Session, half: HalfIn, digits: str) -> str | Refusal:
    """Sign in with six digits from the app; gives back the session's token.

    A wrong try is counted in the same transaction that compares it, with the row locked, and digits are used
    once (decision 14 is the same for PINs). While one has to wait, nothing is compared.
    """
    kept = _locked(s, half)
    if kept is None or kept.totp_sealed is None:
        return Refusal(NotIn.START_AGAIN)
    now = now_utc()
    if kept.wait_until and kept.wait_until > now:
        return Refusal(NotIn.WAIT, _minutes(kept.wait_until - now))
    secret = unseal(s, kept.totp_sealed, bound_to=("totp", str(kept.person_id)))
    step = totp.matching_step(secret, clean_pin(digits), now, last_step=kept.totp_step)
    if step is None:
        return _count_wrong(kept, now)
    kept.totp_step = step
    return _let_in(s, kept)


def finish_with_passkey(
    s: Session, half: HalfIn, answer: str, *, nonce: str, site: passkeys.Site
) -> str | Refusal:
    """Sign in with a passkey of one's own; wrong ones are counted as wrong digits are."""
    kept = _locked(s, half)
    if kept is None:
        return Refusal(NotIn.START_AGAIN)
    now = now_utc()
    if kept.wait_until and kept.wait_until > now:
        return Refusal(NotIn.WAIT, _minutes(kept.wait_until - now))
    if not passkeys.is_right(s, kept.person_id, answer, nonce=nonce, site=site):
        return _count_wrong(kept, now)
    return _let_in(s, kept)


def _let_in(s: Session, kept: Passphrase) -> str | Refusal:
    if not roles_held(s, [kept.person_id]):
        return Refusal(NotIn.NO_ROLE)
    kept.tries = 0
    kept.wait_until = None
    return sessions.start_session(s, kept.person_id, Level.TWO_FACTORS)


def _count_wrong(kept: Passphrase, now: datetime) -> Refusal:
    kept.tries += 1
    wait = wait_after_wrong_staff_try(kept.tries)
    if wait is None:
        return Refusal(NotIn.WRONG)
    kept.wait_until = now + wait
    return Refusal(NotIn.WAIT, _minutes(wait))


def _minutes(wait: timedelta) -> int:
    return max(1, -(-int(wait.total_seconds()) // 60))


def _locked(s: Session, half: HalfIn) -> Passphrase | None:
    """Find the passphrase row, locked where the database can, so that parallel tries are counted."""
    return s.scalar(
        select(Passphrase)
        .join(Person, Person.id == Passphrase.person_id)
        .where(
            Passphrase.person_id == half.person_id,
            Passphrase.changed_at == half.passphrase_of,
            Person.is_recipient.is_(False),
        )
        .with_for_update(of=Passphrase)
    )
