"""One thread, several topics: who reads which message, who waits for whom, and moving what was put wrong."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock, i18n
from portal.chat.models import AnsweredWait, Journal, Waiting
from portal.chat.rules.messages import Kind
from portal.chat.rules.phrases import PHRASES, Filled
from portal.chat.rules.topics import Topic
from portal.chat.service import (
    inbox,
    incoming,
    marking,
    moving,
    phrasing,
    reading,
    sending,
    threads,
    waiting,
    withdrawing,
)
from portal.errors import NotFound, Refused
from portal.people.models import Helper
from portal.people.rules.words import Purpose
from tests.fixtures.databases import on_sqlite

FIRST = 3
"""The world's conversation begins with a question and an answer about the plan."""


@pytest.fixture
def money_helper(database, world):
    """Vidar helps Anna with money, and with nothing else."""
    with database.transaction() as s:
        pair = {"staff_id": world.people["vidar"].id, "recipient_id": world.people["anna"].id}
        s.add(Helper(**pair, purpose=Purpose.MONEY, from_on=clock.today_oslo(), to_on=None))
    return world.people["vidar"].id


@pytest.fixture
def act(database, world):
    """Call something of the chat's service as somebody, in a transaction of its own."""

    def call(function, name, *args, **how):
        with database.transaction() as s:
            return function(s, world.people[name].id, world.thing("thread", "anna"), *args, **how)

    return call


@pytest.fixture
def send(act):
    def post(name, text="", **how):
        return act(sending.post_message, name, client_id=str(uuid.uuid4()), text=text, **how).change

    return post


def seen(act, name, since=0):
    told = act(reading.changes_since, name, since=since)
    return [change.body for change in told.changes], told.hidden


@pytest.fixture
def waits(database, world):
    """Since when Anna has waited for an answer about a topic."""

    def since(topic):
        with database.transaction(writes=False) as s:
            thread = threads.require_thread(s, world.people["anna"].id, world.thing("thread", "anna"))
            return waiting.clocks_for(s, [thread.id])[thread.id][topic].staff_since_utc

    return since


@pytest.mark.usefixtures("money_helper")
def test_a_helper_reads_and_writes_about_what_she_helps_with_alone(act, send, database, world):
    send("anna", "Når kommer pengene?", topic=Topic.MONEY)
    assert seen(act, "vidar") == (["Når kommer pengene?"], ())
    answer = send("vidar", "De kommer i morgen.")
    assert answer.topic is Topic.MONEY
    with pytest.raises(NotFound):
        send("vidar", "Om planen", topic=Topic.PLAN)
    page = act(reading.read_thread, "vidar")
    assert [one.body for one in page.messages] == ["Når kommer pengene?", "De kommer i morgen."]
    assert len(act(reading.read_thread, "vera").messages) == 4, "the veileder reads all of it"
    with database.transaction(writes=False) as s:
        (row,) = (
            one
            for one in inbox.conversations_waiting(s, world.people["vidar"].id)
            if one.conversation == world.thing("thread", "anna")
        )
    assert (row.last_text, row.unread) == ("De kommer i morgen.", 1)


@pytest.mark.usefixtures("money_helper")
def test_what_one_helper_has_read_is_not_read_for_a_topic_she_does_not_see(act, send):
    plan = send("anna", "Om planen")
    money = send("anna", "Om penger", topic=Topic.MONEY)
    act(marking.mark, "vidar", read_seq=money.turn)
    page = act(reading.read_thread, "anna")
    assert [page.state_of(one) for one in (plan, money)] == ["sent", "read"]


@pytest.mark.usefixtures("money_helper")
def test_each_topic_has_its_own_clock_and_an_answer_stops_its_own(send, database, waits):
    send("anna", "Om planen")
    send("anna", "Om penger", topic=Topic.MONEY)
    send("vidar", "Det ser jeg på.")
    assert waits(Topic.PLAN)
    assert waits(Topic.MONEY) is None
    with database.transaction(writes=False) as s:
        answered = s.scalars(select(AnsweredWait).where(AnsweredWait.topic == Topic.MONEY)).one()
        assert answered.waited_since <= answered.answered_at


@pytest.mark.usefixtures("money_helper")
def test_a_question_put_wrong_is_moved_and_is_new_to_its_readers_from_when_it_was_written(
    act, send, database, waits
):
    asked_at = clock.now_utc()
    with clock.stop_at(asked_at):
        asked = send("anna", "Når kommer pengene?")
    later = send("anna", "Og jeg er på vei.", topic=Topic.MONEY)
    act(marking.mark, "vidar", read_seq=later.turn)
    before = act(reading.changes_since, "vidar", since=0).head
    act(moving.move, "vera", seq=asked.seq, to=Topic.MONEY)
    act(moving.move, "vera", seq=asked.seq, to=Topic.MONEY)
    assert waits(Topic.MONEY) == asked_at
    assert waits(Topic.PLAN) is None
    (moved,) = act(reading.changes_since, "vidar", since=before).changes
    assert (moved.seq, moved.turn, moved.topic) == (asked.seq, before + 1, Topic.MONEY)
    page = act(reading.read_thread, "vidar")
    assert [one.body for one in page.messages] == ["Når kommer pengene?", "Og jeg er på vei."]
    assert page.unread == 1, "it stands in its place, and is new all the same"
    assert act(reading.read_thread, "anna").state_of(moved) == "sent"
    with database.transaction(writes=False) as s:
        line = s.scalars(select(Journal).where(Journal.kind == Kind.MOVED)).one()
        assert (line.rev, line.seq) == (before + 1, asked.seq)


