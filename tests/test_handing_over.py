"""Who goes leaves words, and nothing is lost on the way: unread stays unread, and a wait goes on."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from portal import i18n
from portal.chat.service import inbox, marking, reading, sending
from portal.clock import now_utc, today_oslo
from portal.people.models import StaffRole
from tests.fixtures.databases import on_sqlite

pytestmark = on_sqlite
WORDS = "Vi venter på svar om kurset. Ring gjerne før kl. 12."


@pytest.fixture
def question(database, world):
    """Vera has read all there was; then Anna asked something that nobody has read."""
    with database.transaction() as s:
        marking.mark(s, world.people["vera"].id, world.thing("thread", "anna"), read_seq=2)
        sent = {"client_id": str(uuid.uuid4()), "text": "Når er møtet?"}
        sending.post_message(s, world.people["anna"].id, world.thing("thread", "anna"), **sent)


def row_of(database, world, name):
    with database.transaction(writes=False) as s:
        rows = inbox.conversations_waiting(s, world.people[name].id)
        return next(row for row in rows if row.conversation == world.thing("thread", "anna"))


def last_words(database, world):
    with database.transaction(writes=False) as s, i18n.using("nb"):
        page = reading.read_thread(s, world.people["anna"].id, world.thing("thread", "anna"))
        return page.messages[-1]


@pytest.mark.usefixtures("question")
def test_a_stand_in_begins_with_the_words_of_whoever_goes_and_nothing_else_changes(as_, database, world):
    vera, today = as_("vera"), today_oslo()
    since = row_of(database, world, "vera").waiting_since_utc
    days = {"from_on": today.isoformat(), "to_on": (today + timedelta(days=7)).isoformat()}
    fields = {"who": world.people["vidar"].public_id, **days, "words": WORDS}
    assert vera.submit("/stedfortreder", on="/stedfortreder", **fields).status_code == 303
    said = last_words(database, world)
    assert said.body.startswith("VidarGivenkanari VidarFamilykanari hjelper deg fra")
    assert said.body.endswith(WORDS)
    row = row_of(database, world, "vidar")
    assert (row.waiting_since_utc, row.unread) == (since, 2), "the question and the words are new to him"


@pytest.mark.usefixtures("question")
def test_whoever_ends_her_help_leaves_words_and_too_many_are_not_cut(as_, database, world):
    vera, way = as_("vera"), f"/hjelper/{world.thing('help', 'anna')}/avslutt"
    assert vera.submit(way, on=way, sure="yes", words="x" * 201).status_code == 422
    assert vera.submit(way, on=way, sure="yes", words=WORDS).status_code == 303
    assert last_words(database, world).body == f"Noen andre hjelper deg videre nå. {WORDS}"


@pytest.mark.usefixtures("question")
def test_nothing_is_closed_when_a_colleague_is_disabled(as_, database, world):
    """The wait, the thread and what is unread are there for whoever takes over."""
    with database.transaction() as s:
        for role in s.query(StaffRole).filter_by(person_id=world.people["vera"].id):
            role.ended_at = now_utc()
    assert "Når er møtet?" in as_("anna").get("/chat").text
    shown = as_("vidar").get("/innboks/teamet").text
    assert "AnnaGivenkanari" in shown.partition("Venter på kollegaer")[0], "among those without a veileder"
