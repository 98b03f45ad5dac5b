"""Nothing that somebody types, carries or is called stands in what the server writes, whatever goes wrong.

A real server is taken through a day of everything: sign-ins, wrong ones, a search, a conversation, broken
requests, and a database that fails under it. Every word in it is a canary. None may be in its output.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, urlencode

import pytest
from sqlalchemy import create_engine, text

from portal.bus import Bus
from portal.db import Database
from portal.people.service import activation
from tests.fixtures.real_portal import KEY, ORIGIN, Browser, Portal
from tests.fixtures.real_portal import SECRET as SERVER_SECRET
from tests.raw_phone import RawPhone, Refused
from tests.staff_door import PASSPHRASE, SECRET, App
from tests.world import World

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(180)]

PIN, WRONG_PIN = "482917", "730265"
LINE_OR_COLOUR = re.compile(r"\x1b|\r|%1b|%0d|%0a|\\x1b|\\u001b", re.IGNORECASE)
"""What would let a request write lines of its own, or paint on an administrator's screen."""


@dataclass
class Canaries:
    """Every word that was let loose, and where it may have flown."""

    words: dict[str, str] = field(default_factory=dict)

    def new(self, what: str) -> str:
        """A word that stands nowhere else."""
        return self.add(what, f"Kanari{secrets.token_hex(6)}")

    def add(self, what: str, word: str) -> str:
        self.words[word] = what
        return word

    def found_in(self, log: str) -> list[str]:
        """What every word found was; a word may have been written as an address, as a form or as JSON."""
        return sorted(
            what
            for word, what in self.words.items()
            if any(is_in(log, form) for form in {word, quote(word), quote_plus(word), json.dumps(word)[1:-1]})
        )


def is_in(log: str, word: str) -> bool:
    """Whether a word stands in a log, in large letters or small.

    Six digits of a time of day or of a longer number are no PIN.
    """
    if word.isdigit():
        return re.search(rf"(?<![\w.]){word}(?!\w)", log) is not None
    return word.lower() in log.lower()


@dataclass
class Day:
    """A server, the world in its database, and the words let loose."""

    portal: Portal
    url: str
    world: World
    let_loose: Canaries = field(default_factory=Canaries)

    def code_for(self, name: str) -> str:
        """A one-time code for somebody."""
        database = Database(self.url, facts=Bus(), data_keys=(KEY,))
        with database.transaction() as s:
            made = activation.new_code_for(
                s, self.world.people[name].id, hours=48, made_by_id=None, check=None
            )
        database.close()
        code = made.code.replace(" ", "")
        self.let_loose.add(f"the code of {name}, as it is read out", made.code)
        return self.let_loose.add(f"the code of {name}", code)

    def send(
        self, browser: Browser, address: str, *, on: str = "/nodhjelp", **fields: str
    ) -> tuple[int, str]:
        """Send a form with the token of a page."""
        token = self.let_loose.add(f"the token on {on} for {address}", browser.token(on))
        body = urlencode({"csrf_token": token, **fields})
        answer = browser.open("POST", address, body, Content_Type="application/x-www-form-urlencoded")
        for name, value in browser.cookies.items():
            if value:
                self.let_loose.add(f"{name} after {address}", value)
        return answer

    @contextmanager
    def without(self, table: str) -> Iterator[None]:
        """Let a table be gone for a while."""
        self._rename(table, f"{table}_gone")
        try:
            yield
        finally:
            self._rename(f"{table}_gone", table)

    def _rename(self, old: str, new: str) -> None:
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
        engine.dispose()


def a_recipient_comes_in(day: Day) -> Browser:
    phone, new = day.portal.browser(), day.let_loose.new
    assert day.send(phone, "/aktiver", on="/aktiver", code=new("a wrong code"))[0] == 422
    assert phone.open("GET", f"/aktiver/{new('a wrong link')}")[0] == 303
    link = day.code_for("anna")
    assert phone.open("GET", f"/aktiver/{link}")[0] == 303
    day.let_loose.add("the right PIN", PIN)
    day.let_loose.add("a wrong PIN", WRONG_PIN)
    assert day.send(phone, "/aktiver/pin", on="/aktiver/pin", pin=PIN, pin_again=PIN)[0] == 303
    assert day.send(phone, "/logg-ut")[0] == 303
    assert day.send(phone, "/logg-inn", on="/logg-inn", pin=WRONG_PIN)[0] == 422
    assert day.send(phone, "/logg-inn", on="/logg-inn", pin=PIN, next=f"/{new('where to')}")[0] == 303
    return phone


