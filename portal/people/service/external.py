"""The seam for sign-in by somebody else: ID-porten, Entra ID, Ansattporten. None is shipped.

A real way in is a class of its own that is handed to `create_app(settings, ways_in=[…])`. Before it gives
back a proof it must check all of this (OpenID Connect Core 1.0 section 3.1.3.7; Digdir's guide, 2026-11):

- `state` is the one it remembered in this browser, and it is used once;
- the code is exchanged with PKCE (S256) and the client's own key, from server to server, with a time limit;
- the id token is signed by the issuer's key, `iss` and `aud` are the expected ones, `exp` has not passed;
- `nonce` is the one it remembered;
- `acr` says how sure the provider is: `idporten-loa-substantial` is `Level.MINID`, `idporten-loa-high` is
  `Level.BANKID`; anything lower or unknown is refused. `amr` must not be judged;
- the subject is `pid` for ID-porten, `oid` with its tenant for Entra ID; never an e-mail address.

ID-porten also asks for sign-out by front channel with `sid`; a way in that needs it brings its own page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import fingerprint
from portal.errors import N_, Conflict, Refused
from portal.people.models import ExternalIdentity, Person
from portal.people.rules.words import Level
from portal.people.service import sessions
from portal.people.service.roles import roles_held

UNKNOWN = N_("Vi kjenner deg ikke igjen her ennå. Spør veilederen din, eller den som ga deg tilgang.")


@dataclass(frozen=True)
class ExternalProof:
    """What a provider has proved: who (its own lasting name for the person), and how surely."""

    issuer: str
    subject: str
    level: Level


@dataclass(frozen=True)
class Departure:
    """Where the browser is sent, and what the way in must have back when it returns (state, nonce, verifier).

    What is remembered is kept sealed in the browser's cookie; a few hundred characters at most.
    """

    address: str
    remember: Mapping[str, str]


class WayIn(Protocol):
    """A way in by somebody else."""

    @property
    def name(self) -> str:
        """Its name in addresses: small letters."""

    @property
    def label(self) -> str:
        """What its button says, already in the words that people know, such as «BankID»."""

    @property
    def is_for_staff(self) -> bool:
        """Whether the button stands where staff sign in; otherwise where recipients do."""

    def start(self, callback_address: str) -> Departure:
        """Tell where to send the browser, and what to remember meanwhile."""

    def read_callback(
        self, callback_address: str, told: Mapping[str, str], remembered: Mapping[str, str]
    ) -> ExternalProof:
        """Read what the browser came back with. Raises: Refused when anything of it does not hold."""


def sign_in_external(s: Session, proof: ExternalProof) -> str:
    """Sign in whoever a provider has proved; gives back the session's token.

    The session's level is what was proved, for staff never more than a passphrase with a second factor gives.
    Raises: Refused `external.unknown` for a subject we do not know, for a recipient who may not be digital,
    and for staff without a role today; which of these is not told.
    """
    person = s.scalar(
        select(Person)
        .join(ExternalIdentity, ExternalIdentity.person_id == Person.id)
        .where(
            ExternalIdentity.issuer == proof.issuer,
            ExternalIdentity.subject_hash == _subject_hash(s, proof),
        )
    )
    if person is None or not _may_be_here(s, person):
        raise Refused("external.unknown", UNKNOWN)
    highest = Level.BANKID if person.is_recipient else Level.TWO_FACTORS
    return sessions.start_session(s, person.id, min(proof.level, highest))


def link_identity(s: Session, person_id: int, proof: ExternalProof) -> None:
    """Let a provider's subject mean this person from now on; the caller knows that it is so.

    Linking the same twice is one. Raises: Conflict `external.taken` when the subject means somebody else.
    """
    found = s.scalar(
        select(ExternalIdentity).where(
            ExternalIdentity.issuer == proof.issuer,
            ExternalIdentity.subject_hash == _subject_hash(s, proof),
        )
    )
    if found is None:
        hashed = _subject_hash(s, proof)
        s.add(ExternalIdentity(person_id=person_id, issuer=proof.issuer, subject_hash=hashed))
    elif found.person_id != person_id:
        raise Conflict("external.taken", N_("Denne innloggingen hører til en annen person."))


def _subject_hash(s: Session, proof: ExternalProof) -> bytes:
    return fingerprint(s, proof.subject, bound_to=("external_identity", proof.issuer))


def _may_be_here(s: Session, person: Person) -> bool:
    return sessions.may_be_here(person) if person.is_recipient else bool(roles_held(s, [person.id]))
