"""A centre's screens and shared tablets: becoming one with a code, and being known as it from then on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from portal.attendance.models import CentreDevice
from portal.attendance.rules import devices as rules
from portal.attendance.rules.devices import DeviceKind
from portal.clock import now_utc
from portal.db import fingerprint
from portal.errors import N_, PortalError
from portal.people.rules.keys import code_has_right_shape, normalise_code
from portal.people.service import guesses, places, sessions
from portal.people.service.places import CentreCard


class DeviceRevoked(PortalError):
    """The screen or tablet has been taken out of use, or was never one; its browser forgets its secret."""

    status = 410

    def __init__(self) -> None:
        super().__init__(
            "device.revoked", N_("Denne enheten er tatt ut av bruk. Si fra til dem som jobber her.")
        )


@dataclass(frozen=True)
class Device:
    """A device in use. `seen_is_stale`: it is time to write down that it was seen."""

    id: int
    public_id: str
    kind: DeviceKind
    name: str
    centre: CentreCard
    seen_is_stale: bool


@dataclass(frozen=True)
class Coupled:
    """A device that just typed its code, and the secret that its browser keeps from now on."""

    kind: DeviceKind
    secret: str


def find_device(s: Session, secret: str) -> Device | None:
    """Tell which device a browser's secret belongs to; None for one that was taken out, and for no secret."""
    if not secret:
        return None
    row = s.scalar(
        select(CentreDevice).where(
            CentreDevice.secret_hash == sessions.token_hash(secret), CentreDevice.revoked_at.is_(None)
        )
    )
    if row is None:
        return None
    is_stale = row.last_seen_at is None or now_utc() - row.last_seen_at >= rules.SEEN_EVERY
    centre = places.get_centre(s, row.centre_id)
    return Device(row.id, row.public_id, row.kind, row.name, centre, is_stale)


def require_device(s: Session, secret: str, kind: DeviceKind) -> Device:
    """Get the device of this kind that a browser's secret belongs to. Raises: DeviceRevoked for none."""
    device = find_device(s, secret)
    if device is None or device.kind is not kind:
        raise DeviceRevoked
    return device


def note_seen(s: Session, device_id: int) -> None:
    """Write down that a device was seen now, unless that was done within the last minute."""
    now = now_utc()
    was_earlier = or_(
        CentreDevice.last_seen_at.is_(None), CentreDevice.last_seen_at <= now - rules.SEEN_EVERY
    )
    s.execute(update(CentreDevice).where(CentreDevice.id == device_id, was_earlier).values(last_seen_at=now))


def couple(s: Session, typed: str, *, address: str | None) -> Coupled | None:
    """Make the browser in which a device's code was typed that device; None when the code does not work.

    Not raised, because the wrong try must stay counted. Which of wrong, used and too old it was is not told.
    One code couples one device, whoever comes first. Raises: TooManyTries `guess.wait`.
    """
    scope = guesses.scope_of_address(s, "device", address)
    guesses.take_guess(s, scope, limit=rules.WRONG_CODES_PER_ADDRESS, window_minutes=rules.GUESS_MINUTES)
    code, now, secret = normalise_code(typed), now_utc(), secrets.token_urlsafe(32)
    kind = code_has_right_shape(code) and s.scalar(
        update(CentreDevice)
        .where(
            CentreDevice.code_hash == code_hash(s, code),
            CentreDevice.code_expires_at > now,
            CentreDevice.secret_hash.is_(None),
            CentreDevice.revoked_at.is_(None),
        )
        .values(secret_hash=sessions.token_hash(secret), coupled_at=now, last_seen_at=now)
        .returning(CentreDevice.kind)
    )
    if not kind:
        return None
    guesses.give_back(s, scope, window_minutes=rules.GUESS_MINUTES)
    return Coupled(kind, secret)


def code_hash(s: Session, code: str) -> bytes:
    """Hash a device's one-time code, so that the database cannot tell it (decision 17)."""
    return fingerprint(s, code, bound_to=("device_code",))
