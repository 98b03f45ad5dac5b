"""What somebody is told before she writes: whether anybody is there, and when an answer usually comes."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.chat.models import AnsweredWait, Conversation
from portal.chat.rules.answering import Answered, days_waited, eight_of_ten, usual_days
from portal.chat.rules.topics import Topic
from portal.clock import OSLO, now_utc, stop_at
from portal.people.models import ClosedDay, Office, OpeningHours, Person
from portal.people.rules.opening import Calendar
from tests.fixtures.databases import on_sqlite

NINE, THREE = time(9), time(15)
CALENDAR = Calendar({day: (NINE, THREE) for day in range(5)}, frozenset({date(2026, 11, 25)}))


def oslo(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=OSLO)


@pytest.mark.parametrize(
    ("since", "at", "days"),
    [
        (oslo(23), oslo(23, 14), 0),
        (oslo(21), oslo(23, 9), 0),  # Saturday to Monday: the first day anybody could read it
        (oslo(23, 14), oslo(24, 9), 1),
        (oslo(24), oslo(26), 1),  # Wednesday was closed
        (oslo(20), oslo(24), 2),
        (oslo(23), oslo(23, 22), 0),  # somebody answered in the evening
    ],
)
def test_a_wait_is_counted_in_days_the_office_was_open(since, at, days):
    assert days_waited(Answered(since, at, by_id=1), CALENDAR) == days


@given(st.lists(st.integers(0, 30), min_size=1))
def test_eight_of_ten_got_their_answer_within_it_and_not_sooner(days):
    told = eight_of_ten(days)
    assert sum(one <= told for one in days) * 10 >= len(days) * 8
    assert sum(one < told for one in days) * 10 < len(days) * 8


def test_her_own_readers_count_when_they_have_answered_enough_and_else_the_office():
    quick = [Answered(oslo(23), oslo(23, 11), by_id=1)] * 20
    slow = [Answered(oslo(16), oslo(20), by_id=2)] * 80
    assert usual_days([*quick, *slow], CALENDAR, readers=[1]) == 0
    assert usual_days([*quick[1:], *slow], CALENDAR, readers=[1]) == 4, "nineteen are too few of her own"
    assert usual_days(quick[1:], CALENDAR, readers=[1]) is None


@pytest.fixture
def opened(database):
    with database.transaction() as s:
        office = s.scalars(select(Office.id).where(Office.name == "Nav Elvebyen")).one()
        hours = {"opens_at": NINE, "closes_at": THREE, "closed_from": time(11, 30), "closed_to": time(12)}
        s.add_all(OpeningHours(office_id=office, weekday=day, **hours) for day in range(5))
    return office


def answers(database, world, office, *, days, count=20):
    with database.transaction() as s:
        thread = s.scalars(select(Conversation.id)).first()
        told = {"conversation_id": thread, "topic": Topic.PLAN, "by_id": world.people["vera"].id}
        told |= {"waited_since": now_utc() - timedelta(days=days), "answered_at": now_utc()}
        s.add_all(AnsweredWait(**told, office_id=office) for _each in range(count))


@on_sqlite
def test_the_chat_says_before_one_writes_whether_anybody_is_there(as_, database, opened, world):
    with stop_at(oslo(23, 10)):
        assert "Åpent til 11.30." in as_("anna").get("/chat").text, "the pause comes first"
    with stop_at(oslo(23, 16)):
        assert (
            "Ingen leser før kontoret åpner tirsdag 24. november kl. 09.00." in as_("anna").get("/chat").text
        )
    with database.transaction() as s:
        s.add(
            ClosedDay(office_id=opened, day=date(2026, 11, 24), by_id=world.people["mona"].id, at=now_utc())
        )
    with stop_at(oslo(23, 16)):
        assert "åpner onsdag 25. november" in as_("anna").get("/chat").text


@on_sqlite
@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "svar samme dag"), (3, "svar innen neste dag kontoret er åpent"), (7, "svar innen 5 dager")],
)
def test_the_chat_says_when_an_answer_usually_comes(as_, database, opened, world, days, said):
    with stop_at(oslo(23, 10)):
        answers(database, world, opened, days=days)
        assert said in as_("anna").get("/chat").text
    if days == 0:
        with stop_at(oslo(23, 11) + timedelta(minutes=45)):
            assert said in as_("anna").get("/chat").text, "in the lunch break it is today, too"


@on_sqlite
def test_fewer_than_twenty_answers_or_nobody_who_reads_give_no_promise(as_, database, opened, world):
    # Three answers are there already, as in every world.
    answers(database, world, opened, days=0, count=16)
    assert "som regel svar" not in as_("anna").get("/chat").text
    answers(database, world, opened, days=0)
    with database.transaction() as s:
        new = s.get(Person, world.people["celine"].id)
        new.office_id = opened  # nobody helps her there
    shown = as_("celine").get("/chat").text
    assert "Du har ikke fått veileder ennå." in shown
    assert "som regel svar" not in shown
