"""The live connection of the whole portal: real processes, real sockets, and Redis between two of them."""

import base64
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from portal.bus import Bus
from portal.db import Database
from portal.people.rules.words import Level
from portal.people.service import sessions
from tests.fixtures.room import end_process, wait_until
from tests.fixtures.servers import free_port
from tests.raw_phone import RawPhone

ROOT = Path(__file__).parent.parent
ORIGIN = "https://minvei.test"
KEY = b"\x07" * 32
IDLE_KIB_PER_PHONE = 140
"""The guard alone costs at most 120 (tests/test_websocket_guard.py); a session look-up deepens the stack."""

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(120)]


class Portal:
    """One process of the portal, as in production."""

    def __init__(self, database_url, **settings):
        self.port = free_port()
        given = {
            "database_url": database_url,
            "secret_key": "only-for-tests-only-for-tests-only-for-tests",
            "data_keys": base64.b64encode(KEY).decode(),
            "origins": ORIGIN,
            "port": str(self.port),
            "threads": "140",
            "socket_places": "120",
            **settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal", "serve"],
            cwd=ROOT,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")},
                **{f"PORTAL_{name.upper()}": value for name, value in given.items()},
            },
            start_new_session=True,
            stderr=subprocess.PIPE,
            text=True,
        )

    def is_ready(self):
        assert self.process.poll() is None, self.process.stderr.read()
        with suppress(OSError):
            return self.browser().open("GET", "/ready")[0] == 200
        return False

    def browser(self, token=""):
        return Browser(self.port, token)

    def phone(self, token):
        return RawPhone(self.port, cookie=f"__Host-login={token}", origin=ORIGIN)

    def end(self):
        end_process(self.process.pid, seconds=12)
        return self.process.communicate(timeout=5)[1]


class Browser:
    """A signed-in browser without a window: it keeps cookies and knows the form's token."""

    def __init__(self, port, token):
        self.port = port
        self.cookies = {"__Host-login": token} if token else {}

    def open(self, method, address, body=None, **headers):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        told = {"Cookie": cookies, "Accept": "text/html", "Connection": "close", **headers}
        line.request(method, address, body, {key.replace("_", "-"): value for key, value in told.items()})
        answer = line.getresponse()
        for name, value in answer.getheaders():
            if name == "Set-Cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        text = answer.read().decode()
        line.close()
        return answer.status, text

    def post(self, address, fields):
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.open("GET", "/nodhjelp")[1])[1]
        return self.open(
            "POST",
            address,
            json.dumps(fields),
            Content_Type="application/json",
            Accept="application/json",
            X_CSRFToken=token,
        )

    def say(self, thread, words):
        sent = {"client_id": str(uuid.uuid4()), "text": words}
        return self.post(f"/chat/{thread}/melding", sent)[0]


@pytest.fixture
def start(database_url):
    with ExitStack() as ending:

        def started(**settings):
            portal = Portal(database_url, **settings)
            ending.callback(portal.end)
            wait_until(portal.is_ready, "the portal is ready", seconds=60)
            return portal

        yield started
        while RawPhone.all_open:
            RawPhone.all_open.pop().close()


@pytest.fixture
def sign_in(database_url, world):
    """Sign people of the world in now: their own sessions are from when the world's clock stood still."""
    database = Database(database_url, facts=Bus(), data_keys=(KEY,))

    def signed_in(name):
        with database.transaction() as s:
            return sessions.start_session(s, world.people[name].id, Level.BANKID)

    yield signed_in
    database.close()


