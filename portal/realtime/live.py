"""The live connection: it pushes, it answers reads, and it takes in what is written often.

Flask's request hooks do not run for socket events, and a socket outlives a sign-out (both measured), so every
event looks the session up anew, and a sweep closes the sockets of sessions that have ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, request
from flask_socketio import SocketIO
from pydantic import BaseModel
from sqlalchemy.orm import Session

from portal import i18n
from portal.config import Settings
from portal.db import Database
from portal.errors import N_, PortalError, SignInNeeded, TooManyTries
from portal.realtime.guard import MAX_MESSAGE_BYTES, guard_websockets, hang_up

_SWEEP_SECONDS = 0.5
_PUSHED = frozenset({"chat", "staff"})
"""The kinds of content that anything is pushed about. A room for each other kind too cost 1 KiB a phone."""
_SOCKETS_PER_SESSION = 20
"""Live pages of one sign-in, so that nobody takes everybody's places. One more page asks twice a minute."""

_log = structlog.get_logger(__name__)
Handler = Callable[[Session, Any, Any], dict[str, object]]


@dataclass(frozen=True)
class Event:
    """What a socket event asks of whoever sends it, and what it must look like."""

    name: str
    may: Any
    level: str
    shape: type[BaseModel]
    handler: Handler
    writes: bool = False


def event(
    name: str, *, may: object, level: str, shape: type[BaseModel], writes: bool = False
) -> Callable[[Handler], Event]:
    """Declare a socket event: `feature:verb`, who may send it, at which level, and its exact shape.

    The handler gets `(s, viewer, data)` and gives back what the sender is told. The session is read-only,
    unless the event `writes`: then it is committed before the sender hears anything, and counts as use.
    """

    def declare(handler: Handler) -> Event:
        return Event(name, may, level, shape, handler, writes)

    return declare


@dataclass(frozen=True)
class Gate:
    """What the live connection needs from above: who this is, what she may, and which sessions are over."""

    find_viewer: Callable[[Session, str], Any]
    require_access: Callable[[Any, Event], None]
    levels_open: Callable[[Any], Iterable[str]]
    list_ended: Callable[[Session, list[int]], list[int]]
    read_shape: Callable[[type[BaseModel], object], Any]
    login_token: Callable[[], str]
    answer: Callable[[Any, Event, Callable[[Session], dict[str, object]]], dict[str, object]]


