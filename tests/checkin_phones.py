"""Phones that scan and tap «Jeg er her», and boards that are open, as their pages do it."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from tests.chat_load import Line, Phone
from tests.chat_phones import as_browser
from tests.checkin_people import Comer
from tests.fixtures.real_portal import SECRET

CALM_S, APART_S, TIMES_AS_LONG, MOST_APART_S = 30.0, 0.3, 4, 1.5
"""How often an open board asks by itself, at most, and when the server is busy (static/js/board.js)."""
_BOARDS_FROM = 15_000
"""Numbers, and so addresses on the loopback, that no phone has."""
_LED_ON = 303
_CHANGES = re.compile(r'data-changes-url="([^"]+)"\s+data-version="([^"]+)"')
_ROW = re.compile(r'id="p-([\w-]+)"')


class Turnstile(Line):
    """One person's phone at the door: the scan, the page it leads to, and the tap."""

    def __init__(self, port: int, number: int, comer: Comer) -> None:
        super().__init__(port, number, **as_browser(comer.login))
        self.comer = comer

    async def scan(self, code: str) -> None:
        """Open the address in the QR code; the browser keeps the claim. Raises: RuntimeError when refused."""
        head, told = await self._ask("GET", f"/inn/{code}", b"")
        if int(head.split()[1]) != _LED_ON:
            raise RuntimeError(f"a scan was answered {head.split()[1]!r}: {told[:200]!r}")
        login = as_browser(self.comer.login)["cookie"]
        self.cookie = f"{login}; {head.partition(b'set-cookie: ')[2].partition(b';')[0].decode()}"
        self.close()

    async def read_token(self) -> None:
        """Open «Er du her?», which carries the form's token."""
        _status, page = await self.ask("GET", "/oppmote")
        self.token = page.partition(b'name="csrf_token" value="')[2].partition(b'"')[0].decode()

    def write_token(self) -> None:
        """Make the token that the page would carry, where fifteen thousand pages would take too long."""
        visit = _visits().loads(self.cookie.partition("__Host-visit=")[2])
        self.token = str(URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(visit["csrf_token"]))

    async def tap(self) -> bool:
        """Press «Jeg er her». Tells whether the phone was led on to the receipt: it is received."""
        status, told = await self.ask("POST", "/oppmote/her", {})
        return status == _LED_ON and b"/oppmote" in told

    async def see_receipt(self) -> bool:
        """Open the page that the tap leads to."""
        status, page = await self.ask("GET", "/oppmote")
        return status == 200 and b'action="/oppmote/her"' not in page


def _visits() -> URLSafeTimedSerializer:
    app = Flask(__name__)
    app.secret_key = SECRET
    found = SecureCookieSessionInterface().get_signing_serializer(app)
    assert isinstance(found, URLSafeTimedSerializer)
    return found


@dataclass
class Board:
    """A centre's open board: it hears that something changed, and fetches what, as static/js/board.js does.

    shown: when each person's row came, by her name in addresses. fetched: how often it asked.
    """

    line: Line
    changes: str
    version: str
    shown: dict[str, float] = field(default_factory=dict)
    fetched: int = 0
    failed: int = 0
    _heard: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def open(cls, port: int, number: int, centre: str, login: str) -> tuple[Board, Phone]:
        """Open the page, then its live connection."""
        line = Line(port, _BOARDS_FROM + number, **as_browser(login))
        status, page = await line.ask("GET", f"/tavle/{centre}")
        found = _CHANGES.search(page.decode())
        if status != 200 or found is None:
            raise RuntimeError(f"the board was answered {status}")
        board = cls(line, found[1].replace("&amp;", "&"), found[2])
        where = as_browser(login)
        return board, await Phone.open(port, _BOARDS_FROM + number, board.hear, **where)

    def hear(self, name: str, _data: object) -> None:
        """Take a push."""
        if name == "board:changed":
            self._heard.set()

    async def follow(self) -> None:
        """Ask whenever something was heard, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(CALM_S):
                    await self._heard.wait()
            except TimeoutError:
                pass
            self._heard.clear()
            began = time.perf_counter()
            await self.refresh()
            took = time.perf_counter() - began
            await asyncio.sleep(max(APART_S - took, min(MOST_APART_S, TIMES_AS_LONG * took)))

    async def refresh(self) -> None:
        """Ask what is new."""
        status, told = await self.line.ask("GET", f"{self.changes}&since={self.version}")
        self.fetched += 1
        if status != 200:
            self.failed += 1
            return
        news = json.loads(told)
        self.version = news["version"]
        now = time.perf_counter()
        for person in _ROW.findall(news.get("rows", "")):
            self.shown.setdefault(person, now)
