"""Runs of messages between pairs of phones, and what came of them: speed, and what was lost or came twice."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.load import percentile

LOST_AFTER_SECONDS = 5
WORDS = (
    "Jeg kommer litt seinere i dag, for bussen er ikke her ennå. Er det greit at jeg er der kvart over ni?"
)
"""A hundred characters: what people write."""


@dataclass
class Said:
    """One message on its way: when it should go out, when it was shown, and how often it came."""

    due: float
    shown: float = 0.0
    times: int = 0
    is_shown: asyncio.Event = field(default_factory=asyncio.Event)


class Heard:
    """What the phones of those who are written to have been told, by the message's own id."""

    def __init__(self) -> None:
        self.said: dict[str, Said] = {}

    def note(self, client_id: str) -> None:
        """A phone was told of this message."""
        if said := self.said.get(client_id):
            said.times += 1
            said.shown = said.shown or time.perf_counter()
            said.is_shown.set()

    def by_portal(self, name: str, data: Any) -> None:
        """Hear what the portal pushes."""
        if name == "chat:changed":
            for change in data["changes"]:
                self.note(change["client_id"])

    def by_relay(self, name: str, data: Any) -> None:
        """Hear what the relay passes on."""
        if name == "said":
            self.note(data["client_id"])


@dataclass
class Talk:
    """Somebody who writes. `say` sends a message under an id and returns when it was acknowledged."""

    say: Callable[[str, str], Awaitable[None]]
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class Run:
    """What came of a run. `took`: seconds from when a message should go out until it was shown."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    took: list[float] = field(default_factory=list)
    lost: int = 0
    dup: int = 0

    @property
    def per_second(self) -> float:
        """Messages acknowledged and shown in a second."""
        return round(len(self.took) / self.seconds, 1) if self.seconds else 0.0

    @property
    def cpu_ms(self) -> float | None:
        """The server's processor time for each message."""
        return round(self.cpu_seconds * 1000 / len(self.took), 2) if self.took else None

    def within_ms(self, percent: int) -> float | None:
        """Milliseconds within which so many of a hundred were shown."""
        return round(percentile(self.took, percent) * 1000, 1) if self.took else None

    def add(self, other: Run) -> None:
        """Count another run among this one."""
        self.seconds += other.seconds
        self.cpu_seconds += other.cpu_seconds
        self.took += other.took
        self.lost += other.lost
        self.dup += other.dup


def came_of(said: Sequence[Said], *, seconds: float) -> Run:
    """Sum up messages that were all acknowledged."""
    shown = [one.shown - one.due for one in said if one.shown]
    twice = sum(one.times > 1 for one in said)
    return Run(seconds, took=shown, lost=len(said) - len(shown), dup=twice)


async def saturate(talks: Sequence[Talk], heard: Heard, *, seconds: float) -> Run:
    """Let each write again as soon as the last message was acknowledged and shown."""
    heard.said.clear()
    began = time.perf_counter()

    async def go_on(talk: Talk) -> None:
        while time.perf_counter() < began + seconds:
            await _say(talk, heard, time.perf_counter())

    await asyncio.gather(*(go_on(talk) for talk in talks))
    return came_of([*heard.said.values()], seconds=time.perf_counter() - began)


async def keep_pace(talks: Sequence[Talk], heard: Heard, *, per_second: float, seconds: float) -> Run:
    """Let them write in turn, so many messages a second, however slowly the server answers.

    A message that has to wait for the writer's last one is counted from when it should have gone out.
    """
    heard.said.clear()
    began = time.perf_counter()
    going = []
    for number in range(round(per_second * seconds)):
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        going.append(asyncio.create_task(_say(talks[number % len(talks)], heard, due)))
    ended = time.perf_counter()
    await asyncio.gather(*going)
    return came_of([*heard.said.values()], seconds=ended - began)


async def _say(talk: Talk, heard: Heard, due: float) -> None:
    client_id = str(uuid.uuid4())
    said = heard.said[client_id] = Said(due)
    async with talk.one_at_a_time:
        await talk.say(client_id, WORDS)
    with suppress(TimeoutError):
        await asyncio.wait_for(said.is_shown.wait(), LOST_AFTER_SECONDS)
