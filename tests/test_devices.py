"""The screen at the door and the shared tablet: added with a code, known by a secret, out of use at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.attendance.models import CentreDevice
from portal.attendance.rules.devices import DeviceKind
from portal.attendance.service import devices, running_devices
from portal.errors import NotFound, Refused, TooManyTries
from tests.attendance_door import later, opened


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as found:
        yield found


def added(door, worker="synne", kind=DeviceKind.SCREEN, name="Skjermen ved døra"):
    with door.database.transaction() as s:
        return running_devices.add_device(
            s, door.viewer(worker), door.world.centres["own"], kind=kind, name=name
        )


def typed(door, code, address="203.0.113.7"):
    with door.database.transaction() as s:
        return devices.couple(s, code, address=address)


def found(door, secret):
    with door.database.transaction(writes=False) as s:
        return devices.find_device(s, secret)


def test_a_device_is_known_by_its_secret_from_when_its_code_was_typed_on_it(door):
    made = added(door, kind=DeviceKind.TABLET, name="  Ved\n kaffen ")
    coupled = typed(door, made.code.lower().replace(" ", "-"))
    device = found(door, coupled.secret)
    assert (device.kind, device.name) == (DeviceKind.TABLET, "Ved kaffen")
    assert device.centre.public_id == door.world.centres["own"]
    assert found(door, "") is None
    assert found(door, coupled.secret[:-1]) is None
    with door.database.transaction(writes=False) as s:
        row = s.scalars(select(CentreDevice).where(CentreDevice.coupled_at.is_not(None))).one()
        assert coupled.secret.encode() not in row.secret_hash
        assert (row.registered_by_id, row.coupled_at) == (door.id("synne"), clock.now_utc())


def test_a_code_couples_one_device_and_only_for_ten_minutes(door):
    first, second = added(door), added(door)
    assert typed(door, first.code)
    assert typed(door, first.code) is None, "used"
    with later(minutes=9, seconds=59):
        assert typed(door, added(door).code)
    with later(minutes=10):
        assert typed(door, second.code) is None


def test_wrong_codes_are_counted_by_address_and_right_ones_are_not(door):
    for _ in range(3):
        assert typed(door, added(door).code)
    for wrong in ("", "ABCD", "AAAA AAAA", "🤷" * 8, *["BBBB BBBB"] * 6):
        assert typed(door, wrong) is None
    right = added(door)
    with pytest.raises(TooManyTries):
        typed(door, right.code)
    assert typed(door, right.code, address="203.0.113.8")


def test_only_who_is_in_charge_or_administers_adds_a_device(door):
    for name in ("sara", "sindre", "vera", "lise", "anna"):
        with pytest.raises(NotFound):
            added(door, name)
    assert added(door, "mona"), "who administers"
    for name in ("", " \u200b\n", "x" * 41):
        with pytest.raises(Refused):
            added(door, name=name)


def test_when_a_device_was_seen_is_written_once_a_minute(door):
    coupled = typed(door, added(door).code)
    assert not found(door, coupled.secret).seen_is_stale
    with later(seconds=60):
        device = found(door, coupled.secret)
        assert device.seen_is_stale
        with door.database.transaction() as s:
            devices.note_seen(s, device.id)
        assert not found(door, coupled.secret).seen_is_stale
    with door.database.transaction(writes=False) as s:
        seen = s.get_one(CentreDevice, device.id).last_seen_at
    assert seen == clock.now_utc() + timedelta(minutes=1)
