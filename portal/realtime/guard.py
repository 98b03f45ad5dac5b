"""Keeps pages alive when phones vanish, fall silent, never read, or send far too much.

engine.io gives its WebSockets no heartbeat, no size limit and no time limit on sending, and in a threaded
server each of them holds a thread. Left alone, a bus full of phones in a tunnel stops the whole site. Here
each socket gets all three, and a doorkeeper in front decides who may open one at all.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import simple_websocket
from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask_socketio import SocketIO

MAX_MESSAGE_BYTES = 65_536
"""The largest thing a phone sends is a 4 000 character message with its envelope."""
MAX_WAITING_MESSAGES = 256
"""Messages read but not yet handled, per socket. A phone that asks one thing at a time never has two."""
SEND_TIMEOUT_SECONDS = 5
UNANSWERED_SECONDS = 20
"""How long the network may leave sent bytes unanswered: enough for a lift, not for a dead phone."""
READER_ENDS_SECONDS = 5
SOCKET_PATH = "/socket.io/"


class SocketPlaces:
    """How many live connections are open, and how many there is room for.

    engine.io's own list keeps sockets that are closed, so it cannot be asked.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._open = 0
        self._shut = False
        self._changed = threading.Condition()

    @property
    def open(self) -> int:
        """How many live connections are open now."""
        return self._open

    def take(self) -> bool:
        """Take a place. False when all are taken, or when the server is on its way down."""
        with self._changed:
            if self._shut or self._open >= self.limit:
                return False
            self._open += 1
            return True

    def leave(self) -> None:
        """Give a place back."""
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    def shut(self) -> None:
        """Give out no more places."""
        with self._changed:
            self._shut = True

    def wait_until_empty(self, seconds: float) -> bool:
        """Wait until nobody is left, at most so long. True when nobody is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, seconds)


class Doorkeeper:
    """Turns away live connections before they cost anything; every other request goes straight through.

    Not a WebSocket: 400. From a foreign page, or from none: 403. Without a live session: 401. No room: 503.
    Flask's own hooks do not run for sockets, so nothing behind this door may be relied on for these answers.
    """

    def __init__(
        self,
        wsgi_app: WSGIApplication,
        *,
        origins: Iterable[str],
        session_is_live: Callable[[WSGIEnvironment], bool],
        places: SocketPlaces,
    ) -> None:
        self._wsgi_app = wsgi_app
        self._origins = frozenset(origin.lower() for origin in origins)
        self._session_is_live = session_is_live
        self.places = places

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a refused connection at once; hold a place for as long as an admitted one lives."""
        if not environ.get("PATH_INFO", "").startswith(SOCKET_PATH):
            return self._wsgi_app(environ, start_response)
        refusal = self._refusal(environ)
        if refusal is None and not self.places.take():
            refusal = "503 Service Unavailable"
        if refusal is not None:
            return _refuse(refusal, start_response)
        try:
            return self._wsgi_app(environ, start_response)  # returns when the socket has closed
        finally:
            self.places.leave()

    def _refusal(self, environ: WSGIEnvironment) -> str | None:
        if not _asks_for_websocket(environ):
            return "400 Bad Request"
        if environ.get("HTTP_ORIGIN") not in self._origins:
            return "403 Forbidden"
        if not self._session_is_live(environ):
            return "401 Unauthorized"
        return None


