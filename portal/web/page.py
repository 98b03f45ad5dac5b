"""`page()`: who may open a page, at which level, and in which kind of transaction.

Deny by default: a route without `page()` stops the application at start (see `require_declared_access`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, Protocol, TypeVar, cast

from flask import Flask, Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db import Database
from portal.errors import N_, NotAllowed, NotFound, SignInNeeded

Answer = TypeVar("Answer")

READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Anybody:
    """Says that a page is for everybody, signed in or not. The view then gets a viewer that may be None."""


ANYBODY: Final = Anybody()


class Visitor(Protocol):
    """What the kernel needs to know of whoever is signed in; the full picture is `people.rules.Viewer`."""

    session_id: int
    public_id: str
    language: str
    level: int
    is_recipient: bool
    is_borrowed: bool


@dataclass(frozen=True)
class Access:
    """What a page asks of whoever opens it.

    `level` names a kind of content in the settings' table. `is_use` is False for what an open page asks by
    itself: a desk that everybody has left must not keep its session alive.
    """

    may: Any
    level: str
    is_use: bool = True


@dataclass(frozen=True)
class Portal:
    """What pages and events need from the application; put together in `app.py` alone."""

    settings: Settings
    database: Database
    find_viewer: Callable[[Session, str], Any]
    note_seen: Callable[[Session, Any], None]
    may: Callable[[Any, Any], bool]
    roles_for: Callable[[Any], frozenset[str]]
    looks_to_note: Callable[[Session, Any], list[Any]]
    note_looks: Callable[[Session, Any, list[Any]], None]

    def answer(self, viewer: Any, ask: Callable[[Session], Answer], *, writes: bool) -> Answer:
        """Let a page or an event answer in one transaction, and write down whose things it showed.

        Reading never writes, so the access log of a read gets a short transaction of its own (decision 2). If
        it cannot be written, the answer is not given.
        """
        with self.database.transaction(writes=writes) as session:
            answer, looks = self.answer_within(session, viewer, ask)
            if looks and writes:
                self.note_looks(session, viewer, looks)
        if looks and not writes:
            self.note_looks_afterwards(viewer, looks)
        return answer

    def answer_within(
        self, session: Session, viewer: Any, ask: Callable[[Session], Answer]
    ) -> tuple[Answer, list[Any]]:
        """Let an event answer in a transaction that is open, and tell what it showed that must be noted."""
        answer = ask(session)
        return answer, self.looks_to_note(session, viewer) if viewer is not None else []

    def note_looks_afterwards(self, viewer: Any, looks: list[Any]) -> None:
        """Write down what a read showed, when its transaction is over: nobody waits for two at one time."""
        with self.database.transaction() as session:
            self.note_looks(session, viewer, looks)


def this_portal() -> Portal:
    """Tell which portal answers the present request."""
    return cast(Portal, current_app.extensions["portal"])


def roles_of(access: Access) -> frozenset[str]:
    """Tell whose a page is, by role; empty for one that is everybody's."""
    return frozenset() if isinstance(access.may, Anybody) else this_portal().roles_for(access.may)


def level_is_enough(portal: Portal, viewer: Visitor, level: str) -> bool:
    """Whether a session's level opens a kind of content (design 9).

    For staff, whatever they do needs their own level too: a conversation is as closed to a veileder's weak
    session as her inbox is.
    """
    needed = portal.settings.level_needed(level)
    if not viewer.is_recipient:
        needed = max(needed, portal.settings.level_needed("staff"))
    return viewer.level >= needed


def levels_open(portal: Portal, viewer: Visitor) -> list[str]:
    """Tell which kinds of content a session's level opens."""
    return [kind for kind in Settings.kinds_of_content() if level_is_enough(portal, viewer, kind)]


def require_access(portal: Portal, viewer: Any, access: Access) -> None:
    """Let the viewer on, or say why not. Pages and events ask the same.

    Raises: SignInNeeded when nobody is signed in; NotAllowed for another role or a session of too low a
    level.
    """
    if isinstance(access.may, Anybody):
        return
    if viewer is None:
        raise SignInNeeded
    if not portal.may(viewer, access.may):
        raise NotAllowed(roles=portal.roles_for(access.may))
    if not level_is_enough(portal, viewer, access.level):
        raise NotAllowed(
            "session.level_too_low",
            N_("Dette kan du ikke se med denne innloggingen. Spør veilederen din, så får du hjelp."),
        )


def page(
    *,
    may: object,
    level: str = "today",
    is_use: bool = True,
    reads: bool = False,
    first: Callable[[Session], None] | None = None,
    ahead: Callable[..., None] | None = None,
    most_bytes: int | None = None,
) -> Callable[[Callable[..., ResponseReturnValue]], Callable[..., Response]]:
    """Declare a page: who may open it, at which level of sign-in, and whether opening it is somebody's act.

    The view gets `(s, viewer, **address)`. On GET the session is read-only, and the database itself refuses a
    change. On POST it is a write transaction, committed when the view has answered; an error rolls it back. A
    view that shows a refusal itself does its work in `db.all_or_nothing`, which takes back what was written.

    reads: a POST that only asks, such as a search, is read-only too, so that nobody waits for it in order to
    write. first: slow work of a POST, done in a read-only transaction before the one that writes. ahead:
    slower work of a POST, done while no transaction is open; gets `(viewer, **address)`. most_bytes: how much
    a POST may bring, where a form's size is not enough (see web/uploads.py).
    """

    def declare(view: Callable[..., ResponseReturnValue]) -> Callable[..., Response]:
        access = Access(may, level, is_use)

        @wraps(view)
        def answer(**address: object) -> Response:
            portal = this_portal()
            require_access(portal, g.viewer, access)
            if not all(part.isprintable() for part in address.values() if isinstance(part, str)):
                raise NotFound  # a NUL in an address: PostgreSQL would refuse the question itself
            writes = request.method not in READS and not reads
            if ahead is not None and writes:
                ahead(g.viewer, **address)
            if first is not None and writes:
                portal.answer(g.viewer, first, writes=False)
            return portal.answer(
                g.viewer,
                lambda session: make_response(view(session, g.viewer, **address)),
                writes=writes,
            )

        answer.access = access  # type: ignore[attr-defined]  # read by require_declared_access and the access test
        answer.most_bytes = most_bytes  # type: ignore[attr-defined]  # read by uploads
        return answer

    return declare


def require_declared_access(app: Flask) -> None:
    """Stop at start when a route has not said who may open it. Raises: RuntimeError naming the routes."""
    silent = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    if silent:
        raise RuntimeError(
            f"these routes do not say who may open them, see page(): {', '.join(sorted(silent))}"
        )
