"""Asking clamd whether a file carries a virus. Whatever is not a clear answer is no answer: fail closed."""

from __future__ import annotations

import socket
import struct
from enum import Enum, auto

_SECONDS = 15
_PIECE_BYTES = 64 * 1024
_LONGEST_ANSWER = 4096


class Verdict(Enum):
    """What clamd says of a file."""

    CLEAN = auto()
    VIRUS = auto()
    UNKNOWN = auto()
    """No clear answer: the file stays closed and is asked about again later."""
    NOT_REACHED = auto()
    """Nobody there to ask: as no clear answer, and asking about other files is no use either."""

    @property
    def is_clear(self) -> bool:
        """Whether it says what the file is."""
        return self in {Verdict.CLEAN, Verdict.VIRUS}


def ask(address: str, content: bytes) -> Verdict:
    """Let clamd look through a file (INSTREAM). `address`: tcp://host:port or unix:/path. Never raises.

    No transaction may be open meanwhile: it can take seconds.
    """
    try:
        line = _connected(address)
    except OSError:
        return Verdict.NOT_REACHED
    try:
        with line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _PIECE_BYTES):
                piece = content[start : start + _PIECE_BYTES]
                line.sendall(struct.pack("!I", len(piece)) + piece)
            line.sendall(struct.pack("!I", 0))
            answer = _answer(line)
    except OSError:
        return Verdict.UNKNOWN
    if answer == b"stream: OK":
        return Verdict.CLEAN
    is_found = answer.startswith(b"stream: ") and answer.endswith(b" FOUND")
    return Verdict.VIRUS if is_found else Verdict.UNKNOWN


def _connected(address: str) -> socket.socket:
    if address.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(_SECONDS)
        try:
            line.connect(address.removeprefix("unix:"))
        except OSError:
            line.close()
            raise
        return line
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS)


def _answer(line: socket.socket) -> bytes:
    told = b""
    while b"\0" not in told and len(told) < _LONGEST_ANSWER:
        piece = line.recv(_LONGEST_ANSWER)
        if not piece:
            break
        told += piece
    return told.partition(b"\0")[0].strip()