def _asks_for_websocket(environ: WSGIEnvironment) -> bool:
    query = parse_qs(environ.get("QUERY_STRING", ""))
    return (
        environ["REQUEST_METHOD"] == "GET"
        and query.get("transport") == ["websocket"]
        and "sid" not in query  # nobody upgrades from polling here
        and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        and "upgrade" in environ.get("HTTP_CONNECTION", "").lower()
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and len(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")) == 24
    )


def _refuse(status: str, start_response: StartResponse) -> list[bytes]:
    body = status.partition(" ")[2].encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    if status.startswith("503"):
        headers.append(("Retry-After", "5"))
    start_response(status, headers)
    return [body]


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


class _WatchedServer(simple_websocket.Server):  # type: ignore[misc]  # the library carries no types
    """The server's end of one WebSocket, which always tells the waiting request when it is over."""

    def _thread(self) -> None:
        # Broken frames, a lost line, a second close: whatever ends the reader, the request thread must hear
        # of it. First `connected`, then `event`: the other way round it wakes, finds itself still connected,
        # and sleeps for ever.
        with contextlib.suppress(Exception):
            super()._thread()
        self.finish()

    def _handle_events(self) -> bool:
        return bool(super()._handle_events()) and len(self.input_buffer) <= MAX_WAITING_MESSAGES

    def finish(self) -> None:
        """Cut the line and wake the request thread. Harmless when it is done already."""
        self.connected = False
        self.event.set()
        self.sock.cut()


class _GuardedSocket(SimpleWebSocketWSGI):  # type: ignore[misc]  # the library carries no types
    """What engine.io uses in place of its own wrapper. One per live connection."""

    def __init__(self, handler: Any, send_timeout_seconds: float, **server_args: Any) -> None:
        super().__init__(handler, None, **server_args)
        self._send_timeout_seconds = send_timeout_seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)  # compression costs 90 KiB for each idle phone
        sock: socket.socket = environ["gunicorn.socket"]
        _limit_waiting(sock, self._send_timeout_seconds)
        line = environ["gunicorn.socket"] = _WholeSends(sock)
        self.ws = None
        try:
            self.ws = _WatchedServer(environ, **self.server_args)
            self.app(self)
        except Exception:
            # A broken handshake, or a packet that engine.io decodes outside its own try: noise from one phone
            # ends that phone's connection, writer thread and all, without a line in the log for each attempt.
            self.app.__self__.close(wait=False, abort=True)
        finally:
            line.cut()
            if self.ws is not None:
                # gunicorn closes the socket next; closed under a sleeping reader, it would not wake it.
                self.ws.thread.join(READER_ENDS_SECONDS)
        raise StopIteration  # gunicorn's sign that the socket is used up and gets no HTTP answer

    def wait(self) -> str | None:
        """Read the next message. None ends the connection; so does a binary one: nothing here sends any."""
        message = super().wait()
        return message if isinstance(message, str) else None

    def close(self) -> None:
        """Say goodbye if the line still carries it, then end the connection without waiting for an answer."""
        with contextlib.suppress(Exception):  # a second close, or a line that is gone
            super().close()
        if self.ws is not None:
            self.ws.finish()


def _limit_waiting(sock: socket.socket, send_timeout_seconds: float) -> None:
    whole, part = divmod(send_timeout_seconds, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(whole), int(part * 1e6)))
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_SECONDS * 1000)


def guard_websockets(
    socketio: SocketIO,
    *,
    ping_interval_seconds: float | None = None,
    send_timeout_seconds: float = SEND_TIMEOUT_SECONDS,
) -> None:
    """Give each live connection a heartbeat, a size limit and a time limit on sending.

    A silent phone is gone after two heartbeats, one that does not read soon after the time limit.

    Args:
        socketio: with async_mode "threading"; must be given its app already.
        ping_interval_seconds: time between heartbeats; engine.io's own interval if not given.
        send_timeout_seconds: how long one send may stand still.

    Raises:
        RuntimeError: when engine.io's private table is not what it was: look at this guard again.
    """
    eio = socketio.server.eio
    if eio._async.get("websocket") is not SimpleWebSocketWSGI:
        raise RuntimeError("engine.io wraps its sockets in another way now: look at this guard again")
    interval = eio.ping_interval if ping_interval_seconds is None else ping_interval_seconds

    def guarded(handler: Any, _server: Any) -> _GuardedSocket:
        return _GuardedSocket(
            handler,
            send_timeout_seconds,
            ping_interval=interval,
            max_message_size=MAX_MESSAGE_BYTES,
            thread_class=eio._async["thread"],  # one that does not keep the process alive
        )

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
