"""Runs of check-ins: who pressed, what each was told, what boards showed, and what the database holds."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select

from portal.attendance.models import AttendanceEvent
from portal.attendance.rules.registered import Kind
from portal.attendance.service import verifying
from portal.db import Database
from tests.chat_servers import Served
from tests.checkin_people import Comer
from tests.checkin_phones import Board, Turnstile
from tests.load import cpu_seconds

AT_ONCE = 32
LAST_SHOWN_SECONDS = 60


@dataclass
class Run:
    """What came of some check-ins. told: those whose phone was led on to the receipt."""

    told: list[Comer] = field(default_factory=list)
    untold: int = 0
    took: list[float] = field(default_factory=list)
    pressed: dict[str, float] = field(default_factory=dict)
    shown: list[float] = field(default_factory=list)
    unshown: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    board_fetches: int = 0
    board_failures: int = 0


async def scan_ahead(codes: dict[str, str], phone: Turnstile) -> None:
    """Scan, and make ready to tap."""
    await phone.scan(codes[phone.comer.centre])
    phone.write_token()


async def press(run: Run, phone: Turnstile) -> None:
    """Tap «Jeg er her», and note what the phone was told, and when."""
    began = run.pressed[phone.comer.public_id] = time.perf_counter()
    if await phone.tap():
        run.took.append(time.perf_counter() - began)
        run.told.append(phone.comer)
    else:
        run.untold += 1
    phone.close()


async def in_turn(
    phones: list[Turnstile], act: Callable[[Turnstile], Awaitable[None]], *, at_once: int = AT_ONCE
) -> None:
    """Let all phones act, so many at once."""
    few = asyncio.Semaphore(at_once)

    async def one(phone: Turnstile) -> None:
        async with few:
            await act(phone)

    await asyncio.gather(*(one(phone) for phone in phones))


@contextmanager
def measured(run: Run, server: Served) -> Iterator[None]:
    """Count the time of the block, and the server's processor time."""
    began, used = time.perf_counter(), cpu_seconds(server.group)
    yield
    run.seconds += time.perf_counter() - began
    run.cpu_seconds += cpu_seconds(server.group) - used


async def note_shown(run: Run, opened: dict[str, Board]) -> None:
    """Wait until the boards show everybody who was told, and note how long each took."""
    until = time.perf_counter() + LAST_SHOWN_SECONDS
    while time.perf_counter() < until:
        if all(one.public_id in opened[one.centre].shown for one in run.told):
            break
        await asyncio.sleep(0.1)
    for one in run.told:
        at = opened[one.centre].shown.get(one.public_id)
        if at is None:
            run.unshown += 1
        else:
            run.shown.append(at - run.pressed[one.public_id])
    run.board_fetches = sum(board.fetched for board in opened.values())
    run.board_failures = sum(board.failed for board in opened.values())


def count(database: Database, told: list[Comer]) -> tuple[int, int, int]:
    """Hold the database against what phones were told: arrivals lost, doubled, and days that are broken."""
    with database.transaction(writes=False) as s:
        arrivals = select(AttendanceEvent.recipient_id).where(AttendanceEvent.kind == Kind.CHECKED_IN)
        found = Counter(s.scalars(arrivals))
        broken = len(verifying.list_broken_days(s))
    lost = sum(found[one.id] == 0 for one in told)
    return lost, sum(number - 1 for number in found.values()), broken
