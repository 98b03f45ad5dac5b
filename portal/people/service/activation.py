"""Binding a phone: a one-time code from Nav, then a PIN that the person chooses."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.db import fingerprint
from portal.errors import N_, NotFound, Refused
from portal.people.models import ActivationCode, Person
from portal.people.rules.access import Permission, Viewer, may
from portal.people.rules.keys import (
    CODE_LENGTH,
    CODE_LETTERS,
    code_has_right_shape,
    normalise_code,
    pin_has_right_shape,
    pin_is_easy,
)
from portal.people.rules.words import Change, IdentityCheck, Level
from portal.people.service import person_changes, phones, recipients, sessions
from portal.people.service.recipients import PersonCard, get_person, require_findable

CODE_NOT_VALID = N_("Koden virker ikke. Sjekk den, eller be Nav om en ny.")


@dataclass(frozen=True)
class CodeMade:
    """A one-time code in two groups of four, and when it stops working."""

    code: str
    expires_utc: datetime


def make_code(
    s: Session,
    viewer: Viewer,
    recipient_public_id: str,
    *,
    hours: int,
    identity_check: IdentityCheck,
    phone_is_lost: bool = False,
) -> CodeMade:
    """Make a one-time code for a recipient; earlier unused ones stop working.

    Who made it, and how she knew who stood there, is kept. Whoever may find the recipient may give her a
    code: her helpers, their colleagues in the office, and who is in charge at the centre. When her phone is
    lost or stolen, she may say so: all phones and sign-ins of hers end at once, and that is kept too.
    Raises: NotFound when the viewer may not find her; Refused `activation.not_digital` for a protected person
    for whom two people have not switched it on.
    """
    recipients.hold(s, [require_findable(s, viewer, recipient_public_id).id])
    recipient = require_findable(s, viewer, recipient_public_id)  # she may just have been protected
    if not recipient.is_digital:
        raise Refused(
            "activation.not_digital",
            N_("Min vei er ikke slått på for denne personen. To hjelpere må slå på Min vei først."),
        )
    if phone_is_lost:
        phones.end_phones_of(s, recipient.id)
        person_changes.note(s, viewer, recipient.id, Change.PHONES_ENDED)
    return new_code_for(s, recipient.id, hours=hours, made_by_id=viewer.person_id, check=identity_check)


def may_make_code(s: Session, viewer: Viewer, recipient_public_id: str) -> bool:
    """Whether the viewer could give a recipient a code now: for a page that leads on to it."""
    if not may(viewer, Permission.MAKE_CODE):
        return False
    try:
        return require_findable(s, viewer, recipient_public_id).is_digital
    except NotFound:
        return False


def new_code_for(
    s: Session, person_id: int, *, hours: int, made_by_id: int | None, check: IdentityCheck | None
) -> CodeMade:
    """Make a one-time code for anybody; earlier unused ones stop working.

    Checks nothing and holds nobody: the caller does, so that two at the same moment leave one that works.
    """
    now = now_utc()
    void_codes_of(s, person_id)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    expires = now + timedelta(hours=hours)
    s.add(
        ActivationCode(
            person_id=person_id,
            code_hash=fingerprint(s, code, bound_to=("activation_code",)),
            made_by_id=made_by_id,
            identity_check=check,
            made_at=now,
            expires_at=expires,
        )
    )
    return CodeMade(f"{code[:4]} {code[4:]}", expires)


def void_codes_of(s: Session, person_id: int) -> None:
    """Let a person's unused one-time codes stop working, such as when a new one is made."""
    now = now_utc()
    s.execute(
        update(ActivationCode)
        .where(
            ActivationCode.person_id == person_id,
            ActivationCode.used_at.is_(None),
            ActivationCode.expires_at > now,
        )
        .values(expires_at=now)
    )


def code_works(s: Session, typed: str) -> bool:
    """Whether a typed code is known, unused and in time.

    Which of these fails is not told: it would help a guesser.
    """
    return _find_code(s, typed) is not None


def whose_code(s: Session, typed: str) -> PersonCard | None:
    """Tell whose a recipient's code is; None when it does not work. Of her the page shows one letter."""
    found = _find_code(s, typed)
    return get_person(s, found.person_id) if found else None


def waits_for_use(s: Session, code: str) -> bool:
    """Whether a code, of a recipient's or for somebody who works here, is still unused and in time."""
    return code_works(s, code) or find_staff_code(s, code) is not None


def bind_phone(
    s: Session, typed: str, pin: str, *, token_before: str = "", name: str = ""
) -> phones.SignedIn:
    """Use up a code, bind this phone with the chosen PIN, and sign the person in.

    `token_before` is what the phone holds from an earlier binding, `name` what it is called until she calls
    it something else; see `phones.bind`.
    Raises: Refused `activation.pin_shape`, `activation.pin_too_simple` or `activation.code_not_valid`; then
    nothing is used up.
    """
    if not pin_has_right_shape(pin):
        raise Refused("activation.pin_shape", N_("PIN-en må ha seks tall."), field="pin")
    found = _find_code(s, typed)
    if pin_is_easy(pin, s.get_one(Person, found.person_id).born_on if found else None):
        raise Refused(
            "activation.pin_too_simple",
            N_("Den PIN-en er lett å gjette. Velg en annen."),
            field="pin",
        )
    return phones.bind(s, _use_code(s, typed), pin, token_before=token_before, name=name)


def borrow_phone(s: Session, typed: str) -> phones.SignedIn:
    """Use up a code on a phone that is not the person's own: she is in for a short time, nothing is bound.

    The code was given in person to somebody who was known, so the level is the same as with a PIN.
    Raises: Refused `activation.code_not_valid`.
    """
    person_id = _use_code(s, typed)
    return phones.SignedIn(sessions.start_session(s, person_id, Level.CODE_AND_PIN, is_borrowed=True))


def _use_code(s: Session, typed: str) -> int:
    """Use up a code, whoever comes first; tell whose it was."""
    found = _find_code(s, typed)
    if not found or not use_up(s, found.id):
        raise Refused("activation.code_not_valid", CODE_NOT_VALID, field="code")
    return found.person_id


def find_staff_code(s: Session, typed: str) -> int | None:
    """Tell the number of a typed code that works and belongs to somebody who works here."""
    found = _find_code(s, typed, of_recipient=False)
    return found.id if found else None


def use_up(s: Session, code_id: int) -> bool:
    """Use up a code; False when somebody else was first, or it works no more."""
    used = s.scalar(
        update(ActivationCode)
        .where(
            ActivationCode.id == code_id,
            ActivationCode.used_at.is_(None),
            ActivationCode.expires_at > now_utc(),  # another transaction may have made it void meanwhile
        )
        .values(used_at=now_utc())
        .returning(ActivationCode.id)
    )
    return used is not None


def _find_code(s: Session, typed: str, *, of_recipient: bool = True) -> ActivationCode | None:
    """Find a code that works. One for staff binds no phone, and a recipient's opens no staff door.

    That of a recipient who may not be digital answers like a wrong one: nothing tells that she is known.
    """
    code = normalise_code(typed)
    if not code_has_right_shape(code):
        return None
    found = s.scalar(
        select(ActivationCode)
        .join(Person, Person.id == ActivationCode.person_id)
        .where(
            ActivationCode.code_hash == fingerprint(s, code, bound_to=("activation_code",)),
            ActivationCode.used_at.is_(None),
            ActivationCode.expires_at > now_utc(),
            Person.is_recipient == of_recipient,
        )
    )
    return found if found and get_person(s, found.person_id).is_digital else None
