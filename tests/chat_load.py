"""A load client for the chat: many phones in one thread, each a bare WebSocket and a line for requests.

Each phone has an address of its own on the loopback, since limits are counted by address.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.raw_phone import CLOSE, LIKE_A_BROWSER, PING, PONG, TEXT

Hear = Callable[[str, Any], None]
"""What gets each event with its data."""
PATIENCE_SECONDS = 20
SHORT, LONG = 126, 127


def own_address(number: int) -> str:
    """An address on the loopback for each phone: 127.1.0.1, 127.1.0.2 …"""
    return f"127.1.{number // 250}.{number % 250 + 1}"


@dataclass
class Line:
    """A line for requests, kept open between them as a browser does."""

    port: int
    number: int
    origin: str
    cookie: str
    token: str = ""
    _open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def sign_in(self) -> None:
        """Open a page once, for the visit's cookie and the token that every form carries."""
        self._open = None
        head, page = await self._ask("GET", "/innlogging", b"")
        self.cookie += f"; {head.partition(b'set-cookie: ')[2].partition(b';')[0].decode()}"
        self.token = page.partition(b'name="csrf_token" value="')[2].partition(b'"')[0].decode()

    async def ask(self, method: str, address: str, data: object = None) -> tuple[int, bytes]:
        """Ask once. A line that the server has closed meanwhile is opened again, as browsers do."""
        body = b"" if data is None else json.dumps(data).encode()
        try:
            head, told = await self._ask(method, address, body)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            head, told = await self._ask(method, address, body)
        return int(head.split()[1]), told

    async def _ask(self, method: str, address: str, body: bytes) -> tuple[bytes, bytes]:
        if self._open is None:
            where = {"local_addr": (own_address(self.number), 0)}
            self._open = await asyncio.open_connection("127.0.0.1", self.port, **where)
        reader, writer = self._open
        lines = [f"{method} {address} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Cookie: {self.cookie}"]
        lines += [f"Origin: {self.origin}", "Accept: application/json"]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
            lines += [f"X-CSRFToken: {self.token}"]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split()[0])
        told = await reader.readexactly(size)
        if b"connection: close" in head.lower():
            self.close()
        return head.replace(b"Set-Cookie", b"set-cookie"), told

    def close(self) -> None:
        """Put the line down."""
        if self._open is not None:
            self._open[1].close()
        self._open = None


class Phone(asyncio.Protocol):
    """A live connection. `hear` gets each event with its data; `lost` is done when the line has ended."""

    def __init__(self, hear: Hear) -> None:
        self.hear = hear
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._read, self._is_open = b"", False
        self._line: asyncio.Transport

    @classmethod
    async def open(cls, port: int, number: int, hear: Hear, *, origin: str = "", cookie: str = "") -> Phone:
        """Connect as a browser does, and join. Raises: OSError when it is not let in, TimeoutError."""
        loop = asyncio.get_running_loop()
        where = {"local_addr": (own_address(number), 0)}
        line, phone = await loop.create_connection(lambda: cls(hear), "127.0.0.1", port, **where)
        browser = LIKE_A_BROWSER if cookie else {}  # the relay would take the offer to compress
        told = {
            "Host": f"127.0.0.1:{port}",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Origin": origin or f"http://127.0.0.1:{port}",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Cookie": cookie,
            **browser,
        }
        lines = [
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            *(f"{k}: {v}" for k, v in told.items()),
        ]
        line.write("\r\n".join([*lines, "", ""]).encode())
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await phone.joined
        except TimeoutError:
            line.abort()
            raise
        return phone

    async def ask(self, name: str, data: object) -> Any:
        """Send an event, and wait for its answer."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self.send(f"42{number}{json.dumps([name, data])}")
        told = await answer
        self._answers.pop(number)
        return told

    def send(self, text: str, kind: int = TEXT) -> None:
        """Send one frame; a mask of zeros leaves it as it is."""
        body = text.encode()
        length = bytes([0x80 | len(body)]) if len(body) < SHORT else b"\xfe" + len(body).to_bytes(2, "big")
        self._line.write(bytes([0x80 | kind]) + length + bytes(4) + body)

    def close(self) -> None:
        """Vanish without a word."""
        self._line.abort()

    # --- What asyncio calls ---

    def connection_made(self, transport: Any) -> None:
        """Remember the line."""
        self._line = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        for waiting in (self.joined, *self._answers.values()):
            if not waiting.done():
                waiting.set_exception(exc or ConnectionResetError("the server ended the line"))
        if not self.lost.done():
            self.lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Read what came: first the handshake's answer, then frames."""
        self._read += data
        if not self._is_open:
            head, found, rest = self._read.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._line.abort()
                return
            self._is_open, self._read = True, rest
            self.send("40")
        while (frame := self._next_frame()) is not None:
            self._take(*frame)

    def _next_frame(self) -> tuple[int, bytes] | None:
        read, start = self._read, 2
        if len(read) < start:
            return None
        length = read[1] & 0x7F
        if length in (SHORT, LONG):
            start = 4 if length == SHORT else 10
            length = int.from_bytes(read[2:start], "big")
        if len(read) < start + length:
            return None
        self._read = read[start + length :]
        return read[0] & 0x0F, read[start : start + length]

    def _take(self, kind: int, body: bytes) -> None:
        if kind == PING:
            self.send(body.decode(), PONG)
        elif kind == CLOSE:
            self._line.abort()
        elif body == b"2":
            self.send("3")
        elif body.startswith(b"40"):
            self.joined.set_result(None)
        elif body.startswith(b"42"):
            self.hear(*json.loads(body[2:]))
        elif body.startswith(b"43"):
            number, _, told = body[2:].partition(b"[")
            waiting = self._answers[int(number)]
            if not waiting.done():  # whoever asked may have given up
                waiting.set_result(json.loads(b"[" + told)[0])
