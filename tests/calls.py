"""Every call that somebody can make: each route × everybody × whose thing it names."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from flask import Flask
from werkzeug.test import TestResponse

from portal.db import new_public_id
from tests.access_people import BORROWED, GONE, LEVELS
from tests.access_rows import ROUTES
from tests.access_table import (
    ACTORS,
    ANYBODY,
    CENTRES,
    NOBODY,
    RECIPIENT,
    UNKNOWN,
    Row,
    may_reach,
    owners_of,
    role_of,
)
from tests.fixtures.application import browser, sign_in
from tests.pages import HOST, ORIGIN
from tests.world import World

READS = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODYS_ID = new_public_id()


@dataclass(frozen=True)
class Call:
    """One route or event, tried by one person on one thing."""

    method: str
    endpoint: str
    row: Row
    actor: str
    owner: str = ""
    level: int = 0
    """Of the session; 0 is the surest one, such as the world gives everybody."""
    needed: int = 0
    """The level that the settings ask for."""

    @property
    def expected(self) -> frozenset[int]:
        """The answers that are right, in the order in which access is decided."""
        if self.row.who != ANYBODY:
            if role_of(self.actor) is None:
                return frozenset({303, 401})
            if role_of(self.actor) not in self.row.who.split():
                return self.row.others
            if self.is_too_low:
                return frozenset({403})
        if self.row.thing and not may_reach(self.actor, self.row.thing, self.owner):
            return frozenset({404})
        return self.row.answers

    @property
    def is_too_low(self) -> bool:
        """Whether the session knows too little of who sits there."""
        return 0 < self.level < self.needed

    @property
    def is_allowed(self) -> bool:
        """Whether the actor may do this."""
        return self.expected is self.row.answers

    def __str__(self) -> str:
        return f"{self.signed_in_as} {self.method} {self.endpoint} {self.owner}".strip()

    @property
    def signed_in_as(self) -> str:
        """Whose session it is, by its name in the world."""
        return f"{self.actor}@{self.level}" if self.level else self.actor


def every_call(actors: Sequence[str] = ACTORS) -> list[Call]:
    """Reads first, then what is denied, then what changes things, and signing out last of all."""
    return in_order(
        Call(method, endpoint, row, actor, owner)
        for method, endpoint, row in ROUTES
        for actor in actors
        for owner in owners_tried(actor, row)
        if (owner != GONE or actors is not ACTORS) and (actor != BORROWED or method in READS)
    )


def owners_tried(actor: str, row: Row) -> tuple[str, ...]:
    """Whose things an actor tries; two are enough for one whose role does not open the page at all."""
    every = owners_of(row.thing)
    is_shut = row.who != ANYBODY and role_of(actor) not in row.who.split()
    return (every[0], every[-1]) if is_shut and len(every) > 1 else every


ENDS_SESSIONS = "people.end_other_sign_ins people.sign_out"
"""What comes last of all, and in this order."""


def in_order(calls: Iterable[Call]) -> list[Call]:
    """What changes most comes last, so that what is asked before finds the world as it was."""
    return sorted(
        calls,
        key=lambda call: (call.method not in READS, call.is_allowed, ENDS_SESSIONS.find(call.endpoint)),
    )


def calls_by_level(needed: Callable[[str], int]) -> list[Call]:
    """Each route at each level: by one who may, and by one whose role it is not for.

    `needed` tells the level that a kind of content asks for.
    """
    found = []
    for method, endpoint, row in ROUTES:
        if row.who == ANYBODY:
            continue
        by_role: dict[object, Call] = {}
        for actor in ACTORS:
            for owner in owners_of(row.thing):
                call = Call(method, endpoint, row, actor, owner)
                by_role.setdefault(role_of(actor) if call.is_allowed else call.expected == row.others, call)
        for call in by_role.values():
            if call.actor not in NOBODY:
                staff = needed("staff") if role_of(call.actor) != RECIPIENT else 0
                least = max(needed(row.content), staff)
                tried = [level for level in LEVELS if level <= least]  # what can be done once is done once
                found += [replace(call, level=level, needed=least) for level in tried]
    return in_order(found)


def every_page() -> Iterator[Call]:
    """Each page that somebody can open, once for each role that can."""
    seen = set()
    for call in every_call():
        key = (call.endpoint, role_of(call.actor))
        if call.method == "GET" and call.is_allowed and key not in seen:
            seen.add(key)
            yield call


def make(
    app: Flask, world: World, call: Call, *, language: str | None = None, device: str | None = None
) -> TestResponse:
    """Make the call in a new browser of the actor's.

    A language may have been chosen in it, and it may be a screen or a tablet of the centre.
    """
    visitor = browser(app)
    if device:
        visitor.set_cookie("__Host-device", device, domain=HOST, secure=True)
    if language:
        with visitor.session_transaction(base_url=ORIGIN) as visit:
            visit["language"] = language
    if call.actor != "anonymous":
        sign_in(visitor, world.people[call.signed_in_as].token)
    fields = {name: filled(world, call, value) for name, value in call.row.fields.items()}
    sent = {"json" if call.row.as_json else "data": fields}
    if call.method in READS:
        sent = {}
    return visitor.open(address_of(app, world, call), method=call.method, **sent)


def address_of(app: Flask, world: World, call: Call) -> str:
    """Fill the one part of the address that names a thing."""
    rule = next(rule for rule in app.url_map.iter_rules(call.endpoint) if call.method in rule.methods)
    parts = rule.arguments - set(call.row.address)
    assert len(parts) == (1 if call.row.thing else 0), f"{rule}: the table must say what {parts} are"
    values = {name: filled(world, call, value) for name, value in call.row.address.items()}
    values |= {part: name_of(world, call) for part in parts}
    with app.test_request_context(base_url=ORIGIN):
        return app.url_for(call.endpoint, **values)


def filled(world: World, call: Call, value: object) -> object:
    """What stands for a `<place>` in the table: the thing itself, a new tap, somebody, or a centre."""
    kind, _, name = str(value).strip("<>").partition(":")
    if not str(value).startswith("<"):
        return value
    if kind == "nonce":
        return new_public_id()
    if kind == "me":
        return world.people[call.signed_in_as].public_id
    if kind == "uuid":
        return str(uuid4())
    if kind == "pdf":
        return io.BytesIO(b"%PDF-1.7"), "brev.pdf"
    if kind == "person":
        return world.people[name].public_id
    return world.centres[name] if kind == "centre" else name_of(world, call)


BY_PERSON = {
    "person",
    "copied",
    "on_own_board",
    "at_own_centre",
    "findable",
    "without_veileder",
    "staff",
    "plan_of",
}
"""What is named by the name of the person it is about."""
IN_THREADS = {"her_words", "helpers_words", "plan_thread", "plan_words", "own_thread", "staffs_thread"}


def name_of(world: World, call: Call) -> str:
    """The public id of the thing that the call is about."""
    if call.owner in {UNKNOWN, ""}:
        return NOBODYS_ID
    if call.owner == GONE:
        return world.thing(call.row.thing or "", GONE)
    if call.row.thing in BY_PERSON:
        return world.people[call.owner].public_id
    if call.row.thing in CENTRES:
        return world.centres[call.owner]
    kind = "thread" if call.row.thing in IN_THREADS else call.row.thing
    return world.thing(kind or "", call.owner)
