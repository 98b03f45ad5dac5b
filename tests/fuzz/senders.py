"""Whoever sends bad input to a real server: as a form, as an event, as frames, as bytes that are hardly HTTP.

Each notes in `faults` what the server answers and never may.
"""

from __future__ import annotations

import http.client
import itertools
import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from tests.fixtures.real_portal import ORIGIN, Portal
from tests.fuzz.targets import Target
from tests.raw_phone import PING, PONG, RawPhone, Refused

WRONG = (500, 502)
FRAMES_A_LINE = 12
WORLD_HAS_MOVED = (200, 201, 303, 401, 404, 429)
"""Answers after which a thing may be gone, the session over, or the door shut for a while."""

_addresses = map(ip_address, itertools.count(int(ip_address("10.0.0.0"))))


class FormSender:
    """A browser at one route. When an input has changed something there, the world is taken back."""

    def __init__(
        self, portal: Portal, target: Target, cookies: dict[str, str], take_back: Callable[[], None]
    ) -> None:
        self.target, self.take_back = target, take_back
        self.faults: list[str] = []
        self._line = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=30)
        visitor = portal.browser()
        visitor.cookies.update(cookies)
        self._always = {
            "X-CSRFToken": visitor.token(),
            "Cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items()),
            "Host": ORIGIN.partition("//")[2],
            "Origin": ORIGIN,
            "Referer": f"{ORIGIN}/",
            "X-Forwarded-Proto": "https",
        }

    def send(self, drawn: tuple[str, bytes]) -> None:
        """Send a body of a type; to a page what stands behind its question mark."""
        method, address, (kind, body) = self.target.method, self.target.address, drawn
        if method == "GET":
            address, body = f"{address}?{body.decode('latin-1')}", b""
        headers = {"Content-Type": kind, "X-Forwarded-For": str(next(_addresses))}
        self._line.request(method, address, body, {**self._always, **headers})
        answer = self._line.getresponse()
        answer.read()
        if answer.status in WRONG:
            self.faults.append(f"{answer.status} {method} {address} {kind} {body!r:.300}")
        if method == "POST" and answer.status in WORLD_HAS_MOVED:
            self.take_back()

    def hang_up(self) -> None:
        """Close the line, which the server would not hold for long; the next input opens another."""
        self._line.close()


class LineSender:
    """A live connection of somebody's, opened anew as often as the server ends it, as it should."""

    def __init__(self, portal: Portal, token: str) -> None:
        self.faults: list[str] = []
        self._portal, self._token = portal, token
        self._phone: RawPhone | None = None
        self._sent: list[bytes | str] = []
        self._number = itertools.count(1)

    def send_frame(self, frame: bytes) -> None:
        """Send bytes in place of a frame; what the server says to it is read when the line ends."""
        if len(self._sent) >= FRAMES_A_LINE:
            self.hang_up()
        try:
            self._open().sock.sendall(frame)
            self._sent.append(frame)
        except OSError:
            self.hang_up()

    def send_event(self, sent: str) -> None:
        """Send an event and wait for its answer: whatever a page sends, it is told how it went."""
        number = next(self._number)
        self._sent = [sent]
        try:
            phone = self._open()
            phone.send(f"42{number}{sent}")
            while not (told := _next(phone)).startswith(b"43%d[" % number):
                pass
        except OSError as fault:
            self.faults.append(f"no answer to {sent:.300}: {fault!r}")
            self.hang_up()
        else:
            self._judge(told)

    def hang_up(self) -> None:
        """Say that nothing more comes, read what the server still has to say, and close."""
        if self._phone is None:
            return
        with suppress(OSError):
            self._phone.sock.shutdown(socket.SHUT_WR)
            self._phone.sock.settimeout(5)
            while True:
                self._judge(self._phone.receive()[1])
        self._forget(self._phone)
        self._phone, self._sent = None, []

    def _judge(self, told: bytes) -> None:
        if b"server.failed" in told:
            self.faults.append(f"an event failed: {told!r:.200} after {self._sent!r:.300}")

    def _open(self) -> RawPhone:
        """The line; a moment may pass until the server has seen the last one go."""
        until = time.monotonic() + 20
        while self._phone is None:
            phone = self._portal.phone(self._token)
            with suppress(Refused, ConnectionError):
                self._phone = phone.join()
                continue
            self._forget(phone)
            assert time.monotonic() < until, "nobody may join any more"
        return self._phone

    def _forget(self, phone: RawPhone) -> None:
        phone.close()
        RawPhone.all_open.remove(phone)


def _next(phone: RawPhone) -> bytes:
    """What the server says next; its two kinds of heartbeat are answered, as a browser does by itself."""
    kind, told = phone.receive()
    if kind == PING:
        phone.send(told, kind=PONG)
    elif told == b"2":
        phone.send("3")
    return told


def send_bytes(portal: Portal, sent: bytes, faults: list[str]) -> None:
    """Send bytes as a whole request, and read whatever comes."""
    said = b""
    with (
        socket.create_connection(("127.0.0.1", portal.port), timeout=30) as line,
        suppress(ConnectionError, BrokenPipeError),
    ):
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        while more := line.recv(65_536):
            said += more
    for status in re.findall(rb"(?:^|\r\n\r\n)HTTP/1\.[01] (\d{3})", said[:4_000]):
        if int(status) in WRONG:
            faults.append(f"{status.decode()} {sent!r:.300}")
