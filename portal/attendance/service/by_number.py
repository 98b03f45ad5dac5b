"""Short number and PIN: on the centre's shared tablet, or after a scan in a browser that knows nobody."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.attendance.rules.kept import TapTime
from portal.attendance.rules.registered import Channel
from portal.attendance.service.checking_in import Arrival, Coming, check_in, register
from portal.attendance.service.codes import Claim
from portal.clock import now_utc
from portal.people.service import guesses, places
from portal.people.service.number_and_pin import Compared, compare, who_is_it


@dataclass(frozen=True)
class Welcome:
    """What the receipt may say before others: when she came, where, one letter, and in which language."""

    arrival: Arrival
    letter: str
    language: str


def check_in_on_tablet(
    s: Session,
    centre_id: int,
    number: str,
    pin: str,
    *,
    place: str,
    nonce: str,
    kept: TapTime | None = None,
    compared: Compared | None = None,
) -> Welcome | None:
    """Register whoever typed her number and PIN on a centre's tablet; None when they do not fit.

    The wrong try is counted then, so nothing is raised. `kept`: the tablet had no net, and this is when she
    typed; such a time is believed, and looked at by staff when it is more than a quarter of an hour ago.
    `place` names the tablet, whose wrong tries are counted together. Whoever calls has checked that it is
    this centre's. `compared`: see `who_is_it`. Raises: TooManyTries `number.wait`.
    """
    person = who_is_it(s, number, pin, place=place, compared=compared)
    if person is None:
        return None
    typed = kept or TapTime(now_utc())
    coming = Coming(person.id, typed.at, person.id, Channel.TABLET, nonce, typed.to_look_at)
    arrival = register(s, places.get_centre(s, centre_id), coming)
    return Welcome(arrival, person.given_name[:1], person.language)


def check_in_after_scan(
    s: Session,
    claim: Claim,
    number: str,
    pin: str,
    *,
    address: str | None,
    compared: Compared | None = None,
) -> Welcome | None:
    """Register whoever scanned a code on a phone that is not hers, without signing her in there.

    None when number and PIN do not fit, and the try has been counted. `address`: the network address.
    `compared`: what `compare_after_scan` gave.
    Raises: before the PIN is looked at, ClaimTooOld and NeedsSignIn; TooManyTries `number.wait`; what
    `check_in` raises.
    """
    claim.require_open()
    person = who_is_it(s, number, pin, place=_place(s, address), compared=compared)
    if person is None:
        return None
    return Welcome(check_in(s, person.id, claim), person.given_name[:1], person.language)


def compare_after_scan(s: Session, number: str, pin: str, *, address: str | None) -> Compared | None:
    """Do the slow part of `check_in_after_scan` ahead, where nobody waits to write."""
    return compare(s, number, pin, place=_place(s, address))


def _place(s: Session, address: str | None) -> str:
    return guesses.scope_of_address(s, "by_number", address)
