"""A real server is sent bytes that are hardly HTTP and frames no page sends: it goes on and does not grow."""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress

import pytest

from tests.fixtures.real_portal import rss_kib
from tests.fuzz.inputs import TIMES, frames, hardly_http, try_many
from tests.raw_phone import RawPhone, Refused

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(round(300 * max(1, TIMES)))]

RAW, FRAMES, FRAMES_A_LINE = 2_500, 2_500, 12
WARM_UP = 0.3
"""The share that is sent first: what is loaded and filled at the first use is not growth."""
MOST_GROWTH_KIB = 15 * 1024
BROKEN = re.compile(r"Traceback|[a-z]\.failed|Exception\b|[A-Z][a-z]+Error\b|\"level\": ?\"error\"")


@pytest.fixture
def portal(start_portal):
    return start_portal(trusted_proxies="127.0.0.1")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_real_server_goes_on_whatever_bytes_it_is_sent(portal, sign_in_now, tell):
    pid, token = portal.worker(), sign_in_now("anna")
    faults: list[str] = []
    _send_all(portal, token, faults, share=WARM_UP)
    before = rss_kib(pid)
    raw, sent_frames = _send_all(portal, token, faults)
    grown = rss_kib(pid) - before
    assert portal.browser(token).open("GET", "/planen-min")[0] == 200, "it answers as before"
    broken = [line for line in portal.log().splitlines() if BROKEN.search(line)]
    is_same = portal.worker() == pid
    tell(
        f"fuzz: {raw + sent_frames} bad inputs ({raw} of hardly HTTP, {sent_frames} frames), "
        f"{len(faults)} answers of 500, {len(broken)} tracebacks, "
        f"{'same' if is_same else 'ANOTHER'} process, {grown / 1024:+.1f} MiB after warm-up"
    )
    assert (faults[:10], broken[:10], is_same) == ([], [], True)
    assert grown < MOST_GROWTH_KIB


def _send_all(portal, token, faults, share=1.0):
    raw = try_many(hardly_http, lambda sent: _send_raw(portal, sent, faults), times=share * RAW)
    return raw, _send_frames(portal, token, faults, share * FRAMES)


def _send_raw(portal, sent, faults):
    said = b""
    with (
        socket.create_connection(("127.0.0.1", portal.port), timeout=30) as line,
        suppress(ConnectionError, BrokenPipeError),
    ):
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        while more := line.recv(65_536):
            said += more
    for status in re.findall(rb"(?:^|\r\n\r\n)HTTP/1\.[01] (\d{3})", said[:4_000]):
        if status in (b"500", b"502"):
            faults.append(f"{status.decode()} {sent!r:.300}")


def _send_frames(portal, token, faults, times):
    line: list[object] = []

    def send(sent):
        if len(line) > FRAMES_A_LINE:
            _hang_up(line, faults)
        if not line:
            line.append(_joined(portal, token))
        try:
            line[0].sock.sendall(sent)
            line.append(sent)
        except OSError:  # the server has cut the line, as it should
            _hang_up(line, faults)

    count = try_many(frames, send, times=times)
    _hang_up(line, faults)
    return count


def _joined(portal, token):
    """One more line of the same session; a moment may pass until the server has seen the last one go."""
    until = time.monotonic() + 20
    while True:
        phone = portal.phone(token)
        with suppress(Refused, ConnectionError):
            return phone.join()
        _close(phone)
        assert time.monotonic() < until, "nobody may join any more"


def _hang_up(line, faults):
    """Read what the server still says, and close; `line` is the phone and what it sent."""
    if not line:
        return
    phone = line[0]
    with suppress(OSError):
        phone.sock.shutdown(socket.SHUT_WR)
    phone.sock.settimeout(5)
    with suppress(OSError):
        while True:
            body = phone.receive()[1]
            if b"server.failed" in body:
                faults.append(f"an event failed: {body!r:.200} after {line[1:]!r:.300}")
    _close(phone)
    line.clear()


def _close(phone):
    phone.close()
    RawPhone.all_open.remove(phone)
