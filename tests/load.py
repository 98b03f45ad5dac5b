"""A load client: a few browsers that ask for one page again and again, each on a connection it keeps open."""

from __future__ import annotations

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Load:
    """What was answered: how long it all took, the server's processor time, and each answer's, in seconds."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    answers: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers a second, all browsers together."""
        return len(self.answers) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, percent: int) -> float:
        """Milliseconds within which so many of a hundred answers came."""
        return round(percentile(self.answers, percent) * 1000, 1)

    @property
    def cpu_ms(self) -> float:
        """Processor time per answer, in milliseconds."""
        return round(self.cpu_seconds * 1000 / len(self.answers), 2) if self.answers else 0.0

    def add(self, other: Load) -> None:
        """Count another round among these."""
        self.seconds += other.seconds
        self.cpu_seconds += other.cpu_seconds
        self.answers += other.answers


def percentile(values: list[float], percent: int) -> float:
    """The value that so many of a hundred do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


@dataclass(frozen=True)
class Server:
    """A server here: its port, its process group, and the cookies of whoever asks."""

    port: int
    group: int
    cookie: str = ""


def load(server: Server, *, browsers: int, seconds: float, core: int | None = None) -> Load:
    """Let some browsers ask for the front page of a server for a while; on one core if it is named.

    Raises: RuntimeError when an answer is not 200.
    """
    until = time.monotonic() + seconds
    done = Load()
    began, used = time.monotonic(), cpu_seconds(server.group)
    with ThreadPoolExecutor(browsers) as pool:
        asking = [pool.submit(_ask_until, until, server, core) for _ in range(browsers)]
        for one in asking:
            done.answers += one.result()
    done.seconds = time.monotonic() - began
    done.cpu_seconds = cpu_seconds(server.group) - used
    return done


def size_of(server: Server) -> int:
    """How many bytes the front page has."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        return _ask(line, _request(server))


def cpu_seconds(group: int) -> float:
    """Processor time that a process group has used so far."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended while we looked
            told = stat.read_text().rpartition(")")[2].split()
            if int(told[2]) == group:
                ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _ask_until(until: float, server: Server, core: int | None) -> list[float]:
    if core is not None:
        os.sched_setaffinity(0, {core})  # of this thread alone
    took = []
    asked = _request(server)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (began := time.monotonic()) < until:
            _ask(line, asked)
            took.append(time.monotonic() - began)
    return took


def _request(server: Server) -> bytes:
    lines = ["GET / HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Accept: text/html"]
    if server.cookie:
        lines.append(f"Cookie: {server.cookie}")
    return "\r\n".join([*lines, "", ""]).encode()


def _ask(line: socket.socket, asked: bytes) -> int:
    """Ask once, read the whole answer, and tell how many bytes its body has."""
    line.sendall(asked)
    told = line.recv(65536)
    while b"\r\n\r\n" not in told:
        told += _more(line)
    head, _, body = told.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(head.decode(errors="replace"))
    size = int(head.lower().partition(b"content-length:")[2].split()[0])
    came = len(body)
    while came < size:
        came += len(_more(line))
    return size


def _more(line: socket.socket) -> bytes:
    told = line.recv(65536)
    if not told:
        raise RuntimeError("The server hung up in the middle of an answer.")
    return told
