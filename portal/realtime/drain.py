"""Takes the server down without leaving phones behind: they are told, and come back one after another."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

from portal.realtime.door import SocketPlaces

if TYPE_CHECKING:
    from flask_socketio import SocketIO

SPREAD_MS = 5_000
"""Phones come back at a moment of their own within this time, not all at once."""
LONGEST_SECONDS = 4.0
_ROUND_SECONDS = 0.2

draining = threading.Event()
"""Set once this process is on its way down. The readiness page answers 503 from then on."""


def tell_to_reconnect(socketio: SocketIO) -> None:
    """Tell each phone of this process when to try again, each its own moment.

    Never through the message queue: the other processes stay up, and so do their phones.
    """
    server = socketio.server
    for sid, _ in list(server.manager.get_participants("/", None)):
        retry = {"retry_ms": secrets.randbelow(SPREAD_MS + 1)}
        server.emit("server:drain", retry, to=sid, ignore_queue=True)


def close_all(socketio: SocketIO) -> None:
    """Close every connection of this process without waiting for anybody's answer."""
    for engine_socket in list(socketio.server.eio.sockets.values()):
        engine_socket.close(wait=False)


def drain(socketio: SocketIO, places: SocketPlaces) -> bool:
    """Let nobody new in, tell everybody, close every connection.

    Returns:
        True when all were gone within 4 seconds; the few that were not are cut when the process ends.
    """
    draining.set()
    places.shut()
    tell_to_reconnect(socketio)
    for _ in range(round(LONGEST_SECONDS / _ROUND_SECONDS)):
        close_all(socketio)  # again each round: a connection may have been half-way through the door
        if places.wait_until_empty(_ROUND_SECONDS):
            return True
    return False