class Live:
    """The open connections of this process, and the way to every person's open pages in all processes."""

    def __init__(self, app: Flask, settings: Settings, database: Database, gate: Gate) -> None:
        self.database = database
        self.events: dict[str, Event] = {}
        self._gate = gate
        self._sids: dict[str, int] = {}
        self._lock = threading.Lock()
        self._sweeper: threading.Thread | None = None
        self._stopping = threading.Event()
        self.socketio = SocketIO(
            app,
            async_mode="threading",
            transports=["websocket"],
            async_handlers=False,  # True lets one client's events overtake each other (measured)
            manage_session=False,
            cors_allowed_origins=list(settings.origins),
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            ping_interval=20,
            ping_timeout=15,
            message_queue=settings.redis_url,
            serve_client=False,
        )
        guard_websockets(self.socketio)
        self.socketio.on_event("connect", self._connect)
        self.socketio.on_event("disconnect", self._disconnect)

    def offer(self, declared: Event) -> None:
        """Let clients send this event. An event that was never offered is refused by not existing."""
        self.events[declared.name] = declared
        # Whatever a client sends gets an answer, also two arguments or none: then the shape is what is wrong.
        self.socketio.on_event(
            declared.name, lambda *sent: self._answer(declared, sent[0] if len(sent) == 1 else sent)
        )

    def push(self, person_ids: Iterable[int], name: str, payload: dict[str, object], *, level: str) -> None:
        """Tell the open pages of these persons, in all processes. A hint: the database is the truth.

        `level` is the kind of content, as for a page: what a sign-in may not open is not pushed to it either.
        """
        if level not in _PUSHED:
            raise ValueError(f"nobody hears of «{level}»: name it in _PUSHED")
        for person_id in sorted(set(person_ids)):
            self.socketio.emit(name, payload, to=_room(person_id, level))

    def close_session(self, session_id: int) -> None:
        """Close this process' sockets of a session at once.

        Other processes' sweeps follow within a second.
        """
        self._close([sid for sid, held_by in self._open() if held_by == session_id])

    def sweep(self) -> None:
        """Close the sockets of all sessions that are over: signed out elsewhere, idle, or without a role."""
        open_now = self._open()
        if not open_now:
            return
        with self.database.transaction(writes=False) as s:
            ended = set(self._gate.list_ended(s, sorted({session_id for _sid, session_id in open_now})))
        self._close([sid for sid, session_id in open_now if session_id in ended])

    def stop(self) -> None:
        """Stop the sweep, and wait until it has."""
        self._stopping.set()
        if self._sweeper is not None:
            self._sweeper.join()

    def _open(self) -> list[tuple[str, int]]:
        with self._lock:
            return list(self._sids.items())

    def _close(self, sids: Iterable[str]) -> None:
        for sid in sids:
            hang_up(self.socketio, sid)

    def _connect(self, _auth: object = None) -> bool:
        viewer = self._viewer()
        if viewer is None:
            return False
        sid: str = request.sid  # type: ignore[attr-defined]  # set by Flask-SocketIO
        with self._lock:
            if list(self._sids.values()).count(viewer.session_id) >= _SOCKETS_PER_SESSION:
                return False
            self._sids[sid] = viewer.session_id
        for level in _PUSHED.intersection(self._gate.levels_open(viewer)):
            self.socketio.server.enter_room(sid, _room(viewer.person_id, level))
        self._start_sweeping()
        return True

    def _disconnect(self, *_reason: object) -> None:
        with self._lock:
            self._sids.pop(request.sid, None)  # type: ignore[attr-defined]  # set by Flask-SocketIO

    def _viewer(self) -> Any:
        with self.database.transaction(writes=False) as s:
            return self._gate.find_viewer(s, self._gate.login_token())

    def _answer(self, declared: Event, data: object) -> dict[str, object]:
        """Check session, access and shape, ask the handler, and always give the sender an answer.

        Without an answer the phone would wait for its time limit: an exception gives no acknowledgement at
        all.
        """
        i18n.use(i18n.SOURCE)
        try:
            viewer = self._viewer()
            if viewer is None:
                raise SignInNeeded
            i18n.use(viewer.language)
            self._gate.require_access(viewer, declared)
            shaped = self._gate.read_shape(declared.shape, data)
            told = self._gate.answer(viewer, declared, lambda s: declared.handler(s, viewer, shaped))
            return {"ok": True, **told}
        except PortalError as fault:
            # When the session is over, the sweep closes the socket right after this answer has gone out.
            return _told(fault)
        except Exception:
            _log.exception("event.failed", event_name=declared.name)
            sentence = N_("Noe gikk galt hos oss. Prøv igjen om litt.")
            return {"ok": False, "status": 500, "error": "server.failed", "text": i18n.gettext(sentence)}

    def _start_sweeping(self) -> None:
        with self._lock:
            if self._sweeper is not None:
                return
            self._sweeper = threading.Thread(target=self._sweep_on, name="session-sweep", daemon=True)
        self._sweeper.start()

    def _sweep_on(self) -> None:
        while not self._stopping.wait(_SWEEP_SECONDS):
            try:
                self.sweep()
            except Exception:
                _log.exception("sweep.failed")


def _told(fault: PortalError) -> dict[str, object]:
    """What went wrong, with the status that a page would have and how long to wait, if one must."""
    told = {"ok": False, "status": fault.status, "error": fault.code}
    if isinstance(fault, TooManyTries):
        told["retry_after"] = fault.facts.get("retry_after_seconds", 60)
    return {**told, "text": i18n.gettext(fault.sentence, **fault.facts)}


def _room(person_id: int, level: str) -> str:
    return f"person:{person_id}:{level}"
