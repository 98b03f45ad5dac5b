"""The centre's own voice: who there reads and writes what, what never reaches it, and its notes."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.chat.models import CentreNote
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.topics import Topic
from portal.chat.service import centre_notes, inbox, moving, phrase_list, reading, saying, sending, threads
from portal.chat.service.incoming import NewMessage, take_in
from portal.errors import NotFound, Refused
from portal.people.models import Helper, Person, StaffRole
from portal.people.rules.words import Purpose
from portal.plan.models import Activity, ActivityWeek
from portal.plan.rules.weeks import Pattern, Slot
from portal.plan.rules.words import LegalBasis
from portal.plan.service import plans
from tests.fixtures.databases import on_sqlite
from tests.page_tree import text_of
from tests.world import MORNING, NOON

GONE_BY, LATER = date(2025, 6, 1), date(2027, 1, 4)
HEALTH = re.compile(r"\b(syk\w*|sjuk\w*|ill|sick|bedring|helse)\b", re.IGNORECASE)


@pytest.fixture
def act(database, world):
    """Call something of the chat's service as somebody, about Anna's thread, in a transaction of its own."""

    def call(function, name, *args, owner="anna", **how):
        with database.transaction() as s:
            return function(s, world.people[name].id, world.thing("thread", owner), *args, **how)

    return call


@pytest.fixture
def send(act):
    def post(name, text="", **how):
        return act(sending.post_message, name, client_id=str(uuid.uuid4()), text=text, **how).change

    return post


@pytest.fixture
def phones(app, world):
    """Open somebody's live connection; gives what it has heard since."""
    opened = {}

    def heard(name):
        if name not in opened:
            live = app.extensions["live"].socketio
            cookie = {"Cookie": f"__Host-login={world.people[name].token}"}
            opened[name] = live.test_client(app, headers=cookie)
        return [one["args"][0] for one in opened[name].get_received() if one["name"] == "chat:changed"]

    yield heard
    for one in opened.values():
        if one.is_connected():
            one.disconnect()


def bodies(act, name, owner="anna"):
    return [one.body for one in act(reading.read_thread, name, owner=owner).messages]


def weeks_of(person_id):
    return ActivityWeek.activity_id.in_(select(Activity.id).where(Activity.recipient_id == person_id))


def move_to_the_other_centre(database, world, on):
    """Anna's place at the first centre ends the day before, and one at the other begins."""
    other = int(world.things["centre_id"]["1"])
    pattern = Pattern(tuple(Slot(day, MORNING, NOON) for day in range(5)), on, None)
    with database.transaction() as s:
        anna = world.people["anna"].id
        s.execute(update(ActivityWeek).where(weeks_of(anna)).values(to_on=on - timedelta(days=1)))
        new = plans.NewActivity("Kantina", pattern, LegalBasis.SOTJL_20A, centre_id=other)
        plans.add_activity(s, anna, new)


def test_a_centre_reads_answers_and_settles_what_is_said_with_it_and_nothing_else(
    act, send, phones, as_, database, world
):
    for name in ("sara", "synne", "sindre", "vera"):
        phones(name)
    send("anna", "Om planen, hemmelig")
    assert [phones(name) for name in ("sara", "synne", "sindre")] == [[], [], []]
    send("anna", "Når åpner dere?", topic=Topic.CENTRE)
    assert [len(phones(name)) for name in ("sara", "synne", "sindre")] == [1, 1, 0]
    assert bodies(act, "sara") == ["Når åpner dere?"]
    listed = as_("sara").get("/innboks").text
    assert "Når åpner dere?" in listed
    assert "hemmelig" not in listed
    address = f"/samtale/{world.thing('thread', 'anna')}"
    assert address in listed
    talk = as_("sara").get(address).text
    assert "Når åpner dere?" in talk
    assert "hemmelig" not in talk
    assert as_("sindre").get(address).status_code == 404

    written = {"text": "Klokka åtte.", "back": address, "client_id": str(uuid.uuid4())}
    answer = as_("sara").submit(f"/chat/{world.thing('thread', 'anna')}/melding", on=address, **written)
    assert answer.headers["Location"].startswith(address)
    assert bodies(act, "anna")[-1] == bodies(act, "vera")[-1] == bodies(act, "synne")[-1] == "Klokka åtte."
    with pytest.raises(NotFound):
        send("sara", "Om planen", topic=Topic.PLAN)
    with database.transaction(writes=False) as s:
        (row,) = (
            one
            for one in inbox.conversations_waiting(s, world.people["synne"].id)
            if one.conversation == world.thing("thread", "anna")
        )
    assert (row.waits, row.unread, row.last_text) == ((), 2, "Klokka åtte.")
    send("anna", "Takk!", topic=Topic.CENTRE)
    act(moving.settle, "synne", topic=Topic.CENTRE)
    with pytest.raises(NotFound):
        act(moving.settle, "synne", topic=Topic.PLAN)


