"""How quickly a message is acknowledged and shown, and what a phone costs that only listens.

    ./dev bench chat

Embedded edition: `portal serve` on SQLite, held to the first core, database and all; the phones run on the
last. Beside it, on the same core and asked in turn, a relay without a database (tests/bare_relay.py). Prints
one JSON object a line; `over` names the bars that do not hold, and then the exit code is 1.

«Shown» is when the other one's phone has been told. Receipts of reading are left out, here and at the relay.
`collector`: «untouched» is a server whose garbage collector is as Python has it, to show what setting the
start aside does (portal/realtime/serving.py).
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from portal.bus import Bus
from portal.db import Database
from portal.migrations import steps
from tests.chat_pairs import add_pairs
from tests.chat_phones import BY_LINE, BY_REQUEST, Page, open_phones, portal_talks, relay_talks
from tests.chat_runs import Run, keep_pace, saturate
from tests.chat_servers import Served, disk_ms, serve_relay, start_portal
from tests.fixtures.real_portal import KEY, rss_kib
from tests.fixtures.servers import free_port
from tests.load import cpu_seconds

PAIRS, ALL_PAIRS = 100, 500
ROUNDS, ROUND_SECONDS = 3, 4.0
PER_SECOND, STEADY_SECONDS = 100, 10.0
P50_MS, P99_MS = 10, 50
LEAST_RATIO = 0.12
KIB_PER_PHONE = 120
BACK_IN_SYNC_S = 5
UNTOUCHED = (
    "import gc; gc.freeze = lambda: None; gc.set_threshold = lambda *_: None; "
    "from portal.cli import main; main()"
)


@dataclass(frozen=True)
class Figures:
    """One line; what that run does not tell is None.

    `cpu_ms`: the server's processor time per message (per phone that came back), which tells the cost also
    when others use the core.
    `door`: how the messages went in; a page uses the live connection whenever it has one.
    `disk_ms`: how long this disk takes to keep a page for good; no message is shown before.
    """

    load: str
    collector: str = "set aside"
    door: str | None = None
    edition: str = "embedded"
    disk_ms: float | None = None
    acked_shown_per_s: float | None = None
    send_to_shown_ms: dict[str, float | None] | None = None
    lost: int | None = None
    dup: int | None = None
    cpu_ms: float | None = None
    ratio: float | None = None
    relay_per_s: float | None = None
    relay_cpu_ms: float | None = None
    kib_per_phone: float | None = None
    back_in_sync_s: float | None = None
    over: list[str] = field(default_factory=list)


def main() -> int:
    """Measure, print the lines, and tell whether all bars hold."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # its servers end with it
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    holds = True
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), str(cores[0]))
        with asyncio.Runner() as runner:
            for line in bench.lines(runner):
                print(
                    json.dumps({name: told for name, told in asdict(line).items() if told is not None}),
                    flush=True,
                )
                holds = holds and not line.over
    return 0 if holds else 1