def told(phone, begins_with, *, seconds=5.0):
    """Read on until a Socket.IO message that begins like this; None when the time is up or the line ends."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        phone.sock.settimeout(left)
        try:
            body = phone.receive()[1].decode()
        except (TimeoutError, ConnectionError):
            return None
        if body.startswith(begins_with):
            return json.loads(body[body.index("[") :])
    return None


CHANGED = '42["chat:changed"'


def words_in(answer):
    return "".join(piece["text"] for change in answer["changes"] for piece in change["pieces"])


def test_the_line_is_live_from_door_to_door(start, sign_in, world, tell):
    """Who gets in, who hears, in which order, what sign-out does, and how it ends: one server for all."""
    portal = start()
    thread = world.thing("thread", "anna")
    anna, vera, birk = (sign_in(name) for name in ("anna", "vera", "birk"))

    assert portal.phone("").status == 401
    assert portal.phone(world.people["signed_out"].token).status == 401
    assert RawPhone(portal.port, cookie=f"__Host-login={anna}", origin="https://elsewhere.test").status == 403

    of_vera, of_birk = portal.phone(vera).join(), portal.phone(birk).join()
    assert portal.browser(anna).say(thread, "Hører du meg?") == 201
    assert words_in(told(of_vera, CHANGED)[1]) == "Hører du meg?"
    assert told(of_birk, CHANGED, seconds=0.5) is None

    _answers_in_order(of_vera, thread)
    _signing_out_closes_the_line(portal, vera, of_vera, tell)
    _one_sign_in_does_not_take_every_place(portal, anna)
    _going_down_is_quick(portal, sign_in, tell)


def _answers_in_order(phone, thread):
    for number in range(40):
        phone.send(f"42{number}" + json.dumps(["chat:since", {"conversation": thread, "since": number}]))
    for number in range(40):
        phone.sock.settimeout(5)
        while not (body := phone.receive()[1].decode()).startswith("43"):
            pass
        assert body.startswith(f"43{number}[")


def _signing_out_closes_the_line(portal, token, phone, tell):
    assert portal.browser(token).post("/logg-ut", {})[0] == 303
    began = time.monotonic()
    wait_until(phone.is_cut, "the line is closed", seconds=5)
    took = time.monotonic() - began
    tell(f"sockets: closed {took:.2f} s after signing out")
    assert took < 1
    assert portal.phone(token).status == 401


def _one_sign_in_does_not_take_every_place(portal, token):
    phones = [portal.phone(token).join() for _ in range(20)]
    one_more = portal.phone(token)
    one_more.send("40")
    wait_until(one_more.is_cut, "the line of the page too many is closed")
    assert not any(phone.is_cut() for phone in phones)
    phones[0].close()
    wait_until(lambda: _joins(portal, token), "a closed page makes room for another")


def _joins(portal, token):
    with suppress(ConnectionError):
        return portal.phone(token).join()
    return False


def _going_down_is_quick(portal, sign_in, tell):
    phones = [portal.phone(sign_in(name)).join() for name in ("anna", "vera", "birk", "sara", "lise")]
    began = time.monotonic()
    os.killpg(portal.process.pid, signal.SIGTERM)
    assert all(told(phone, '42["server:drain"') for phone in phones)
    portal.process.wait(timeout=10)
    tell(f"sockets: the portal went down in {time.monotonic() - began:.1f} s with {len(phones)} phones")


def test_an_idle_phone_of_the_portal_costs_at_most_140_kib(start, sign_in, world, tell):
    portal = start()
    (worker,) = _children(portal.process.pid)
    tokens = [sign_in(name) for name in ("anna", "birk", "celine", "petra", "vera", "vidar")]
    for token in tokens * 5:
        portal.phone(token).join()
    before = _rss_kib(worker)
    phones = [portal.phone(token).join() for token in tokens * 14]
    each = (_rss_kib(worker) - before) / len(phones)
    tell(f"sockets: {each:.0f} KiB for each idle phone of the portal")
    assert each <= IDLE_KIB_PER_PHONE


def _children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _rss_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


@pytest.mark.redis
def test_two_processes_are_one_to_the_people_in_them(start, sign_in, world, redis_server, tell):
    one, other = start(redis_url=redis_server.url), start(redis_url=redis_server.url)
    thread = world.thing("thread", "anna")
    anna, vera = sign_in("anna"), sign_in("vera")
    of_anna, of_vera = one.phone(anna).join(), other.phone(vera).join()

    assert one.browser(anna).say(thread, "Over til den andre") == 201
    for phone in (of_vera, of_anna):
        assert words_in(told(phone, CHANGED)[1]) == "Over til den andre"

    assert one.browser(vera).post("/logg-ut", {})[0] == 303
    began = time.monotonic()
    wait_until(of_vera.is_cut, "the other process closes the line", seconds=5)
    tell(f"sockets: the other process closed {time.monotonic() - began:.2f} s after signing out")

    again = other.phone(sign_in("vera")).join()
    redis_server.stop()
    assert one.browser(anna).say(thread, "Uten Redis") == 201, "Redis is never the truth"
    assert words_in(told(of_anna, CHANGED)[1]) == "Uten Redis", "in her own process it still arrives"
    again.send("421" + json.dumps(["chat:since", {"conversation": thread, "since": 3}]))
    assert words_in(told(again, "431")[0]) == "Uten Redis", "what the push lost, the next question finds"
