"""The rush while the server is killed outright again and again, and what then is missing: nothing may be."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from portal.db import Database
from tests.checkin_people import Comer, Crowd, code_of
from tests.checkin_phones import Turnstile
from tests.checkin_runs import count
from tests.fixtures.real_portal import Portal
from tests.fixtures.room import wait_until

Answer = TypeVar("Answer")

AT_ONCE = 12
TOLD_BETWEEN_KILLS = 8
LONGEST_PAUSE_S = 0.05
"""Between a check-in that was told and the kill: somewhere within the next ones."""


@dataclass
class Rush:
    """What happened. told: who was led on to the receipt; lost_at_a_kill: of those, missing right after."""

    kills: int = 0
    told: list[Comer] = field(default_factory=list)
    tries_cut_off: int = 0
    lost_at_a_kill: int = 0


async def rush_with_kills(database: Database, crowd: Crowd, *, kills: int) -> Rush:
    """Let everybody come, each trying until she is told, while the server is killed so many times."""
    address = database.engine.url.render_as_string(hide_password=False)
    rush, house = Rush(), _House(address)
    few = asyncio.Semaphore(AT_ONCE)
    await house.start()
    try:
        coming = [
            asyncio.create_task(_come(Turnstile(house.port, number, comer), rush, house, database, few))
            for number, comer in enumerate(crowd.comers)
        ]
        while rush.kills < kills and not all(task.done() for task in coming):
            enough = len(rush.told) + random.randint(1, TOLD_BETWEEN_KILLS)
            while len(rush.told) < enough and not all(task.done() for task in coming):
                await asyncio.sleep(0)
            await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_S))
            house.kill()
            rush.kills += 1
            rush.lost_at_a_kill += count(database, list(rush.told))[0]
            await house.start()
        await asyncio.gather(*coming)
    finally:
        house.end()
    return rush


async def _come(
    phone: Turnstile, rush: Rush, house: _House, database: Database, few: asyncio.Semaphore
) -> None:
    async with few:
        await _until_answered(lambda: phone.scan(code_of(database, phone.comer.centre)), phone, house, rush)
        phone.write_token()
        while not await _until_answered(phone.tap, phone, house, rush):
            await asyncio.sleep(0.02)
        rush.told.append(phone.comer)
        phone.close()


async def _until_answered(
    ask: Callable[[], Awaitable[Answer]], phone: Turnstile, house: _House, rush: Rush
) -> Answer:
    """Ask again until the server is there to answer, as static/js/keep-tap.js does with the same claim."""
    while True:
        phone.port = house.port
        with suppress(OSError, asyncio.IncompleteReadError):
            return await ask()
        rush.tries_cut_off += 1
        phone.close()
        await asyncio.sleep(0.02)


class _House:
    """The server, on whichever port it has just now."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._portal: Portal | None = None

    @property
    def port(self) -> int:
        """Where it answers, or did."""
        return self._portal.port if self._portal else 0

    async def start(self) -> None:
        """Start it, and wait until it takes visitors."""
        self._portal = portal = Portal(self._address)
        await asyncio.to_thread(wait_until, portal.is_ready, "the portal is ready", seconds=60)

    def kill(self) -> None:
        """Kill it and its worker at once, and wait until both are gone."""
        assert self._portal is not None
        os.killpg(self._portal.process.pid, signal.SIGKILL)
        self._portal.process.wait(timeout=10)
        self.end()

    def end(self) -> None:
        """End it."""
        if self._portal is not None:
            self._portal.end()
