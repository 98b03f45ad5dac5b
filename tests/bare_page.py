"""The least a page can cost: one fixed text through Flask, served by gunicorn with the portal's own settings.

    python -m tests.bare_page PORT BYTES

The measure for what I dag costs (tests/bench/throughput.py): sign-in, database and templates come on top.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

from flask import Flask

from portal.config import Settings
from portal.realtime.serving import serve


def bare_app(size: int) -> Flask:
    """Make an app with one page of exactly so many bytes, and nothing around it."""
    app = Flask("bare")
    text = "<!doctype html><title>.</title>".ljust(size, ".")

    @app.get("/")
    def page() -> str:
        return text

    # The portal's way down asks for them; nothing is connected here.
    app.extensions["socketio"] = app.extensions["socket_places"] = None
    return app


def main() -> None:
    """Serve it with as many threads as the portal has when nothing is set."""
    fields = Settings.model_fields
    settings = SimpleNamespace(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        threads=fields["threads"].default,
        socket_places=fields["socket_places"].default,
        trusted_proxies=(),
    )
    serve(bare_app(int(sys.argv[2])), settings)


if __name__ == "__main__":
    main()
