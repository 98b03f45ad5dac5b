"""Where a stage's database lies: in a file, on a small disk, or in a PostgreSQL of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from portal.demo.building import build
from portal.migrations import steps
from tests.fixtures.servers import postgresql_folder
from tests.fixtures.warm import Warm
from tests.rig.cluster import Cluster
from tests.rig.faults_server import may_mount
from tests.rig.record import opened
from tests.rig.stage import Stage

_SMALL_DISK = "16m"
_FILE = "office.sqlite3"


class NotHere(Exception):
    """This computer lacks what the place needs; the text says what."""


def build_office(url: str) -> None:
    """Fill a database with the made-up office."""
    database = opened(url)
    steps.upgrade(database)
    build(database)
    database.close()


def _build_apart(url: str, folder: Path) -> None:
    """Fill a database in another process: the clock is turned back for it, and other stages need theirs."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "building.log"
    building = Warm(_build_told, [url], env=os.environ, log=log)
    assert building.wait(timeout=120) == 0, log.read_text()


def _build_told(told: list[str]) -> None:
    build_office(told[0])


@contextmanager
def stage_at(place: str, folder: Path, office: Path, **how: Any) -> Iterator[Stage]:
    """Set a stage up and start it. `office`: a SQLite file with the made-up office, which is copied.

    `how`: a deliberate mistake, or fewer people; see Stage.

    Raises: NotHere when this computer cannot do it.
    """
    cluster = None
    with ExitStack() as ending:
        if place == "postgresql":
            cluster = ending.enter_context(_own_cluster())
            url = cluster.url
            _build_apart(url, folder)
        else:
            where = ending.enter_context(_small_disk()) if place == "small disk" else folder
            where.mkdir(parents=True, exist_ok=True)
            url = f"sqlite:///{_copied(office, where)}"
        stage = Stage(folder, url, cluster=cluster, **how)
        ending.callback(stage.end)
        stage.start()
        yield stage


def _copied(office: Path, where: Path) -> Path:
    for suffix in ("", "-wal"):
        source = Path(f"{office}{suffix}")
        if source.exists():
            shutil.copyfile(source, where / f"{_FILE}{suffix}")
    return where / _FILE


@contextmanager
def _small_disk() -> Iterator[Path]:
    if not may_mount():
        raise NotHere("only root can make a small disk")
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_SMALL_DISK}", "tmpfs", folder]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotHere(f"a small disk cannot be made here: {done.stderr.strip()}")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def _own_cluster() -> Iterator[Cluster]:
    if postgresql_folder() is None:
        raise NotHere("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        cluster = Cluster(Path(folder) / "pg")
        cluster.make()
        try:
            yield cluster
        finally:
            cluster.stop_immediately()
