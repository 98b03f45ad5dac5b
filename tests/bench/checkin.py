"""How quickly «Jeg er her» is received at 8.15, and how many a second when the whole country comes at once.

    ./dev bench checkin [HOW MANY COME]

Embedded edition: `portal serve` on SQLite, held to the first core, database and all; the phones and boards
run on the last. Each centre's board is open, hears of every arrival and fetches it as its page does. Prints
one JSON object a line; `over` names the bars that do not hold, and then the exit code is 1. At last it tells
on standard error where the time of a check-in goes.

A check-in is the press on «Jeg er her»: its answer comes after the commit, and leads on to the receipt. The
scan, the page with the button and the receipt are asked for too in the rush, and are not in `ms`. `lost` and
`dup` are counted in the database against what each phone was told. The bar of check-ins a second is about one
centre and about several alike, whose boards all show everybody who is expected there.
"""

from __future__ import annotations

import asyncio
import json
import os
import pstats
import random
import resource
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from io import StringIO
from pathlib import Path

from portal.bus import Bus
from portal.db import Database
from portal.migrations import steps
from tests.chat_servers import Served, disk_ms, start_portal
from tests.checkin_people import Crowd, add_comers, code_of
from tests.checkin_phones import Board, Turnstile
from tests.checkin_runs import AT_ONCE, Run, count, in_turn, measured, note_shown, press, scan_ahead
from tests.fixtures.real_portal import KEY
from tests.fixtures.servers import free_port
from tests.load import percentile

AT_ONE_CENTRE, RUSH_SECONDS = 55, 10.0
WHOLE_COUNTRY, CENTRES = 15_437, (1, 10, 50)
A_BATCH = 500
PER_SECOND, P99_MS = 200, 150
PROFILED = 300
SERVE = ("-m", "portal", "serve")


@dataclass(frozen=True)
class Figures:
    """One line.

    `cpu_ms`: the server's processor time per check-in, boards included, which tells the cost also when others
    use the core. `shown_ms`: from the press until the board has fetched the row. `disk_ms`: how long this
    disk takes to keep a page for good.
    """

    load: str
    centres: int
    come: int
    checkins_per_s: float
    ms: dict[str, float]
    lost: int
    dup: int
    cpu_ms: float
    board_fetches: int
    shown_ms: dict[str, float]
    disk_ms: float
    edition: str = "embedded"
    over: list[str] = field(default_factory=list)


def main() -> int:
    """Measure, print the lines, and tell whether all bars hold."""
    come = int(sys.argv[1]) if len(sys.argv) > 1 else WHOLE_COUNTRY
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # its servers end with it
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    holds = True
    with tempfile.TemporaryDirectory() as folder:
        for line in lines(Path(folder), str(cores[0]), come):
            print(json.dumps(asdict(line)), flush=True)
            holds = holds and not line.over
    return 0 if holds else 1


def lines(folder: Path, core: str, come: int) -> Iterator[Figures]:
    """Run everything, and give each line when it is ready."""
    disk = disk_ms(folder)
    for centres in (0, *CENTRES):
        with (
            office(folder / f"{centres}.sqlite3", come if centres else AT_ONE_CENTRE, centres or 1) as (
                database,
                crowd,
            ),
            portal(database, core, SERVE) as server,
        ):
            run = asyncio.run(saturate(server, database, crowd) if centres else rush(server, database, crowd))
            yield figures_of(run, database, centres, disk)
    profile = folder / "profile"
    with (
        office(folder / "profiled.sqlite3", min(come, PROFILED), 10) as (database, crowd),
        portal(database, core, ("-m", "tests.profiled_portal", str(profile))) as server,
    ):
        asyncio.run(saturate(server, database, crowd, at_once=1))  # none waits for another's turn
    tell_profile(profile)


@contextmanager
def office(file: Path, come: int, centres: int) -> Iterator[tuple[Database, Crowd]]:
    """A database with everybody who comes."""
    database = Database(f"sqlite:///{file}", facts=Bus(), data_keys=(KEY,))
    steps.upgrade(database)
    with database.transaction() as s:
        crowd = add_comers(s, come, centres)
    try:
        yield database, crowd
    finally:
        database.close()


