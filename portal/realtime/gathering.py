"""Facts that many cause at once are told together: a page is told that something is new, not how often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog

_APART_SECONDS, _AT_MOST_APART_SECONDS = 0.2, 0.8
_SECONDS_A_PAGE = 0.02
"""Whoever is told asks what is new: so many pages a second may, and each still shows it within a second."""

_log = structlog.get_logger(__name__)
Tell = Callable[[list[Any]], int]
"""Tells of some facts, and gives back how many pages it told."""


class Gathering:
    """Tells the first fact at once, and those that follow within a fifth of a second in one go after it.

    The more pages are told each time, the longer the next ones wait, so that those who check in come first.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, list[Any]] = {}
        self._next_at: dict[str, float] = {}
        self._timers: dict[str, threading.Timer] = {}
        self._held = threading.Lock()
        self._is_stopped = False

    def add(self, name: str, fact: object, tell: Tell) -> None:
        """Tell of a fact, or let it wait for the next telling. `name`: what kind is told together."""
        with self._held:
            self._waiting.setdefault(name, []).append(fact)
            if name in self._timers:
                return
            wait = self._next_at.get(name, 0.0) - time.monotonic()
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
            self._next_at[name] = time.monotonic() + _APART_SECONDS
            facts = self._waiting.pop(name, [])
        if facts:
            apart = min(_AT_MOST_APART_SECONDS, max(_APART_SECONDS, tell(facts) * _SECONDS_A_PAGE))
            with self._held:
                self._next_at[name] = time.monotonic() + apart

    def _tell_late(self, name: str, tell: Tell) -> None:
        try:
            self._tell(name, tell)
        except Exception:  # nobody waits for the answer of a timer
            _log.exception("telling.failed", what=name)
