"""A page of somebody else's, open in the same browser as the portal, reaches nothing of hers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from tests.e2e.stage import enter

KNOCK = """address => new Promise(done => {
    const line = new WebSocket(address);
    let opened = false;
    line.onopen = () => { opened = true; line.send("40"); };
    line.onmessage = said => { if (said.data.startsWith("40")) { line.close(); done("joined"); } };
    line.onclose = () => done(opened ? "opened" : "refused");
})"""
"""As socket.io's own client does it: the browser adds the cookies, and the origin that no page can change."""

READ = """address =>
    fetch(address, {credentials: "include"}).then(answer => answer.text(), () => "unreadable")"""
SEND = """address => {
    const form = document.createElement("form");
    Object.assign(form, {method: "POST", action: address});
    document.body.append(form);
    form.submit();
}"""
TAKE = """address => new Promise(done => {
    const taken = document.createElement("script");
    taken.onload = () => done("taken");
    taken.onerror = () => done("refused");
    taken.src = address;
    document.head.append(taken);
})"""


class _Page(BaseHTTPRequestHandler):
    """An empty page without any policy of its own."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><p>elsewhere")

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@contextmanager
def _elsewhere(host: str) -> Iterator[str]:
    """Serve the foreign page on an address of this computer that is not the portal's."""
    with ThreadingHTTPServer((host, 0), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{host}:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def signed_in(stage) -> Page:
    """Somebody who is signed in to the portal, with the portal open in one tab."""
    page = stage.open()
    enter(page, "jonas")
    return page


def test_a_page_on_another_origin_gets_no_live_connection_with_her_cookies(signed_in, server, tell):
    line = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
    assert signed_in.evaluate(KNOCK, line) == "joined", "our own page gets one"
    tries, joined = 0, []
    with ExitStack() as closing:
        # Another address, the same address with another port (browsers send it the cookies), and none at all.
        homes = [closing.enter_context(_elsewhere(host)) for host in ("127.0.0.2", "127.0.0.1")]
        homes.append("data:text/html,<title>nowhere</title>")
        for home in homes:
            foreign = signed_in.context.new_page()
            foreign.goto(home)
            for _ in range(3):
                tries += 1
                joined += [home] if foreign.evaluate(KNOCK, line) != "refused" else []
    tell(f"handshake: {tries} tries from foreign pages in a real browser, {len(joined)} connections")
    assert joined == []
    assert signed_in.evaluate(KNOCK, line) == "joined", "and ours still does"


def test_a_page_on_another_origin_reads_nothing_and_changes_nothing(signed_in, server):
    with ExitStack() as closing:
        for host in ("127.0.0.2", "127.0.0.1"):
            foreign = signed_in.context.new_page()
            foreign.goto(closing.enter_context(_elsewhere(host)))
            for page in ("/", "/planen-min", "/chat", "/chat/hoder"):
                assert foreign.evaluate(READ, server.url + page) == "unreadable", page
                assert foreign.evaluate(TAKE, server.url + page) == "refused", page
            with foreign.expect_navigation(url=f"{server.url}/logg-ut"):
                foreign.evaluate(SEND, f"{server.url}/logg-ut")
    signed_in.goto("/planen-min")
    assert signed_in.url == f"{server.url}/planen-min", "nobody but herself signs her out"
