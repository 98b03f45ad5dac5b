"""The servers that chat and check-in are measured on: held to one core, and ended with the bench."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.fixtures.real_portal import ROOT, settings_of
from tests.fixtures.room import wait_until
from tests.fixtures.servers import free_port, is_listening


@dataclass
class Served:
    """A server on the first core: its port, its process group, and the process that answers."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def group(self) -> int:
        """The process group."""
        return self.process.pid

    @property
    def worker(self) -> int:
        """The one child of the process that was started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(children.split()[0])

    def end(self, number: int = signal.SIGTERM) -> None:
        """Ask the whole group to end, or make it."""
        if self.process.poll() is None:
            os.killpg(self.group, number)
            self.process.wait(timeout=20)


def start_portal(address: str, port: int, *, core: str, places: int, program: tuple[str, ...]) -> Served:
    """Start the portal on a core, with room for so many live pages, and wait until it takes visitors.

    program: what Python is told to run, such as `("-m", "portal", "serve")`.
    """
    settings = settings_of(address, port, threads=str(places + 64), socket_places=str(places))
    run = ["taskset", "-c", core, sys.executable, *program]
    server = Served(port, subprocess.Popen(run, cwd=ROOT, env=settings, start_new_session=True))
    wait_until(lambda: is_ready(port), "the portal answers", seconds=60)
    return server


@contextmanager
def serve_relay(core: str, places: int) -> Iterator[Served]:
    """Serve the relay on a core, with room for so many phones."""
    port = free_port()
    run = ["taskset", "-c", core, sys.executable, "-m", "tests.bare_relay", str(port), str(places)]
    server = Served(port, subprocess.Popen(run, cwd=ROOT, start_new_session=True))
    try:
        wait_until(lambda: is_listening(port), "the relay answers", seconds=20)
        yield server
    finally:
        server.end(signal.SIGKILL)  # it keeps nothing


def is_ready(port: int) -> bool:
    """Whether a portal takes visitors. A port alone may still be that of the server that was killed."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def disk_ms(folder: Path) -> float:
    """Measure how long the disk takes to keep one page for good, in the middle of a hundred tries."""
    took = []
    with (folder / "disk").open("wb", buffering=0) as file:
        for _ in range(100):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return round(median(took), 2)
