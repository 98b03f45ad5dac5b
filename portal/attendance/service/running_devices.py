"""Running a centre's screens and tablets: adding one, seeing how they are, taking one out, a new key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import CentreDevice
from portal.attendance.rules import devices as rules
from portal.attendance.rules.devices import DeviceKind
from portal.attendance.service import devices, keys
from portal.clock import now_utc
from portal.errors import N_, NotFound, Refused
from portal.people.rules.access import Viewer
from portal.people.rules.keys import CODE_LENGTH, CODE_LETTERS
from portal.people.service import places, recipients
from portal.people.service.places import CentreCard

_MOST_REVOKED = 10


@dataclass(frozen=True)
class DeviceRow:
    """A device as those who run it see it. `is_silent`: it is in use, but has not asked for some minutes."""

    public_id: str
    kind: DeviceKind
    name: str
    registered_by: str
    registered_at: datetime
    coupled_at: datetime | None
    last_seen_at: datetime | None
    is_silent: bool
    revoked_by: str
    revoked_at: datetime | None


@dataclass(frozen=True)
class RunCentre:
    """What somebody who runs a centre's devices sees: those in use or waiting, those taken out, and the key.

    `key_made_by` is empty when the key came with the centre.
    """

    centre: CentreCard
    in_use: tuple[DeviceRow, ...]
    revoked: tuple[DeviceRow, ...]
    key_made_at: datetime | None
    key_made_by: str


@dataclass(frozen=True)
class DeviceAdded:
    """A device that waits for its code: two groups of four, shown once."""

    public_id: str
    code: str


def add_device(
    s: Session, viewer: Viewer, centre_public_id: str, *, kind: DeviceKind, name: str
) -> DeviceAdded:
    """Add a device to a centre and make the code that is typed on it within ten minutes.

    Raises: NotFound for a centre that is not the viewer's to run; Refused `device.no_name` without a name,
    `device.name_too_long` for more than forty characters.
    """
    centre = get_run_centre(s, viewer, centre_public_id)
    said = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if not said:
        raise Refused("device.no_name", N_("Skriv hvor den står."), field="name")
    if len(said) > rules.NAME_LENGTH:
        raise Refused("device.name_too_long", N_("Navnet kan ha opptil 40 tegn."), field="name")
    return new_device(s, centre.id, kind=kind, name=said, by_id=viewer.person_id)


def new_device(s: Session, centre_id: int, *, kind: DeviceKind, name: str, by_id: int) -> DeviceAdded:
    """Add a device to a centre, checking nothing: the caller does."""
    now = now_utc()
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    row = CentreDevice(
        centre_id=centre_id,
        kind=kind,
        name=name,
        registered_by_id=by_id,
        registered_at=now,
        code_hash=devices.code_hash(s, code),
        code_expires_at=now + rules.CODE_LIFETIME,
    )
    s.add(row)
    s.flush()
    return DeviceAdded(row.public_id, f"{code[:4]} {code[4:]}")


def run_centre_for(s: Session, viewer: Viewer, centre_public_id: str) -> RunCentre:
    """Get a centre's devices by name, the ten that were taken out last, and who made its present key.

    One whose code was never typed in time is left out. Raises: NotFound.
    """
    centre = get_run_centre(s, viewer, centre_public_id)
    query = select(CentreDevice).where(CentreDevice.centre_id == centre.id)
    rows = s.scalars(query.order_by(CentreDevice.name, CentreDevice.id)).all()
    key = keys.key_card(s, centre.id)
    made_by = key.made_by_id if key else None
    ids = {row.registered_by_id for row in rows} | {row.revoked_by_id for row in rows} | {made_by}
    names = recipients.names_for(s, [person_id for person_id in ids if person_id is not None])
    now = now_utc()
    in_use = [row for row in rows if not row.revoked_at and (row.coupled_at or row.code_expires_at > now)]
    gone = [row for row in rows if row.revoked_at]
    gone.sort(key=lambda row: (row.revoked_at or now, row.id), reverse=True)
    return RunCentre(
        centre,
        tuple(_row(row, names) for row in in_use),
        tuple(_row(row, names) for row in gone[:_MOST_REVOKED]),
        key.made_at if key else None,
        names.get(made_by, "") if made_by else "",
    )


def get_device(s: Session, viewer: Viewer, public_id: str) -> tuple[CentreCard, DeviceRow]:
    """Get one device and its centre, for whoever waits until it is coupled. Raises: NotFound."""
    row, centre = _get(s, viewer, public_id)
    return centre, _row(row, recipients.names_for(s, [row.registered_by_id]))


def revoke_device(s: Session, viewer: Viewer, public_id: str) -> tuple[CentreCard, str]:
    """Take a device out of use, at once and for good, and tell its centre and name.

    A screen shows no code any more within seconds, and nothing typed on a tablet counts. Doing it twice
    changes nothing, and there is no way back but to add it anew. Raises: NotFound.
    """
    row, centre = _get(s, viewer, public_id)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by_id = now_utc(), viewer.person_id
    return centre, row.name


def renew_key(s: Session, viewer: Viewer, centre_public_id: str) -> CentreCard:
    """Give a centre a new key: every code made with the old one is worth nothing from now on.

    Who did it, and when, is kept. Raises: NotFound.
    """
    centre = get_run_centre(s, viewer, centre_public_id)
    keys.make_centre_key(s, centre.id, made_by_id=viewer.person_id)
    return centre


def get_run_centre(s: Session, viewer: Viewer, centre_public_id: str) -> CentreCard:
    """Get a centre whose devices and key the viewer runs. Raises: NotFound."""
    centre = places.find_centre(s, centre_public_id)
    if centre is None or not rules.may_run_devices(viewer, centre.id):
        raise NotFound
    return centre


def _get(s: Session, viewer: Viewer, public_id: str) -> tuple[CentreDevice, CentreCard]:
    row = s.scalar(select(CentreDevice).where(CentreDevice.public_id == public_id))
    if row is None or not rules.may_run_devices(viewer, row.centre_id):
        raise NotFound
    return row, places.get_centre(s, row.centre_id)


def _row(row: CentreDevice, names: dict[int, str]) -> DeviceRow:
    seen = row.last_seen_at
    is_late = seen is not None and now_utc() - seen > rules.SILENT_AFTER
    return DeviceRow(
        public_id=row.public_id,
        kind=row.kind,
        name=row.name,
        registered_by=names.get(row.registered_by_id, ""),
        registered_at=row.registered_at,
        coupled_at=row.coupled_at,
        last_seen_at=seen,
        is_silent=is_late and row.kind is DeviceKind.SCREEN,
        revoked_by=names.get(row.revoked_by_id or 0, ""),
        revoked_at=row.revoked_at,
    )
