"""Bound phones: whose one is, opening it with the PIN, and a person's own list of hers."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.errors import N_, NotFound, Refused
from portal.people.models import Credential, Person
from portal.people.rules.access import Viewer
from portal.people.rules.keys import binding_ends, tries_before_wait, wait_after_wrong_pin
from portal.people.rules.words import Level
from portal.people.service import sessions

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's smallest argon2id setting: about 20 ms, short enough to count tries in the same transaction. A PIN
is protected by the count and by the phone's own secret, not by the cost of one try.
"""
NOBODYS = HASHER.hash("")
"""What a PIN is held against on a phone that is nobody's: the same work, and never right."""


NAME_LENGTH = 40


@dataclass(frozen=True)
class SignedIn:
    """A person who got in: the session's token, and the phone's token when the phone was just bound."""

    session_token: str
    device_token: str | None = None


@dataclass(frozen=True)
class PhoneCard:
    """One of a person's bound phones, as she sees it herself. `name` is empty until she gives it one."""

    public_id: str
    name: str
    created_at: datetime
    used_at: datetime | None
    is_this_one: bool


@dataclass(frozen=True)
class WrongPin:
    """A person who did not get in.

    `wait_until`: when she may try again, None for now. `was_compared` is False for a try made while she had
    to wait: the PIN may well be right. `tries_left`: so many more wrong ones before a wait.
    `next_ends_binding`: one more wrong PIN ends the binding.
    """

    wait_until: datetime | None = None
    was_compared: bool = True
    tries_left: int = 0
    next_ends_binding: bool = False
    binding_ended: bool = False


def bind(s: Session, person_id: int, pin: str, *, token_before: str, name: str = "") -> SignedIn:
    """Bind this phone to a person with the PIN she has chosen, and sign her in.

    `token_before` is what the phone held until now. If that was an earlier binding of hers, it is over: the
    phone has one, and her list does not fill up with phones that are the same. Somebody else's stays, since
    nobody may end another's with a code of her own.
    """
    before = _find_credential(s, token_before)
    if before is not None and before.person_id == person_id:
        _end(s, before)
    device_token = secrets.token_urlsafe(32)
    phone = Credential(
        person_id=person_id,
        name=name[:NAME_LENGTH],
        device_hash=sessions.token_hash(device_token),
        pin_hash=HASHER.hash(pin),
        created_at=now_utc(),
        used_at=now_utc(),
    )
    s.add(phone)
    s.flush()  # the session names the phone
    token = sessions.start_session(s, person_id, Level.CODE_AND_PIN, credential_id=phone.id)
    return SignedIn(token, device_token)


def list_phones(s: Session, viewer: Viewer, device_token: str) -> list[PhoneCard]:
    """Get the viewer's own bound phones, the newest first. `device_token` is what this browser holds."""
    rows = s.scalars(
        select(Credential)
        .where(Credential.person_id == viewer.person_id, Credential.ended_at.is_(None))
        .order_by(Credential.created_at.desc(), Credential.id.desc())
    )
    here = sessions.token_hash(device_token)
    return [
        PhoneCard(row.public_id, row.name, row.created_at, row.used_at, row.device_hash == here)
        for row in rows
    ]


def get_own_phone(s: Session, viewer: Viewer, public_id: str, device_token: str) -> PhoneCard:
    """Get one of the viewer's own phones. Raises: NotFound for anybody else's and for one that has ended."""
    found = (one for one in list_phones(s, viewer, device_token) if one.public_id == public_id)
    phone = next(found, None)
    if phone is None:
        raise NotFound
    return phone


def name_phone(s: Session, viewer: Viewer, public_id: str, name: str) -> None:
    """Let the viewer call one of her phones what she likes; an empty name is just «Telefon».

    Raises: NotFound; NotAllowed on a borrowed phone; Refused `phone.name_too_long` for more than forty
    characters.
    """
    phone = _own(s, viewer, public_id)
    said = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if len(said) > NAME_LENGTH:
        raise Refused("phone.name_too_long", N_("Navnet kan ha opptil 40 tegn."), field="name")
    phone.name = said


