"""The chat's live side: who hears of a change, what she hears, and that it is the same as asking."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import update

from portal import clock
from portal.chat.models import Attachment
from portal.chat.service import marking, rechecking, sending
from portal.files.kinds import FileState
from portal.people.models import Helper
from portal.people.rules.words import Purpose
from tests.fixtures.databases import on_sqlite
from tests.photos import virus_check

BYSTANDERS = ("birk", "celine", "vidar", "vilde", "sara", "lise", "mona")


@pytest.fixture
def listen(app, world):
    """Open somebody's live connection."""
    opened = []

    def phone(name):
        live = app.extensions["live"].socketio
        opened.append(live.test_client(app, headers={"Cookie": f"__Host-login={world.people[name].token}"}))
        return opened[-1]

    yield phone
    for one in opened:
        if one.is_connected():
            one.disconnect()


@pytest.fixture
def send(database, world):
    def write(name, text="Hei!", owner="anna"):
        with database.transaction() as s:
            thread = world.thing("thread", owner)
            return sending.post_message(
                s, world.people[name].id, thread, client_id=str(uuid.uuid4()), text=text
            )

    return write


def heard(phone):
    return [event["args"][0] for event in phone.get_received() if event["name"] == "chat:changed"]


def test_both_sides_and_every_tab_hear_of_a_message_exactly_as_asking_tells_it(listen, send, world):
    phone, second_tab, vera = listen("anna"), listen("anna"), listen("vera")
    sent = send("vera", "Husk møtet, se https://nav.no.")
    told = [heard(one) for one in (phone, second_tab, vera)]
    assert told[0] == told[1] == told[2]
    assert [event["upto"] for event in told[0]] == [sent.change.rev]
    asked = phone.emit(
        "chat:since",
        {"conversation": world.thing("thread", "anna"), "since": sent.change.rev - 1},
        callback=True,
    )
    assert asked.pop("ok")
    assert asked.pop("marks"), "which a message by itself does not move"
    assert asked == told[0][0]


def test_nobody_else_hears_a_word(listen, send):
    phones = [listen(name) for name in BYSTANDERS]
    send("anna", "Hemmelig")
    send("vera", "Svar")
    assert [phone.get_received() for phone in phones] == [[] for _ in phones]


def test_one_hears_how_far_the_other_has_come_without_any_message(listen, database, world):
    anna = listen("anna")
    with database.transaction() as s:
        marking.mark(s, world.people["vera"].id, world.thing("thread", "anna"), read_seq=2)
    (event,) = heard(anna)
    assert event["changes"] == []
    plan = event["marks"]["staff"]["plan"]
    assert (plan["read_seq"], plan["delivered_seq"]) == (2, 2)


def test_a_message_that_was_rolled_back_is_never_heard(listen, database, world):
    anna = listen("anna")

    def send_and_fail():
        with database.transaction() as s:
            thread, vera = world.thing("thread", "anna"), world.people["vera"].id
            sending.post_message(s, vera, thread, client_id=str(uuid.uuid4()), text="Hei!")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        send_and_fail()
    assert heard(anna) == []


def test_a_resent_message_is_not_told_twice(listen, database, world):
    anna, client_id = listen("anna"), str(uuid.uuid4())
    for _ in range(3):
        with database.transaction() as s:
            thread, vera = world.thing("thread", "anna"), world.people["vera"].id
            sending.post_message(s, vera, thread, client_id=client_id, text="Hei!")
    assert len(heard(anna)) == 1


def test_who_no_longer_helps_hears_nothing_although_her_page_is_still_open(listen, send, database, world):
    vera = listen("vera")
    with database.transaction() as s:
        s.execute(
            update(Helper)
            .where(Helper.staff_id == world.people["vera"].id)
            .values(to_on=clock.today_oslo().replace(day=1))
        )
    send("anna", "Bare til den nye")
    assert heard(vera) == []


def test_a_helper_for_other_things_hears_a_number_and_no_word(listen, send, database, world):
    with database.transaction() as s:
        pair = {"staff_id": world.people["vidar"].id, "recipient_id": world.people["anna"].id}
        s.add(Helper(**pair, purpose=Purpose.MONEY, from_on=clock.today_oslo(), to_on=None))
    vidar = listen("vidar")
    send("anna", "Om planen min")
    assert [(event["upto"], event["changes"], event["hidden"]) for event in heard(vidar)] == [(3, [], [])]
    answer = vidar.emit(
        "chat:since", {"conversation": world.thing("thread", "anna"), "since": 0}, callback=True
    )
    assert (answer["upto"], answer["changes"], list(answer["marks"]["staff"])) == (3, [], ["money"])


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        [],
        "x",
        {"conversation": 1, "since": 0},
        {"conversation": "x", "since": "0"},
        {"conversation": "x", "since": -1},
        {"conversation": "x", "since": 0, "more": 1},
        {"conversation": "x" * 23, "since": 0},
    ],
)
def test_a_question_of_another_shape_gets_a_kind_answer_and_no_more(listen, data):
    answer = listen("anna").emit("chat:since", data, callback=True)
    assert (answer["ok"], answer["error"]) == (False, "input.shape")
    assert answer["text"]


@pytest.mark.parametrize("conversation", ["foreign", "unknown", "\x00", "\ud800"])
def test_a_question_about_what_is_not_hers_is_answered_as_if_it_were_not_there(listen, world, conversation):
    named = {"foreign": world.thing("thread", "celine"), "unknown": "A" * 22}.get(conversation, conversation)
    answer = listen("anna").emit("chat:since", {"conversation": named, "since": 0}, callback=True)
    assert answer["ok"] is False
    assert answer["error"] in {"not_found", "input.shape"}


@on_sqlite
def test_both_sides_are_told_to_fetch_when_a_file_has_been_checked(listen, database, world):
    anna, vera, birk = listen("anna"), listen("vera"), listen("birk")
    with database.transaction() as s:
        hers = update(Attachment).where(Attachment.public_id == world.thing("file", "anna"))
        s.execute(hers.values(state=FileState.RECEIVED))
    with virus_check() as clamd:
        assert rechecking.check_waiting(database, clamd).ready == 1
    told = [heard(one) for one in (anna, vera, birk)]
    assert [(event["fetch"], event["changes"]) for event in told[0]] == [(True, [])]
    assert told[0] == told[1]
    assert told[2] == []
    since = {"conversation": world.thing("thread", "anna"), "since": told[0][0]["upto"] - 1}
    (change,) = anna.emit("chat:since", since, callback=True)["changes"]
    assert [file["opens"] for file in change["files"]] == [True]