@contextmanager
def portal(database: Database, core: str, program: tuple[str, ...]) -> Iterator[Served]:
    """Serve the portal on the first core, with room for every board."""
    address = database.engine.url.render_as_string(hide_password=False)
    server = start_portal(address, free_port(), core=core, places=120, program=program)
    try:
        yield server
    finally:
        server.end()


@asynccontextmanager
async def boards(port: int, crowd: Crowd) -> AsyncIterator[dict[str, Board]]:
    """Every centre's board, open and following."""
    opened = {
        centre: await Board.open(port, number, centre, login)
        for number, (centre, login) in enumerate(crowd.staff.items())
    }
    following = [asyncio.create_task(board.follow()) for board, _phone in opened.values()]
    try:
        yield {centre: board for centre, (board, _phone) in opened.items()}
    finally:
        for task in following:
            task.cancel()
        for board, phone in opened.values():
            phone.close()
            board.line.close()


async def rush(server: Served, database: Database, crowd: Crowd) -> Run:
    """Everybody of one centre within ten seconds: each scans, opens the page, taps and reads the receipt."""
    run, phones = Run(), [Turnstile(server.port, n, comer) for n, comer in enumerate(crowd.comers)]

    async def come(phone: Turnstile) -> None:
        await asyncio.sleep(random.uniform(0, RUSH_SECONDS))
        await phone.scan(code_of(database, phone.comer.centre))
        await phone.read_token()
        await press(run, phone)
        await phone.see_receipt()

    async with boards(server.port, crowd) as opened:
        with measured(run, server):
            await asyncio.gather(*(come(phone) for phone in phones))
        await note_shown(run, opened)
    return run


async def saturate(server: Served, database: Database, crowd: Crowd, *, at_once: int = AT_ONCE) -> Run:
    """Everybody as fast as it goes, so many phones at once. Each batch has scanned just before, untimed."""
    run = Run()
    async with boards(server.port, crowd) as opened:
        for first in range(0, len(crowd.comers), A_BATCH):
            batch = crowd.comers[first : first + A_BATCH]
            phones = [Turnstile(server.port, first + n, comer) for n, comer in enumerate(batch)]
            codes = {centre: code_of(database, centre) for centre in crowd.staff}
            await in_turn(phones, partial(scan_ahead, codes))
            with measured(run, server):
                await in_turn(phones, partial(press, run), at_once=at_once)
        await note_shown(run, opened)
    return run


def figures_of(run: Run, database: Database, centres: int, disk: float) -> Figures:
    """The line of a run; centres is 0 for the rush."""
    lost, dup, broken = count(database, run.told)
    figures = Figures(
        load="saturation" if centres else "rush",
        centres=centres or 1,
        come=len(run.told) + run.untold,
        checkins_per_s=round(len(run.told) / run.seconds, 1),
        ms=within(run.took),
        lost=lost,
        dup=dup,
        cpu_ms=round(run.cpu_seconds * 1000 / max(1, len(run.told)), 2),
        board_fetches=run.board_fetches,
        shown_ms=within(run.shown),
        disk_ms=disk,
    )
    faults = {"untold": run.untold, "unshown": run.unshown, "board_failures": run.board_failures}
    counted = {"lost": lost, "dup": dup, "broken days": broken, **faults}
    figures.over.extend(f"{name} {number} > 0" for name, number in counted.items() if number)
    if centres and figures.checkins_per_s < PER_SECOND:
        figures.over.append(f"checkins_per_s {figures.checkins_per_s} < {PER_SECOND}")
    if not centres and figures.ms["p99"] > P99_MS:
        figures.over.append(f"p99 {figures.ms['p99']} > {P99_MS}")
    return figures


def within(took: list[float]) -> dict[str, float]:
    """Milliseconds within which half, and all but one of a hundred, came."""
    return {f"p{percent}": round(percentile(took, percent) * 1000, 1) for percent in (50, 99)} if took else {}


def tell_profile(file: Path) -> None:
    """Say where the processor time of a check-in goes."""
    told = StringIO()
    pstats.Stats(str(file), stream=told).strip_dirs().sort_stats("cumulative").print_stats(60)
    print(told.getvalue(), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
