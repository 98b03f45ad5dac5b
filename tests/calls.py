"""Every call that somebody can make: each route × everybody × whose thing it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.test import TestResponse

from portal.db import new_public_id
from tests.access_rows import ROUTES
from tests.access_table import ACTORS, ANYBODY, CENTRES, NOBODY, UNKNOWN, Row, may_reach, owners_of, role_of
from tests.fixtures.application import browser, sign_in
from tests.pages import ORIGIN
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

    @property
    def expected(self) -> frozenset[int]:
        """The answers that are right, in the order in which access is decided."""
        if self.row.who != ANYBODY:
            if self.actor in NOBODY:
                return frozenset({303, 401})
            if role_of(self.actor) not in self.row.who.split():
                return self.row.others
        if self.row.thing and not may_reach(self.actor, self.row.thing, self.owner):
            return frozenset({404})
        return self.row.answers

    @property
    def is_allowed(self) -> bool:
        """Whether the actor may do this."""
        return self.expected is self.row.answers

    def __str__(self) -> str:
        return f"{self.actor} {self.method} {self.endpoint} {self.owner}".strip()


def every_call() -> list[Call]:
    """Reads first, then what is denied, then what changes things, and signing out last of all."""
    every = [
        Call(method, endpoint, row, actor, owner)
        for method, endpoint, row in ROUTES
        for actor in ACTORS
        for owner in owners_of(row.thing)
    ]
    return sorted(
        every,
        key=lambda call: (call.method not in READS, call.is_allowed, call.endpoint == "people.sign_out"),
    )


def every_page() -> Iterator[Call]:
    """Each page that somebody can open, once for each role that can."""
    seen = set()
    for call in every_call():
        key = (call.endpoint, role_of(call.actor))
        if call.method == "GET" and call.is_allowed and key not in seen:
            seen.add(key)
            yield call


def make(app: Flask, world: World, call: Call, *, language: str | None = None) -> TestResponse:
    """Make the call in a new browser of the actor's, in which a language may have been chosen."""
    visitor = browser(app)
    if language:
        with visitor.session_transaction(base_url=ORIGIN) as visit:
            visit["language"] = language
    if call.actor != "anonymous":
        sign_in(visitor, world.people[call.actor].token)
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
    if kind == "person":
        return world.people[name].public_id
    return world.centres[name] if kind == "centre" else name_of(world, call)


def name_of(world: World, call: Call) -> str:
    """The public id of the thing that the call is about."""
    if call.owner in {UNKNOWN, ""}:
        return NOBODYS_ID
    if call.row.thing in {"person", "on_own_board", "findable", "without_veileder", "staff"}:
        return world.people[call.owner].public_id
    if call.row.thing in CENTRES:
        return world.centres[call.owner]
    return world.thing(call.row.thing or "", call.owner)
