"""A phone down to the bytes, so that it can do what no browser would."""

import base64
import json
import os
import socket
import struct
from contextlib import suppress
from typing import ClassVar

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10

LIKE_A_BROWSER = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "nb-NO,nb;q=0.9,ar;q=0.8",
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Sec-Websocket-Extensions": "permessage-deflate; client_max_window_bits",
}


class Refused(Exception):
    """The server answered the handshake with this status."""


class RawPhone:
    """One WebSocket, with the handshake done. It answers nothing by itself."""

    all_open: ClassVar[list["RawPhone"]] = []

    def __init__(
        self,
        port: int,
        *,
        cookie: str | None = "session=live",
        receive_buffer: int | None = None,
        path: str = "/socket.io/?EIO=4&transport=websocket",
        **headers: str | None,
    ) -> None:
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(10)
        self.all_open.append(self)
        self.sock.connect(("127.0.0.1", port))
        told = {
            "Host": f"127.0.0.1:{port}",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Origin": f"http://127.0.0.1:{port}",
            "Sec-Websocket-Version": "13",
            "Sec-Websocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Cookie": cookie,
            **LIKE_A_BROWSER,
            **{name.replace("_", "-").title(): value for name, value in headers.items()},
        }
        lines = [
            f"GET {path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in told.items() if value),
            "",
            "",
        ]
        self.sock.sendall("\r\n".join(lines).encode())
        self._read = b""
        self.answer = self._until(b"\r\n\r\n").decode()
        self.status = int(self.answer.split()[1])

    def join(self) -> "RawPhone":
        """Connect as Socket.IO does: until here the server has not let the app see the phone."""
        if self.status != 101:
            raise Refused(self.status)
        self.send("40")
        while not self.receive()[1].startswith(b"40"):
            pass
        return self

    def emit(self, name: str, data: object) -> None:
        self.send("42" + json.dumps([name, data]))

    def send(self, text: str | bytes, *, kind: int = TEXT, announced: int | None = None) -> None:
        """Send one frame; `announced` bytes may be promised and never come."""
        body = text.encode() if isinstance(text, str) else text
        length = len(body) if announced is None else announced
        head = bytes([0x80 | kind])
        if length < 126:
            head += bytes([0x80 | length])
        elif length < 65_536:
            head += b"\xfe" + struct.pack("!H", length)
        else:
            head += b"\xff" + struct.pack("!Q", length)
        self.sock.sendall(head + bytes(4) + body)  # the mask of zeros leaves the text as it is

    def receive(self) -> tuple[int, bytes]:
        """Read one frame: its kind and its body."""
        first, second = self._take(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
        return first & 0x0F, self._take(length)

    def is_cut(self) -> bool:
        """Say whether the server has ended the line; what it still said is thrown away."""
        self.sock.settimeout(0.01)
        with suppress(TimeoutError):
            try:
                while self.sock.recv(65_536):
                    pass
            except ConnectionError:
                pass
            return True
        return False

    def close(self) -> None:
        self.sock.close()

    def _take(self, count: int) -> bytes:
        while len(self._read) < count:
            more = self.sock.recv(65_536)
            if not more:
                raise ConnectionError("the server ended the line")
            self._read += more
        taken, self._read = self._read[:count], self._read[count:]
        return taken

    def _until(self, end: bytes) -> bytes:
        while end not in self._read:
            more = self.sock.recv(65_536)
            if not more:
                break
            self._read += more
        head, _, self._read = self._read.partition(end)
        return head
