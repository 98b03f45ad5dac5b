"""The live connection from inside: who hears what, what is answered, and that the database is the truth."""

import random
import uuid

import pytest
from pydantic import BaseModel
from sqlalchemy import text, update

from portal.attendance.service import checking_in
from portal.chat.service import marking, sending
from portal.people.models import Helper, StaffRole
from portal.people.rules.access import Permission
from portal.people.rules.sessions import SessionLimits
from portal.people.rules.words import Level
from portal.people.service import sessions
from portal.realtime.live import Event
from tests.access_table import ACTORS, NOBODY
from tests.world import LAST_MONTH

CHANGED = "chat:changed"


class Phone:
    """One open page of somebody, connected with her cookie."""

    def __init__(self, app, token):
        live = app.extensions["live"].socketio
        self.client = live.test_client(app, headers={"Cookie": f"__Host-login={token}"})
        self.heard = []

    @property
    def is_open(self):
        return self.client.is_connected()

    def ask(self, event, *sent):
        return self.client.emit(event, *sent, callback=True)

    def hear(self, event=CHANGED):
        self.heard += self.client.get_received()
        return [told["args"][0] for told in self.heard if told["name"] == event]


@pytest.fixture
def phone(app, world):
    return lambda name: Phone(app, "" if name == "anonymous" else world.people[name].token)


@pytest.fixture
def thread(world):
    return world.thing("thread", "anna")


@pytest.fixture
def say(database, world, thread):
    def said(name, words):
        with database.transaction() as s:
            who = world.people[name].id
            return sending.post_message(s, who, thread, client_id=str(uuid.uuid4()), text=words).change

    return said


# --- Who gets in ---


@pytest.mark.parametrize("name", NOBODY)
def test_nobody_connects_without_a_live_session(phone, name):
    assert not phone(name).is_open


def test_an_event_after_signing_out_is_refused_though_the_socket_was_open(phone, as_, thread):
    open_page = phone("vera")
    assert open_page.ask("chat:since", {"conversation": thread, "since": 0})["ok"] is True
    as_("vera").submit("/logg-ut", on="/nodhjelp")
    answer = open_page.ask("chat:since", {"conversation": thread, "since": 0})
    assert (answer["ok"], answer["error"]) == (False, "session.needed")
    assert "changes" not in answer


def test_an_event_is_refused_once_the_last_role_is_gone(phone, database, world, thread):
    open_page = phone("vera")
    with database.transaction() as s:
        s.execute(
            update(StaffRole).where(StaffRole.person_id == world.people["vera"].id).values(to_on=LAST_MONTH)
        )
    answer = open_page.ask("chat:since", {"conversation": thread, "since": 0})
    assert answer["error"] == "session.needed"


# --- Who hears what ---


def test_a_new_message_reaches_both_sides_and_nobody_else(phone, say, world):
    pages = {name: phone(name) for name in ACTORS if name not in NOBODY}
    sent = say("anna", "Bare til Vera")
    heard = {name: page.hear() for name, page in pages.items()}
    assert {name for name, told in heard.items() if told} == {"anna", "vera"}
    (told,) = heard["vera"]
    assert told["changes"][0]["rev"] == told["head"] == sent.rev
    assert "Bare til Vera" in str(told)


def test_who_hears_is_decided_at_delivery_not_when_the_page_was_opened(phone, say, database, world):
    page = phone("vera")
    with database.transaction() as s:
        s.execute(
            update(Helper)
            .where(Helper.staff_id == world.people["vera"].id, Helper.recipient_id == world.people["anna"].id)
            .values(to_on=LAST_MONTH)
        )
    say("anna", "Ikke til Vera lenger")
    assert page.hear() == []


