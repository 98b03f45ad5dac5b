"""Facts that many cause at once are told together: a page is told that something is new, not how often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog

_APART_SECONDS = 0.2
"""How often a page is told at most. It is still well under a second until it shows what is new (design 8)."""

_log = structlog.get_logger(__name__)
Tell = Callable[[list[Any]], None]


class Gathering:
    """Tells the first fact at once, and those that follow within a fifth of a second in one go after it."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Any]] = {}
        self._told_at: dict[str, float] = {}
        self._timers: dict[str, threading.Timer] = {}
        self._held = threading.Lock()
        self._is_stopped = False

    def add(self, name: str, fact: object, tell: Tell) -> None:
        """Tell of a fact, or let it wait for the next telling. `name`: what kind is told together."""
        with self._held:
            self._waiting.setdefault(name, []).append(fact)
            if name in self._timers:
                return
            wait = self._told_at.get(name, 0.0) + _APART_SECONDS - time.monotonic()
            if wait > 0 and not self._is_stopped:
                timer = self._timers[name] = threading.Timer(wait, self._tell_late, (name, tell))
                timer.daemon = True
                timer.start()
                return
        self._tell(name, tell)

    def stop(self) -> None:
        """Tell nothing late any more: whoever comes back asks what is new anyhow."""
        with self._held:
            self._is_stopped = True
            timers = list(self._timers.values())
            self._timers.clear()
        for timer in timers:
            timer.cancel()
            timer.join()

    def _tell(self, name: str, tell: Tell) -> None:
        with self._held:
            self._timers.pop(name, None)
            self._told_at[name] = time.monotonic()
            facts = self._waiting.pop(name, [])
        if facts:
            tell(facts)

    def _tell_late(self, name: str, tell: Tell) -> None:
        try:
            self._tell(name, tell)
        except Exception:  # nobody waits for the answer of a timer
            _log.exception("telling.failed", what=name)
