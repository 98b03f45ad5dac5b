"""A new key: everything is sealed anew under traffic, nothing is lost, and then the old key can go."""

from __future__ import annotations

import base64
import threading
import uuid

import pytest
from sqlalchemy import LargeBinary, select, text, update

from portal.app import SEALED
from portal.bus import Bus
from portal.chat.models import Message
from portal.chat.service import drafts, reading, sending
from portal.db import Base, Database, newest_key, seal
from portal.keys import keys_of
from portal.migrations.tables import load
from portal.resealing import Count, _older, _one, reseal
from tests.fixtures.real_portal import KEY

NEWER = b"\x11" * 32
NOT_SEALED = {"sent_mark", "public_key", "credential_id"}


@pytest.fixture
def newer(database_url, database, world):
    """The same database, opened with a newer key beside the old one, as a restarted server opens it."""
    opened = Database(database_url, facts=Bus(), data_keys=(KEY, NEWER))
    yield opened
    opened.close()


def numbers(database):
    with database.transaction(writes=False) as s:
        return {body[0] for body in s.scalars(select(Message.body))}


def thread_of(s, world):
    return reading.read_thread(s, world.people["vera"].id, world.thing("thread", "anna"))


def test_every_sealed_column_of_every_table_is_among_them():
    load()
    bytes_kept = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and not column.name.endswith("hash")
    }
    assert {one for one in bytes_kept if one.split(".")[1] not in NOT_SEALED} == {one.name for one in SEALED}


def test_everything_is_sealed_anew_and_the_old_key_opens_nothing_more(database_url, newer, world):
    vera, talk = world.people["vera"].id, world.thing("thread", "anna")
    with newer.transaction() as s:
        s.info["data_keys"] = (KEY,)
        drafts.save(s, vera, talk, "Begynt på")
    before = {one.name: reseal(newer, one) for one in SEALED}
    assert before["message.body"].resealed == 8
    assert before["draft.body"].resealed == before["plan.goal_sealed"].resealed // 4 == 1
    assert all(count.left == count.unreadable == 0 for count in before.values())
    again = {one.name: reseal(newer, one) for one in SEALED}
    assert {count.resealed for count in again.values()} == {0}, "what is done is done"
    without = Database(database_url, facts=Bus(), data_keys=(b"\x22" * 32, NEWER))
    with without.transaction(writes=False) as s:
        assert "AnnaQuestionkanari" in [one.body for one in thread_of(s, world).messages]
        assert thread_of(s, world).desk.draft == "Begynt på"
    without.close()


def test_it_goes_on_under_traffic_and_what_is_written_meanwhile_stays(newer, world):
    """Messages are written by four at once while it runs, and one row is changed just before it is stored."""
    anna, talk, sent = world.people["anna"].id, world.thing("thread", "anna"), []

    def write(name):
        for number in range(10):
            with newer.transaction() as s:
                words = {"client_id": str(uuid.uuid4()), "text": f"{name} {number}"}
                sending.post_message(s, anna, talk, **words)
            sent.append(f"{name} {number}")

    writers = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for one in writers:
        one.start()
    counts = [reseal(newer, one) for one in SEALED]
    for one in writers:
        one.join()
    assert all(count.left == 0 for count in counts)
    assert numbers(newer) == {1}
    with newer.transaction(writes=False) as s:
        told = reading.changes_since(s, anna, talk, since=0)
        assert sorted(one.body for one in told.changes)[-40:] == sorted(sent)


def test_a_row_that_was_changed_meanwhile_is_not_written_over(newer, world):
    goals = next(one for one in SEALED if one.name == "plan.goal_sealed")
    anna = world.people["anna"].id
    opens = goals.bound_to

    def change_first(row):
        """Between its reading and its writing somebody writes the goal anew."""
        bound_to = opens(row)
        if not changed:
            changed.append(bound_to)
            session.execute(
                update(goals.column.class_)
                .where(goals.column.class_.recipient_id == anna)
                .values(goal_sealed=seal(session, "Et nytt mål", bound_to=("plan.goal", plan)))
            )
        return bound_to

    changed = []
    with newer.transaction() as session:
        plan = session.scalar(
            select(goals.column.class_.public_id).where(goals.column.class_.recipient_id == anna)
        )
        row = next(one for one in _older(session, goals, None) if opens(one) == ("plan.goal", plan))
        count = _one(session, type(goals)(goals.column, goals.rows, change_first), row, Count())
    assert (count.changed, count.resealed) == (1, 0)
    with newer.transaction(writes=False) as s:
        sealed = s.scalar(select(goals.column).where(goals.column.class_.recipient_id == anna))
        assert sealed[0] == newest_key(s)


def test_what_no_key_opens_is_counted_and_left_as_it_is(newer, world):
    with newer.transaction() as s:
        s.execute(text("UPDATE plan SET goal_sealed = :harm WHERE id = 1"), {"harm": b"\x00" + b"x" * 40})
    goals = next(one for one in SEALED if one.name == "plan.goal_sealed")
    count = reseal(newer, goals)
    assert (count.resealed, count.unreadable, count.left) == (3, 1, 1)


def test_a_dropped_key_leaves_its_place_to_the_others():
    """The number of a key stands in what it sealed, so its place is kept, and opens nothing."""
    first, last = (base64.b64encode(bytes([number]) * 31 + b"x").decode() for number in (1, 2))
    assert [len(key) for key in keys_of((first, "-", last))] == [32, 0, 32]
    for refused in (("-", last), (first, "-"), ("-",)):
        with pytest.raises(ValueError, match=r"first|chance"):
            keys_of(refused)
