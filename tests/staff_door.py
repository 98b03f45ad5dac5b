"""What tests of the staff door share: a code for somebody, setting her up by the pages, and her app."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import pyotp
from werkzeug.test import TestResponse

from portal import clock
from portal.db import Database
from portal.people.service import activation
from tests.pages import HOST, CheckingClient
from tests.world import World

PASSPHRASE = "tre blå hester danser sent"
SECRET = re.compile(r"<code[^>]*>([A-Z2-7 ]+)</code>")


@dataclass
class App:
    """The app on somebody's phone."""

    secret: str

    def digits(self) -> str:
        """What it shows now."""
        return pyotp.TOTP(self.secret).at(clock.now_utc())


def code_for(database: Database, world: World, name: str) -> str:
    """A one-time code for somebody who works here, as the administrator or the command makes it."""
    with database.transaction() as s:
        made = activation.new_code_for(s, world.people[name].id, hours=48, made_by_id=None, check=None)
    return made.code


def begin(desk: CheckingClient, code: str, passphrase: str = PASSPHRASE) -> App:
    """Type the code and choose a passphrase; the app is shown, nothing is finished."""
    assert desk.submit("/aktiver", code=code).location == "/jobb/passfrase"
    answer = desk.submit("/jobb/passfrase", passphrase=passphrase, passphrase_again=passphrase)
    assert answer.location == "/jobb/totrinn", answer.text
    found = SECRET.search(desk.get("/jobb/totrinn").text)
    assert found is not None
    return App(found.group(1).replace(" ", ""))


def set_up(desk: CheckingClient, code: str, passphrase: str = PASSPHRASE) -> App:
    """The whole set-up; afterwards she is signed in."""
    app = begin(desk, code, passphrase)
    answer = desk.submit("/jobb/totrinn", code=app.digits())
    assert (answer.status_code, answer.location) == (303, "/")
    return app


def first_step(desk: CheckingClient, username: str, passphrase: str = PASSPHRASE) -> TestResponse:
    """Username and passphrase."""
    return desk.submit("/jobb", username=username, passphrase=passphrase)


def a_minute_later(minutes: float = 1) -> object:
    """The app shows new digits."""
    return clock.stop_at(clock.now_utc() + timedelta(minutes=minutes))


def login_token(desk: CheckingClient) -> str | None:
    """The session in the browser's cookie."""
    cookie = desk.get_cookie("__Host-login", domain=HOST)
    return cookie.value if cookie else None
