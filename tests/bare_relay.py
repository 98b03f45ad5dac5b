"""The least that a message can cost: passed on to whom it is for, through Flask-SocketIO, with no database.

    python -m tests.bare_relay PORT PLACES

The measure for what the chat costs (tests/bench/chat.py). Served with the portal's own settings.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

from flask import Flask
from flask_socketio import SocketIO, join_room

from portal.realtime.door import SocketPlaces
from portal.realtime.serving import THREADS_FOR_PAGES, serve


def relay_app(places: int) -> Flask:
    """Make an app in which a phone says its name, and what is said to a name is passed on to it."""
    app = Flask("relay")
    socketio = SocketIO(
        app,
        async_mode="threading",
        transports=["websocket"],
        async_handlers=False,
        manage_session=False,
        cors_allowed_origins="*",
        serve_client=False,
    )

    @socketio.on("i-am")
    def name(told: str) -> bool:
        join_room(told)
        return True

    @socketio.on("say")
    def say(message: dict[str, str]) -> dict[str, bool]:
        socketio.emit("said", message, to=message["to"])
        return {"ok": True}

    # The portal's way down asks for them.
    app.extensions["socketio"], app.extensions["socket_places"] = socketio, SocketPlaces(places)
    return app


def main() -> None:
    """Serve it on a port, with room for so many phones."""
    port, places = (int(told) for told in sys.argv[1:])
    settings = SimpleNamespace(
        host="127.0.0.1",
        port=port,
        threads=places + THREADS_FOR_PAGES,
        socket_places=places,
        trusted_proxies=(),
    )
    serve(relay_app(places), settings)


if __name__ == "__main__":
    main()
