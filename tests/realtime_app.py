"""The smallest app with live connections, run by the real server: what the guard's tests are aimed at."""

import os
import sys
import threading
import time
from dataclasses import dataclass

from flask import Flask, request
from flask_socketio import SocketIO

from portal.realtime.door import Doorkeeper, SocketPlaces
from portal.realtime.drain import close_all, draining
from portal.realtime.guard import MAX_MESSAGE_BYTES, guard_websockets
from portal.realtime.serving import THREADS_FOR_PAGES, serve


@dataclass(frozen=True)
class Said:
    """What the test says on the command line."""

    port: int
    places: int
    ping_seconds: float
    send_seconds: float
    host: str = "127.0.0.1"
    trusted_proxies: tuple[str, ...] = ()

    @property
    def threads(self) -> int:
        return self.places + THREADS_FOR_PAGES

    @property
    def socket_places(self) -> int:
        return self.places

    @property
    def origins(self) -> tuple[str, ...]:
        return (f"http://127.0.0.1:{self.port}",)


def session_is_live(environ):
    cookie = environ.get("HTTP_COOKIE", "")
    if cookie == "session=broken":
        raise ValueError("as when the database is away")
    return cookie == "session=live"


def build(said: Said) -> Flask:
    app = Flask("tiny")
    socketio = SocketIO(
        app,
        async_mode="threading",
        transports=["websocket"],
        async_handlers=False,
        manage_session=False,
        cors_allowed_origins=list(said.origins),
        max_http_buffer_size=MAX_MESSAGE_BYTES,
        ping_interval=20,
        ping_timeout=15,
    )
    places = SocketPlaces(said.places)
    app.extensions["socket_places"] = places
    guard_websockets(
        socketio,
        ping_interval_seconds=said.ping_seconds,
        send_timeout_seconds=said.send_seconds,
        join_timeout_seconds=2 * said.send_seconds,
    )
    app.wsgi_app = Doorkeeper(
        app.wsgi_app,
        origins=said.origins,
        session_is_live=session_is_live,
        places=places,
    )

    being_made: list[int] = []

    @app.get("/state")
    def state():
        with open("/proc/self/status") as status:
            told = dict(line.split(":", 1) for line in status)
        return {
            "pid": os.getpid(),
            "open": places.open,
            "slow": len(being_made),
            "writers": sum("(writer)" in thread.name for thread in threading.enumerate()),
            "rss_kib": int(told["VmRSS"].split()[0]),
        }

    @app.get("/ready")
    def ready():
        return ("", 503) if draining.is_set() else "ready"

    @app.get("/shout")
    def shout():
        socketio.emit("noise", "x" * (int(request.args["kib"]) * 1024))
        return ""

    @app.get("/hang-up")
    def hang_up():
        close_all(socketio)
        return ""

    @app.get("/slow")
    def slow():
        being_made.append(1)
        time.sleep(float(request.args["seconds"]))
        return "done"

    @socketio.on("connect")
    def connect(auth=None):
        return auth != {"refuse": "me"}

    @socketio.on("echo")
    def echo(data):
        return data

    @socketio.on("nap")
    def nap(seconds):
        time.sleep(seconds)

    return app


if __name__ == "__main__":
    port, places, ping, send, patience = sys.argv[1:]
    settings = Said(int(port), int(places), float(ping), float(send))
    serve(build(settings), settings, port_patience_seconds=float(patience))
