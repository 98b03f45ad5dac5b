"""The live connection: it pushes, it answers reads, and it takes in what is written often.

A socket outlives a sign-out (measured), so every event looks the session up anew, and a sweep closes the
sockets of sessions that have ended. Handlers stand on Socket.IO's own server: Flask's hooks would not run for
an event either, and its request context is half of what a small one costs (measured).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask
from flask_socketio import SocketIO
from pydantic import BaseModel
from sqlalchemy.orm import Session

from portal import i18n
from portal.config import Settings
from portal.db import Database
from portal.errors import N_, PortalError, SignInNeeded, TooManyTries
from portal.realtime.gathering import Gathering
from portal.realtime.guard import MAX_MESSAGE_BYTES, guard_websockets, hang_up

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_SWEEP_SECONDS = 0.5
_PUSHED = frozenset({"chat", "staff"})
"""The kinds of content that anything is pushed about. A room for each other kind too cost 1 KiB a phone."""
_SOCKETS_PER_SESSION = 20
"""Live pages of one sign-in, so that nobody takes everybody's places. One more page asks twice a minute."""

_VISITOR = "portal.visitor"

_log = structlog.get_logger(__name__)
Told = dict[str, object]
Handler = Callable[[Session, Any, Any], Told]


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
    unless the event `writes`: then it is committed before the sender hears anything, and counts as use. A
    handler lets every refusal through: the whole transaction is rolled back, and nothing of it stands.
    """

    def declare(handler: Handler) -> Event:
        return Event(name, may, level, shape, handler, writes)

    return declare


@dataclass(frozen=True)
class Gate:
    """What the live connection needs from above: who this is, what she may, and which sessions are over.

    `count` counts an event by its name and the address it came from. `read` answers within a reading
    transaction, and tells what of it must be written down, by `note_looks`, before the answer is given.
    `write` opens a transaction of its own.
    """

    find_viewer: Callable[[Session, str], Any]
    require_access: Callable[[Any, Event], None]
    levels_open: Callable[[Any], Iterable[str]]
    list_ended: Callable[[Session, list[int]], list[int]]
    read_shape: Callable[[type[BaseModel], object], Any]
    login_token: Callable[[WSGIEnvironment], str]
    count: Callable[[str, str], None]
    read: Callable[[Session, Any, Callable[[Session], Told]], tuple[Told, list[Any]]]
    note_looks: Callable[[Any, list[Any]], None]
    write: Callable[[Any, Callable[[Session], Told]], Told]


@dataclass(frozen=True)
class _Line:
    """An open connection: the session it belongs to, and where it comes from."""

    session_id: int
    token: str
    address: str


class Live:
    """The open connections of this process, and the way to every person's open pages in all processes."""

    def __init__(self, app: Flask, settings: Settings, database: Database, gate: Gate) -> None:
        self.database = database
        self.events: dict[str, Event] = {}
        self._gate = gate
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()
        self._sweeper: threading.Thread | None = None
        self._stopping = threading.Event()
        self.gathering = Gathering()
        self._has_neighbours = settings.redis_url is not None
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
        self.socketio.server.on("connect", self._connect)
        self.socketio.server.on("disconnect", self._disconnect)

    def offer(self, declared: Event) -> None:
        """Let clients send this event. An event that was never offered is refused by not existing."""
        self.events[declared.name] = declared
        # Whatever a client sends gets an answer, also two arguments or none: then the shape is what is wrong.
        self.socketio.server.on(
            declared.name, lambda sid, *sent: self._answer(declared, sid, sent[0] if len(sent) == 1 else sent)
        )

    def push(self, person_ids: Iterable[int], name: str, payload: dict[str, object], *, level: str) -> None:
        """Tell the open pages of these persons, in all processes. A hint: the database is the truth.

        `level` is the kind of content, as for a page: what a sign-in may not open is not pushed to it either.
        """
        if level not in _PUSHED:
            raise ValueError(f"nobody hears of «{level}»: name it in _PUSHED")
        rooms = [_room(person_id, level) for person_id in sorted(set(person_ids))]
        if rooms:
            self.socketio.emit(name, payload, to=rooms)  # written once, whoever many hear it

    @property
    def is_heard(self) -> bool:
        """Whether anybody can hear a push: a page that is open here, or in another process."""
        return self._has_neighbours or bool(self._lines)

    def is_live(self, environ: WSGIEnvironment) -> bool:
        """Whether whoever knocks has a session, for the door; she is remembered until she joins, soon after.

        Should her session end meanwhile, the sweep ends the line.
        """
        token = self._gate.login_token(environ)
        with self.database.transaction(writes=False) as s:
            viewer = self._gate.find_viewer(s, token)
        environ[_VISITOR] = viewer
        return viewer is not None

    def close_session(self, session_id: int) -> None:
        """Close this process' sockets of a session at once.

        Other processes' sweeps follow within a second.
        """
        self._close([sid for sid, line in self._open() if line.session_id == session_id])

    def sweep(self) -> None:
        """Close the sockets of all sessions that are over: signed out elsewhere, idle, or without a role."""
        open_now = self._open()
        if not open_now:
            return
        with self.database.transaction(writes=False) as s:
            ended = set(self._gate.list_ended(s, sorted({line.session_id for _sid, line in open_now})))
        self._close([sid for sid, line in open_now if line.session_id in ended])

    def stop(self) -> None:
        """Stop the sweep and what is told late, and wait until they have."""
        self._stopping.set()
        self.gathering.stop()
        if self._sweeper is not None:
            self._sweeper.join()

    def _open(self) -> list[tuple[str, _Line]]:
        with self._lock:
            return list(self._lines.items())

    def _close(self, sids: Iterable[str]) -> None:
        for sid in sids:
            hang_up(self.socketio, sid)

    def _connect(self, sid: str, environ: WSGIEnvironment, _auth: object = None) -> bool:
        token = self._gate.login_token(environ)
        viewer = environ.pop(_VISITOR, None)
        if viewer is None:  # it did not come in by the door
            with self.database.transaction(writes=False) as s:
                viewer = self._gate.find_viewer(s, token)
        if viewer is None:
            return False
        line = _Line(viewer.session_id, token, environ.get("REMOTE_ADDR", ""))
        with self._lock:
            if sum(one.session_id == line.session_id for one in self._lines.values()) >= _SOCKETS_PER_SESSION:
                return False
            self._lines[sid] = line
        for level in _PUSHED.intersection(self._gate.levels_open(viewer)):
            self.socketio.server.enter_room(sid, _room(viewer.person_id, level))
        self._start_sweeping()
        return True

    def _disconnect(self, sid: str, *_reason: object) -> None:
        with self._lock:
            self._lines.pop(sid, None)

    def _answer(self, declared: Event, sid: str, data: object) -> Told:
        """Check session, access and shape, ask the handler, and always give the sender an answer.

        Without an answer the phone would wait for its time limit: an exception gives no acknowledgement at
        all. One look at the database tells who asks and what a reading event is told.
        """
        i18n.use(i18n.SOURCE)
        try:
            line = self._lines.get(sid)
            if line is None:
                raise SignInNeeded
            with self.database.transaction(writes=False) as s:
                viewer = self._gate.find_viewer(s, line.token)
                if viewer is None:
                    raise SignInNeeded
                i18n.use(viewer.language)
                self._gate.count(declared.name, line.address)
                self._gate.require_access(viewer, declared)
                shaped = self._gate.read_shape(declared.shape, data)
                ask = _asked(declared, viewer, shaped)
                read = None if declared.writes else self._gate.read(s, viewer, ask)
            if read is None:
                return {"ok": True, **self._gate.write(viewer, ask)}
            told, looks = read
            if looks:
                self._gate.note_looks(viewer, looks)
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


def _asked(declared: Event, viewer: Any, data: object) -> Callable[[Session], Told]:
    return lambda s: declared.handler(s, viewer, data)


def _told(fault: PortalError) -> dict[str, object]:
    """What went wrong, with the status that a page would have and how long to wait, if one must."""
    told = {"ok": False, "status": fault.status, "error": fault.code}
    if isinstance(fault, TooManyTries):
        told["retry_after"] = fault.facts.get("retry_after_seconds", 60)
    return {**told, "text": i18n.gettext(fault.sentence, **fault.facts)}


def _room(person_id: int, level: str) -> str:
    return f"person:{person_id}:{level}"
