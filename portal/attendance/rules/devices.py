"""Which screens and tablets a centre has: what kinds there are, how long a code waits, who may add them."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.people.rules.words import Role

if TYPE_CHECKING:
    from portal.people.rules.access import Viewer


class DeviceKind(StrEnum):
    """What stands at the centre: a screen that shows the code, or a tablet that people type on."""

    SCREEN = "screen"
    TABLET = "tablet"


CODE_LIFETIME = timedelta(minutes=10)
"""How long the code that couples a device waits to be typed on it."""

GUESS_MINUTES = 15

WRONG_CODES_PER_ADDRESS = 10
"""Wrong codes from one network address in a quarter of an hour. One in 280 milliards is right."""

NAME_LENGTH = 40

SEEN_EVERY = timedelta(minutes=1)
"""When a device was last seen is written no more often."""


SILENT_AFTER = timedelta(minutes=5)
"""A screen asks every few seconds; one that has not for so long is off, or has no net."""


def may_run_devices(viewer: Viewer, centre_id: int) -> bool:
    """Whether somebody may see, add and take out a centre's devices.

    Those may who are in charge at the centre, and whoever administers. Nothing personal is seen there.
    """
    return Role.ADMIN in viewer.roles or centre_id in viewer.led_centre_ids
