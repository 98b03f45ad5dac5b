"""The veileder's inbox: who waits and how long, whose they are, and what to mind."""

from __future__ import annotations

import re
import uuid
from datetime import date, time, timedelta

import pytest
from sqlalchemy import update

from portal import clock
from portal.chat.rules.topics import Topic
from portal.chat.service import marking, sending, threads
from portal.overview.service import team_inbox
from portal.people.models import Helper, LoginSession, OpeningHours, Person
from portal.people.rules.words import Purpose
from tests.fixtures.databases import on_sqlite

pytestmark = on_sqlite
LONG_AGO = date(2025, 1, 1)


@pytest.fixture
def write(database, world):
    def post(name, text, topic=Topic.PLAN, owner=None):
        with database.transaction() as s:
            sent = {"client_id": str(uuid.uuid4()), "text": text, "topic": topic}
            sending.post_message(s, world.people[name].id, world.thing("thread", owner or name), **sent)

    return post


def card_of(page, card_id):
    """The words of one card of the page, without its marks; empty when it is not there."""
    found = re.search(rf'<section class="ds-card" id="{card_id}".*?</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def test_a_wait_is_counted_in_the_offices_open_time(as_, database, world, write):
    with database.transaction() as s:
        office = s.get(Person, world.people["anna"].id).office_id
        for weekday in range(5):
            s.add(OpeningHours(office_id=office, weekday=weekday, opens_at=time(9), closes_at=time(15)))
    friday = clock.oslo_instant(date(2026, 11, 20), time(14))
    with clock.stop_at(friday):
        write("anna", "God helg")
    with clock.stop_at(clock.oslo_instant(date(2026, 11, 23), time(9, 30))):
        with database.transaction() as s:
            s.execute(update(LoginSession).values(seen_at=clock.now_utc()))
        shown = card_of(as_("vera").get("/innboks").text, "venter")
    assert "1 t 30 min" in shown


def test_a_colleague_sees_who_waits_and_whose_they_are_and_no_word(as_, database, world, write):
    write("birk", "Hemmelig om Birk")
    write("petra", "Hemmelig om Petra")
    with database.transaction() as s:
        office = s.get(Person, world.people["birk"].id).office_id
        nobodys = Person(given_name="Uten", family_name="Hjelp", office_id=office, is_recipient=True)
        s.add(nobodys)
        s.flush()
        talk = threads.ensure_conversation(s, nobodys.id)
        sending.post_message(s, nobodys.id, talk, client_id=str(uuid.uuid4()), text="Er det noen der?")
    shown = as_("vera").get("/innboks/teamet").text
    assert "BirkGivenkanari B. " in card_of(shown, "kollegaer")
    assert "Veileder: VidarGivenkanari" in card_of(shown, "kollegaer")
    assert "Uten H." in card_of(shown, "uten-veileder")
    for hidden in ("Hemmelig", "Er det noen der", "PetraGivenkanari", "CelineGivenkanari", "AnnaGivenkanari"):
        assert hidden not in shown
    assert "PetraGivenkanari" not in as_("vidar").get("/innboks/teamet").text
    assert "BirkGivenkanari" not in as_("vilde").get("/innboks/teamet").text, "another office"


def test_a_stand_ins_waits_stand_apart_and_say_so(as_, database, world, write):
    with database.transaction() as s:
        pair = {"staff_id": world.people["vidar"].id, "recipient_id": world.people["anna"].id}
        s.add(Helper(**pair, purpose=Purpose.PLAN, is_stand_in=True, from_on=LONG_AGO, to_on=None))
    write("anna", "Er du der?")
    shown = as_("vidar").get("/innboks").text
    assert "Er du der?" in card_of(shown, "stedfortreder")
    assert "AnnaGivenkanari" not in card_of(shown, "venter")
    assert card_of(as_("vera").get("/innboks").text, "stedfortreder") == ""


def test_reading_is_not_answering_and_whoever_owes_an_answer_is_told_apart(as_, database, world, write):
    write("anna", "Kan jeg få et møte?")
    with database.transaction() as s:
        marking.mark(s, world.people["vera"].id, world.thing("thread", "anna"), read_seq=99)
    vera = as_("vera")
    assert "AnnaGivenkanari" in card_of(vera.get("/innboks").text, "venter")
    write("vera", "Ja. Passer tirsdag?", owner="anna")
    shown = vera.get("/innboks").text
    assert "AnnaGivenkanari" not in card_of(shown, "venter")
    assert "AnnaGivenkanari" in card_of(shown, "venter-pa-dem")


def test_a_message_to_whoever_is_not_here_is_taken_and_marked(as_, database, world, write):
    """Nothing is refused: a colleague is told to ring or print."""
    anna = world.people["anna"].id
    write("vera", "Møtet er flyttet.", owner="anna")
    mark, vera = "Ikke lest – ring eller skriv ut", as_("vera")
    with database.transaction() as s:
        marking.mark(s, anna, world.thing("thread", "anna"), read_seq=2)
        s.execute(update(LoginSession).values(seen_at=clock.now_utc()))
    assert mark not in card_of(vera.get("/innboks").text, "venter-pa-dem"), "she was here today"
    with database.transaction() as s:
        away = clock.now_utc() - timedelta(days=8)
        s.execute(update(LoginSession).where(LoginSession.person_id == anna).values(seen_at=away))
    assert mark in card_of(vera.get("/innboks").text, "venter-pa-dem")
    with database.transaction() as s:
        marking.mark(s, anna, world.thing("thread", "anna"), read_seq=3)
    assert mark not in card_of(vera.get("/innboks").text, "venter-pa-dem"), "she has read it"
    write("vera", "Og tida er kl. 10.", owner="anna")
    with database.transaction() as s:
        s.execute(update(LoginSession).values(seen_at=clock.now_utc()))
        s.execute(update(Person).where(Person.id == anna).values(has_phone=False))
    assert mark in card_of(vera.get("/innboks").text, "venter-pa-dem"), "no phone at all"


def test_ferdig_stands_in_the_list_and_settles_only_what_the_list_had(as_, world, write):
    write("anna", "Takk!")
    write("anna", "Og takk for pengene!", Topic.MONEY)
    vera = as_("vera")
    what = re.search(r'name="what" value="([^"]+)"', vera.get("/innboks").text)[1]
    assert set(what.split()[1:]) == {"plan", "money"}
    fields = {"what": what, "back": "/innboks"}
    answer = vera.submit(f"/chat/{world.thing('thread', 'anna')}/ferdig", on="/innboks", **fields)
    assert answer.location == "/innboks"
    shown = vera.get("/innboks").text
    assert "AnnaGivenkanari" not in card_of(shown, "venter")
    assert "AnnaGivenkanari" in card_of(shown, "besvart")


def test_other_offices_waits_take_no_room_in_a_teams_list(as_, database, world, write, monkeypatch):
    monkeypatch.setattr(team_inbox, "MOST_WAITS", 1)
    with clock.stop_at(clock.now_utc() - timedelta(hours=2)):
        write("celine", "Når kommer dere?")
    write("anna", "Når kommer dere?")
    assert "AnnaGivenkanari" in as_("vidar").get("/innboks/teamet").text