@on_sqlite
def test_she_is_told_before_she_writes_that_the_centre_and_her_veileder_read_it(as_, act, database, world):
    page = as_("anna").page("/chat")
    (asked,) = page.all("select")
    assert [text_of(one) for one in asked.iter("option")] == [
        "Plan og aktivitet",
        "Jobbsentralen",
        "Vet ikke",
    ]
    with database.transaction(writes=False) as s:
        vera = s.get_one(Person, world.people["vera"].id).given_name
    assert f"Leses av dem på Jobbsentralen og av {vera}, veilederen din." in as_("anna").get("/chat").text
    sent = act(sending.post_message, "anna", client_id=str(uuid.uuid4()), text="Hei", topic=Topic.CENTRE)
    assert sent.change.topic is Topic.CENTRE
    assert " · Jobbsentralen</span>" in as_("anna").get("/chat").text, "and each message says whose it is"


def test_that_she_is_ill_reaches_no_answer_to_a_centre_whatever_topic_was_chosen(
    act, send, phones, as_, world
):
    phones("sara")
    for code in ("sick_today", "call_me"):
        said = NewMessage(client_id=str(uuid.uuid4()), phrase=code, topic="centre", tells_centre=True)
        assert act(take_in, "anna", said).change.topic is Topic.PLAN
    ill = next(one for one in act(reading.read_thread, "anna").messages if one.phrase == "sick_today")
    with pytest.raises(Refused, match=r"chat\.not_for_centre"):
        act(moving.move, "vera", seq=ill.seq, to=Topic.CENTRE)
    greeting = saying.Said(Filled("get_well"))
    sent = act(saying.say, "vera", client_id=str(uuid.uuid4()), said=greeting, topic=Topic.CENTRE)
    assert sent.change.topic is Topic.PLAN
    send("vera", "Hun kommer i morgen.", topic=Topic.CENTRE)

    sara, talk = as_("sara"), world.thing("thread", "anna")
    centre = world.centres["own"]
    answers = [
        sara.get(address).text
        for address in (
            "/innboks",
            f"/samtale/{talk}",
            f"/chat/{talk}/endringer?since=0",
            f"/chat/{talk}/utskrift",
            f"/chat/{talk}/venter",
            f"/chat/{talk}/setninger",
            "/chat/hoder",
            f"/tavle/{centre}",
            f"/tavle/{centre}/endringer",
        )
    ]
    answers.append(sara.submit(f"/chat/{talk}/finn", on=f"/chat/{talk}/finn", words="syk").text)
    answers.append(str(phones("sara")))
    assert "Hun kommer i morgen." in answers[1]
    found = [HEALTH.search(re.sub(r'value="syk"|«syk»', "", text)) for text in answers]
    assert found == [None] * len(answers)
    assert "Sagt fra i dag" in answers[0], "that she told us is all a centre sees"


def test_whoever_is_moved_is_read_by_the_new_centre_from_its_first_day_and_by_the_old_no_more(
    act, send, phones, database, world
):
    first = clock.today_oslo() + timedelta(days=1)
    move_to_the_other_centre(database, world, first)
    phones("sara"), phones("sindre")
    send("anna", "Før", topic=Topic.CENTRE)
    assert (len(phones("sara")), len(phones("sindre"))) == (1, 0)
    with pytest.raises(NotFound):
        bodies(act, "sindre")
    with clock.stop_at(clock.now_utc() + timedelta(days=1)):
        send("anna", "Etter", topic=Topic.CENTRE)
        assert (len(phones("sara")), len(phones("sindre"))) == (0, 1)
        assert bodies(act, "sindre") == ["Før", "Etter"], "it goes on where the old one was"
        with pytest.raises(NotFound):
            bodies(act, "sara")
    with database.transaction() as s:
        weeks = weeks_of(world.people["anna"].id)
        s.execute(update(ActivityWeek).where(weeks, ActivityWeek.from_on < first).values(to_on=GONE_BY))
        s.execute(update(ActivityWeek).where(weeks, ActivityWeek.from_on == first).values(from_on=LATER))
    assert bodies(act, "sindre") == ["Før", "Etter"], "before a first day somebody must be there to ask"


