"""Somebody with a protected address leaves no trace: every page is followed as everybody, link by link.

Only her own helpers and she herself ever meet her name, her number, her words or the names of her things.
"""

import re
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest

from portal.people.service import recipients
from tests.access_people import add_people_on_the_edge
from tests.access_table import helps
from tests.access_words import everything_in, kept_log
from tests.fixtures.application import browser, sign_in
from tests.fixtures.databases import on_sqlite
from tests.page_tree import Page
from tests.pages import Browser

MOST_PAGES = 40
WHO = ("anonymous", "birk", "petra", "vera", "vidar", "vilde", "marit", "sara", "synne", "lise", "mona")
NOT_FOLLOWED = ("/logg-ut", "/static", "/assets")


pytestmark = on_sqlite


@pytest.fixture
def traces(world):
    """Everything that would tell of Petra: her words, her name in addresses, and those of her things."""
    words = {word: what for word, what in world.secrets.items() if what.startswith("petra.")}
    things = {kinds["petra"]: f"petra.{kind}" for kind, kinds in world.things.items() if "petra" in kinds}
    return {**words, **{name: what for name, what in things.items() if len(name) > 6}} | {
        world.people["petra"].public_id: "petra.public_id"
    }


@pytest.mark.timeout(300)
def test_no_page_that_can_be_reached_tells_of_her(app, database, world, traces, tell):
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Browser
    add_people_on_the_edge(database, world)
    found, opened, seen_by_helper = [], 0, 0
    with kept_log() as log:
        for actor in WHO:
            for address, told in crawled(app, world, actor):
                opened += 1
                met = [what for word, what in traces.items() if word in told]
                if actor == "petra" or helps(actor, "petra"):
                    seen_by_helper += bool(met)
                else:
                    found += [f"{actor} on {address}: {what}" for what in met]
    found += [f"the log: {what}" for word, what in traces.items() if word in log.getvalue()]
    tell(f"protected: {opened} pages and forms followed as {len(WHO)} people, {len(found)} traces")
    assert seen_by_helper > 5, "her own helpers find her; else this proves nothing"
    assert opened > 200
    assert found == []


def test_a_trace_on_the_board_would_be_found(app, world, traces, monkeypatch):
    real = recipients._card
    monkeypatch.setattr(recipients, "_card", lambda row: replace(real(row), is_protected=False))
    app.test_client_class = Browser
    told = " ".join(told for _address, told in crawled(app, world, "sara"))
    assert {what for word, what in traces.items() if word in told} >= {"petra.given", "petra.public_id"}


def crawled(app, world, actor):
    """Follow every link and send every form as it stands, from the first page on, each address once."""
    visitor = browser(app)
    if actor != "anonymous":
        sign_in(visitor, world.people[actor].token)
    waiting, seen = [("GET", "/", {})], set()
    while waiting and len(seen) < MOST_PAGES:
        method, address, fields = waiting.pop(0)
        kind = (method, re.sub(r"[?#].*", "", address))
        if kind in seen or address.startswith(NOT_FOLLOWED):
            continue
        seen.add(kind)
        answer = visitor.open(address, method=method, data=fields if method == "POST" else None)
        assert answer.status_code < 500, f"{actor} {method} {address}"
        yield f"{method} {address}", everything_in(answer)
        if answer.location:
            waiting.append(("GET", answer.location, {}))
        elif answer.mimetype == "text/html":
            waiting += ways_on(answer.text, address)


def ways_on(text, here):
    """The links and forms of a page, within the portal."""
    page = Page(text)
    for link in page.all("a"):
        where = urlsplit(urljoin(here, link.attrib.get("href", "")))
        if not where.netloc and where.path:
            yield "GET", f"{where.path}?{where.query}" if where.query else where.path, {}
    for form in page.all("form"):
        fields = {
            one.attrib["name"]: one.attrib.get("value", "")
            for one in form.iter("input")
            if "name" in one.attrib
        }
        fields |= {one: "a" for one in fields if one in ("name", "q", "text")}
        yield (
            form.attrib.get("method", "get").upper(),
            urljoin(here, form.attrib.get("action") or here),
            fields,
        )
