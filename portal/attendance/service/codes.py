"""The code on the centre's screen, and what somebody who used it may claim."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy.orm import Session

from portal.attendance.rules import windows
from portal.attendance.rules.registered import Channel
from portal.attendance.rules.windows import Verdict
from portal.attendance.service import keys
from portal.clock import now_utc, today_oslo
from portal.db import new_public_id
from portal.errors import N_, Refused, TooManyTries
from portal.people.service import guesses, places
from portal.people.service.places import CentreCard
from portal.plan.service import visits

CODE_WRONG = N_("Koden stemmer ikke. Skann den nye på skjermen, eller skriv de seks tallene.")

# In several languages at once: the screen does not know who stands before it.
WELCOMES = (
    ("nb", "Pek kameraet på koden"),
    ("en", "Point your camera at the code"),
    ("uk", "Наведіть камеру на код"),
    ("ar", "يرجى توجيه الكاميرا نحو الرمز"),
    ("so", "Kamarada ku jeedi koodhka"),
)


@dataclass(frozen=True)
class CodeNow:
    """What the screen shows in one window. `left_ms`: for so long, by the server's clock alone.

    `version` tells this code from the one before and the next: it changes with the window and with the key.
    """

    token: str
    digits: str
    version: str
    server_now: datetime
    left_ms: int


@dataclass(frozen=True)
class Claim:
    """That somebody used a centre's code at an instant. Kept in the browser, signed, until she signs in.

    received_at: only for what a phone kept without a net: when the server at last got it. Such a claim is
    never too old, at most `to_look_at`.
    needs_sign_in: the door would not take the code or the claim any more, so it may be anybody's photo: it
    gives whoever is not signed in neither letters nor a number to type.
    """

    centre_id: int
    at: datetime
    channel: Channel
    nonce: str
    received_at: datetime | None = None
    to_look_at: bool = False
    needs_sign_in: bool = False

    @property
    def was_kept(self) -> bool:
        """Whether a phone kept it until there was a net again."""
        return self.received_at is not None

    def is_fresh(self, now: datetime) -> bool:
        """Whether it still counts: for a quarter of an hour after the server got it."""
        return windows.claim_is_fresh(self.received_at or self.at, now=now)

    def require_open(self) -> None:
        """Let somebody who is not signed in use it. Raises: NeedsSignIn; ClaimTooOld."""
        if self.needs_sign_in:
            raise windows.NeedsSignIn
        if not self.is_fresh(now_utc()):
            raise windows.ClaimTooOld

    @property
    def is_open(self) -> bool:
        """Whether somebody who is not signed in may use it."""
        return not self.needs_sign_in and self.is_fresh(now_utc())

    def gives_way_to(self, other: Self) -> bool:
        """Whether a browser that holds this one should hold the other instead: one waits at a time."""
        is_stronger = self.needs_sign_in and not other.needs_sign_in
        return self.nonce == other.nonce or is_stronger or not self.is_fresh(now_utc())

    def as_kept(self) -> dict[str, str | int | bool]:
        """The claim as it is kept in the browser; the cookie that holds it is signed."""
        return {
            "centre": self.centre_id,
            "at": self.at.isoformat(),
            "channel": self.channel,
            "nonce": self.nonce,
            "received_at": self.received_at.isoformat() if self.received_at else "",
            "to_look_at": self.to_look_at,
            "needs_sign_in": self.needs_sign_in,
        }

    @classmethod
    def from_kept(cls, kept: dict[str, Any] | None) -> Self | None:
        """The claim again; None when nothing was kept."""
        if kept is None:
            return None
        at, received = datetime.fromisoformat(kept["at"]), kept.get("received_at")
        received_at = datetime.fromisoformat(received) if received else None
        told = kept["centre"], at, Channel(kept["channel"]), kept["nonce"]
        return cls(*told, received_at, bool(kept.get("to_look_at")), bool(kept.get("needs_sign_in")))


def code_now(s: Session, centre: CentreCard) -> CodeNow:
    """Make the code that a centre's screen shows right now.

    Raises: Refused `attendance.no_key` for a centre without a key.
    """
    key = keys.keys_of(s, [centre.id]).get(centre.id)
    if key is None:
        raise Refused(
            "attendance.no_key", N_("Dette stedet har ingen kode ennå. Si fra til den som styrer Min vei.")
        )
    now = now_utc()
    window = windows.window_of(now)
    ends_at = windows.window_start(window) + timedelta(seconds=windows.WINDOW_SECONDS)
    return CodeNow(
        token=windows.token(key.secret, centre.public_id, window),
        digits=windows.digits(key.secret, centre.public_id, window),
        version=f"{key.n}.{window}",
        server_now=now,
        left_ms=int((ends_at - now).total_seconds() * 1000),
    )


def claim_from_token(s: Session, code: str) -> Claim:
    """Check a scanned code at the moment of the scan, before anybody signs in. Writes nothing.

    Raises: Refused `attendance.code_too_old` for one that was good before, else `attendance.code_wrong`.
    """
    now = now_utc()
    public_id = windows.centre_in(code)
    centre = places.find_centre(s, public_id) if public_id else None
    key = keys.keys_of(s, [centre.id]).get(centre.id) if centre else None
    verdict = Verdict.WRONG
    if centre and key:
        verdict = windows.judge_token(code, secret=key.secret, centre_public_id=centre.public_id, at=now)
    if verdict is Verdict.TOO_OLD:
        raise Refused(
            "attendance.code_too_old",
            N_("Koden er for gammel. Skann den nye på skjermen, eller skriv de seks tallene."),
        )
    if centre is None or verdict is not Verdict.GOOD:
        raise Refused("attendance.code_wrong", CODE_WRONG)
    return Claim(centre.id, now, Channel.QR, new_public_id())


def claim_from_kept(s: Session, code: str, *, scanned_at: datetime, nonce: str) -> Claim:
    """Take a scanned code that a phone kept without a net, with the time it says. Writes nothing.

    A code that this centre showed some time is never refused, however late it comes. One that the door would
    not take now, or of a key that has been replaced since, is looked at and counts only for whoever signs in.
    Raises: Refused `attendance.code_wrong` for one that it never showed.
    """
    now = now_utc()
    public_id = windows.centre_in(code)
    centre = places.find_centre(s, public_id) if public_id else None
    if centre is None:
        raise Refused("attendance.code_wrong", CODE_WRONG)
    for key, until in keys.keys_ever(s, centre.id):
        window = windows.genuine_window(
            code, secret=key.secret, centre_public_id=centre.public_id, until=until or now
        )
        if window is not None:
            at, to_look_at = windows.time_of_kept(window, scanned_at=scanned_at, received_at=now)
            is_over = until is not None or not windows.is_taken_at_the_door(window, now)
            return Claim(centre.id, at, Channel.QR, nonce, now, to_look_at or is_over, is_over)
    raise Refused("attendance.code_wrong", CODE_WRONG)


def claim_kept_on(claim: Claim) -> Claim:
    """Take a claim that a phone kept because its tap did not get through. Its time is ours already."""
    now = now_utc()
    is_old = now - claim.at > windows.LOOK_AFTER
    to_look_at, needs_sign_in = claim.to_look_at or is_old, claim.needs_sign_in or is_old
    return replace(claim, received_at=now, to_look_at=to_look_at, needs_sign_in=needs_sign_in)


def claim_from_digits(s: Session, typed: str, *, person_id: int | None, address: str | None) -> Claim | None:
    """Check six typed digits; None when no centre shows them, and then the wrong try has been counted.

    Not raised, because the count must be kept. `person_id`: who is signed in, or whose phone it is; None when
    nobody knows. `address`: the network address that the try came from; it is never kept as it is.
    Raises: Refused `attendance.digits_shape`, or `attendance.digits_ambiguous` when two centres show the same
    digits and neither is hers; TooManyTries `attendance.digits_closed` – the QR still works then.
    """
    clean = windows.clean_digits(typed)
    taken = _guess_scopes(s, person_id, address)
    for scope, limit in taken:
        _take_guess(s, scope, limit)
    now = now_utc()
    known = keys.keys_of(s)
    matching = [
        centre
        for centre in places.list_centres(s)
        if centre.id in known
        and windows.matches_digits(
            clean, secret=known[centre.id].secret, centre_public_id=centre.public_id, at=now
        )
    ]
    if not matching:
        return None
    for scope, _limit in taken:
        guesses.give_back(s, scope, window_minutes=windows.GUESS_MINUTES)
    centre = matching[0] if len(matching) == 1 else _hers(s, matching, person_id)
    return Claim(centre.id, now, Channel.DIGITS, new_public_id())


def _hers(s: Session, matching: list[CentreCard], person_id: int | None) -> CentreCard:
    """Two centres show the same digits now and then: choose the one where she is expected today."""
    if person_id is not None:
        expected = visits.expected_on(s, today_oslo(), recipient_ids=[person_id])
        hers = [centre for centre in matching if centre.id in {visit.centre_id for visit in expected}]
        if len(hers) == 1:
            return hers[0]
    raise Refused(
        "attendance.digits_ambiguous",
        N_("Vent til tallene på skjermen skifter. Prøv så de nye."),
        field="code",
    )


def _guess_scopes(s: Session, person_id: int | None, address: str | None) -> list[tuple[str, int]]:
    """Whose wrong tries are counted together, and how many there may be.

    Strangers' are counted all together too, so high that no single outsider closes typing for the others.
    """
    if person_id is not None:
        return [(f"digits:person:{person_id}", windows.WRONG_DIGITS_PER_PERSON)]
    per_address = guesses.scope_of_address(s, "digits", address), windows.WRONG_DIGITS_PER_ADDRESS
    return [per_address, ("digits:strangers", windows.WRONG_DIGITS_OF_STRANGERS)]


def _take_guess(s: Session, scope: str, limit: int) -> None:
    try:
        guesses.take_guess(s, scope, limit=limit, window_minutes=windows.GUESS_MINUTES)
    except TooManyTries as fault:
        raise TooManyTries(
            "attendance.digits_closed",
            N_("Tallene virker ikke en liten stund. Skann koden, eller si fra til dem som jobber her."),
            field="code",
            retry_after_seconds=fault.facts["retry_after_seconds"],
        ) from fault
