"""The portal as real processes on one port: gunicorn's master and worker, to be killed and started."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path

from tests.fixtures.real_portal import settings_of
from tests.fixtures.room import end_process, wait_until
from tests.fixtures.servers import free_port, is_listening
from tests.fixtures.warm import Warm
from tests.rig.serving import ORDER, serve_until_told

STARTS_WITHIN_SECONDS = 60


class Server:
    """One portal. `fault`: a deliberate mistake in it (serving.py)."""

    def __init__(self, folder: Path, database_url: str, fault: str = "") -> None:
        self.folder = folder
        self.database_url = database_url
        self.port = free_port()
        self.process: Warm | None = None
        self._told = [str(folder), *([fault] if fault else [])]

    @property
    def log_file(self) -> Path:
        """What the process writes."""
        return self.folder / "server.log"

    @property
    def exit_code(self) -> int | None:
        """How the master ended: minus the signal's number, when it was one."""
        return self.process.returncode if self.process else None

    def start(self) -> None:
        """Start, and wait until it takes visitors."""
        settings = settings_of(self.database_url, self.port)
        self.process = Warm(serve_until_told, self._told, env=settings, log=self.log_file)
        wait_until(self.is_ready, "the portal answers", seconds=STARTS_WITHIN_SECONDS)

    def is_ready(self) -> bool:
        """Whether it takes visitors."""
        assert self.process is not None
        assert self.process.poll() is None, self.log_file.read_text(errors="replace")[-2000:]
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with closing(line), suppress(OSError, http.client.HTTPException):
            line.request("GET", "/ready")
            return line.getresponse().status == 200
        return False

    def crash_at(self, point: str) -> None:
        """Order it to kill itself at the next message, and forget it when it has."""
        (self.folder / ORDER).write_text(point)

    def wait_for_death(self, seconds: float = 20) -> None:
        """Wait until the whole group is gone."""
        assert self.process is not None
        self.process.wait(timeout=seconds)
        wait_until(lambda: not is_listening(self.port), "the port is free", seconds=seconds)

    def kill(self) -> None:
        """Kill the whole group, as a power cut does."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.wait_for_death()

    def kill_master(self) -> None:
        """Kill the master alone, as a clumsy person does; wait until the worker has seen it and gone."""
        assert self.process is not None
        self.process.kill()
        self.wait_for_death()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self.process is not None and self.process.poll() is None:
            end_process(self.process.pid, seconds=15)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=5)

    def worker(self) -> int:
        """The process that answers."""
        assert self.process is not None
        pid = self.process.pid
        (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(child)


def now() -> float:
    """What the clock on the wall says, as every actor notes it."""
    return time.time()  # noqa: TID251  a clock that no test stops, the same as the phones'
