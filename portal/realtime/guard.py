"""Keeps pages alive when phones vanish, fall silent, never read, or send far too much.

engine.io gives its WebSockets no heartbeat, no size limit and no time limit on sending, and in a threaded
server each of them holds a thread. Left alone, a bus full of phones in a tunnel stops the whole site. Here
each socket gets all three. Who may open one at all is decided at the door (portal/realtime/door.py).
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import simple_websocket
from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI
from wsproto.events import Ping

from portal.realtime.heartbeats import share_heartbeats

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask_socketio import SocketIO

MAX_MESSAGE_BYTES = 65_536
"""The largest thing a phone sends is a 4 000 character message with its envelope."""
SEND_TIMEOUT_SECONDS = 5
UNANSWERED_SECONDS = 20
"""How long the network may leave sent bytes unanswered: enough for a lift, not for a dead phone."""
JOIN_SECONDS = 10
"""How long a phone may hold a line open before it says who it is (Socket.IO's CONNECT)."""
_HANDSHAKE = (
    "gunicorn.socket",
    "HTTP_HOST",
    "HTTP_UPGRADE",
    "HTTP_CONNECTION",
    "HTTP_SEC_WEBSOCKET_KEY",
    "HTTP_SEC_WEBSOCKET_VERSION",
)
"""What the handshake needs. Not the offer to compress: that costs 90 KiB for each idle phone."""
_JOINS, _IS_REFUSED = ("40", "40{"), "44"
_EVENT = re.compile(r"42[0-9]{0,9}(?=\[)")
_NOT_A_PHONES = frozenset({"connect", "disconnect", "connect_error", "message", "*"})


@dataclass(frozen=True)
class _Limits:
    send_seconds: float
    join_seconds: float


class _WholeSends:
    """A phone's socket on which a frame goes out whole, or the line is cut.

    Two threads write (answers, heartbeats). A plain send may stop half-way at the time limit or mix two
    frames, and everything after it would be noise.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._one_at_a_time = threading.Lock()

    def send(self, data: bytes) -> None:
        with self._one_at_a_time:
            try:
                self._sock.sendall(data)
            except OSError:
                self.cut()
                raise

    def cut(self) -> None:
        """End the line, which also wakes whoever reads from it."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class _NoThread:
    """In place of the library's reader: a thread for each phone, and one more to wake for each message."""

    def __init__(self, target: object) -> None:
        self.name = ""

    def start(self) -> None:
        """Start nothing."""


class _ReadByRequest(simple_websocket.Server):  # type: ignore[misc]  # the library carries no types
    """The server's end of one WebSocket, read in the request's own thread.

    What a phone sends while its last message is being answered waits in the network, not in our memory. A
    phone that has sent nothing for an interval is asked whether it is there, and is gone after another.
    """

    def __init__(self, environ: WSGIEnvironment, *, ping_interval: float, max_message_size: int) -> None:
        self._interval = ping_interval
        asked = {name: environ[name] for name in _HANDSHAKE if name in environ}
        super().__init__(asked, max_message_size=max_message_size, thread_class=_NoThread)

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        """Read the next message. None when it did not come within so many seconds.

        Raises: ConnectionClosed when the line is over, in whichever way.
        """
        until = None if timeout is None else time.monotonic() + timeout
        _limit_reading(self.sock, self._interval)
        while self.connected and not self.input_buffer:
            if until is not None:
                left = until - time.monotonic()
                if left <= 0:
                    return None
                _limit_reading(self.sock, min(left, self._interval))
            try:
                self._read()
            except Exception:  # broken frames, a lost line: noise from one phone ends its connection
                self.finish()
        if not self.input_buffer:
            raise simple_websocket.ConnectionClosed(self.close_reason, self.close_message)
        message: str | bytes = self.input_buffer.pop(0)
        return message

    def _read(self) -> None:
        try:
            read = self.sock.recv(self.receive_bytes)
        except BlockingIOError:  # nothing came for so long
            self._ask_whether_it_is_there()
            return
        if not read:
            raise ConnectionResetError
        self.pong_received = True
        self.ws.receive_data(read)
        self.connected = self._handle_events()

    def _ask_whether_it_is_there(self) -> None:
        if not self.pong_received:
            raise TimeoutError
        self.pong_received = False
        self.sock.send(self.ws.send(Ping()))

    def finish(self) -> None:
        """Cut the line, which also wakes whoever reads. Harmless when it is done already."""
        self.connected = False
        self.sock.cut()


class _GuardedSocket(SimpleWebSocketWSGI):  # type: ignore[misc]  # the library carries no types
    """What engine.io uses in place of its own wrapper. One per live connection."""

    def __init__(self, handler: Any, limits: _Limits, **server_args: Any) -> None:
        super().__init__(handler, None, **server_args)
        self._limits = limits
        self._has_joined = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        sock: socket.socket = environ["gunicorn.socket"]
        _limit_sending(sock, self._limits.send_seconds)
        line = environ["gunicorn.socket"] = _WholeSends(sock)
        self.ws = None
        try:
            self.ws = _ReadByRequest(environ, **self.server_args)
            self.app(self)
        except Exception:
            # A broken handshake, or a packet that engine.io decodes outside its own try: noise from one phone
            # ends that phone's connection, writer thread and all, without a line in the log for each attempt.
            self.app.__self__.close(wait=False, abort=True)
        finally:
            line.cut()
            line.close()  # at once: gunicorn would first hear out what the phone still sends
        raise StopIteration  # gunicorn's sign that the socket is used up and gets no HTTP answer

    def wait(self) -> str | None:
        """Read the next message. None ends the connection.

        A line that nobody has joined would hold a place without belonging to any session, so it ends; and so
        does one that sends what no page of ours does, which Socket.IO would meet with an exception.
        """
        message = super().wait() if self._has_joined else self._first_message()
        return message if isinstance(message, str) and _is_packet(message) else None

    def _first_message(self) -> str | None:
        with contextlib.suppress(simple_websocket.ConnectionClosed):
            message = self.ws.receive(timeout=self._limits.join_seconds) if self.ws else None
            if isinstance(message, str) and (message == _JOINS[0] or _is_join(message)):
                self._has_joined = True
                return message
        return None

    def send(self, message: str | bytes) -> None:
        """Send, and end the line of whoever is told that she may not join."""
        super().send(message)
        if isinstance(message, str) and message.startswith(_IS_REFUSED):
            self.close()

    def close(self) -> None:
        """Say goodbye if the line still carries it, then end the connection without waiting for an answer."""
        with contextlib.suppress(Exception):  # a second close, or a line that is gone
            super().close()
        if self.ws is not None:
            self.ws.finish()


def _is_join(message: str) -> bool:
    return message.startswith(_JOINS[1]) and isinstance(_read_json(message[2:]), dict)


def _is_packet(message: str) -> bool:
    """Whether this is a heartbeat, the answer to one, the join, or an event of a page of ours.

    «connect» and «disconnect» are what the server tells itself: sent by a phone, they would have it believe
    that the line is closed, and then nobody would close it when the session ends.
    """
    if message in ("2", "3") or message == _JOINS[0] or _is_join(message):
        return True
    said = _EVENT.match(message)
    sent = _read_json(message[said.end() :]) if said else None
    return isinstance(sent, list) and bool(sent) and isinstance(sent[0], str) and sent[0] not in _NOT_A_PHONES


def _read_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _limit_reading(sock: socket.socket, seconds: float) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(seconds))