class Bench:
    """Both servers, the pairs of phones, and the runs in their order."""

    def __init__(self, folder: Path, core: str) -> None:
        self.address = f"sqlite:///{folder / 'office.sqlite3'}"
        self.core = core
        self.port = free_port()
        self.disk_ms = disk_ms(folder)
        database = Database(self.address, facts=Bus(), data_keys=(KEY,))
        steps.upgrade(database)
        with database.transaction() as s:
            self.pairs = add_pairs(s, ALL_PAIRS)
        database.close()

    def lines(self, runner: asyncio.Runner) -> Iterator[Figures]:
        """Run everything, and give each line when it is ready."""
        with self.portal("-c", UNTOUCHED, "serve") as server:
            yield steady_figures(runner.run(self.steady(server)), "untouched")
        with self.portal("-m", "portal", "serve") as server:
            yield steady_figures(runner.run(self.steady(server)), "set aside")
        for door in (BY_REQUEST, BY_LINE):
            with self.portal("-m", "portal", "serve") as server, serve_relay(self.core, 2 * PAIRS) as bare:
                yield saturated_figures(*runner.run(self.saturated(server, bare, door)), door)
        with self.portal("-m", "portal", "serve") as server:
            kib, seconds, cpu_ms = runner.run(self.all_come_back(server))
            yield idle_figures(kib)
            yield back_figures(seconds, cpu_ms)

    @contextmanager
    def portal(self, *program: str) -> Iterator[Served]:
        """Serve the portal on the first core, with room for every phone."""
        server = self.start(*program)
        try:
            yield server
        finally:
            server.end()

    def start(self, *program: str) -> Served:
        """Start the portal, and wait until it takes visitors."""
        places = 2 * ALL_PAIRS + 50
        return start_portal(self.address, self.port, core=self.core, places=places, program=program)

    async def steady(self, server: Served) -> Run:
        """So many messages a second, with two hundred phones open."""
        async with portal_talks(server.port, self.pairs[:PAIRS]) as (talks, heard):
            await keep_pace(talks, heard, per_second=PER_SECOND, seconds=2)
            used = cpu_seconds(server.group)
            run = await keep_pace(talks, heard, per_second=PER_SECOND, seconds=STEADY_SECONDS)
            run.cpu_seconds = cpu_seconds(server.group) - used
            return run

    async def saturated(self, server: Served, bare: Served, door: str) -> tuple[list[Run], list[Run]]:
        """Both servers in turn, each pair with one message on its way; a first short round does not count."""
        async with (
            portal_talks(server.port, self.pairs[:PAIRS], door=door) as ours,
            relay_talks(bare.port, PAIRS) as theirs,
        ):
            runs: tuple[list[Run], list[Run]] = ([], [])
            for round_number in range(ROUNDS + 1):
                for (talks, heard), one, found in ((ours, server, runs[0]), (theirs, bare, runs[1])):
                    used = cpu_seconds(one.group)
                    run = await saturate(talks, heard, seconds=ROUND_SECONDS if round_number else 1)
                    run.cpu_seconds = cpu_seconds(one.group) - used
                    found += [run] if round_number else []
            return runs

    async def all_come_back(self, server: Served) -> tuple[float, float, float]:
        """Measure what an idle phone costs, then kill the server outright and let everybody come back.

        Tells the memory of each phone, seconds until all were in sync, and the new server's processor time
        for each, its own start included.
        """
        logins = [login for pair in self.pairs for login in (pair.recipient, pair.veileder)]
        phones = await open_phones(server.port, logins[: 2 * PAIRS], first=0)
        before = rss_kib(server.worker)
        phones += await open_phones(server.port, logins[2 * PAIRS :], first=2 * PAIRS)
        each = (rss_kib(server.worker) - before) / (len(phones) - 2 * PAIRS)
        pages = [
            Page(server.port, number, login, self.pairs[number // 2].conversation, phone)
            for number, (login, phone) in enumerate(zip(logins, phones, strict=True))
        ]
        coming = [asyncio.create_task(page.come_back()) for page in pages]
        server.end(signal.SIGKILL)
        killed = time.perf_counter()
        again = await asyncio.to_thread(self.start, "-m", "portal", "serve")
        print(f"· it answered again after {time.perf_counter() - killed:.1f} s", file=sys.stderr)
        try:
            back = await asyncio.gather(*coming)
            used = cpu_seconds(again.group)
        finally:
            again.end(signal.SIGKILL)
        return round(each, 1), round(max(back) - killed, 1), round(used * 1000 / len(back), 2)


def steady_figures(run: Run, collector: str) -> Figures:
    """The line for so many messages a second. The bars are about the server as it is served."""
    p50, p99 = run.within_ms(50), run.within_ms(99)
    over = _not_once(run)
    if collector != "untouched":
        over += [f"p50 {p50} > {P50_MS}"] if p50 is None or p50 > P50_MS else []
        over += [f"p99 {p99} > {P99_MS}"] if p99 is None or p99 > P99_MS else []
    return _of_run(run, f"{PER_SECOND}/s", collector=collector, door=BY_LINE, over=over)


def saturated_figures(ours: list[Run], theirs: list[Run], door: str) -> Figures:
    """The line for as much as there is room for, round by round; the bar is for the door that pages use."""
    mine, bare = Run(), Run()
    for one, other in zip(ours, theirs, strict=True):
        mine.add(one)
        bare.add(other)
    ratio = round(median(a.per_second / b.per_second for a, b in zip(ours, theirs, strict=True)), 3)
    is_slow = ratio < LEAST_RATIO and door == BY_LINE
    over = _not_once(mine) + ([f"ratio {ratio} < {LEAST_RATIO}"] if is_slow else [])
    relay = {"relay_per_s": bare.per_second, "relay_cpu_ms": bare.cpu_ms}
    return _of_run(mine, "saturation", door=door, ratio=ratio, **relay, over=over)


def idle_figures(kib: float) -> Figures:
    """The line for phones that only listen."""
    over = [f"kib_per_phone {kib} > {KIB_PER_PHONE}"] if kib > KIB_PER_PHONE else []
    return Figures("idle", kib_per_phone=kib, over=over)


def back_figures(seconds: float, cpu_ms: float) -> Figures:
    """The line for a thousand phones that come back after a kill."""
    over = [f"back_in_sync_s {seconds} > {BACK_IN_SYNC_S}"] if seconds > BACK_IN_SYNC_S else []
    return Figures("kill -9", back_in_sync_s=seconds, cpu_ms=cpu_ms, over=over)


def _of_run(run: Run, load: str, **more: Any) -> Figures:
    return Figures(
        load,
        acked_shown_per_s=run.per_second,
        send_to_shown_ms={"p50": run.within_ms(50), "p99": run.within_ms(99)},
        lost=run.lost,
        dup=run.dup,
        cpu_ms=run.cpu_ms,
        **more,
    )


def _not_once(run: Run) -> list[str]:
    return [f"{name} {count} > 0" for name, count in (("lost", run.lost), ("dup", run.dup)) if count]


if __name__ == "__main__":
    sys.exit(main())
