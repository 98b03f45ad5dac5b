"""How often each main page asks the database: a stated number, also when ten times as much is there."""

from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from tests.calls import every_page, make
from tests.pages import Browser
from tests.world import add_crowd

MOST = {
    "overview.today": 20,
    "overview.rights_and_duties": 7,
    "plan.my_plan": 11,
    "duties.duty": 8,
    "chat.thread": 13,
    "chat.heads": 5,
    "attendance.show_board": 18,
    "overview.inbox": 26,
    "overview.clarify": 21,
    "overview.reach_out": 11,
    "overview.team_inbox": 8,
    "overview.person": 38,
    "overview.office": 9,
    "people.administration": 7,
}
"""The session's own question is among them. More than this: look for a question in a loop."""


@contextmanager
def asked(database):
    """List what was asked of the database inside the block."""
    questions = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("PRAGMA", "BEGIN", "SET ")):
            questions.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield questions
    event.remove(Engine, "before_cursor_execute", note)


def questions_per_page(app, world, database):
    counted = {}
    for call in every_page():
        if call.endpoint in MOST:
            make(app, world, call)  # once, so that what is looked up only the first time does not count
            with asked(database) as questions:
                assert make(app, world, call).status_code == 200
            counted[call.endpoint] = len(questions)
    return counted


@pytest.mark.timeout(180)
def test_a_page_asks_no_more_than_stated_and_no_more_when_more_is_there(app, world, database, tell):
    app.test_client_class = Browser
    few = questions_per_page(app, world, database)
    add_crowd(database, world, size=20)
    many = questions_per_page(app, world, database)
    tell("queries: " + ", ".join(f"{name} {count}" for name, count in sorted(few.items())))
    assert set(few) == set(MOST)
    assert {name: (count, many[name]) for name, count in few.items() if many[name] != count} == {}
    assert {name: count for name, count in few.items() if count > MOST[name]} == {}


def test_a_look_when_nothing_is_new_asks_for_no_message(as_, world, database):
    """Every open page looks twice a minute, and all of them at once when the server has been away."""
    for name in ("anna", "vera"):
        reader, address = as_(name), f"/chat/{world.thing('thread', 'anna')}/endringer"
        upto = reader.get(f"{address}?since=0").json["upto"]
        with asked(database) as questions:
            told = reader.get(f"{address}?since={upto}").json
        assert (told["changes"], told["upto"], bool(told["marks"])) == ([], upto, True)
        assert [one for one in questions if "FROM message" in one] == []