def _limit_sending(sock: socket.socket, seconds: float) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(seconds))
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_SECONDS * 1000)


def _timeval(seconds: float) -> bytes:
    """Write a time limit as the system reads it; none at all would be no limit."""
    whole, part = divmod(max(seconds, 0.001), 1)
    return struct.pack("ll", int(whole), int(part * 1e6))


def guard_websockets(
    socketio: SocketIO,
    *,
    ping_interval_seconds: float | None = None,
    send_timeout_seconds: float = SEND_TIMEOUT_SECONDS,
    join_timeout_seconds: float = JOIN_SECONDS,
) -> None:
    """Give each live connection a heartbeat, a size limit and a time limit on sending.

    A silent phone is gone after two heartbeats, one that does not read soon after the time limit.

    Args:
        socketio: with async_mode "threading"; must be given its app already.
        ping_interval_seconds: time between heartbeats; engine.io's own interval if not given.
        send_timeout_seconds: how long one send may stand still.
        join_timeout_seconds: how long a phone may wait before it says who it is.

    Raises:
        RuntimeError: when engine.io's private table is not what it was: look at this guard again.
    """
    eio = socketio.server.eio
    if eio._async.get("websocket") is not SimpleWebSocketWSGI:
        raise RuntimeError("engine.io wraps its sockets in another way now: look at this guard again")
    interval = eio.ping_interval if ping_interval_seconds is None else ping_interval_seconds

    limits = _Limits(send_timeout_seconds, join_timeout_seconds)

    def guarded(handler: Any, _server: Any) -> _GuardedSocket:
        return _GuardedSocket(
            handler,
            limits,
            ping_interval=interval,
            max_message_size=MAX_MESSAGE_BYTES,
        )

    share_heartbeats(socketio)
    eio._async = {**eio._async, "websocket": guarded}  # a new table: the old one is shared by all servers


def hang_up(socketio: SocketIO, sid: str) -> None:
    """Close the connection of one Socket.IO client of this process, at once and whatever the phone does.

    The library's own disconnect leaves the connection open, and engine.io's can wait for ever for a phone
    that does not read.
    """
    server = socketio.server
    eio_sid = server.manager.eio_sid_from_sid(sid, "/")
    engine_socket = server.eio.sockets.get(eio_sid) if eio_sid else None
    if engine_socket is not None:
        engine_socket.close(wait=False)
