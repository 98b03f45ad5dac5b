"""Somebody who opens pages all the time, to see that they answer whatever else goes on."""

from __future__ import annotations

import http.client
import threading
import time
from contextlib import closing, suppress
from types import TracebackType
from typing import NamedTuple

from tests.fixtures.real_portal import ORIGIN
from tests.rig.phone import LOGIN

_EVERY_SECONDS = 0.5
_WAITS_SECONDS = 15.0
_ADDRESS = "127.0.0.9"


class Probe:
    """Asks for I dag again and again while the block runs. `failed`: how often no page came."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.token = token
        self.asked = 0
        self.failed = 0
        self.slowest_seconds = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask_on, name="probe")

    def __enter__(self) -> Probe:
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _ask_on(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            began = time.monotonic()
            self.asked += 1
            if not self._ask():
                self.failed += 1
            self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)

    def _ask(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return ask_for(self.port, self.token, "/").status == 200
        return False


class Given(NamedTuple):
    """An answer: its status, and the bytes of the page or file."""

    status: int
    content: bytes


def ask_for(port: int, token: str, address: str) -> Given:
    """Ask for a page or a file as a browser does. Raises: OSError or HTTPException when no answer comes."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=_WAITS_SECONDS, source_address=(_ADDRESS, 0))
    with closing(line):
        line.request("GET", address, headers={"Cookie": f"{LOGIN}={token}", "Origin": ORIGIN})
        answer = line.getresponse()
        return Given(answer.status, answer.read())
