"""How many times a second one core answers I dag, beside a bare Flask page of the same size.

    ./dev bench throughput

Both servers run on the first core, served the same way, and are asked in turn, so that what else the computer
does meets both. The browsers that ask run on the last core. Part of `./dev bench pages`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from tests.fixtures.demo_office import demo_office
from tests.fixtures.portal_server import ROOT
from tests.fixtures.real_portal import Browser
from tests.fixtures.room import wait_until
from tests.fixtures.servers import free_port, is_listening
from tests.load import Load, Server, load, size_of

LEAST_RATIO = 0.2
BROWSERS = 8
ROUNDS = 6
ROUND_SECONDS = 1.5
RECIPIENT = "jonas"


@dataclass(frozen=True)
class Throughput:
    """The line: both servers' figures, and the middle ratio of all rounds.

    `cpu_ms`: processor time per answer. It tells the cost also when others use the core at the same time.
    """

    page: str
    page_bytes: int
    requests_per_second: float
    bare_requests_per_second: float
    ratio: float
    p99_ms: float
    bare_p99_ms: float
    cpu_ms: float
    bare_cpu_ms: float
    over: list[str]


def main() -> int:
    """Measure, print the line, and tell whether the budget holds."""
    line = measure()
    print(json.dumps(asdict(line)), flush=True)
    return 1 if line.over else 0


def measure(*, rounds: int = ROUNDS, seconds: float = ROUND_SECONDS) -> Throughput:
    """Ask both servers in turn, round by round; a first short round of each does not count."""
    cores = sorted(os.sched_getaffinity(0))
    core = str(cores[0])
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_office(Path(folder), before=("taskset", "-c", core)) as office,
    ):
        port = int(office.origin.rpartition(":")[2])
        ours = Server(port, office.group, sign_in(port, RECIPIENT))
        size = size_of(ours)
        with _bare_server(size, core) as bare:
            how = {"browsers": BROWSERS, "core": cores[-1]}
            for server in (ours, bare):
                load(server, seconds=seconds / 3, **how)
            pairs = [
                (load(ours, seconds=seconds, **how), load(bare, seconds=seconds, **how))
                for _ in range(rounds)
            ]
    return figures(size, pairs)


def figures(size: int, pairs: list[tuple[Load, Load]]) -> Throughput:
    """Put the rounds together: I dag and the bare page, pair by pair."""
    ours, bare = Load(), Load()
    for our_round, bare_round in pairs:
        ours.add(our_round)
        bare.add(bare_round)
    ratio = round(median(one.per_second / other.per_second for one, other in pairs), 3)
    return Throughput(
        page="today",
        page_bytes=size,
        requests_per_second=round(ours.per_second, 1),
        bare_requests_per_second=round(bare.per_second, 1),
        ratio=ratio,
        p99_ms=ours.percentile_ms(99),
        bare_p99_ms=bare.percentile_ms(99),
        cpu_ms=ours.cpu_ms,
        bare_cpu_ms=bare.cpu_ms,
        over=[f"ratio {ratio} < {LEAST_RATIO}"] if ratio < LEAST_RATIO else [],
    )


def sign_in(port: int, who: str) -> str:
    """Sign somebody of the made-up office in, and give back her cookies as a browser sends them."""
    browser = Browser(port, "")
    status, _ = browser.open(
        "POST",
        f"/demo/{who}",
        urlencode({"csrf_token": browser.token("/demo")}),
        Origin=f"http://127.0.0.1:{port}",
        Content_Type="application/x-www-form-urlencoded",
    )
    if status not in (302, 303):
        raise SystemExit(f"Signing in as {who} answered {status}")
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


@contextmanager
def _bare_server(size: int, core: str) -> Iterator[Server]:
    port = free_port()
    run = ["taskset", "-c", core, sys.executable, "-m", "tests.bare_page", str(port), str(size)]
    server = subprocess.Popen(run, cwd=ROOT, start_new_session=True)
    try:
        wait_until(lambda: is_listening(port), "the bare page answers", seconds=20)
        yield Server(port, server.pid)
    finally:
        os.killpg(server.pid, 9)  # it keeps nothing
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
