"""Known and unknown answer alike, in status, headers, bytes and time: nobody learns who is a client here."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import update

from portal import clock
from portal.db import new_public_id
from portal.people.models import Credential
from portal.people.rules.words import IdentityCheck
from portal.people.service import activation
from tests.fixtures.application import browser
from tests.fixtures.databases import on_sqlite
from tests.likeness import PAIRS, in_time, mann_whitney, seen
from tests.pages import HOST, Browser

PIN, WRONG = "482917", "000001"
_addresses = itertools.count(1)

pytestmark = [pytest.mark.timeout(300), pytest.mark.real_hashes]


@pytest.fixture(autouse=True)
def plain_pages(request, app):
    """Whether the pages are well made is another test's, and the token too."""
    app.test_client_class = Browser
    app.config["WTF_CSRF_ENABLED"] = False


def engine_of(database):
    return database.engine.dialect.name


@pytest.fixture
def codes(database, world):
    """One code of each kind for Anna; only the used one has bound a phone."""
    found = {"unknown": "AAAA BBBB"}

    def new():
        with database.transaction() as s:
            told = {"hours": 48, "made_by_id": world.people["vera"].id, "check": IdentityCheck.KNOWN}
            return activation.new_code_for(s, world.people["anna"].id, **told).code

    found["used"] = new()
    with database.transaction() as s:
        activation.bind_phone(s, found["used"], PIN)
    with clock.stop_at(clock.now_utc() - timedelta(hours=49)):
        found["expired"] = new()
    found["replaced"] = new()
    found["newer"] = new()
    return found


def type_code(app, code):
    """From an address of its own each time, so that the limit is not what answers."""
    return browser(app).post("/aktiver", data={"code": code})


@on_sqlite
def test_a_used_expired_or_replaced_code_answers_like_one_that_never_was(app, database, codes, tell):
    unknown = seen(type_code(app, codes["unknown"]), codes["unknown"])
    assert unknown[0] == 422
    for kind in ("used", "expired", "replaced"):
        assert seen(type_code(app, codes[kind]), codes[kind]) == unknown, kind
        alike = in_time(
            lambda kind=kind: type_code(app, codes[kind]), lambda: type_code(app, codes["unknown"])
        )
        tell(f"enumeration: {kind} and unknown codes, {PAIRS} pairs, {alike} ({engine_of(database)})")
        assert alike.is_alike
    assert type_code(app, codes["newer"]).status_code == 303, "and the real one works"


@pytest.fixture
def phone(app, database, world):
    """The secret of Anna's phone, and what lets her try the PIN for ever."""
    with database.transaction() as s:
        made = activation.new_code_for(
            s, world.people["anna"].id, hours=48, made_by_id=None, check=IdentityCheck.KNOWN
        )
    with database.transaction() as s:
        return activation.bind_phone(s, made.code, PIN).device_token


def with_phone(app, secret):
    opened = browser(app)
    if secret:
        opened.set_cookie("__Host-phone", secret, domain=HOST, secure=True)
    return opened


def test_a_phone_whose_binding_ended_answers_like_one_that_was_never_bound(app, database, phone):
    never, nothing = with_phone(app, phone[::-1]), with_phone(app, "")
    with database.transaction() as s:
        s.execute(update(Credential).values(ended_at=clock.now_utc()))
    ended = with_phone(app, phone)
    for address, fields in (("/logg-inn", None), ("/logg-inn", {"pin": WRONG}), ("/logg-inn", {"pin": PIN})):
        method = "POST" if fields else "GET"
        answers = [seen(one.open(address, method=method, data=fields)) for one in (ended, never, nothing)]
        assert answers[0] == answers[1] == answers[2], (address, fields)


THINGS = {
    "a colleague's recipient": ("vera", "birk", "/person/{person}"),
    "another office's recipient": ("vera", "celine", "/person/{person}"),
    "a protected recipient": ("vidar", "petra", "/person/{person}"),
    "a colleague's conversation": ("vidar", "anna", "/chat/{thread}/endringer"),
    "another recipient's duty": ("birk", "anna", "/plikt/{duty}"),
}


@pytest.mark.parametrize("what", THINGS)
@on_sqlite
def test_what_is_somebody_else_s_answers_like_what_never_was(app, database, world, as_, tell, what):
    who, owner, address = THINGS[what]
    names = {"person": world.people[owner].public_id} | {
        kind: world.thing(kind, owner) for kind in ("thread", "duty")
    }
    visitor, kind = as_(who), address.partition("{")[2].partition("}")[0]
    foreign, unknown = address.format(**names), address.format(**{kind: new_public_id()})
    visitor.get("/nodhjelp")  # the first answer of a visit sets its cookie, whatever was asked
    answers = [seen(visitor.get(one), one.split("/")[2]) for one in (foreign, unknown)]
    assert answers[0][0] == 404
    assert answers[0] == answers[1]
    alike = in_time(lambda: visitor.get(foreign), lambda: visitor.get(unknown))
    tell(f"enumeration: {what} and nobody's, {PAIRS} pairs, {alike} ({engine_of(database)})")
    assert alike.is_alike


def test_the_ranks_tell_what_is_alike_from_what_is_not():
    same = [float(number % 17) for number in range(200)]
    later = [value + 5 for value in same]
    assert mann_whitney(same, same[::-1]) > 0.5
    assert mann_whitney(same, later) < 0.001
