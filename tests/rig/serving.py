"""Starts the real portal so that it can be made to crash at a named point, or to be deliberately wrong.

The portal itself knows nothing of this. When a file `crash-at` lies in FOLDER, the next message kills the
whole process group at the point it names: `before-commit`, `after-commit` (before push and answer), or
`after-answer` (the answer is out, the push is not). FAULT `dedupe-off`: a message sent again is a new one.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.chat.models import Message
from portal.chat.service import sending
from portal.config import from_environment
from portal.realtime.live import Live
from portal.realtime.serving import serve

POINTS = ("before-commit", "after-commit", "after-answer")
ORDER = "crash-at"
_WRITES = "rig writes a message"
_ON_ITS_WAY_SECONDS = 0.1
"""An answer by the live connection lies ready for another thread, which writes it at once."""


class Crash:
    """Watches for the order to crash, and obeys."""

    def __init__(self, folder: Path) -> None:
        self._order = folder / ORDER
        self._here = threading.local()

    def install(self, app: Any) -> None:
        """Put the three points around the app's own work."""
        post = sending.post_message

        def posting(s: Session, *args: Any, **how: Any) -> Any:
            sent = post(s, *args, **how)
            s.info[_WRITES] = not sent.is_replay
            self._here.dies_after_answer = not sent.is_replay and self._due("after-answer")
            return sent

        sending.post_message = posting
        event.listen(Session, "before_commit", lambda s: self._at("before-commit", s))
        event.listen(Session, "after_commit", lambda s: self._at("after-commit", s))
        push = Live.push

        def pushing(live: Live, *args: Any, **how: Any) -> None:
            if not getattr(self._here, "dies_after_answer", False):
                push(live, *args, **how)

        Live.push = pushing
        answering = app.wsgi_app

        def answered(environ: Any, start_response: Any) -> Iterable[bytes]:
            self._here.dies_after_answer = False
            answer = answering(environ, start_response)
            return _DiesWhenRead(answer, self._die) if self._here.dies_after_answer else answer

        app.wsgi_app = answered
        server = app.extensions["live"].socketio.server
        handling = server._handle_event_internal

        def handled(*args: Any) -> None:
            self._here.dies_after_answer = False
            handling(*args)
            if self._here.dies_after_answer:
                time.sleep(_ON_ITS_WAY_SECONDS)
                self._die()

        server._handle_event_internal = handled

    def _at(self, point: str, s: Session) -> None:
        if s.info.get(_WRITES) and self._due(point):
            self._die()

    def _due(self, point: str) -> bool:
        try:
            return self._order.read_text() == point
        except FileNotFoundError:
            return False

    def _die(self) -> None:
        self._order.unlink(missing_ok=True)
        os.killpg(os.getpgrp(), signal.SIGKILL)


class _DiesWhenRead:
    def __init__(self, answer: Iterable[bytes], die: Callable[[], None]) -> None:
        self._answer = answer
        self._die = die

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        """The server has written the whole answer."""
        self._die()


def forget_what_was_sent() -> None:
    """Make every message that is sent again a new one: the mistake that the checker must see."""
    post = sending.post_message

    def posting(s: Session, author_id: int, public_id: str, *, client_id: str, **how: Any) -> Any:
        known = s.scalar(select(Message.seq).where(Message.client_id == client_id).limit(1))
        return post(s, author_id, public_id, client_id=str(uuid.uuid4()) if known else client_id, **how)

    sending.post_message = posting


def serve_until_told(told: list[str]) -> None:
    """Serve as `portal serve` does, with the points around it. `told`: FOLDER [FAULT]."""
    folder, fault = Path(told[0]), told[1] if len(told) > 1 else ""
    if fault == "dedupe-off":
        forget_what_was_sent()
    settings = from_environment(os.environ)
    app = create_app(settings)
    Crash(folder).install(app)
    database = app.extensions["portal"].database
    serve(app, settings, on_start=database.close)
