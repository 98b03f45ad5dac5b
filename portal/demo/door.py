"""Who can be chosen on the demo page, and signing in as one of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.attendance.rules.devices import DeviceKind
from portal.attendance.service import devices, running_devices
from portal.attendance.service.devices import Coupled
from portal.demo.cast import RECIPIENTS, STAFF, Part, StaffPart
from portal.errors import N_, NotFound
from portal.i18n import gettext
from portal.people.rules.words import Level
from portal.people.service import places, recipients, sessions

_DEVICES = {
    DeviceKind.SCREEN: ("Skjermen ved døra", N_("Viser koden som folk skanner")),
    DeviceKind.TABLET: ("Nettbrettet ved kaffen", N_("For dem som ikke har telefon")),
}


@dataclass(frozen=True)
class Choice:
    """One made-up person as the demo page shows her."""

    key: str
    name: str
    line: str


def choices(parts: tuple[Part, ...] | tuple[StaffPart, ...]) -> list[Choice]:
    """List people with their line in the language in force."""
    return [Choice(part.key, part.name, gettext(part.line)) for part in parts]


def is_staff(key: str) -> bool:
    """Whether a key is that of somebody who works there."""
    return any(part.key == key for part in STAFF)


def start_session(s: Session, key: str) -> str:
    """Sign in as a made-up person.

    Give back the session's token. Raises: NotFound for a name not in the cast.
    """
    if not is_staff(key) and all(part.key != key for part in RECIPIENTS):
        raise NotFound
    person = recipients.find_by_public_id(s, f"demo-{key}")
    if person is None:
        raise NotFound
    return sessions.start_session(s, person.id, Level.BANKID if is_staff(key) else Level.CODE_AND_PIN)


def list_devices() -> list[Choice]:
    """List what stands at the centre, with its line; the key is its short address."""
    keys = {DeviceKind.SCREEN: "skjerm", DeviceKind.TABLET: "nettbrett"}
    return [Choice(keys[kind], name, gettext(line)) for kind, (name, line) in _DEVICES.items()]


def start_device(s: Session, kind: DeviceKind) -> Coupled:
    """Add a screen or a tablet to the made-up centre, and type its code at once."""
    centre = places.find_centre(s, "demo-jobbsentralen")
    siri = recipients.find_by_public_id(s, "demo-siri")
    if centre is None or siri is None:
        raise NotFound
    name = _DEVICES[kind][0]
    added = running_devices.new_device(s, centre.id, kind=kind, name=name, by_id=siri.id)
    coupled = devices.couple(s, added.code, address=None)
    if coupled is None:
        raise NotFound
    return coupled