def end_phone(s: Session, viewer: Viewer, public_id: str) -> None:
    """End one of the viewer's own phones: nobody gets in with it any more, and whoever is in is out at once.

    Raises: NotFound; NotAllowed on a borrowed phone.
    """
    _end(s, _own(s, viewer, public_id))


def end_phones_of(s: Session, person_id: int) -> None:
    """End every phone and sign-in of a person, such as when a phone was stolen. The caller checks who may."""
    bound = (Credential.person_id == person_id, Credential.ended_at.is_(None))
    s.execute(update(Credential).where(*bound).values(ended_at=now_utc()))
    sessions.end_sessions_of(s, person_id)


def _own(s: Session, viewer: Viewer, public_id: str) -> Credential:
    sessions.require_own_device(viewer)
    found = s.scalar(
        select(Credential).where(
            Credential.public_id == public_id,
            Credential.person_id == viewer.person_id,
            Credential.ended_at.is_(None),
        )
    )
    if found is None:
        raise NotFound
    return found


def _end(s: Session, credential: Credential) -> None:
    credential.ended_at = now_utc()
    sessions.end_sessions_on_phone(s, credential.id)


def is_bound(s: Session, device_token: str) -> bool:
    """Whether this phone is bound to somebody who may sign in. Whom, the sign-in page does not tell."""
    return bound_person_id(s, device_token) is not None


def bound_person_id(s: Session, device_token: str) -> int | None:
    """Tell whose phone this is without signing anybody in; None when it is bound to nobody (any more)."""
    credential = _find_credential(s, device_token, to_count=False)
    return credential.person_id if credential else None


def sign_in_with_pin(s: Session, device_token: str, pin: str) -> SignedIn | WrongPin:
    """Sign in on a bound phone. A wrong PIN is counted in the same transaction that compares it.

    The answer is given back and not raised, so that the count is kept. While the person has to wait, the
    PIN is not even compared, so waiting cannot be used for guessing. For a phone that is nobody's see
    `compare_with_nobodys`.
    """
    credential = _find_credential(s, device_token)
    if credential is None:
        return WrongPin(binding_ended=True)
    now = now_utc()
    if credential.wait_until and credential.wait_until > now:
        return WrongPin(wait_until=credential.wait_until, was_compared=False)
    try:
        HASHER.verify(credential.pin_hash, pin)
    except VerifyMismatchError:
        return _count_wrong_pin(s, credential, now)
    credential.tries = 0
    credential.wait_until = None
    credential.used_at = now
    token = sessions.start_session(s, credential.person_id, Level.CODE_AND_PIN, credential_id=credential.id)
    return SignedIn(token)


def compare_with_nobodys(pin: str) -> None:
    """Take as long for a phone that is nobody's as for somebody's, so that the time does not tell which."""
    with suppress(VerifyMismatchError):
        HASHER.verify(NOBODYS, f"{pin} ")


def _count_wrong_pin(s: Session, credential: Credential, now: datetime) -> WrongPin:
    credential.tries += 1
    if binding_ends(credential.tries):
        _end(s, credential)
        return WrongPin(binding_ended=True)
    wait = wait_after_wrong_pin(credential.tries)
    credential.wait_until = now + wait if wait else None
    return WrongPin(
        wait_until=credential.wait_until,
        tries_left=tries_before_wait(credential.tries),
        next_ends_binding=binding_ends(credential.tries + 1),
    )


def _find_credential(s: Session, device_token: str, *, to_count: bool = True) -> Credential | None:
    """Find a bound phone whose person may sign in.

    To count tries it is locked where the database can, so that parallel ones are counted.
    """
    query = select(Credential).where(
        Credential.device_hash == sessions.token_hash(device_token), Credential.ended_at.is_(None)
    )
    found = s.scalar(query.with_for_update() if to_count else query) if device_token else None
    person = s.get(Person, found.person_id) if found else None
    return found if person and sessions.may_be_here(person) else None
