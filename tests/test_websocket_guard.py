"""Phones that vanish, fall silent, never read or send too much must not take the site with them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.fixtures.closing import Tell
from tests.fixtures.room import end_process, wait_until
from tests.fixtures.servers import free_port
from tests.raw_phone import PONG, RawPhone

ROOT = Path(__file__).parent.parent
IDLE_KIB_PER_PHONE = 120
PLACES = 120

pytestmark = pytest.mark.timeout(60)


class Server:
    """The tiny app under the real server, in a process group of its own."""

    def __init__(
        self,
        *,
        port: int | None = None,
        places: int = PLACES,
        ping_seconds: float = 20,
        send_seconds: float = 5,
        port_patience_seconds: float = 10,
    ) -> None:
        self.port = port or free_port()
        told = (self.port, places, ping_seconds, send_seconds, port_patience_seconds)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.realtime_app", *map(str, told)],
            cwd=ROOT,
            start_new_session=True,
            stderr=subprocess.PIPE,
            text=True,
        )
        if port is None:
            wait_until(self.is_up, "the server answers")

    def is_up(self) -> bool:
        with suppress(OSError):
            return self.page("/ready")[0] == 200
        return False

    def page(self, path: str, *, seconds: float = 5) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=seconds) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as fault:
            with fault:
                return fault.code, fault.read().decode()

    def state(self) -> dict[str, int]:
        return json.loads(self.page("/state")[1])

    def phone(self, **told: object) -> RawPhone:
        return RawPhone(self.port, **told)

    def wait_until_open(self, count: int, *, seconds: float = 10) -> None:
        wait_until(lambda: self.state()["open"] == count, f"{count} open sockets", seconds=seconds)

    def end(self) -> str:
        end_process(self.process.pid, seconds=12)
        return self.process.communicate(timeout=5)[1]


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    with ExitStack() as ending:

        def started(**told: float) -> Server:
            server = Server(**told)
            ending.callback(server.end)
            return server

        yield started


@pytest.fixture(autouse=True)
def hang_up_afterwards() -> Iterator[None]:
    yield
    while RawPhone.all_open:
        RawPhone.all_open.pop().close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    shared = Server()
    yield shared
    shared.end()


@pytest.fixture
def quick(start: Callable[..., Server]) -> Server:
    """Heartbeat and patience of a second, so that the tests need not wait for ours."""
    return start(ping_seconds=1, send_seconds=1)


# --- Greedy, silent and deaf phones ---


def test_a_frame_of_60_mb_is_cut_early_and_memory_stays_flat(server: Server) -> None:
    before = server.state()["rss_kib"]
    phone = server.phone()  # not even joined: nothing of ours has seen it
    sent = 0
    phone.send("4", announced=60_000_000)
    with suppress(ConnectionError):
        for _ in range(60):
            phone.sock.sendall(b"x" * 1_000_000)
            sent += 1
    assert sent <= 8, f"{sent} MB were taken"
    server.wait_until_open(0)
    assert server.state()["rss_kib"] - before < 8_000


def test_many_small_pieces_are_no_way_round_the_size_limit(server: Server) -> None:
    before = server.state()["rss_kib"]
    phone = server.phone()
    piece = bytes([0x00, 0xFE]) + (4_000).to_bytes(2) + bytes(4) + b"x" * 4_000
    phone.sock.sendall(bytes([0x01, 0x81]) + bytes(4) + b"4")
    with suppress(ConnectionError):
        for _ in range(15_000):
            phone.sock.sendall(piece)
    server.wait_until_open(0)
    assert server.state()["rss_kib"] - before < 8_000


def test_a_flood_waits_in_the_network_while_the_first_message_is_being_answered(server: Server) -> None:
    before = server.state()["rss_kib"]
    phone = server.phone().join()
    phone.emit("nap", 3)
    phone.sock.settimeout(1)
    with pytest.raises(TimeoutError):
        flood(phone)
    assert server.state()["rss_kib"] - before < 8_000
    phone.close()
    server.wait_until_open(0)


def flood(phone: RawPhone) -> None:
    for _ in range(2_000):
        phone.send("42" + json.dumps(["echo", "x" * 10_000]))


def test_20_messages_that_are_too_large_cost_no_place(server: Server) -> None:
    for _ in range(20):
        phone = server.phone().join()
        with suppress(ConnectionError):
            phone.send("4" + "x" * 70_000)
        wait_until(phone.is_cut, "the line is cut")
        phone.close()
    server.wait_until_open(0, seconds=3)


NOISE = {
    "not a packet": "x",
    "not a number": "4x",
    "deeply nested": "42" + "[" * 60_000,
    "half base64": "bA",
    "binary that never comes": '451-["echo",{"_placeholder":true,"num":0}]',
    "an event without a name": "42[]",
    "an event whose name is a thing": '42[{"a":1}]',
    "not a list": '42{"a":1}',
    "a join that is no JSON": "40{x",
    "a word of the server's own": '42["disconnect","x"]',
    "an answer to nothing": "431[]",
    "no such event": '42["nothing of ours"]',
}


def test_noise_ends_at_most_the_connection_it_came_on(server: Server) -> None:
    good = server.phone().join()
    for what, noise in NOISE.items():
        bad = server.phone().join()
        bad.send(noise)
        bad.send("1")
        wait_until(bad.is_cut, f"«{what}» ends")
    good.emit("echo", 1)
    assert good.status == 101
    server.wait_until_open(1, seconds=3)


def test_noise_that_is_not_a_packet_leaves_no_line_in_the_log(start: Callable[..., Server]) -> None:
    server = start()
    for what in NOISE:
        bad = server.phone().join()
        bad.send(NOISE[what])
        bad.send("1")
        wait_until(bad.is_cut, f"«{what}» ends")
    assert server.end() == ""


def test_closed_phones_leave_no_thread_behind(server: Server) -> None:
    for _ in range(100):
        server.phone().join()
    server.page("/hang-up")
    server.wait_until_open(0)
    wait_until(lambda: server.state()["writers"] == 0, "the last writer ends", seconds=3)


def test_bytes_that_break_the_protocol_cost_no_place(server: Server) -> None:
    for broken in (b"\xff\xff\xff\xff", b"\x82\x80" + bytes(4), b"\x81\x82" + bytes(4) + b"\xc3\x28"):
        phone = server.phone().join()
        phone.sock.sendall(broken)
        wait_until(phone.is_cut, "the line is cut")
        phone.close()
    server.wait_until_open(0, seconds=3)


def test_a_silent_phone_is_gone_after_two_heartbeats(quick: Server) -> None:
    began = time.monotonic()
    for _ in range(6):
        quick.phone().join()
    quick.wait_until_open(6)
    quick.wait_until_open(0, seconds=4)
    assert time.monotonic() - began > 1, "a phone must be given the time to answer"


@pytest.mark.parametrize("first", ["", "3", "2", "40/elsewhere,", '42["echo",1]'])
def test_a_line_that_nobody_joins_gives_its_place_back(quick: Server, first: str) -> None:
    phone = quick.phone()
    if first:
        phone.send(first)
    else:
        phone.send("", kind=PONG)  # alive, but says nothing
    wait_until(phone.is_cut, "the line is cut", seconds=3)
    quick.wait_until_open(0)


def test_a_phone_that_may_not_join_is_told_so_and_gives_its_place_back(server: Server) -> None:
    phone = server.phone()
    phone.send('40{"refuse":"me"}')
    phone.receive()
    assert phone.receive()[1].startswith(b"44")
    server.wait_until_open(0, seconds=3)


def test_a_phone_that_leaves_gives_its_place_back_at_once(server: Server) -> None:
    phone = server.phone().join()
    phone.send("41")
    server.wait_until_open(0, seconds=3)


def test_a_phone_that_never_reads_is_gone_soon_after_the_time_limit(quick: Server, tell: Tell) -> None:
    phone = quick.phone(receive_buffer=4_096).join()
    for _ in range(40):
        quick.page("/shout?kib=256")
    began = time.monotonic()
    while quick.state()["open"]:
        assert time.monotonic() - began < 5, "a phone that never reads holds a thread"
        with suppress(OSError):
            phone.send("3")  # it answers heartbeats it never read
            phone.send("", kind=PONG)
        time.sleep(0.1)  # the phone's own pace
    tell(f"sockets: a phone that never reads was gone after {time.monotonic() - began:.1f} s (limit 1 s)")


def test_an_idle_phone_costs_at_most_120_kib(start: Callable[..., Server], tell: Tell) -> None:
    server = start()
    for _ in range(20):
        server.phone().join()
    before = server.state()["rss_kib"]
    idle = [server.phone().join() for _ in range(80)]
    server.wait_until_open(100)
    each = (server.state()["rss_kib"] - before) / len(idle)
    tell(f"sockets: {each:.0f} KiB for each idle phone")
    assert each <= IDLE_KIB_PER_PHONE
    assert "permessage-deflate" not in idle[0].answer


# --- Who is let in ---

OWN = "http://127.0.0.1:{port}"
ORIGINS = {
    "own": (OWN, 101),
    "foreign": ("https://example.net", 403),
    "missing": (None, 403),
    "null": ("null", 403),
    "sub-domain": ("http://www.127.0.0.1:{port}", 403),
    "own with other port": ("http://127.0.0.1:1", 403),
    "own with other scheme": ("https://127.0.0.1:{port}", 403),
    "own with a tail": (OWN + ".example.net", 403),
    "upper case": ("HTTP://127.0.0.1:{port}", 403),
}
SESSIONS = {"live": ("session=live", 101), "ended": ("session=ended", 401), "none": (None, 401)}


@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("origin", ORIGINS)
def test_the_door_opens_for_our_own_pages_with_a_live_session(
    server: Server, origin: str, session: str
) -> None:
    (template, by_origin), (cookie, by_session) = ORIGINS[origin], SESSIONS[session]
    phone = server.phone(origin=template and template.format(port=server.port), cookie=cookie)
    assert phone.status == (by_session if by_origin == 101 else by_origin)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("polling", {"path": "/socket.io/?EIO=4&transport=polling"}),
        ("no transport", {"path": "/socket.io/?EIO=4"}),
        ("JSONP", {"path": "/socket.io/?EIO=4&transport=polling&j=0"}),
        ("both transports", {"path": "/socket.io/?EIO=4&transport=polling&transport=websocket"}),
        ("an upgrade from polling", {"path": "/socket.io/?EIO=4&transport=websocket&sid=abc"}),
        ("an older protocol", {"path": "/socket.io/?EIO=3&transport=websocket"}),
        ("no upgrade", {"upgrade": None}),
        ("no key", {"sec_websocket_key": None}),
        ("a broken key", {"sec_websocket_key": "short"}),
        ("another version", {"sec_websocket_version": "8"}),
    ],
)
def test_only_a_websocket_is_let_in(server: Server, what: str, told: dict[str, str | None]) -> None:
    phone = server.phone(**told)
    assert phone.status == 400, what
    phone.close()
    server.wait_until_open(0, seconds=3)


def test_when_every_place_is_taken_the_next_phone_is_refused_and_pages_still_answer(
    start: Callable[..., Server],
) -> None:
    server = start(places=10)
    phones = [server.phone().join() for _ in range(10)]
    late = server.phone()
    assert late.status == 503
    assert "Retry-After" in late.answer
    assert server.page("/ready") == (200, "ready")
    phones.pop().close()
    server.wait_until_open(9)
    assert server.phone().status == 101


# --- Going down ---


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_going_down_tells_every_phone_when_to_come_back_and_is_quick(
    start: Callable[..., Server], number: signal.Signals, tell: Tell
) -> None:
    server = start()
    phones = [server.phone().join() for _ in range(20)]
    deaf = server.phone(receive_buffer=4_096).join()
    for _ in range(10):
        server.page("/shout?kib=256")
    began = time.monotonic()
    os.killpg(server.process.pid, number)
    server.process.wait(timeout=10)
    took = time.monotonic() - began
    assert took < 6
    tell(f"sockets: {number.name} with 21 phones, one of them deaf, took {took:.1f} s")
    later = {_when_to_come_back(phone) for phone in phones}
    assert len(later) > 10, "all at once is what the spread is for"
    assert all(0 <= ms <= 5_000 for ms in later)
    for phone in [*phones, deaf]:
        assert phone.is_cut()


def _when_to_come_back(phone: RawPhone) -> int:
    while True:
        _, body = phone.receive()
        if b"server:drain" in body:
            return int(re.search(rb'"retry_ms":(\d+)', body)[1])


def test_a_page_that_is_being_made_is_finished_on_the_way_down(start: Callable[..., Server]) -> None:
    server = start()
    server.phone().join()
    with socket.create_connection(("127.0.0.1", server.port), timeout=8) as browser:
        browser.sendall(b"GET /slow?seconds=1 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        wait_until(lambda: server.state()["slow"] == 1, "the page is under way")
        os.killpg(server.process.pid, signal.SIGTERM)
        answer = b"".join(iter(lambda: browser.recv(4_096), b""))
    assert answer.endswith(b"done")
    server.process.wait(timeout=10)


# --- Coming up ---


def test_a_port_that_is_taken_is_told_in_one_plain_sentence(server: Server) -> None:
    second = Server(port=server.port, port_patience_seconds=0.5)
    _, told = second.process.communicate(timeout=10)
    assert second.process.returncode == 1
    assert f"Port {server.port} is in use by another program." in told
    assert "Traceback" not in told


def test_a_new_server_takes_over_from_one_whose_master_was_killed(
    start: Callable[..., Server], tell: Tell
) -> None:
    first = start()
    phone = first.phone().join()
    old = first.state()["pid"]
    began = time.monotonic()
    os.kill(first.process.pid, signal.SIGKILL)
    second = start(port=first.port)

    def has_taken_over() -> bool:
        with suppress(OSError):
            return second.state()["pid"] != old
        return False

    wait_until(has_taken_over, "the new server answers", seconds=20)
    _when_to_come_back(phone)  # or it would have held the port for nine seconds
    tell(f"sockets: a new server took over {time.monotonic() - began:.1f} s after the master was killed")


def test_the_log_never_shows_the_address_of_a_page(start: Callable[..., Server]) -> None:
    server = start()
    secret = "/socket.io/?EIO=4&transport=websocket&code=secret-code"
    assert server.phone(path=secret, cookie="session=broken").status == 500
    assert server.phone(path=secret).status == 101
    assert server.phone(path="/aktiver/secret-code and more").status == 400
    assert server.page("/aktiver/secret-code")[0] == 404
    told = server.end()
    assert "as when the database is away" in told
    assert "secret-code" not in told
