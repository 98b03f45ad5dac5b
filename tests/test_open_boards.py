"""An open board is told what came since, and shows exactly what a board that is looked up anew would show."""

from __future__ import annotations

from datetime import time

import pytest
from sqlalchemy import event, text

from portal import clock
from portal.attendance.rules.kept import TapTime
from portal.attendance.rules.registered import Kind, Status, Why
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import (
    board,
    checking_in,
    correcting,
    leaving,
    looking,
    navs_own,
    notices,
    together,
)
from portal.attendance.service.kept_boards import KeptBoards
from portal.attendance.service.writing import About, Said
from portal.db import new_public_id
from portal.people.service import protection
from tests.attendance_door import TODAY, later, opened
from tests.fixtures.databases import on_sqlite
from tests.test_people import viewer_of


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


def looked_at(door, before=None):
    with door.database.transaction(writes=False) as s:
        return board.board_for(s, door.viewer("sara"), door.world.centres["own"], before=before)


def by_staff(door, act, *what, who="vera", **more):
    with door.database.transaction() as s:
        act(s, door.viewer(who), *what, **more)


def newest(door, kind):
    with door.database.transaction(writes=False) as s:
        found = text("SELECT public_id FROM attendance_event WHERE kind = :kind ORDER BY id DESC")
        return s.scalars(found, {"kind": kind}).first()


def test_whatever_is_registered_a_board_that_is_told_of_it_shows_it_as_one_looked_up_anew(door):
    here, centre = About(TODAY, door.world.centres["own"]), door.world.centres["own"]
    with door.database.transaction() as s:
        s.execute(text("UPDATE centre SET wants_check_out = :yes"), {"yes": True})
        s.execute(
            text("UPDATE person SET is_paused = :yes WHERE id = :id"), {"yes": True, "id": door.id("birk")}
        )
    anna, birk = door.public_id("anna"), door.public_id("birk")
    acts = [
        lambda: door.come("anna"),
        lambda: by_staff(door, correcting.correct_time, newest(door, "checked_in"), time(7, 5), why()),
        lambda: by_staff(door, leaving.leave_by_staff, who="sara", **place(door, "anna"), is_back=False),
        lambda: by_staff(door, leaving.leave_by_staff, who="sara", **place(door, "anna"), is_back=True),
        lambda: door.undo("anna"),
        lambda: door.tap("anna", worker="synne"),
        lambda: door.undo("anna"),
        lambda: by_staff(door, navs_own.register_navs_own, anna, here, Kind.CENTRE_CLOSED, why()),
        lambda: door.come("birk"),  # she was not expected, and stands on the board now
        lambda: by_staff(door, checking_in.check_in_by_staff, who="sara", **place(door, "anna"), kept=late()),
        lambda: by_staff(door, looking.look_on_board, who="sara", **place(door, "anna")),
        lambda: door.undo("birk"),  # and does so no longer
        lambda: by_staff(door, together.are_here, centre, [anna], who="sara", nonce="a" * 20),
        lambda: door.come("petra"),  # a protected address
    ]
    told, people = looked_at(door), set()
    for number, act in enumerate(acts):
        act()
        told, anew = looked_at(door, told), looked_at(door)
        assert (told.version, told.head, told.rows) == (anew.version, anew.head, anew.rows), number
        people.add(frozenset(row.public_id for row in told.rows))
    assert people == {frozenset({anna}), frozenset({anna, birk})}


def why():
    return Said(new_public_id(), Why.WAS_SEEN, "Sto i døra")


def late():
    """A tap that a tablet kept, and that somebody should look at."""
    return TapTime(clock.now_utc(), to_look_at=True)


def place(door, name):
    where = {"centre_public_id": door.world.centres["own"], "person_public_id": door.public_id(name)}
    return {**where, "nonce": new_public_id()}


def test_being_told_of_an_arrival_asks_the_database_little_and_midnight_asks_for_all(door, tell):
    asked = []
    event.listen(door.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    anew, questions = looked_at(door), []
    for act, before in ((door.come, None), (door.undo, anew)):
        act("anna")
        viewer = door.viewer("sara")
        asked.clear()
        with door.database.transaction(writes=False) as s:
            board.board_for(s, viewer, door.world.centres["own"], before=before)
        questions.append(sum(one.startswith("SELECT") for one in asked))
    assert questions[1] <= questions[0] / 2
    tell(f"board: {questions[0]} questions looked up anew, {questions[1]} when told of an arrival")
    with later(days=1), door.database.transaction(writes=False) as s:
        after = board.board_for(s, viewer, door.world.centres["own"], on=TODAY, before=anew)
        assert after.version == board.board_for(s, viewer, door.world.centres["own"], on=TODAY).version
        assert {row.status for row in after.rows} == {Status.TO_BE_CLARIFIED}


def test_what_was_read_before_something_was_forgotten_is_not_kept(door):
    kept, shown = KeptBoards(), looked_at(door)
    where = (shown.centre.public_id, TODAY)
    kept.keep(kept.begin(*where), shown)
    assert kept.begin(*where).before is shown
    with later(seconds=31):
        assert kept.begin(*where).before is None, "too old"
    slow = kept.begin(*where)
    kept.forget([shown.centre.id])
    kept.keep(slow, shown)
    assert kept.begin(*where).before is None
    kept.keep(kept.begin(*where), shown)
    kept.forget([shown.centre.id + 1])
    assert kept.begin(*where).before is shown


@on_sqlite
def test_an_open_board_hears_of_arrivals_notices_and_protection_at_its_next_question(
    as_, app, database, world
):
    page, anna = as_("sara"), world.people["anna"]
    where = f"/tavle/{world.centres['own']}"
    version = page.get(where).text.partition('data-version="')[2].partition('"')[0]

    def news():
        nonlocal version
        told = page.get(f"{where}/endringer?since={version}").json
        version = told["version"]
        return told

    assert news()["changed"] is False
    with database.transaction() as s:
        nonce = notices.tell(
            s, anna.id, notices.Notice(NoticeKind.LATE, (clock.today_oslo(),), new_public_id(), anna.id, 15)
        )
    told = news()
    assert (told["counts"]["later"], told["rows"].count("<tr")) == (1, 1)
    with database.transaction() as s:
        notices.withdraw(s, anna.id, nonce)
    assert news()["counts"]["later"] == 0
    page.submit(f"{where}/her/{anna.public_id}", on=where, nonce=new_public_id())
    told = news()
    assert (told["counts"]["here"], told["rows"].count("<tr")) == (1, 1)
    assert f'id="p-{anna.public_id}"' in told["rows"]
    with database.transaction() as s:
        protection.protect(s, viewer_of(app, s, world, "vera"), anna.public_id)
    told = news()
    assert anna.public_id not in str(told)
    assert told["counts"]["here"] == 0
