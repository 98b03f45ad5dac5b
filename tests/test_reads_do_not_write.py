"""Looking changes nothing: every page opened by everybody leaves the database as it was (design 5)."""

import time as stopwatch
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from portal import clock
from portal.bus import publish
from portal.people.models import Person
from portal.people.service import phones, recipients
from tests.calls import every_call, make
from tests.fixtures.application import MONDAY_MORNING
from tests.fixtures.databases import on_sqlite
from tests.fixtures.queries import counted
from tests.pages import Browser

NAMED_EXCEPTIONS = ("access_log ", "wrong_guess ")
"""The access log and the count of wrong codes.

The third, the last-seen of a session, is written once a minute, and here the clock stands still.
"""


@on_sqlite
@pytest.mark.timeout(240)
def test_opening_every_page_as_everybody_writes_nothing(app, world, watch, tell):
    app.test_client_class = Browser  # whether the pages are well made is another test's
    wrote, opened = [], 0
    for call in every_call():
        if call.method == "GET":
            assert make(app, world, call).status_code < 500, call
            opened += 1
            changed = [row for row in watch.written() if not row.startswith(NAMED_EXCEPTIONS)]
            wrote += [f"{call}: {row[:120]}" for row in changed]
    tell(f"reads: {opened} pages opened, {len(wrote)} rows written")
    assert wrote == []


def test_last_seen_is_written_at_most_once_a_minute(app, world, watch, as_):
    anna = as_("anna")
    anna.get("/nodhjelp")
    assert watch.written() == [], "the session was seen this very minute"
    with clock.stop_at(MONDAY_MORNING + timedelta(minutes=2)):
        anna.get("/nodhjelp")
        first = watch.written()
        anna.get("/nodhjelp")
        again = watch.written()
    assert {row.split()[0] for row in first} == {"login_session"}
    assert again == []


def test_the_database_itself_refuses_a_write_on_a_read(database, world):
    """Not a hook of ours: a bulk statement that no object knows of is stopped too."""
    planted = text("UPDATE person SET given_name = 'planted'")
    with pytest.raises(DatabaseError, match=r"readonly|read-only"), database.transaction(writes=False) as s:
        s.execute(planted)
    with database.transaction(writes=False) as s:
        assert s.execute(text("SELECT count(*) FROM person WHERE given_name = 'planted'")).scalar() == 0


def test_a_write_after_a_read_on_the_same_connection_works(database, world):
    with database.transaction(writes=False) as s:
        s.execute(text("SELECT 1"))
    with database.transaction() as s:
        s.execute(text("UPDATE person SET given_name = 'written' WHERE given_name = 'AnnaGivenkanari'"))
    with database.transaction(writes=False) as s:
        assert s.execute(text("SELECT count(*) FROM person WHERE given_name = 'written'")).scalar() == 1


@on_sqlite
def test_a_connection_that_reads_again_keeps_what_it_has_prepared(database, world):
    with counted(database, modes=True) as asked:
        for _ in range(3):
            with database.transaction(writes=False) as s:
                s.execute(text("SELECT 1"))
    assert sum("query_only" in one for one in asked) <= 1  # saying it throws away every prepared statement


def test_a_question_past_the_objects_sees_what_waits_to_be_written(database, world):
    with database.transaction() as s:
        anna = s.get_one(Person, world.people["anna"].id)
        anna.given_name = "Nytt"
        assert recipients.get_person(s, anna.id).given_name == "Nytt"


def test_what_was_rolled_back_is_gone_and_nobody_heard_of_it(database, world):
    heard = []
    database.facts.subscribe(str, heard.append)

    def fail_in_the_middle():
        with database.transaction() as s:
            s.execute(text("UPDATE person SET given_name = 'lost'"))
            publish(s, "a fact")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle()
    with database.transaction(writes=False) as s:
        assert s.execute(text("SELECT count(*) FROM person WHERE given_name = 'lost'")).scalar() == 0
    assert heard == []


@on_sqlite
def test_nobody_waits_to_write_while_somebody_searches(as_, database):
    vera = as_("vera")
    with counted(database, modes=True) as asked:
        assert "AnnaGivenkanari" in vera.submit("/sok", name="anna").text
    searched = next(number for number, one in enumerate(asked) if "person.family_name" in one and "IN" in one)
    modes = [one for one in asked[:searched] if one.startswith("PRAGMA query_only")]
    assert modes[-1] == "PRAGMA query_only=ON"
    assert any("INSERT INTO access_log" in one for one in asked), "the look is written all the same"


@pytest.mark.real_hashes
@on_sqlite
def test_nobody_waits_to_write_while_a_pin_is_compared_on_nobodys_phone(database, client):
    """What is slow is done before; what is done while others wait takes next to no time."""
    began = stopwatch.perf_counter()
    for _ in range(10):
        phones.compare_with_nobodys("918273")
    slow = stopwatch.perf_counter() - began
    began = stopwatch.perf_counter()
    for _ in range(10):
        with database.transaction() as s:
            assert phones.sign_in_with_pin(s, "nobody's", "918273") == phones.WrongPin(binding_ended=True)
    assert stopwatch.perf_counter() - began < slow / 3
    assert client.submit("/logg-inn", on="/logg-inn", pin="918273").status_code == 422


@on_sqlite
def test_what_is_posted_only_to_be_read_keeps_nobody_from_writing(as_, world, database, monkeypatch):
    chat, asked = f"/chat/{world.thing('thread', 'anna')}", []
    vera = as_("vera")
    tokens = {"csrf_token": vera.page(f"{chat}/finn").value_of("csrf_token")}
    begin = database.transaction
    monkeypatch.setattr(
        type(database),
        "transaction",
        lambda _self, *, writes=True: asked.append(writes) or begin(writes=writes),
    )
    for address, told in (
        ("finn", {"words": "hei"}),
        ("arkiv", {"kind": "json"}),
        ("setninger/see_you", {"day": "24.12.2026"}),
    ):
        asked.clear()
        answer = vera.post(f"{chat}/{address}", data=tokens | told)
        assert answer.status_code == 200, address
        assert asked[:2] == [False, False], f"{address}: who it is, and then the page, are only read"
