"""Facts: how a feature tells the ones above it that something has happened.

A fact is a frozen dataclass. It is handed out after the commit, never before, so nobody hears of something
that was rolled back (measured: hooks that run at teardown cannot see a rollback in a socket event).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import structlog
from sqlalchemy.orm import Session

Fact = TypeVar("Fact")

_log = structlog.get_logger(__name__)
_KEPT = "facts"


def publish(session: Session, fact: object) -> None:
    """Keep a fact until the session's transaction has been committed."""
    session.info.setdefault(_KEPT, []).append(fact)


def take(session: Session) -> list[object]:
    """Give back the facts kept so far, in order, and forget them."""
    facts: list[object] = session.info.pop(_KEPT, [])
    return facts


@contextmanager
def forgotten_when_refused(session: Session) -> Iterator[None]:
    """Forget the facts of the block when anything is raised in it: what they tell of is taken back."""
    kept = len(session.info.get(_KEPT, ()))
    try:
        yield
    except BaseException:
        del session.info.get(_KEPT, [])[kept:]
        raise


class Bus:
    """Who wants to hear of which kind of fact. `app.py` fills it; that list is the whole wiring."""

    def __init__(self) -> None:
        self._subscribers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)
        self._within: dict[type, list[Callable[[Session, Any], None]]] = defaultdict(list)

    def subscribe(self, fact_type: type[Fact], handler: Callable[[Fact], None]) -> None:
        """Call the handler with every committed fact of exactly this type."""
        self._subscribers[fact_type].append(handler)

    def subscribe_within(self, fact_type: type[Fact], handler: Callable[[Session, Fact], None]) -> None:
        """Call the handler in the fact's own transaction, just before the commit.

        For a row that must stand beside its cause, such as a new recipient's conversation: when it cannot be
        written, the cause is not either. Telling people is never done here.
        """
        self._within[fact_type].append(handler)

    def fulfil(self, session: Session) -> None:
        """Let rows that must stand beside the facts of this session be written, before it is committed."""
        for fact in session.info.get(_KEPT, []):
            for handler in self._within[type(fact)]:
                handler(session, fact)

    def deliver(self, facts: Iterable[object]) -> None:
        """Hand committed facts to their subscribers, in order.

        The work is already done and stored: a subscriber that fails must not turn a kept promise into an
        error page, so its fault is logged and the others still hear.
        """
        for fact in facts:
            for handler in self._subscribers[type(fact)]:
                try:
                    handler(fact)
                except Exception:
                    _log.exception("fact.subscriber_failed", fact=type(fact).__name__)