@pytest.mark.usefixtures("money_helper")
def test_what_is_moved_away_leaves_the_screen_of_who_no_longer_reads_it(act, send):
    asked = send("anna", "Om planen", topic=Topic.MONEY)
    upto = act(reading.changes_since, "vidar", since=0).upto
    act(moving.move, "vera", seq=asked.seq, to=Topic.PLAN)
    assert seen(act, "vidar", upto) == ([], (asked.seq,))


@pytest.mark.usefixtures("money_helper")
@pytest.mark.parametrize("tapped", ["first", "last"])
def test_a_corrected_question_is_moved_in_all_its_versions_and_so_back(act, send, tapped):
    asked = send("anna", "Jeg har gjeld.", topic=Topic.MONEY)
    wrong = send("anna", "Feil.", corrects_seq=asked.seq)
    act(withdrawing.withdraw, "anna", seq=wrong.seq)
    right = send("anna", "Jeg har stor gjeld.", corrects_seq=asked.seq)
    again = send("anna", "Jeg har mye gjeld.", corrects_seq=right.seq)
    versions = (asked.seq, wrong.seq, right.seq, again.seq)
    upto = act(reading.changes_since, "vidar", since=0).upto
    seq = asked.seq if tapped == "first" else again.seq
    act(moving.move, "vera", seq=seq, to=Topic.PLAN)
    assert seen(act, "vidar", upto) == ([], versions)
    assert act(reading.changes_since, "vera", since=upto).upto == upto + len(versions)
    act(moving.move, "vera", seq=seq, to=Topic.MONEY)
    assert seen(act, "vidar", upto)[0] == ["Jeg har gjeld.", "", "Jeg har stor gjeld.", "Jeg har mye gjeld."]


@pytest.mark.parametrize(("who", "seq"), [("vidar", 1), ("anna", 1), ("vera", 2), ("vera", 99)])
@pytest.mark.usefixtures("money_helper")
def test_only_staff_who_read_it_move_only_what_the_recipient_wrote(act, who, seq):
    with pytest.raises(NotFound):
        act(moving.move, who, seq=seq, to=Topic.CENTRE)


def test_what_needs_no_answer_stops_the_clock_and_says_who_said_so(act, send, database, waits, world):
    send("anna", "Takk!")
    act(moving.settle, "vera", topic=Topic.PLAN)
    act(moving.settle, "vera", topic=Topic.PLAN)
    assert waits(Topic.PLAN) is None
    with database.transaction(writes=False) as s:
        row = s.scalars(select(Waiting).where(Waiting.settled_rev > 0)).one()
        lines = s.scalars(select(Journal.actor_id).where(Journal.kind == Kind.SETTLED)).all()
    assert (row.settled_by_id, lines) == (world.people["vera"].id, [world.people["vera"].id])
    with clock.stop_at(clock.now_utc() + timedelta(minutes=5)):
        send("anna", "Og en ting til")
        assert waits(Topic.PLAN) == clock.now_utc(), "a new question waits from when it was written"


def test_who_waits_after_a_question_is_taken_back_does_not_forget_what_was_settled(act, send, waits):
    send("anna", "Takk!")
    act(moving.settle, "vera", topic=Topic.PLAN)
    asked = send("anna", "En ting til")
    act(withdrawing.withdraw, "anna", seq=asked.seq)
    assert waits(Topic.PLAN) is None


def test_a_phrase_is_kept_as_a_code_and_said_to_each_in_her_own_language(act, send):
    with i18n.using("nb"):
        sent = send("anna", phrase=Filled("sick_today"))
        assert act(reading.read_thread, "vera").messages[-1].body == "Jeg er syk i dag."
    assert (sent.phrase, sent.body) == ("sick_today", "Jeg er syk i dag.")
    with i18n.using("en"):
        shown = act(reading.read_thread, "vera").messages[-1]
    assert (shown.body, shown.in_norwegian) == ("I am ill today.", "Jeg er syk i dag.")


def test_the_same_id_for_a_phrase_and_for_the_same_words_is_a_conflict(act):
    again = {"client_id": str(uuid.uuid4())}
    act(sending.post_message, "anna", phrase=Filled("sick_today"), **again)
    assert act(sending.post_message, "anna", phrase=Filled("sick_today"), **again).is_replay
    with pytest.raises(Exception, match=r"chat\.other_text"):
        act(sending.post_message, "anna", text="{}", **again)


@pytest.mark.parametrize("phrase", ["", "nonsense", "sick_today"])
def test_nobody_says_a_phrase_that_is_not_hers_to_say(send, phrase):
    with pytest.raises(Refused, match=r"phrase\.unknown"):
        send("vera", phrase=Filled(phrase))


def test_she_who_does_not_know_what_it_is_about_writes_to_her_veileder(act):
    message = incoming.NewMessage(client_id=str(uuid.uuid4()), text="Hva nå?", topic="")
    assert message.topic is None
    assert act(incoming.take_in, "anna", message).change.topic is Topic.PLAN


@on_sqlite
def test_she_is_asked_about_her_own_centre_by_its_name(as_, database, world):
    pair = {"staff_id": world.people["synne"].id, "recipient_id": world.people["anna"].id}
    with database.transaction() as s:
        s.add(Helper(**pair, purpose=Purpose.CENTRE, from_on=clock.today_oslo(), to_on=None))
    asked = as_("anna").get("/chat").text
    assert '<option value="centre">Jobbsentralen</option>' in asked
    assert "Aktivitetssenteret" not in asked


def test_every_phrase_has_words():
    assert PHRASES.keys() - {"office_phrase"} == phrasing.SENTENCES.keys(), "an office brings its own words"


def test_clocks_of_conversations_nobody_wrote_in_are_left_out(database):
    with database.transaction(writes=False) as s:
        assert waiting.clocks_for(s, [0]) == {0: {}}