def test_whoever_stops_working_at_a_centre_loses_it_at_once_and_a_centre_never_meets_a_protected_person(
    act, send, phones, database, world
):
    phones("sara"), phones("synne")
    with database.transaction() as s:
        gone = update(StaffRole).where(StaffRole.person_id == world.people["sara"].id)
        s.execute(gone.values(ended_at=clock.now_utc()))
        pair = {"staff_id": world.people["synne"].id, "recipient_id": world.people["petra"].id}
        s.add(Helper(**pair, purpose=Purpose.CENTRE, from_on=clock.today_oslo(), to_on=None))
    asked = send("anna", "Hei", topic=Topic.CENTRE)
    assert (len(phones("sara")), len(phones("synne"))) == (0, 1)
    with pytest.raises(NotFound):
        bodies(act, "sara")

    assert send("petra", "Hei", topic=Topic.CENTRE, owner="petra").topic is Topic.PLAN
    assert act(reading.read_thread, "petra", owner="petra").choices == ()
    with pytest.raises(NotFound):
        bodies(act, "synne", owner="petra")
    with pytest.raises(NotFound):
        act(moving.move, "vera", seq=1, to=Topic.CENTRE, owner="petra")
    with database.transaction() as s:
        s.get_one(Person, world.people["anna"].id).is_protected = True
    with pytest.raises(NotFound):
        bodies(act, "synne")
    assert act(reading.read_thread, "vera").messages[-1].seq == asked.seq, "what was said stays in the case"


def test_a_centre_has_the_sentences_that_set_nothing_and_moves_what_is_not_for_it(act, send):
    codes = {one.code for _group, lines in act(phrase_list.list_phrases, "sara").groups for one in lines}
    assert {"see_you", "looking_into"} <= codes
    assert not codes & {"task_set", "propose_office", "get_well", "doc_show"}
    for code, values in (("task_set", {"what": "Ring"}), ("get_well", {})):
        with pytest.raises(NotFound):
            act(saying.say, "sara", client_id=str(uuid.uuid4()), said=saying.Said(Filled(code, values)))
    asked = send("anna", "Når kommer pengene?", topic=Topic.CENTRE)
    assert act(moving.move, "sara", seq=asked.seq, to=Topic.MONEY) is Topic.CENTRE
    assert bodies(act, "sara") == []
    act(moving.move, "sara", seq=asked.seq, to=Topic.CENTRE)
    assert bodies(act, "sara") == ["Når kommer pengene?"]


def test_a_note_to_the_veileder_stands_in_her_list_and_before_the_persons_own_eyes(
    as_, send, database, world
):
    anna, centre = world.people["anna"], world.centres["own"]
    address = f"/tavle/{centre}/beskjed/{anna.public_id}"
    sara, vera = as_("sara"), as_("vera")
    assert address in sara.get(f"/tavle/{centre}/person/{anna.public_id}").text
    assert sara.submit(address, on=address).status_code == 422
    again = sara.submit(address, on=address, what="note_words", words=" ")
    assert again.status_code == 422
    assert "Skriv noen ord" in again.text
    both = sara.submit(address, on=address, what="note_talk", words="Om kjøkkenet")
    assert both.status_code == 422
    assert "Om kjøkkenet" in both.text
    send("anna", "Når er timen min?")
    sent = {"what": "", "words": "Vil prøve kjøkkenet.", "client_id": str(uuid.uuid4())}
    for _twice in range(2):
        assert sara.submit(address, on=address, **sent).status_code == 303
    said = "Beskjed til veilederen: Vil prøve kjøkkenet."
    assert said in as_("anna").get("/chat").text
    assert said in sara.get(f"/samtale/{world.thing('thread', 'anna')}").text
    assert said in vera.get("/innboks").text
    with database.transaction(writes=False) as s:
        row = s.scalars(select(CentreNote)).one()
        vidar = world.people["vidar"]
        assert [one for one in inbox.conversations_waiting(s, vidar.id) if one.last_text == said] == []
        (waits,) = (
            one
            for one in inbox.conversations_waiting(s, world.people["vera"].id)
            if one.recipient_id == anna.id
        )
    assert waits.last_text == "Når er timen min?", "what she waits for an answer to is not hidden by the note"
    assert Topic.CENTRE not in dict(waits.waits), "it asks the person for nothing and answers nothing"
    done = f"/chat/{world.thing('thread', 'anna')}/beskjed/{row.seq}/sett"
    assert sara.submit(done, on="/innboks").status_code == 403
    assert vera.submit(done, on="/innboks").status_code == 303
    assert 'id="beskjeder"' not in vera.get("/innboks").text
    assert said in as_("anna").get("/chat").text


def test_what_a_centre_may_not_know_of_it_writes_no_note_about(as_, database, world):
    sara, centre = as_("sara"), world.centres["own"]
    for name in ("petra", "celine", "sara"):
        assert sara.get(f"/tavle/{centre}/beskjed/{world.people[name].public_id}").status_code == 404
    anna = world.people["anna"].public_id
    assert sara.get(f"/tavle/{world.centres['other']}/beskjed/{anna}").status_code == 404
    with database.transaction(writes=False) as s:
        assert threads.list_threads(s, world.people["lise"].id) == []
        assert centre_notes.MOST_WORDS == 200