def a_veileder_comes_in(day: Day) -> Browser:
    desk, new = day.portal.browser(), day.let_loose.new
    wrong = {"username": new("a username"), "passphrase": new("a wrong passphrase")}
    assert day.send(desk, "/jobb", on="/jobb", **wrong)[0] == 422
    assert day.send(desk, "/aktiver", on="/aktiver", code=day.code_for("vera"))[0] == 303
    day.let_loose.add("the passphrase", PASSPHRASE)
    both = {"passphrase": PASSPHRASE, "passphrase_again": PASSPHRASE}
    assert day.send(desk, "/jobb/passfrase", on="/jobb/passfrase", **both)[0] == 303
    shown = SECRET.search(desk.open("GET", "/jobb/totrinn")[1])
    assert shown
    app = App(day.let_loose.add("the secret of the app", shown[1].replace(" ", "")))
    digits = day.let_loose.add("digits", app.digits())
    assert day.send(desk, "/jobb/totrinn", on="/jobb/totrinn", code=digits)[0] == 303
    assert day.send(desk, "/sok", on="/sok", name=new("a name that was searched"))[0] == 200
    assert day.send(desk, "/sok", on="/sok", name=f"Anna {new('a name after hers')}")[0] == 200
    return desk


def they_talk(day: Day, phone: Browser, desk: Browser) -> None:
    thread, new = day.world.thing("thread", "anna"), day.let_loose.new
    live = day.portal.phone(phone.cookies["__Host-login"]).join()
    assert phone.say(thread, new("a message of hers")) == 201
    assert desk.say(thread, new("a message of the veileder's")) == 201
    live.emit("chat:since", {"conversation": new("a conversation in an event"), "since": 0})
    live.emit(new("an event that is not there"), {"text": new("what it carried")})
    live.emit("chat:since", {"conversation": thread, "since": new("a number that is none")})
    live.send(f'42["chat:since",{{"{new("a broken event")}')
    for told in (
        {"origin": f"https://{new('the origin of a socket')}.test"},
        {"cookie": f"__Host-login={new('the session of a socket')}"},
        {"path": f"/socket.io/?EIO=4&transport=websocket&x={new('the query of a socket')}"},
        {"user_agent": new("the browser of a socket")},
    ):
        with suppress(Refused, ConnectionError):
            RawPhone(day.portal.port, **{"cookie": None, "origin": ORIGIN, **told}).join()


def somebody_asks_for_nonsense(day: Day, phone: Browser) -> None:
    new, thread = day.let_loose.new, day.world.thing("thread", "anna")
    headers = {
        name: new(f"the header {name}")
        for name in ("User_Agent", "Referer", "Accept_Language", "X_Forwarded_For", "Origin", "X_Anything")
    }
    assert phone.open("GET", f"/{new('a path')}?q={new('a query')}", **headers)[0] == 404
    assert phone.open("GET", f"/person/{new('a person in a path')}")[0] == 403
    junk = f"__Host-visit={new('a visit')}; __Host-login={new('a login')}; {new('a cookie')}=1"
    assert day.portal.browser().open("GET", "/planen-min", Cookie=junk)[0] == 303
    bad = {"Content_Type": "application/json", "Accept": "application/json", "X_CSRFToken": phone.token()}
    for body in (
        f'{{"text": "{new("broken JSON")}',
        json.dumps({"client_id": new("a client id"), "text": 7, new("a field"): 1}),
    ):
        assert phone.open("POST", f"/chat/{thread}/melding", body, **bad)[0] in (400, 422)
    assert phone.open("POST", "/logg-inn", f"pin={new('a form without a token')}")[0] == 400
    day.let_loose.add("a token that is none", "KanariToken.aSOMEf.c2ln")
    assert phone.open("POST", "/logg-ut", "", X_CSRFToken="KanariToken.aSOMEf.c2ln")[0] == 400


