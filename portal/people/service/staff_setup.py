"""Somebody who works here comes in for the first time, or anew: one-time code, passphrase, app with digits.

Until the digits are right nothing of it counts: no row is changed, the code is not used up, and an earlier
passphrase goes on working. What was chosen waits, sealed, in the browser that chooses it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.db import seal, unseal
from portal.errors import N_, Refused
from portal.people.models import ActivationCode, Passkey, Passphrase, Person
from portal.people.rules import totp
from portal.people.rules.keys import clean_pin
from portal.people.rules.words import Level
from portal.people.service import passphrases, sessions
from portal.people.service.activation import CODE_NOT_VALID, use_up
from portal.people.service.roles import roles_held


@dataclass(frozen=True)
class Newcomer:
    """Somebody who holds a code that still works. `username` is what she will sign in with."""

    code_id: int
    person_id: int
    username: str
    own_words: tuple[str, ...]


@dataclass(frozen=True)
class AppSecret:
    """What the app on the phone is told: the secret in groups of four, and the address in the QR code."""

    grouped: str
    address: str


def find_newcomer(s: Session, code_id: int | None) -> Newcomer | None:
    """Find whose set-up a code has begun; None when the code was used, replaced or has run out meanwhile."""
    if code_id is None:
        return None
    person = s.scalar(
        select(Person)
        .join(ActivationCode, ActivationCode.person_id == Person.id)
        .where(
            ActivationCode.id == code_id,
            ActivationCode.used_at.is_(None),
            ActivationCode.expires_at > now_utc(),
            Person.is_recipient.is_(False),
            Person.username.is_not(None),
        )
    )
    if person is None or person.username is None:
        return None
    words = (person.username, person.given_name, person.family_name)
    return Newcomer(code_id, person.id, person.username, words)


def choose_passphrase(s: Session, newcomer: Newcomer, passphrase: str, again: str) -> str:
    """Take the chosen passphrase and make a secret for the app; give both back sealed, for the browser.

    Raises: Refused beside the field that is not right, see `passphrases.require_good`.
    """
    chosen = passphrases.require_good(passphrase, own_words=newcomer.own_words)
    if passphrase != again:
        raise Refused(
            "passphrase.not_alike",
            N_("De to passfrasene er ikke like. Prøv en gang til."),
            field="passphrase_again",
        )
    waiting = json.dumps([passphrases.hash_of(chosen), totp.new_secret()])
    return base64.urlsafe_b64encode(seal(s, waiting, bound_to=_waiting_for(newcomer))).decode()


def app_secret(s: Session, newcomer: Newcomer, waiting: str) -> AppSecret:
    """Tell what the app needs to know. Raises: Refused when what waited belongs to another code."""
    _hashed, secret = _open(s, newcomer, waiting)
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return AppSecret(grouped, totp.app_address(secret, newcomer.username))


def finish(s: Session, newcomer: Newcomer, waiting: str, digits: str) -> str | None:
    """Keep passphrase and app, use up the code, end what was before, and sign the person in.

    What was before are earlier sign-ins and passkeys: a new code is given when something was lost. Gives back
    the session's token, None when she holds no role today: then all is ready for the day she does.
    Raises: Refused `totp.wrong` beside its field, or `activation.code_not_valid`; then nothing has happened.
    """
    hashed, secret = _open(s, newcomer, waiting)
    now = now_utc()
    step = totp.matching_step(secret, clean_pin(digits), now, last_step=None)
    if step is None:
        raise Refused(
            "totp.wrong",
            N_("Tallene stemmer ikke. Vent til appen viser nye tall, og prøv igjen."),
            field="code",
        )
    if not use_up(s, newcomer.code_id):
        raise Refused("activation.code_not_valid", CODE_NOT_VALID, field="code")
    sealed = seal(s, secret, bound_to=("totp", str(newcomer.person_id)))
    kept = Passphrase(
        person_id=newcomer.person_id,
        hash=hashed,
        totp_sealed=sealed,
        totp_step=step,
        tries=0,
        wait_until=None,
        changed_at=now,
    )
    s.merge(kept)
    s.execute(
        update(Passkey)
        .where(Passkey.person_id == newcomer.person_id, Passkey.ended_at.is_(None))
        .values(ended_at=now)
    )
    sessions.end_sessions_of(s, newcomer.person_id)
    if not roles_held(s, [newcomer.person_id]):
        return None
    return sessions.start_session(s, newcomer.person_id, Level.TWO_FACTORS)


def _waiting_for(newcomer: Newcomer) -> tuple[str, ...]:
    return ("staff_setup", str(newcomer.person_id), str(newcomer.code_id))


def _open(s: Session, newcomer: Newcomer, waiting: str) -> tuple[str, str]:
    try:
        sealed = base64.urlsafe_b64decode(waiting)
        hashed, secret = json.loads(unseal(s, sealed, bound_to=_waiting_for(newcomer)))
    except (ValueError, IndexError) as fault:
        raise Refused("activation.code_not_valid", CODE_NOT_VALID, field="code") from fault
    return hashed, secret
