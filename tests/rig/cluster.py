"""A PostgreSQL of one stage's own, which may be stopped without warning. It writes before it tells."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.fixtures.room import wait_until
from tests.fixtures.servers import postgresql_folder

_OWN = "-c listen_addresses= -c max_connections=100 -c shared_buffers=32MB -c autovacuum=off -c fsync=off"
"""Without fsync: the computer does not lose its power here, only the processes die."""
_NAME = "office"


class Cluster:
    """One PostgreSQL in a folder; `url` is the address of its one database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"postgresql+psycopg://postgres@/{_NAME}?host={folder}"
        found = postgresql_folder()
        assert found is not None
        self._programs = found
        self._who: dict[str, Any] = {}
        if os.geteuid() == 0:  # initdb refuses root
            self._who = {"user": "postgres", "group": "postgres", "extra_groups": []}

    def make(self) -> None:
        """Make the cluster, start it, and make the empty database."""
        self.folder.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        how = ["-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8", "-U", "postgres"]
        self._run("initdb", *how, "-D", f"{self.folder}/data")
        self.start()
        self._run("createdb", "-h", str(self.folder), "-U", "postgres", _NAME)

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._run(
            "pg_ctl", "start", "-D", f"{self.folder}/data", "-o", f"-k {self.folder} {_OWN}",
            "-l", f"{self.folder}/log",
        )  # fmt: skip
        ask = [f"{self._programs}/pg_isready", "-q", "-h", str(self.folder)]
        wait_until(lambda: subprocess.run(ask, check=False).returncode == 0, "PostgreSQL answers", seconds=20)

    def stop_immediately(self) -> None:
        """Stop as a crash would: no checkpoint, every connection cut."""
        self._run("pg_ctl", "stop", "-m", "immediate", "-D", f"{self.folder}/data")

    def _run(self, program: str, *told: str) -> None:
        with (self.folder / "commands.log").open("ab") as out:
            command = [f"{self._programs}/{program}", *told]
            subprocess.run(command, check=True, stdout=out, stderr=out, cwd="/", **self._who)
