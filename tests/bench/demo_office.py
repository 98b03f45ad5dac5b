"""The made-up office in a folder of its own: for measuring as people use it, with the real server."""

import base64
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

ROOT = Path(__file__).parents[2]
HERE = (sys.executable, "-m", "portal")
STARTS_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class DemoOffice:
    """Where the office can be reached, and the settings it runs with."""

    origin: str
    environment: dict[str, str]


@contextmanager
def demo_office(
    folder: Path, program: tuple[str, ...] = (sys.executable, "-m", "portal")
) -> Iterator[DemoOffice]:
    """Build the office in a folder and serve it until the block ends. The port is one nobody uses."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    office = DemoOffice(f"http://127.0.0.1:{port}", _environment(folder, port))
    where = {"cwd": ROOT if program == HERE else folder, "env": office.environment}
    for step in (("db", "upgrade"), ("demo-data",)):
        subprocess.run([*program, *step], check=True, **where)
    server = subprocess.Popen([*program, "serve"], start_new_session=True, **where)
    try:
        _wait_until_it_answers(office.origin, server)
        yield office
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


def _environment(folder: Path, port: int) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return inherited | {
        "PORTAL_MODE": "demo",
        "PORTAL_DATABASE_URL": f"sqlite:///{folder}/office.sqlite3",
        "PORTAL_SECRET_KEY": secrets.token_urlsafe(48),
        "PORTAL_DATA_KEYS": base64.b64encode(os.urandom(32)).decode(),
        "PORTAL_ORIGINS": f"http://127.0.0.1:{port}",
        "PORTAL_PORT": str(port),
    }


def _wait_until_it_answers(origin: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{origin}/demo", timeout=5):  # noqa: S310  our own http address
                return
        except (URLError, ConnectionError):
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)
