"""The two doors for a message, a request and the live connection: one answer, whichever it comes through."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from portal import clock
from portal.app import create_app
from portal.chat.models import Message
from portal.people.models import LoginSession, Person
from portal.people.service import sessions
from portal.web import pace
from tests.access_people import BORROWED, add_people_on_the_edge
from tests.fixtures.application import settings_for
from tests.fixtures.databases import on_sqlite
from tests.fixtures.live import listen
from tests.pages import Browser
from tests.world import SIGNED_OUT

pytestmark = on_sqlite
__all__ = ["listen"]
OF_THE_MOMENT = ("rev", "seq", "client_id", "at", "turn")
HEI = {"text": "Hei, se https://nav.no."}
SAID = {"phrase": "need_interpreter", "values": {}}
CASES = {
    "a message": ("anna", "anna", HEI),
    "about money": ("anna", "anna", {**HEI, "topic": "money"}),
    "from a veileder": ("vera", "anna", HEI),
    "from a borrowed phone": (BORROWED, "anna", HEI),
    "a phrase": ("anna", "anna", SAID),
    "a phrase that does not exist": ("anna", "anna", {"phrase": "no-such"}),
    "nothing": ("anna", "anna", {"text": " \n "}),
    "too much": ("anna", "anna", {"text": "x" * 4001}),
    "a file that is not there": ("anna", "anna", {**HEI, "files": [str(uuid.UUID(int=1))]}),
    "an id that is none": ("anna", "anna", {**HEI, "client_id": "x"}),
    "no id": ("anna", "anna", {**HEI, "client_id": None}),
    "more than is asked": ("anna", "anna", {**HEI, "author": 1}),
    "a topic that does not exist": ("anna", "anna", {**HEI, "topic": "weather"}),
    "a topic that is not hers to write in": ("marit", "anna", {**HEI, "topic": "plan"}),
    "somebody else's conversation": ("anna", "birk", HEI),
    "no conversation": ("anna", None, HEI),
    "not her recipient any more": ("vidar", "anna", HEI),
    "whose role it is not": ("lise", "anna", HEI),
    "too low a level": ("anna@1", "anna", HEI),
}


class Doors:
    """Somebody with an open page, and both its ways to send."""

    def __init__(self, app, world, who, of="anna"):
        cookie = f"__Host-login={world.people[who].token}"
        self.page = app.test_client()
        self.page.set_cookie("__Host-login", world.people[who].token, secure=True, domain="localhost")
        self.line = app.extensions["live"].socketio.test_client(app, headers={"Cookie": cookie})
        self.me = world.people[who].public_id
        self.thread = world.thing("thread", of) if of else "A" * 22

    def post(self, **message):
        answer = self.page.post(
            f"/chat/{self.thread}/melding",
            json=message,
            headers={"Accept": "application/json"},
            base_url="https://localhost",
        )
        told = answer.json
        return {"status": 200 if answer.status_code == 201 else answer.status_code, **told}

    def emit(self, **message):
        told = self.line.emit(
            "chat:send", {"conversation": self.thread, "me": self.me, **message}, callback=True
        )
        return {"status": 200, **told}


@pytest.fixture
def at_the_doors(app, database, world):
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Browser
    add_people_on_the_edge(database, world)
    return lambda *who: Doors(app, world, *who)


def written(database):
    with database.transaction(writes=False) as s:
        return s.scalar(select(func.count()).select_from(Message))


def lasting(told):
    """An answer without what differs from message to message, or only tells a form which field it is."""
    change = {key: value for key, value in told.get("change", {}).items() if key not in OF_THE_MOMENT}
    return {key: value for key, value in told.items() if key not in ("ok", "field", "change")} | change


@pytest.mark.parametrize("case", CASES)
def test_both_doors_give_the_same_answer_to(case, at_the_doors, database):
    who, of, message = CASES[case]
    doors, told, stored = at_the_doors(who, of), [], []
    for door in (doors.post, doors.emit):
        before = written(database)
        told.append(door(**{"client_id": str(uuid.uuid4()), **message}))
        stored.append(written(database) - before)
    assert lasting(told[0]) == lasting(told[1])
    assert told[1]["ok"] is (told[1]["status"] == 200)
    assert stored == [told[0]["status"] == 200] * 2


def test_what_came_by_one_door_is_known_at_the_other(at_the_doors, database):
    doors = at_the_doors("anna")
    for first, second in ((doors.post, doors.emit), (doors.emit, doors.post)):
        message, before = {**HEI, "client_id": str(uuid.uuid4())}, written(database)
        receipts = [first(**message), second(**message), first(**message)]
        assert [one["replay"] for one in receipts] == [False, True, True]
        assert receipts[0]["change"] == receipts[1]["change"] == receipts[2]["change"]
        other = second(**{**message, "text": "Noe annet."})
        assert (other["status"], other["error"]) == (409, "chat.other_text")
        assert written(database) == before + 1


def test_nothing_goes_out_in_the_name_of_who_signed_in_since_the_page_was_drawn(at_the_doors, database):
    """A phone that two share: Vera helps Anna, and Anna's page must not make her words Vera's."""
    doors, before = at_the_doors("vera"), written(database)
    doors.me = at_the_doors("anna").me
    told = doors.emit(client_id=str(uuid.uuid4()), **HEI)
    assert (told["status"], told["error"]) == (401, "session.needed")
    assert written(database) == before


def test_a_page_whose_session_has_ended_sends_nothing_by_its_open_line(at_the_doors, database, world):
    doors, before = at_the_doors("anna"), written(database)
    ended = update(LoginSession).where(LoginSession.person_id == world.people["anna"].id)
    with database.transaction() as s:
        s.execute(ended.values(ended_at=clock.now_utc()))
    told = doors.emit(client_id=str(uuid.uuid4()), **HEI)
    assert (told["ok"], told["status"]) == (False, 401)
    assert written(database) == before
    assert not at_the_doors(SIGNED_OUT).line.is_connected()


def test_sending_by_the_line_is_use_of_the_session_and_listening_is_not(at_the_doors, database, world):
    doors = at_the_doors("anna")
    hashed = sessions.token_hash(world.people["anna"].token)
    hers = LoginSession.token_hash == hashed

    def seen():
        with database.transaction(writes=False) as s:
            return s.scalars(select(LoginSession.seen_at).where(hers)).one()

    with database.transaction() as s:
        s.execute(update(LoginSession).where(hers).values(seen_at=clock.now_utc() - timedelta(minutes=5)))
    asked = {"conversation": doors.thread, "since": 0}
    assert doors.line.emit("chat:since", asked, callback=True)["ok"]
    assert seen() == clock.now_utc() - timedelta(minutes=5)
    assert doors.emit(client_id=str(uuid.uuid4()), **HEI)["ok"]
    assert seen() == clock.now_utc()


def test_an_answer_is_in_the_language_of_whoever_sent(at_the_doors, database, world):
    with database.transaction() as s:
        s.execute(update(Person).where(Person.id == world.people["anna"].id).values(language="en"))
    doors = at_the_doors("anna")
    told = [door(client_id=str(uuid.uuid4()), text="") for door in (doors.post, doors.emit)]
    assert told[0]["text"] == told[1]["text"]
    assert "empty" in told[1]["text"]


def test_what_comes_by_the_line_is_counted_as_pages_are_each_kind_by_itself(database_url, world, monkeypatch):
    monkeypatch.setattr(pace, "MOST_REQUESTS", "2 per minute")
    app = create_app(settings_for(database_url))
    try:
        doors = Doors(app, world, "anna")
        told = [doors.emit(client_id=str(uuid.uuid4()), **HEI) for _ in range(3)]
        news = {"conversation": doors.thread, "since": 0}
        listens = [doors.line.emit("chat:since", news, callback=True)["ok"] for _ in range(3)]
    finally:
        app.extensions["live"].stop()
        app.extensions["portal"].database.close()
    assert [one["status"] for one in told] == [200, 200, 429]
    assert (told[2]["error"], told[2]["retry_after"]) == ("request.too_many", 60)
    assert listens == [True, True, False]
