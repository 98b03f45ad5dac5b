"""What staff do about a question without writing: «ferdig», and giving it to the right topic."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from portal.chat.models import Journal
from portal.chat.rules.topics import Topic
from portal.chat.service import sending, threads, waiting
from portal.clock import today_oslo
from portal.people.models import Helper
from portal.people.rules.words import Purpose
from tests.fixtures.databases import on_sqlite

pytestmark = on_sqlite


@pytest.fixture
def chat(world):
    return f"/chat/{world.thing('thread', 'anna')}"


@pytest.fixture
def person(world):
    return f"/person/{world.people['anna'].public_id}"


@pytest.fixture
def write(database, world):
    def post(text, topic=Topic.PLAN, name="anna"):
        with database.transaction() as s:
            sent = sending.post_message(
                s,
                world.people[name].id,
                world.thing("thread", "anna"),
                client_id=str(uuid.uuid4()),
                text=text,
                topic=topic,
            )
        return sent.change.seq

    return post


@pytest.fixture
def waits(database, world):
    def topics():
        with database.transaction(writes=False) as s:
            thread = threads.require_thread(s, world.people["anna"].id, world.thing("thread", "anna"))
            clocks = waiting.clocks_for(s, [thread.id])[thread.id]
            return {topic for topic, clock in clocks.items() if clock.staff_since_utc}

    return topics


def upto(page):
    return re.search(r'name="what" value="(\d+) plan"', page.text)[1]


def test_ferdig_stops_the_clock_and_the_thread_says_who_said_so_to_staff_alone(
    as_, chat, person, write, waits
):
    write("Takk for hjelpen!")
    vera = as_("vera")
    page = vera.get(person)
    assert "Venter på svar siden" in page.text
    back = {"what": f"{upto(page)} plan", "back": person}
    answer = vera.submit(f"{chat}/ferdig", on=person, **back)
    assert (answer.status_code, answer.location) == (303, person)
    assert waits() == set()
    shown = vera.get(person).text
    assert re.search(r"VeraGivenkanari merket dette som ferdig kl. \d\d.\d\d", shown)
    assert "Venter på svar siden" not in shown
    assert "merket dette som ferdig" not in as_("anna").get("/chat").text


def test_a_message_that_came_after_her_page_is_not_settled_unseen(as_, chat, person, write, waits):
    write("Hei")
    vera = as_("vera")
    before = upto(vera.get(person))
    write("Og en ting til: jeg har ikke fått brevet.")
    vera.submit(f"{chat}/ferdig", on=person, what=f"{before} plan", back=person)
    assert waits() == {Topic.PLAN}
    assert "Det har kommet en ny melding. Les den først." in vera.get(person).text


def test_a_message_is_moved_with_one_tap_both_are_told_and_it_can_be_moved_back(
    as_, chat, person, write, waits
):
    seq = write("Når kommer pengene?")
    vera = as_("vera")
    way = f"{chat}/melding/{seq}/flytt"
    assert f'formaction="{way}" name="to" value="money"' in vera.get(person).text
    vera.submit(way, on=person, to="money", back=person)
    assert waits() == {Topic.MONEY}
    page = vera.get(person).text
    assert "flyttet en melding til «Penger og søknad»" in page
    assert f'action="{way}"' in page, "the message about it carries the way back"
    assert "Nav har flyttet meldingen til riktig tema." in as_("anna").get("/chat").text
    vera.submit(way, on=person, to="plan", back=person)
    assert waits() == {Topic.PLAN}


def test_whoever_moved_it_where_she_does_not_read_can_take_that_back(as_, chat, write, world, database):
    with database.transaction() as s:
        pair = {"staff_id": world.people["vidar"].id, "recipient_id": world.people["anna"].id}
        s.add(Helper(**pair, purpose=Purpose.MONEY, from_on=today_oslo(), to_on=None))
    seq = write("Om planen min", Topic.MONEY)
    other = write("Om planen og", Topic.PLAN)
    vidar, way = as_("vidar"), f"{chat}/melding/{seq}/flytt"
    assert vidar.submit(way, on="/innboks", to="plan").status_code == 303
    assert "Om planen min" not in vidar.get(f"{chat}/endringer?since=0").text
    assert vidar.submit(way, on="/innboks", to="money").status_code == 303
    assert "Om planen min" in vidar.get(f"{chat}/endringer?since=0").text
    assert vidar.submit(f"{chat}/melding/{other}/flytt", on="/innboks", to="money").status_code == 404


def test_an_answer_is_about_what_has_waited_longest(as_, person, write):
    write("Når kommer pengene?", Topic.MONEY)
    write("Når er møtet?", Topic.PLAN)
    page = as_("vera").get(person)
    assert re.search(r'<option value="money" selected>', page.text)


def test_the_journal_is_only_ever_added_to(database, write):
    write("Hei")
    for change in (update(Journal).values(at=None), delete(Journal)):
        with pytest.raises(DatabaseError, match="only ever added to"), database.transaction() as s:
            s.execute(change)
