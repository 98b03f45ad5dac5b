"""Knowing a person by her short number and the PIN of a phone of hers, where no phone is at hand."""

from __future__ import annotations

from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.errors import N_, TooManyTries
from portal.people.models import Credential, Person
from portal.people.rules.helping import read_short_number
from portal.people.rules.keys import clean_pin, pin_has_right_shape
from portal.people.service import guesses, recipients, sessions
from portal.people.service.phones import HASHER, NOBODYS
from portal.people.service.recipients import PersonCard

_COMPARED = 2
"""A PIN is held against so many phones, the last used first; always as many, so the time tells nothing."""

_SHORT, _DAY = 15, 24 * 60
_PER_NUMBER = ((_SHORT, 5), (_DAY, 20))
"""Wrong PINs for one number, known or not: minutes and most tries."""

_PER_PLACE = 60
"""Wrong ones from one place in a quarter of an hour: fifty people share a tablet, or a network address."""


def who_is_it(s: Session, typed_number: str, typed_pin: str, *, place: str) -> PersonCard | None:
    """Tell who has this short number and this PIN; None when nobody has, and then the try has been counted.

    Not raised, so that the count is kept. An unknown number, one without a phone, and a wrong PIN give the
    same answer after the same work. No phone is closed by it: whoever guesses at the door does not lock her
    out of her own. `place` names where the tries come from without saying it, see `guesses.scope_of_address`.
    Raises: TooManyTries `number.wait`, alike for known and unknown numbers.
    """
    number, pin = read_short_number(typed_number), clean_pin(typed_pin)
    of_number = guesses.scope_of_address(s, "number", str(number))
    taken = [(place, _SHORT, _PER_PLACE), *((of_number, minutes, most) for minutes, most in _PER_NUMBER)]
    for scope, minutes, most in taken:
        _take(s, f"{scope}:{minutes}", minutes, most)
    found = _whose(s, number, pin)
    if found is not None:
        for scope, minutes, _most in taken:
            guesses.give_back(s, f"{scope}:{minutes}", window_minutes=minutes)
    return found


def _take(s: Session, scope: str, minutes: int, most: int) -> None:
    try:
        guesses.take_guess(s, scope, limit=most, window_minutes=minutes)
    except TooManyTries as fault:
        raise TooManyTries(
            "number.wait",
            N_("Nummer og PIN virker ikke en liten stund. Si navnet ditt til dem som jobber her."),
            retry_after_seconds=fault.facts["retry_after_seconds"],
        ) from fault


def _whose(s: Session, number: int | None, pin: str) -> PersonCard | None:
    person = s.scalar(select(Person).where(Person.number == number, Person.is_recipient)) if number else None
    bound: list[str] = []
    if person is not None and sessions.may_be_here(person):
        phones = select(Credential.pin_hash).where(
            Credential.person_id == person.id, Credential.ended_at.is_(None)
        )
        newest = phones.order_by(Credential.used_at.desc().nulls_last(), Credential.id.desc()).limit(
            _COMPARED
        )
        bound = list(s.scalars(newest))
    nobodys = [NOBODYS] * (_COMPARED - len(bound))
    right = [_is_right(known, pin) for known in bound]
    for known in nobodys:
        _is_right(known, f"{pin} ")
    is_hers = any(right) and pin_has_right_shape(pin)
    return recipients.get_person(s, person.id) if person is not None and is_hers else None


def _is_right(known: str, pin: str) -> bool:
    try:
        return HASHER.verify(known, pin)
    except VerifyMismatchError:
        return False
