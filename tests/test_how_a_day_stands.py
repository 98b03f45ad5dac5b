"""How a day that is over stands: the board, the list to clarify, her own day and her month say the same."""

from __future__ import annotations

import pytest

from portal import clock
from portal.attendance.rules.registered import Channel, Kind, Status, Why
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import after, checking_in, correcting, navs_own
from portal.attendance.service.checking_in import Coming
from portal.attendance.service.writing import About, Said
from portal.db import new_public_id
from portal.people.service import places
from tests.attendance_door import TODAY, later, opened
from tests.fixtures.databases import on_sqlite

pytestmark = on_sqlite
OPEN = Status.TO_BE_CLARIFIED


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


def nothing(_door):
    pass


def cannot_come_and_then_late(door):
    door.tell("anna", NoticeKind.CANNOT_COME)
    door.tell("anna", NoticeKind.LATE, late_minutes=30)


def late(door):
    door.tell("anna", NoticeKind.LATE, late_minutes=30)


def told_and_taken_back(door):
    door.withdraw("anna", door.tell("anna", NoticeKind.CANNOT_COME))


def came_elsewhere(door):
    with door.database.transaction() as s:
        centre = places.find_centre(s, door.world.centres["other"])
        coming = Coming(door.id("anna"), clock.now_utc(), door.id("anna"), Channel.QR, new_public_id())
        checking_in.register(s, centre, coming)


def of_the_day(kind):
    """Vera writes a line about the whole day, in the line of the office."""

    def write(door):
        act = correcting.settle if kind in correcting.SETTLES else correcting.register_talk
        with door.database.transaction() as s:
            anna = door.public_id("anna")
            act(s, door.viewer("vera"), anna, About(TODAY), kind, Said(new_public_id()))

    return write


def centre_was_closed(door):
    with door.database.transaction() as s:
        about = About(TODAY, centre=door.world.centres["own"])
        told = (door.public_id("anna"), about, Kind.CENTRE_CLOSED, Said(new_public_id()))
        navs_own.register_navs_own(s, door.viewer("vera"), *told)


def settled_and_taken_back(door):
    of_the_day(Kind.HAD_REASON)(door)
    (line,) = door.history("anna")[0].lines
    with door.database.transaction() as s:
        correcting.take_back(s, door.viewer("vera"), line.public_id, Said(new_public_id(), Why.WRONG_TAP))


@pytest.mark.parametrize(
    ("happened", "board", "month"),
    [
        (nothing, OPEN, OPEN),
        (late, OPEN, OPEN),
        (told_and_taken_back, OPEN, OPEN),
        (cannot_come_and_then_late, Status.TOLD_US, Status.TOLD_US),
        (came_elsewhere, Status.SETTLED, Status.HERE),
        (of_the_day(Kind.HAD_REASON), Status.SETTLED, Status.SETTLED),
        (centre_was_closed, Status.NAVS_OWN, Status.NAVS_OWN),
        (of_the_day(Kind.MET), OPEN, OPEN),  # a talk says nothing about a day at a centre
        (settled_and_taken_back, OPEN, OPEN),
    ],
)
def test_the_board_the_list_and_the_month_say_the_same_of_a_day(door, happened, board, month):
    happened(door)
    with later(days=1):
        assert door.row("anna", TODAY).status is board
        assert next(day.status for day in door.history("anna") if day.on == TODAY) is month
        with door.database.transaction(writes=False) as s:
            listed = after.days_to_clarify(s, first=TODAY, last=TODAY, recipient_ids=[door.id("anna")])
        assert bool(listed) is (board is OPEN)


def test_the_last_word_counts_while_the_day_is_not_over(door):
    cannot_come_and_then_late(door)
    assert (door.row("anna").status, door.today("anna").visits[0].status) == (Status.LATER, Status.LATER)
    came_elsewhere(door)
    assert door.row("anna").status is Status.LATER