def test_nothing_goes_out_before_the_commit_or_after_a_rollback(phone, say, database, world, thread):
    page = phone("vera")
    anna = world.people["anna"].id
    heard_before_the_end = []

    def sends_and_breaks():
        with database.transaction() as s:
            sending.post_message(s, anna, thread, client_id=str(uuid.uuid4()), text="Aldri sendt")
            heard_before_the_end.append(page.hear())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sends_and_breaks()
    assert (heard_before_the_end, page.hear()) == ([[]], [])
    say("anna", "Sendt")
    assert [told["changes"][0]["pieces"][0]["text"] for told in page.hear()] == ["Sendt"]


def test_what_a_sign_in_may_not_open_is_not_pushed_to_it_either(app, database, world, say):
    """A shared tablet's session is too weak for the chat: its page says no, and its socket hears nothing."""
    with database.transaction() as s:
        tokens = {level: sessions.start_session(s, world.people["anna"].id, level) for level in Level}
    pages = {level: Phone(app, token) for level, token in tokens.items()}
    assert all(page.is_open for page in pages.values())
    say("vera", "Bare for den som får lese.")
    heard = {level: len(page.hear()) for level, page in pages.items()}
    assert heard == {level: int(level >= Level.CODE_AND_PIN) for level in Level}


def test_a_subscriber_that_fails_takes_nothing_back_and_the_others_still_hear(phone, say, database):
    def fails(_fact):
        raise ValueError("as when Redis is away")

    database.facts.subscribe(sending.MessageSent, fails)
    page = phone("vera")
    sent = say("anna", "Likevel")
    assert sent.rev
    assert len(page.hear()) == 1


def test_a_push_when_the_reader_has_no_page_open_harms_nobody(say):
    assert say("anna", "Ingen ser på").rev


# --- What is missed is caught up ---


def test_what_was_missed_equals_a_fresh_page_from_every_point(phone, say, database, world, thread):
    """State at any change + what is new since = everything: so a gap can be closed from wherever it began."""
    chance = random.Random(20261123)
    page = phone("anna")
    for number in range(12):
        say(chance.choice(("anna", "vera")), f"Melding {number}")
        if chance.random() < 0.4:
            with database.transaction() as s:
                marking.mark(s, world.people["vera"].id, thread, read_seq=chance.randint(1, 14))
    fresh = page.ask("chat:since", {"conversation": thread, "since": 0})
    everything = {change["seq"]: change for change in fresh["changes"]}
    for since in range(fresh["head"] + 1):
        missed = page.ask("chat:since", {"conversation": thread, "since": since})
        had = {seq: change for seq, change in everything.items() if change["rev"] <= since}
        caught_up = had | {change["seq"]: change for change in missed["changes"]}
        assert caught_up == everything
        assert (missed["head"], missed["marks"]) == (fresh["head"], fresh["marks"])


def test_what_was_pushed_equals_a_fresh_page(phone, say, thread):
    page = phone("anna")
    had = page.ask("chat:since", {"conversation": thread, "since": 0})
    for number in range(8):
        say("vera" if number % 3 else "anna", f"Melding {number}")
    pushed = {change["seq"]: change for told in page.hear() for change in told["changes"]}
    fresh = page.ask("chat:since", {"conversation": thread, "since": 0})
    assert {change["seq"]: change for change in had["changes"]} | pushed == {
        change["seq"]: change for change in fresh["changes"]
    }


def test_the_socket_and_the_page_answer_the_same(phone, as_, say, thread):
    say("anna", "Samme svar")
    by_socket = phone("anna").ask("chat:since", {"conversation": thread, "since": 1})
    by_page = as_("anna").get(f"/chat/{thread}/endringer?since=1").get_json()
    assert by_socket == {"ok": True, **by_page}


# --- What may be sent ---


SHAPES = {
    "an unknown field": [{"conversation": "<thread>", "since": 0, "role": "leader"}],
    "a missing field": [{"conversation": "<thread>"}],
    "text for a number": [{"conversation": "<thread>", "since": "0"}],
    "truth for a number": [{"conversation": "<thread>", "since": True}],
    "a negative number": [{"conversation": "<thread>", "since": -1}],
    "a number beyond the column": [{"conversation": "<thread>", "since": 2**31}],
    "a long id": [{"conversation": "x" * 5_000, "since": 0}],
    "a list": [["<thread>", 0]],
    "nothing": [],
    "null": [None],
    "two arguments": [{"conversation": "<thread>", "since": 0}, {"since": 0}],
}


