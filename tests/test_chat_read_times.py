"""When a message was read is told to whoever wrote it, and is not told otherwise afterwards."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from portal import clock
from portal.chat.rules.topics import Topic
from portal.chat.service import marking, reading, sending
from portal.people.models import Helper
from portal.people.rules.words import Purpose
from portal.people.service import recipients
from tests.fixtures.databases import on_sqlite

pytestmark = on_sqlite


@pytest.fixture
def thread(world):
    return world.thing("thread", "anna")


@pytest.fixture
def writes(database, world, thread):
    def write(name):
        with database.transaction() as s:
            sent = {"client_id": str(uuid.uuid4()), "text": "Hei!"}
            return sending.post_message(s, world.people[name].id, thread, **sent).change.seq

    return write


@pytest.fixture
def reads(database, world, thread):
    def read(name, seq):
        with database.transaction() as s:
            marking.mark(s, world.people[name].id, thread, read_seq=seq)

    return read


@pytest.fixture
def told_to(database, world, thread):
    """The times that stand on her own messages, by seq."""

    def told(name):
        with database.transaction(writes=False) as s:
            page = reading.read_thread(s, world.people[name].id, thread)
            card = recipients.get_person(s, world.people[name].id)
        own = [one for one in page.messages if one.author.public_id == card.public_id]
        return {one.seq: at for one in own if (at := page.read_at_of(one))}

    return told


@pytest.fixture
def at():
    """A clock of the test's own: so many minutes from now."""
    begin = clock.now_utc().replace(second=0, microsecond=0)
    return lambda minutes: begin + timedelta(minutes=minutes)


def test_the_time_stands_on_the_newest_that_was_read_on_both_sides(at, writes, reads, told_to):
    first, second = writes("anna"), writes("anna")
    with clock.stop_at(at(10)):
        reads("vera", first)
        assert told_to("anna") == {first: at(10)}
    with clock.stop_at(at(20)):
        reads("vera", second)
        assert told_to("anna") == {second: at(20)}
        answer = writes("vera")
    with clock.stop_at(at(30)):
        reads("vera", answer)  # her own words on her own screen are no reading
        reads("anna", answer)
    assert told_to("anna") == {second: at(20)}
    assert told_to("vera") == {answer: at(30)}
    with clock.stop_at(at(40)):
        reads("anna", writes("anna"))
    assert told_to("vera") == {answer: at(30)}


def test_a_colleague_who_reads_it_later_does_not_change_the_time(at, writes, reads, told_to, world, database):
    asked = writes("anna")
    with clock.stop_at(at(10)):
        reads("vera", asked)
    with database.transaction() as s:
        told = {"recipient_id": world.people["anna"].id, "staff_id": world.people["vidar"].id}
        s.add(Helper(**told, purpose=Purpose.PLAN, from_on=clock.today_oslo()))
    with clock.stop_at(at(60)):
        reads("vidar", asked)
        assert told_to("anna") == {asked: at(10)}
        reads("vidar", writes("vera"))
    assert told_to("anna") == {asked: at(10)}


def test_a_topic_she_read_before_lends_its_time_to_no_other(
    at, writes, reads, told_to, database, world, thread
):
    with database.transaction() as s:
        told = {"recipient_id": world.people["anna"].id, "staff_id": world.people["vera"].id}
        s.add(Helper(**told, purpose=Purpose.MONEY, from_on=clock.today_oslo()))
        sent = {"client_id": str(uuid.uuid4()), "text": "Om penger.", "topic": Topic.MONEY}
        about_money = sending.post_message(s, world.people["vera"].id, thread, **sent).change.seq
    with clock.stop_at(at(9)):
        reads("anna", about_money)
    with clock.stop_at(at(10)):
        about_plan = writes("vera")
        reads("anna", about_plan)
    assert told_to("vera") == {about_money: at(9), about_plan: at(10)}


def test_the_page_says_when_and_on_which_day_if_it_is_another(world, as_, writes, reads):
    seq = writes("anna")
    written_at = clock.now_utc()
    noon = written_at.replace(hour=11, minute=0)
    with clock.stop_at(noon):
        reads("vera", seq)
    shown = as_("anna").get("/chat").text
    assert "Lest kl. " in shown.replace('data-at="Lest kl. ', "")
    assert f'"read_at": "{noon.isoformat(timespec="minutes")}"' in shown.replace("&#34;", '"')
