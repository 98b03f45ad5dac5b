"""The live connection of the whole portal: real processes, real sockets, and Redis between two of them."""

import json
import os
import signal
import time
from contextlib import suppress

import pytest

from tests.fixtures.real_portal import rss_kib
from tests.fixtures.room import wait_until
from tests.raw_phone import RawPhone

IDLE_KIB_PER_PHONE = 120
"""As the bench asks (tests/bench/chat.py). It was 79 when this was written."""

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(120)]


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


def test_the_line_is_live_from_door_to_door(start_portal, sign_in_now, world, tell):
    """Who gets in, who hears, in which order, what sign-out does, and how it ends: one server for all."""
    portal = start_portal()
    thread = world.thing("thread", "anna")
    anna, vera, birk = (sign_in_now(name) for name in ("anna", "vera", "birk"))

    assert portal.phone("").status == 401
    assert portal.phone(world.people["signed_out"].token).status == 401
    assert RawPhone(portal.port, cookie=f"__Host-login={anna}", origin="https://elsewhere.test").status == 403

    of_vera, of_birk = portal.phone(vera).join(), portal.phone(birk).join()
    assert portal.browser(anna).say(thread, "Hører du meg?") == 201
    assert words_in(told(of_vera, CHANGED)[1]) == "Hører du meg?"
    assert told(of_birk, CHANGED, seconds=0.5) is None

    _answers_in_order(of_vera, thread)
    _signing_out_closes_the_line(portal, vera, of_vera, tell)
    _signing_out_at_the_door_lets_nobody_in(portal, sign_in_now("vera"), thread)
    _one_sign_in_does_not_take_every_place(portal, anna)
    _going_down_is_quick(portal, sign_in_now, tell)


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


def _signing_out_at_the_door_lets_nobody_in(portal, token, thread):
    """Who stands at the door is remembered until she joins: that is no way past a sign-out."""
    phone = portal.phone(token)
    assert phone.status == 101
    assert portal.browser(token).post("/logg-ut", {})[0] == 303
    phone.join()
    phone.send("421" + json.dumps(["chat:since", {"conversation": thread, "since": 0}]))
    with suppress(ConnectionError):
        while not (answer := phone.receive()[1].decode()).startswith("431"):
            pass
        assert json.loads(answer[3:])[0]["status"] == 401
    wait_until(phone.is_cut, "the line is closed", seconds=2)


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


def _going_down_is_quick(portal, sign_in_now, tell):
    phones = [portal.phone(sign_in_now(name)).join() for name in ("anna", "vera", "birk", "sara", "lise")]
    began = time.monotonic()
    os.killpg(portal.process.pid, signal.SIGTERM)
    assert all(told(phone, '42["server:drain"') for phone in phones)
    portal.process.wait(timeout=10)
    tell(f"sockets: the portal went down in {time.monotonic() - began:.1f} s with {len(phones)} phones")


def test_an_idle_phone_of_the_portal_costs_at_most_120_kib(start_portal, sign_in_now, world, tell):
    portal = start_portal()
    worker = portal.worker()
    tokens = [sign_in_now(name) for name in ("anna", "birk", "celine", "petra", "vera", "vidar")]
    for token in tokens * 5:
        portal.phone(token).join()
    before = rss_kib(worker)
    phones = [portal.phone(token).join() for token in tokens * 14]
    each = (rss_kib(worker) - before) / len(phones)
    tell(f"sockets: {each:.0f} KiB for each idle phone of the portal")
    assert each <= IDLE_KIB_PER_PHONE


@pytest.mark.redis
def test_two_processes_are_one_to_the_people_in_them(start_portal, sign_in_now, world, redis_server, tell):
    one, other = start_portal(redis_url=redis_server.url), start_portal(redis_url=redis_server.url)
    thread = world.thing("thread", "anna")
    anna, vera = sign_in_now("anna"), sign_in_now("vera")
    of_anna, of_vera = one.phone(anna).join(), other.phone(vera).join()

    assert one.browser(anna).say(thread, "Over til den andre") == 201
    for phone in (of_vera, of_anna):
        assert words_in(told(phone, CHANGED)[1]) == "Over til den andre"

    assert one.browser(vera).post("/logg-ut", {})[0] == 303
    began = time.monotonic()
    wait_until(of_vera.is_cut, "the other process closes the line", seconds=5)
    tell(f"sockets: the other process closed {time.monotonic() - began:.2f} s after signing out")

    again = other.phone(sign_in_now("vera")).join()
    redis_server.stop()
    assert one.browser(anna).say(thread, "Uten Redis") == 201, "Redis is never the truth"
    assert words_in(told(of_anna, CHANGED)[1]) == "Uten Redis", "in her own process it still arrives"
    again.send("421" + json.dumps(["chat:since", {"conversation": thread, "since": 3}]))
    assert words_in(told(again, "431")[0]) == "Uten Redis", "what the push lost, the next question finds"
