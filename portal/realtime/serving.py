"""Runs the portal under gunicorn: one process, threads, and a way down that leaves nobody hanging."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import os
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from portal.realtime.door import SocketPlaces
from portal.realtime.drain import drain

if TYPE_CHECKING:
    from flask import Flask

THREADS_FOR_PAGES = 16
"""Threads that no live connection may take, so that pages answer when every place is taken."""
CONNECTIONS_BEYOND_THREADS = 200
"""Browsers that keep a connection open between two pages hold no thread."""
GRACEFUL_SECONDS = 8
STOP_SECONDS = 6.5
"""So long what runs beside the pages may take to end; gunicorn needs the rest."""
PARENT_CHECK_SECONDS = 0.5
_M_MMAP_THRESHOLD, _LARGE_BYTES = -3, 1024 * 1024
"""The name of glibc's setting in <malloc.h>, and from which size on a block is large."""
PORT_PATIENCE_SECONDS = 10
"""An earlier server may still be on its way down."""


class ServerSettings(Protocol):
    """What of the settings decides how the server runs."""

    @property
    def host(self) -> str:
        """Address to listen on."""

    @property
    def port(self) -> int:
        """Port to listen on."""

    @property
    def threads(self) -> int:
        """Most requests and live connections at one time."""

    @property
    def socket_places(self) -> int:
        """Most live connections at one time."""

    @property
    def trusted_proxies(self) -> tuple[str, ...]:
        """Addresses whose word about scheme and client is believed; nobody's if empty."""


class _PathlessLog(Logger):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn's own log without addresses of pages: they may carry a one-time code."""

    def exception(self, msg: str, *_args: object, **kwargs: Any) -> None:
        super().exception(msg.partition(" %s")[0], **kwargs)

    def warning(self, msg: str, *args: object, **kwargs: Any) -> None:
        if msg.startswith("Invalid request from"):
            super().warning("A request that is not HTTP was refused.")
        else:
            super().warning(msg, *args, **kwargs)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    def __init__(
        self,
        app: Flask,
        settings: ServerSettings,
        on_start: Callable[[], None] | None,
        on_stop: Callable[[float], None] | None,
    ) -> None:
        self._app = app
        self._settings = settings
        self._on_start = on_start
        self._on_stop = on_stop
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        for name, value in {
            "bind": f"{host}:{settings.port}",
            "worker_class": "gthread",
            "workers": 1,  # sockets live in one process; more processes are more servers (decision 4)
            "threads": settings.threads,
            "worker_connections": settings.threads + CONNECTIONS_BEYOND_THREADS,
            "keepalive": 5,
            "graceful_timeout": GRACEFUL_SECONDS,
            "forwarded_allow_ips": ",".join(settings.trusted_proxies),
            "control_socket_disable": True,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "logger_class": _PathlessLog,
            "proc_name": "min-vei",
            "post_worker_init": self._worker_is_up,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def _worker_is_up(self, worker: Any) -> None:
        if self._on_start:
            self._on_start()
        _go_down_by_draining(worker, self._app, self._on_stop)
        _set_aside_what_lives_for_ever()
        _give_large_blocks_back()
        gc.set_threshold(2000, 20, 100_000)


def _set_aside_what_lives_for_ever() -> None:
    """Spare the garbage collector what was loaded at start.

    Searching it again and again gave pauses of 40-110 ms, and seconds on the way down.
    """
    gc.collect()
    gc.freeze()


def _give_large_blocks_back() -> None:
    """Give large blocks of memory back to the computer as soon as they are free.

    A PIN takes 19 MiB for a moment and a passphrase 46. Left alone, glibc keeps them, for each thread's arena
    anew: a server of 166 MiB went to 223 in steps of twenty (measured), with sixteen arenas on two cores.
    """
    with contextlib.suppress(AttributeError, OSError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def _go_down_by_draining(worker: Any, app: Flask, on_stop: Callable[[float], None] | None) -> None:
    stop = worker.handle_exit
    socketio = app.extensions["socketio"]
    places: SocketPlaces = app.extensions["socket_places"]

    # Not an Event: a second signal during its set() would wait for itself for ever (measured).
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()

    def drain_when_told() -> None:
        # A thread of its own: the one that a signal interrupts may hold a lock that draining needs. It also
        # notices when the master was killed outright; gunicorn would then hold the port for nine seconds.
        while os.getppid() == worker.ppid:
            with contextlib.suppress(queue.Empty):
                signals.get(timeout=PARENT_CHECK_SECONDS)
                break
        until = time.monotonic() + STOP_SECONDS
        try:
            if on_stop:
                on_stop(0)
            drain(socketio, places)
            if on_stop:
                on_stop(max(0.0, until - time.monotonic()))
        finally:
            stop(signal.SIGTERM, None)

    def on_signal(number: int, _frame: FrameType | None) -> None:
        signals.put(number)

    # gunicorn passes Ctrl-C on as SIGQUIT, which would wait for every open connection in vain.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, on_signal)
    threading.Thread(target=drain_when_told, name="drain", daemon=True).start()


def serve(
    app: Flask,
    settings: ServerSettings,
    *,
    on_start: Callable[[], None] | None = None,
    on_stop: Callable[[float], None] | None = None,
    port_patience_seconds: float = PORT_PATIENCE_SECONDS,
) -> NoReturn:
    """Serve until told to stop. SIGTERM or Ctrl-C drains and ends within ten seconds.

    Args:
        app: with its SocketIO in `extensions["socketio"]` and its places in `extensions["socket_places"]`.
        settings: host, port, threads, socket_places, trusted_proxies.
        on_start: run in the serving process when the app is up. Connections and threads made earlier belong
            to the process that started it, so this is the place to drop the one and start the other.
        on_stop: told at once when it is time to end, with 0, and again when every connection is closed, with
            the seconds that are left: the place to wait for what runs beside the pages.
        port_patience_seconds: how long to wait for an earlier server to leave the port.

    Raises:
        ValueError: when live connections could take every thread.
        SystemExit: at the end; with a sentence for a person when the port cannot be had.
    """
    room = settings.threads - THREADS_FOR_PAGES
    if settings.socket_places > room:
        raise ValueError(
            f"{settings.threads} threads leave {room} socket places, not {settings.socket_places}."
        )
    _wait_for_port(settings.host, settings.port, port_patience_seconds)
    _set_aside_what_lives_for_ever()
    _Server(app, settings, on_start, on_stop).run()
    sys.exit(0)


def _wait_for_port(host: str, port: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    told = False
    while (fault := _port_fault(host, port)) is not None:
        if fault.errno != errno.EADDRINUSE:
            sys.exit(f"Cannot listen on {host}, port {port}: {fault.strerror}.")
        if time.monotonic() > deadline:
            sys.exit(f"Port {port} is in use by another program. Stop that one, or choose another port.")
        if not told:
            sys.stderr.write(f"Port {port} is in use. Waiting up to {seconds:g} seconds …\n")
            told = True
        time.sleep(0.25)


def _port_fault(host: str, port: int) -> OSError | None:
    with contextlib.ExitStack() as closing:
        try:
            family, kind, _, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            probe = closing.enter_context(socket.socket(family, kind))
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
        except OSError as fault:
            return fault
    return None