def somebody_forges_lines(day: Day) -> None:
    """Requests down to the bytes, with line ends and colours where a careless log would show them."""
    new = day.let_loose.new
    for asked in (
        f"GET /%0d%0a{new('a forged line')}%1b[31m HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET /?q=%0d%0a{new('a forged query')}%1b[2J HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET /\x1b[31m{new('a path with a colour')} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: \x1b[31m{new('a browser with a colour')}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: x\r\nReferer: a\r\n {new('a folded header')}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: x\r\n{new('a header that is none')}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: {new('a host')}.test\r\nCookie: {new('a cookie')}=\x1b[31m\r\n\r\n",
        f"{new('a method')} /{new('its path')} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"{new('what is not HTTP')}\x1b[31m\r\n\r\n",
        f"GET / HTTP/{new('a version')}\r\nHost: x\r\n\r\n",
        f"POST /logg-inn HTTP/1.1\r\nHost: x\r\nContent-Length: {new('a length')}\r\n\r\n",
        f"POST /logg-inn HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{new('a chunk')}\r\n",
    ):
        with socket.create_connection(("127.0.0.1", day.portal.port), timeout=10) as line:
            line.sendall(asked.encode("latin-1"))
            line.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError):
                while line.recv(65_536):
                    pass


def the_database_fails(day: Day, phone: Browser, desk: Browser) -> int:
    """Take one table after the other away under what people do, and count the answers of 500."""
    new, thread = day.let_loose.new, day.world.thing("thread", "anna")
    answers = []
    other, staff = day.portal.browser(), day.portal.browser()
    live = day.portal.phone(phone.cookies["__Host-login"]).join()
    for opened in (other, staff):
        opened.token("/aktiver")
    with day.without("wrong_guess"):
        answers.append(day.send(other, "/aktiver", on="/aktiver", code=new("a code in a failure"))[0])
        answers.append(other.open("GET", f"/aktiver/{new('a link in a failure')}")[0])
        typed = {"username": new("a username in a failure"), "passphrase": new("a passphrase in a failure")}
        answers.append(day.send(staff, "/jobb", on="/jobb", **typed)[0])
    with day.without("passphrase"):  # the username is a value of the question that fails
        typed = {"username": new("a username in a question"), "passphrase": new("its passphrase")}
        answers.append(day.send(staff, "/jobb", on="/jobb", **typed)[0])
    with day.without("message"):
        answers.append(phone.say(thread, new("a message in a failure")))
        live.emit("chat:since", {"conversation": thread, "since": 0})
        answers.append(desk.open("GET", f"/person/{day.world.people['anna'].public_id}?q={new('asked')}")[0])
    with day.without("helper"):
        answers.append(day.send(desk, "/sok", on="/nodhjelp", name=new("a search in a failure"))[0])
    with day.without("login_session"):
        answers.append(
            phone.open("GET", f"/planen-min?q={new('a query in a failure')}", Referer=new("from"))[0]
        )
    return answers.count(500)


def test_nothing_of_anybody_is_in_what_the_server_writes(start_portal, world, database_url, tell):
    day = Day(start_portal(), database_url, world)
    day.let_loose.add("the key that signs", SERVER_SECRET)
    day.let_loose.add("the key of the data", base64.b64encode(KEY).decode())
    for name, member in world.people.items():
        day.let_loose.add(f"the public id of {name}", member.public_id)
    for word, what in world.secrets.items():
        day.let_loose.add(what, word)
    phone, desk = a_recipient_comes_in(day), a_veileder_comes_in(day)
    they_talk(day, phone, desk)
    somebody_asks_for_nonsense(day, phone)
    somebody_forges_lines(day)
    failed = the_database_fails(day, phone, desk)
    assert failed >= 7, "the database did not fail where it should"
    log = day.portal.end()
    lines = log.splitlines()
    assert log.count("request.failed") == failed, "every failure is told once, so the log is there to be read"
    assert '"event_name": "chat:since"' in log
    found = day.let_loose.found_in(log)
    tell(f"log canaries: {len(day.let_loose.words)} tried, {len(found)} found in {len(lines)} lines")
    assert found == [], log[:3000]
    assert LINE_OR_COLOUR.search(log) is None, log[:3000]
