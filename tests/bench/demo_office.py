"""The made-up office in a folder of its own: for measuring as people use it, with the real server."""

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
from urllib.error import URLError

from tests.fixtures.portal_server import ROOT, environment
from tests.fixtures.servers import free_port

HERE = (sys.executable, "-m", "portal")
STARTS_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class DemoOffice:
    """Where the office can be reached, and the settings it runs with."""

    origin: str
    environment: dict[str, str]


@contextmanager
def demo_office(folder: Path, program: tuple[str, ...] = HERE) -> Iterator[DemoOffice]:
    """Build the office in a folder and serve it until the block ends. The port is one nobody uses."""
    port = free_port()
    office = DemoOffice(f"http://127.0.0.1:{port}", environment(folder / "office.sqlite3", port))
    where = {"cwd": ROOT if program == HERE else folder, "env": office.environment}
    server = subprocess.Popen([*program, "demo"], start_new_session=True, **where)
    try:
        _wait_until_it_answers(office.origin, server)
        yield office
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


def _wait_until_it_answers(origin: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{origin}/ready", timeout=5):  # noqa: S310  our own http address
                return
        except (URLError, ConnectionError):
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)