@pytest.mark.parametrize("what", SHAPES)
def test_an_event_of_another_shape_is_refused_with_a_code(phone, thread, what):
    sent = [
        {key: thread if value == "<thread>" else value for key, value in one.items()}
        if isinstance(one, dict)
        else one
        for one in SHAPES[what]
    ]
    answer = phone("anna").ask("chat:since", *sent)
    assert (answer["ok"], answer["error"]) == (False, "input.shape")
    assert answer["text"]


def test_foreign_and_unknown_conversations_give_the_same_answer(phone, world):
    page = phone("anna")
    foreign = page.ask("chat:since", {"conversation": world.thing("thread", "birk"), "since": 0})
    unknown = page.ask("chat:since", {"conversation": "x" * 22, "since": 0})
    assert foreign == unknown
    assert foreign["error"] == "not_found"


class Nothing(BaseModel):
    """An event that says nothing."""


def test_a_handler_that_breaks_answers_with_a_code_and_the_socket_lives_on(app, phone, thread):
    def breaks(_s, _viewer, _data):
        raise ZeroDivisionError

    app.extensions["live"].offer(Event("test:breaks", Permission.CHAT, "chat", Nothing, breaks))
    page = phone("anna")
    answer = page.ask("test:breaks", {})
    assert (answer["ok"], answer["error"]) == (False, "server.failed")
    assert "ZeroDivision" not in str(answer)
    assert page.ask("chat:since", {"conversation": thread, "since": 0})["ok"] is True


def test_an_event_cannot_write(app, phone, database, thread):
    def writes(s, _viewer, _data):
        s.execute(text("UPDATE person SET language = 'se'"))
        return {}

    app.extensions["live"].offer(Event("test:writes", Permission.CHAT, "chat", Nothing, writes))
    assert phone("anna").ask("test:writes", {})["error"] == "server.failed"
    with database.transaction(writes=False) as s:
        assert s.execute(text("SELECT count(*) FROM person WHERE language = 'se'")).scalar_one() == 0


def test_an_event_asks_for_the_same_role_and_level_as_a_page(app, phone, database, world, thread):
    assert (
        phone("mona").ask("chat:since", {"conversation": thread, "since": 0})["error"] == "page.not_for_you"
    )
    with database.transaction() as s:
        weak = sessions.start_session(s, world.people["anna"].id, 1)
    page = Phone(app, weak)
    assert page.is_open
    answer = page.ask("chat:since", {"conversation": thread, "since": 0})
    assert answer["error"] == "session.level_too_low"


def test_a_refusal_is_told_in_the_language_of_the_person(app, phone, database, world, thread):
    in_norwegian = phone("anna").ask("chat:since", {})["text"]
    with database.transaction() as s:
        s.execute(text("UPDATE person SET language = 'ar' WHERE id = :id"), {"id": world.people["anna"].id})
    in_arabic = phone("anna").ask("chat:since", {})["text"]
    assert in_arabic != in_norwegian
    assert any("\u0600" <= sign <= "\u06ff" for sign in in_arabic)


# --- The board ---


def test_a_check_in_is_told_to_the_board_of_that_centre_alone(phone, database, world):
    pages = {name: phone(name) for name in ACTORS if name not in NOBODY}
    with database.transaction() as s:
        sara = sessions.find_viewer(s, world.people["sara"].token, SessionLimits(720, 720, 10, 12))
        checking_in.check_in_by_staff(
            s,
            sara,
            centre_public_id=world.centres["own"],
            person_public_id=world.people["anna"].public_id,
            nonce="a-tap-on-the-board-0000",
        )
    assert {name for name, page in pages.items() if page.hear("board:changed")} == {"sara", "synne"}
    assert world.people["anna"].public_id not in str(pages["sara"].hear("board:changed"))
