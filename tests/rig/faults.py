"""A fault: its name, what it does to the stage while people write, and how long it lasts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.rig.stage import VEILEDER, Played, Stage


@dataclass(frozen=True)
class Size:
    """How long a phone is cut off, how often the server is killed, how many silent phones there are."""

    cut_seconds: float
    kills: int
    silent_phones: int
    waits_for_silent: bool


SHORT = Size(cut_seconds=1, kills=1, silent_phones=60, waits_for_silent=False)
FULL = Size(cut_seconds=30, kills=50, silent_phones=60, waits_for_silent=True)

Play = Callable[[Stage, Size, Played], None]


@dataclass(frozen=True)
class Fault:
    """`pages_answer`: the server lives throughout, so pages must answer. `place`: where its database lies."""

    name: str
    play: Play
    pages_answer: bool = True
    place: str = "sqlite"


def write_between(stage: Stage) -> None:
    """Open a page, have somebody write to it, and only then let its scripts run."""
    tab = stage.tabs[0]
    phone = stage.phones[tab.who]
    phone.ask("load", tab=tab.name, address=tab.address)
    (written,) = stage.write(stage.tab_of(VEILEDER, tab.owner))
    stage.wait_until_said(VEILEDER, "stored", written)
    phone.ask("run", tab=tab.name)
    stage.wait_until_up()


def pause(seconds: float) -> None:
    """Let the fault last."""
    time.sleep(seconds)
