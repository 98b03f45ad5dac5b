"""No answer leaves without its headers, and no cookie without its guards: every route, method and mishap."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import text
from werkzeug.routing import IntegerConverter

from tests.access_rows import ROUTES
from tests.calls import every_call, make
from tests.fixtures.application import browser
from tests.fixtures.databases import on_sqlite
from tests.pages import HOST, ORIGIN, Browser, faults_of_headers, is_built_file

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
ALWAYS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
BUT_BUILT_FILES = {
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
SOCKET = "/socket.io/?EIO=4&transport=websocket"
UPGRADE = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "A" * 24,
}  # fmt: skip

pytestmark = [pytest.mark.timeout(300), on_sqlite]


class Look:
    """Looks at every answer that it is shown."""

    def __init__(self):
        self.faults, self.statuses, self.cookies = [], {}, 0

    def at(self, answer):
        asked = f"{answer.request.method} {answer.request.path} → {answer.status_code}"
        wanted = ALWAYS if is_built_file(answer) else ALWAYS | BUT_BUILT_FILES
        missing = [name for name, value in wanted.items() if answer.headers.get(name) != value]
        found = [*missing, *faults_of_headers(answer)]
        self.faults += [f"{asked}: {fault}" for fault in found]
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        self.cookies += len(answer.headers.getlist("Set-Cookie"))
        answer.close()


def test_every_answer_carries_every_header(app, world, database, tell):
    app.test_client_class = Browser
    look = Look()
    _every_method_of_every_route(app, world, look)
    _what_is_allowed(app, world, look)
    _mishaps(app, world, look)
    _static_files(app, look)
    _the_door_of_the_live_connection(app, world, look)
    _too_many(app, look)
    with database.transaction() as s:
        s.execute(text("DROP TABLE login_session"))
    for address in ("/", "/planen-min", "/chat/hoder", "/logg-inn"):
        look.at(_signed_in(app, world, "anna").get(address))
    wanted = {200, 303, 400, 401, 403, 404, 405, 413, 422, 429, 500, 503}
    tell(
        f"headers: {sum(look.statuses.values())} answers of {len(look.statuses)} kinds, "
        f"{len(look.faults)} missing; {look.cookies} cookies, all guarded"
    )
    assert look.faults == []
    assert wanted <= look.statuses.keys(), sorted(wanted - look.statuses.keys())


def _signed_in(app, world, name):
    visitor = browser(app)
    visitor.set_cookie("__Host-login", world.people[name].token, domain=HOST, secure=True)
    return visitor


def some_value(converter):
    """Something that an address of this kind takes: one of its few words, a number, or any word at all."""
    return 1 if isinstance(converter, IntegerConverter) else min(getattr(converter, "items", {"nobodys"}))


def _every_method_of_every_route(app, world, look):
    """Without a token, so that nothing happens; signed in and not."""
    addresses = set()
    for rule in app.url_map.iter_rules():
        names = {part: some_value(one) for part, one in rule._converters.items()}
        with app.test_request_context(base_url=ORIGIN):
            addresses.add(app.url_for(rule.endpoint, **names))
    for address in sorted(addresses):
        for method in METHODS:
            for visitor in (browser(app), _signed_in(app, world, "anna"), _signed_in(app, world, "vera")):
                look.at(visitor.open(address, method=method))
            asking_for_json = {"Accept": "application/json"}
            look.at(browser(app).open(address, method=method, headers=asking_for_json))


def _what_is_allowed(app, world, look):
    """Each route once as somebody who may, with the token switched off, so that it really answers."""
    app.config["WTF_CSRF_ENABLED"] = False
    done = set()
    for call in every_call():
        if (
            call.is_allowed
            and (call.method, call.endpoint) not in done
            and call.endpoint != "people.sign_out"
        ):
            done.add((call.method, call.endpoint))
            look.at(make(app, world, call))
    assert len(done) > len(ROUTES) * 0.9, "somebody may open nearly every route"
    look.at(_signed_in(app, world, world_signed_out(world)).post("/logg-ut"))


def world_signed_out(world):
    return "signed_out" if "signed_out" in world.people else "anna"


def _mishaps(app, world, look):
    anna = _signed_in(app, world, "anna")
    thread = world.thing("thread", "anna")
    look.at(anna.post(f"/chat/{thread}/melding", data={"text": "a" * 300_000}))
    look.at(anna.post(f"/chat/{thread}/melding", data="[" * 9_000, content_type="application/json"))
    look.at(anna.post("/sprak", data={"file": (io.BytesIO(b"x" * 300_000), "x.png")}))
    look.at(anna.get("/finnes-ikke"))
    look.at(anna.get("/%00"))
    look.at(anna.get("/chat?for=%ff"))
    app.config["WTF_CSRF_ENABLED"] = True
    look.at(anna.post("/logg-ut"))
    app.extensions["draining"].set()
    look.at(anna.get("/ready"))
    app.extensions["draining"].clear()


def _static_files(app, look):
    for name in ("js/app.js", "css/recipient.css"):
        address = app.jinja_env.globals["asset"](name)
        for method in ("GET", "HEAD", "POST", "DELETE"):
            look.at(browser(app).open(address, method=method, buffered=True))
        look.at(browser(app).get(address, headers={"Accept-Encoding": "br"}, buffered=True))
    for missing in ("/static/finnes-ikke.js", "/static/", "/static/../config.py", "/static/dist/../../x"):
        look.at(browser(app).get(missing))


def _the_door_of_the_live_connection(app, world, look):
    anna, told = _signed_in(app, world, "anna"), {**UPGRADE, "Origin": ORIGIN}
    look.at(anna.get("/socket.io/"))
    look.at(anna.post(SOCKET))
    look.at(anna.get(SOCKET, headers={**UPGRADE, "Origin": "https://evil.test"}))
    look.at(browser(app).get(SOCKET, headers=told))
    places = app.extensions["socket_places"]
    taken = [places.take() for _ in range(places.limit)]
    look.at(anna.get(SOCKET, headers=told))
    for _place in taken:
        places.leave()


def _too_many(app, look):
    """One address that never stops asking."""
    greedy = browser(app)
    for _ in range(1_201):
        answer = greedy.get("/live")
    look.at(answer)
    app.config["WTF_CSRF_ENABLED"] = False
    typing = browser(app)
    for _ in range(11):
        look.at(typing.post("/aktiver", data={"code": "AAAABBBB"}))
    app.config["WTF_CSRF_ENABLED"] = True
