"""Who may open a live connection: our own pages, with a live session, while there is room."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

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
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._headers = headers
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
            return _refuse(refusal, self._headers, start_response)
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


def _refuse(status: str, always: Mapping[str, str], start_response: StartResponse) -> list[bytes]:
    body = status.partition(" ")[2].encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *always.items(),
    ]
    if status.startswith("503"):
        headers.append(("Retry-After", "5"))
    start_response(status, headers)
    return [body]
