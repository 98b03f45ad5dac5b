"""Passkeys of those who work here: the second step on a device that can (WebAuthn level 3).

The challenge is worked out from a random part, which the browser keeps in its signed cookie, and from when
the person's passkeys were last used. A passkey that has answered moves that, so no answer is good twice,
and nothing needs to be kept meanwhile.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import webauthn
from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn.helpers import options_to_json, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.clock import now_utc
from portal.db import fingerprint
from portal.errors import N_, NotFound, Refused
from portal.people.models import Passkey, Person
from portal.people.rules.access import Viewer

_LONGEST_NAME = 40
_MOST_EACH = 10


@dataclass(frozen=True)
class Site:
    """Where the browser is: the host a passkey belongs to, and every address of ours (with its scheme)."""

    host: str
    origins: tuple[str, ...]


@dataclass(frozen=True)
class PasskeyLine:
    """One passkey as its owner sees it."""

    public_id: str
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Question:
    """What the browser asks the passkey (JSON), and the random part of it that is kept until the answer."""

    options: str
    nonce: str


def list_passkeys(s: Session, person_id: int) -> list[PasskeyLine]:
    """Get a person's passkeys, oldest first."""
    return [PasskeyLine(row.public_id, row.name, row.created_at, row.used_at) for row in _rows(s, person_id)]


def ask_for_new(s: Session, viewer: Viewer, site: Site) -> Question:
    """Begin to make a passkey on this device. Raises: Refused `passkey.enough` when she has ten."""
    mine = _rows(s, viewer.person_id)
    if len(mine) >= _MOST_EACH:
        raise Refused(
            "passkey.enough", N_("Du har mange passnøkler. Fjern en du ikke trenger, og prøv igjen.")
        )
    person = s.get_one(Person, viewer.person_id)
    nonce = secrets.token_urlsafe(16)
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Min vei",
        user_id=person.public_id.encode(),
        user_name=person.username or viewer.name,
        user_display_name=viewer.name,
        challenge=_challenge(s, viewer.person_id, nonce, mine),
        exclude_credentials=_descriptors(mine),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return Question(options_to_json(options), nonce)


def add(s: Session, viewer: Viewer, answer: dict[str, Any], *, name: str, nonce: str, site: Site) -> None:
    """Keep a new passkey. Raises: Refused `passkey.not_made` when the answer does not hold."""
    mine = _rows(s, viewer.person_id)
    refused = Refused("passkey.not_made", N_("Passnøkkelen ble ikke laget. Prøv en gang til."))
    if not nonce:
        raise refused
    challenge = _challenge(s, viewer.person_id, nonce, mine)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            require_user_verification=True,
        )
    except Exception as fault:  # the library lets through whatever its parsers meet in broken data
        raise refused from fault
    known = s.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id))
    if known is not None:
        raise refused
    s.add(
        Passkey(
            person_id=viewer.person_id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=_clean_name(name),
            created_at=now_utc(),
        )
    )


def rename(s: Session, viewer: Viewer, public_id: str, name: str) -> None:
    """Give one's own passkey a name. Raises: NotFound for anybody else's."""
    _require_own(s, viewer, public_id).name = _clean_name(name)


def remove(s: Session, viewer: Viewer, public_id: str) -> None:
    """End one's own passkey. Raises: NotFound for anybody else's."""
    _require_own(s, viewer, public_id).ended_at = now_utc()


def ask_for_one(s: Session, person_id: int, site: Site) -> Question | None:
    """Ask for one of the person's passkeys as the second step; None when she has none."""
    mine = _rows(s, person_id)
    if not mine:
        return None
    nonce = secrets.token_urlsafe(16)
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=_challenge(s, person_id, nonce, mine),
        allow_credentials=_descriptors(mine),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Question(options_to_json(options), nonce)


def is_right(s: Session, person_id: int, answer: str, *, nonce: str, site: Site) -> bool:
    """Whether an answer comes from a passkey of this person, to the question that was asked; notes the use.

    The caller has locked the person's passphrase row, so that one answer is looked at at a time. A counter
    that does not go up means a copied key (WebAuthn 6.1.1) and is refused.
    """
    mine = _rows(s, person_id)
    if not nonce or not mine:
        return False
    challenge = _challenge(s, person_id, nonce, mine)
    try:
        told = parse_authentication_credential_json(answer)
        passkey = next(row for row in mine if row.credential_id == told.raw_id)
        proved = webauthn.verify_authentication_response(
            credential=told,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception:  # the library lets through whatever its parsers meet in broken data
        return False
    passkey.sign_count = proved.new_sign_count
    passkey.used_at = now_utc()
    return True


def _rows(s: Session, person_id: int) -> list[Passkey]:
    return list(
        s.scalars(
            select(Passkey)
            .where(Passkey.person_id == person_id, Passkey.ended_at.is_(None))
            .order_by(Passkey.id)
        )
    )


def _challenge(s: Session, person_id: int, nonce: str, mine: list[Passkey]) -> bytes:
    state = ",".join(f"{row.id}:{row.sign_count}:{row.used_at and row.used_at.isoformat()}" for row in mine)
    return fingerprint(s, nonce, bound_to=("passkey", str(person_id), state))


def _descriptors(mine: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=row.credential_id) for row in mine]


def _clean_name(name: str) -> str:
    return "".join(sign for sign in " ".join(name.split()) if sign.isprintable())[:_LONGEST_NAME]


def _require_own(s: Session, viewer: Viewer, public_id: str) -> Passkey:
    found = s.scalar(
        select(Passkey).where(
            Passkey.public_id == public_id,
            Passkey.person_id == viewer.person_id,
            Passkey.ended_at.is_(None),
        )
    )
    if found is None:
        raise NotFound
    return found
