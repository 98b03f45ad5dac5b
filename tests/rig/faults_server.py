"""What goes wrong on the server's side: it dies, its database is busy, full or gone."""

from __future__ import annotations

import os
import re
from contextlib import closing, suppress
from pathlib import Path

import pysqlite3.dbapi2 as sqlite3

from tests.rig.faults import Fault, Play, Size, pause
from tests.rig.server import now
from tests.rig.serving import POINTS
from tests.rig.stage import Played, Stage

_WARM_UP_SECONDS = 0.4
_BUSY_SECONDS = 3.0


def _kill_at(point: str) -> Play:
    def play(stage: Stage, _size: Size, played: Played) -> None:
        with stage.writing():
            pause(_WARM_UP_SECONDS)
            stage.server.crash_at(point)
            stage.server.wait_for_death()
            played.hit = f"died with {stage.server.exit_code}"
            stage.server.start()
            stage.ended_at = now()

    return play


def _kill_at_random(stage: Stage, size: Size, played: Played) -> None:
    with stage.writing():
        for _ in range(size.kills):
            pause(0.1 + stage.random.random())
            stage.server.kill()
            stage.server.start()
        stage.ended_at = now()
    played.hit = f"killed {size.kills} times"


def _kill_the_master(stage: Stage, _size: Size, played: Played) -> None:
    with stage.writing():
        pause(_WARM_UP_SECONDS)
        stage.server.kill_master()
        played.hit = f"master died with {stage.server.exit_code}, its worker followed"
        stage.server.start()
        stage.ended_at = now()


def _stop_while_sending(stage: Stage, _size: Size, played: Played) -> None:
    with stage.writing():
        pause(_WARM_UP_SECONDS)
        stage.server.stop()
        played.hit = f"ended with {stage.server.exit_code}"
        stage.server.start()
        stage.ended_at = now()


def _busy(stage: Stage, size: Size, played: Played) -> None:
    seconds = min(size.cut_seconds, _BUSY_SECONDS)
    file = stage.server.database_url.removeprefix("sqlite:///")
    with stage.writing(), closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as other:
        pause(_WARM_UP_SECONDS)
        other.execute("BEGIN IMMEDIATE")
        before = stage.heads()
        pause(seconds)
        written = sum(stage.heads().values()) - sum(before.values())
        other.execute("ROLLBACK")
        stage.ended_at = now()
    played.hit = f"{written} messages were stored in {seconds:g} s"


def _disk_full(stage: Stage, size: Size, played: Played) -> None:
    ballast = Path(stage.server.database_url.removeprefix("sqlite:///")).parent / "ballast"
    with stage.writing():
        pause(_WARM_UP_SECONDS)
        before = stage.count("later")
        fill(ballast)
        pause(size.cut_seconds)
        played.hit = f"{stage.count('later') - before} messages were put off"
        ballast.unlink()
        stage.ended_at = now()


def fill(file: Path) -> None:
    """Take all the room there is left on a disk."""
    with file.open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(4096))


def _postgresql_stops(stage: Stage, size: Size, played: Played) -> None:
    cluster = stage.cluster
    assert cluster is not None
    with stage.writing():
        pause(_WARM_UP_SECONDS)
        before = stage.count("later")
        cluster.stop_immediately()
        pause(min(size.cut_seconds, 5))
        cluster.start()
        played.hit = f"{stage.count('later') - before} messages were put off"
        stage.ended_at = now()


def may_mount() -> bool:
    """Whether a disk of our own can be made here: root, and not a container that forbids it."""
    found = re.search(r"CapEff:\s+([0-9a-f]+)", Path("/proc/self/status").read_text())
    return os.geteuid() == 0 and found is not None and bool(int(found[1], 16) >> 21 & 1)


FAULTS = (
    *(Fault(f"kill {point}", _kill_at(point), pages_answer=False) for point in POINTS),
    Fault("kill at random", _kill_at_random, pages_answer=False),
    Fault("kill the master", _kill_the_master, pages_answer=False),
    Fault("SIGTERM while sending", _stop_while_sending, pages_answer=False),
    Fault("database busy", _busy),
    Fault("disk full", _disk_full, place="small disk"),
    Fault("PostgreSQL stops", _postgresql_stops, pages_answer=False, place="postgresql"),
)
