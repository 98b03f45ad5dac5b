"""The net of one phone: a TCP proxy that can hold, cut, slow down and swallow."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress

_AT_ONCE_WITH_A_RESET = struct.pack("ii", 1, 0)
_CHUNK = 65_536
_TEXT_FRAME = b"\x81"
_FRAMES = (_TEXT_FRAME, b"\x89", b"\x8a")
"""How what a page sends over its live connection begins: words, a ping, the answer to one."""
_RETRANSMIT_SECONDS = 1.0
"""What a lost packet costs: TCP notices and sends it again."""
UP, DOWN = "up", "down"


class Proxy:
    """One phone's way to the server. What is set here holds for open and for new connections.

    `held`: directions in which nothing comes through; what is sent waits, as on a net that is away, and comes
    when it is back. `refuses`: new connections are reset. `swallows`: the answer to a sent message or file is
    thrown away and the connection reset, after the server has done its work. `delay_seconds` each way, `loss`
    the share of packets that must be sent again, `bytes_per_second` each way.
    """

    def __init__(self, net: Net, server_port: int, number: int) -> None:
        self.server_port = server_port
        self.address = f"127.0.0.{number}"  # each phone its own: the server counts questions by address
        self.held: frozenset[str] = frozenset()
        self.refuses = False
        self.swallows = False
        self.swallowed = 0
        self.delay_seconds = 0.0
        self.loss = 0.0
        self.bytes_per_second = 0
        self._random = random.Random(number)
        self._lines: set[_Line] = set()
        self._net = net
        self._free = net.do(self._listen)

    async def _listen(self) -> asyncio.Event:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self._net.doors.append(server)
        self.port = int(server.sockets[0].getsockname()[1])
        return asyncio.Event()

    def change(self, **what: object) -> None:
        """Make the net so from now on; whoever waits looks again."""

        async def change() -> None:
            for name, value in what.items():
                setattr(self, name, value)
            self._free.set()
            self._free = asyncio.Event()

        self._net.do(change)

    def cut(self) -> int:
        """Reset every open connection, as a mast does that has forgotten the phone; gives how many."""

        async def cut() -> int:
            lines = list(self._lines)
            for line in lines:
                line.reset()
            return len(lines)

        return self._net.do(cut)

    async def free(self, direction: str) -> None:
        """Wait until something comes through this way."""
        while direction in self.held:
            await self._free.wait()

    def lateness(self, size: int) -> float:
        """How long a packet of this size is under way."""
        late = self.delay_seconds + (size / self.bytes_per_second if self.bytes_per_second else 0)
        return late + (_RETRANSMIT_SECONDS if self._random.random() < self.loss else 0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(self, reader, writer)
        self._lines.add(line)
        try:
            with suppress(asyncio.CancelledError):  # the stage is over
                await line.carry()
        finally:
            line.reset()
            self._lines.discard(line)


class _Line:
    def __init__(self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._phone = (reader, writer)
        self._server: asyncio.StreamWriter | None = None
        self._is_sending = False

    async def carry(self) -> None:
        """Carry bytes both ways until either side ends."""
        await self._proxy.free(UP)
        if self._proxy.refuses:
            return
        try:
            reader, self._server = await asyncio.open_connection(
                "127.0.0.1", self._proxy.server_port, local_addr=(self._proxy.address, 0)
            )
        except OSError:
            return
        ways = [
            asyncio.ensure_future(self._carry(UP, self._phone[0], self._server)),
            asyncio.ensure_future(self._carry(DOWN, reader, self._phone[1])),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()

    async def _carry(
        self, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = asyncio.ensure_future(self._deliver(direction, queue, writer))
        due = 0.0
        try:
            with suppress(OSError):
                while chunk := await reader.read(_CHUNK):
                    due = max(due, time.monotonic() + self._proxy.lateness(len(chunk)))
                    queue.put_nowait((due, chunk))
            queue.put_nowait((0, b""))
            with suppress(OSError):
                await delivering
        finally:
            delivering.cancel()

    async def _deliver(
        self, direction: str, queue: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        while (packet := await queue.get())[1]:
            due, chunk = packet
            if (early := due - time.monotonic()) > 0:
                await asyncio.sleep(early)
            await self._proxy.free(direction)
            if direction == UP:
                self._is_sending = _brings_a_message(chunk, begun=self._is_sending)
            elif self._is_sending and self._proxy.swallows:
                self._proxy.swallowed += 1
                self.reset()
                return
            writer.write(chunk)
            await writer.drain()

    def reset(self) -> None:
        """End both sides at once, with a reset."""
        for writer in (self._phone[1], self._server):
            if writer is None:
                continue
            with suppress(OSError, AttributeError):
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE_WITH_A_RESET
                )
            writer.transport.abort()


def _brings_a_message(chunk: bytes, *, begun: bool) -> bool:
    """Whether this is a message or a file on its way to the server, by request or by the live connection.

    `begun`: what came before it on this connection was; the rest of a request follows its beginning.
    """
    if chunk.startswith((b"POST ", b"GET ")):
        return any(to in chunk.partition(b"\r\n")[0] for to in (b"/melding ", b"/fil "))
    if chunk[:1] in _FRAMES:
        return chunk[:1] == _TEXT_FRAME and b'"chat:send"' in _unmasked(chunk)
    return begun


def _unmasked(frame: bytes) -> bytes:
    """The text of a WebSocket frame from a phone, which hides it behind four bytes of its own (RFC 6455)."""
    start = {126: 4, 127: 10}.get(frame[1] & 0x7F, 2) if len(frame) > 1 else 2
    mask, text = frame[start : start + 4], frame[start + 4 :]
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(text))


class Net:
    """The thread in which all proxies of a stage live."""

    def __init__(self) -> None:
        self.doors: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="net", daemon=True)
        self._thread.start()

    def do(self, work: Callable[[], object]) -> object:
        """Do something in the net's thread, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(10)

    def close(self) -> None:
        """End every connection and the thread."""

        async def end() -> None:
            for door in self.doors:
                door.close()
            own = asyncio.current_task()
            tasks = [task for task in asyncio.all_tasks() if task is not own]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0.05)  # the transports' own last words

        self.do(end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
