"""Knowing a person by her short number and the PIN of a phone of hers, where no phone is at hand."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Compared:
    """What came of holding a PIN against these phones. It tells nothing until a try is taken."""

    number: int | None
    pin: str
    bound: tuple[str, ...]
    is_right: bool


def compare(s: Session, typed_number: str, typed_pin: str, *, place: str) -> Compared | None:
    """Do the slow part ahead, where nobody waits to write: for `who_is_it`, which alone tells what it gave.

    None when no try is left, so that nobody makes us work for nothing. Writes nothing.
    """
    number, pin = read_short_number(typed_number), clean_pin(typed_pin)
    for scope, minutes, most in _tries(s, number, place):
        if guesses.is_spent(s, scope, limit=most, window_minutes=minutes):
            return None
    bound = _bound(s, _find(s, number))
    return Compared(number, pin, bound, _fits(bound, pin))


def who_is_it(
    s: Session, typed_number: str, typed_pin: str, *, place: str, compared: Compared | None = None
) -> PersonCard | None:
    """Tell who has this short number and this PIN; None when nobody has, and then the try has been counted.

    Not raised, so that the count is kept. An unknown number, one without a phone, and a wrong PIN give the
    same answer after the same work. No phone is closed by it: whoever guesses at the door does not lock her
    out of her own. `place` names where the tries come from without saying it, see `guesses.scope_of_address`.
    `compared`: what `compare` gave for them; it does not count when her phones are others by now.
    Raises: TooManyTries `number.wait`, alike for known and unknown numbers.
    """
    number, pin = read_short_number(typed_number), clean_pin(typed_pin)
    taken = _tries(s, number, place)
    for scope, minutes, most in taken:
        _take(s, scope, minutes, most)
    person = _find(s, number)
    bound = _bound(s, person)
    if compared is None or (compared.number, compared.pin, compared.bound) != (number, pin, bound):
        compared = Compared(number, pin, bound, _fits(bound, pin))
    if person is None or not compared.is_right:
        return None
    for scope, minutes, _most in taken:
        guesses.give_back(s, scope, window_minutes=minutes)
    return recipients.get_person(s, person.id)


def _tries(s: Session, number: int | None, place: str) -> list[tuple[str, int, int]]:
    """What a try counts against: scope, minutes and most tries."""
    of_number = guesses.scope_of_address(s, "number", str(number))
    counted = [(place, _SHORT, _PER_PLACE), *((of_number, minutes, most) for minutes, most in _PER_NUMBER)]
    return [(f"{scope}:{minutes}", minutes, most) for scope, minutes, most in counted]


def _take(s: Session, scope: str, minutes: int, most: int) -> None:
    try:
        guesses.take_guess(s, scope, limit=most, window_minutes=minutes)
    except TooManyTries as fault:
        raise TooManyTries(
            "number.wait",
            N_("Nummer og PIN virker ikke en liten stund. Si navnet ditt til dem som jobber her."),
            retry_after_seconds=fault.facts["retry_after_seconds"],
        ) from fault


def _find(s: Session, number: int | None) -> Person | None:
    wanted = select(Person).where(Person.number == number, Person.is_recipient)
    return s.scalar(wanted) if number else None


def _bound(s: Session, person: Person | None) -> tuple[str, ...]:
    if person is None or not sessions.may_be_here(person):
        return ()
    phones = select(Credential.pin_hash).where(
        Credential.person_id == person.id, Credential.ended_at.is_(None)
    )
    newest = phones.order_by(Credential.used_at.desc().nulls_last(), Credential.id.desc()).limit(_COMPARED)
    return tuple(s.scalars(newest))


def _fits(bound: tuple[str, ...], pin: str) -> bool:
    """Whether a PIN is that of one of her phones; the same work however many she has."""
    right = [_is_right(known, pin) for known in bound]
    for known in [NOBODYS] * (_COMPARED - len(bound)):
        _is_right(known, f"{pin} ")
    return any(right) and pin_has_right_shape(pin)


def _is_right(known: str, pin: str) -> bool:
    try:
        return HASHER.verify(known, pin)
    except VerifyMismatchError:
        return False
