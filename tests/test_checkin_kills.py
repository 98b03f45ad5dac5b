"""A server killed in the middle of the rush loses no check-in that a phone was told of (design 3.6)."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.attendance.rules.registered import Channel
from portal.attendance.service import checking_in
from portal.attendance.service.codes import Claim
from portal.bus import Bus
from portal.clock import now_utc
from portal.db import Database
from tests.checkin_kills import rush_with_kills
from tests.checkin_people import add_comers
from tests.checkin_runs import count
from tests.fixtures.databases import on_sqlite
from tests.fixtures.real_portal import KEY

COME, KILLS = 60, 4


@on_sqlite
@pytest.mark.real_time
@pytest.mark.timeout(120)
def test_what_a_phone_was_told_is_there_and_once_however_often_the_server_is_killed(database_url):
    database = Database(database_url, facts=Bus(), data_keys=(KEY,))
    with database.transaction() as s:
        crowd = add_comers(s, COME, 2)
    with ThreadPoolExecutor(1) as beside:  # a browser test in the same worker keeps a loop of its own running
        rush = beside.submit(lambda: asyncio.run(rush_with_kills(database, crowd, kills=KILLS))).result()
    lost, doubled, broken = count(database, rush.told)
    database.close()
    assert rush.kills == KILLS, "it was killed while people came"
    assert rush.tries_cut_off > 0
    assert {comer.id for comer in rush.told} == {comer.id for comer in crowd.comers}
    assert (lost, rush.lost_at_a_kill, doubled, broken) == (0, 0, 0, 0)


@on_sqlite
def test_whoever_was_told_and_is_not_there_is_counted(database_url):
    database = Database(database_url, facts=Bus(), data_keys=(KEY,))
    with database.transaction() as s:
        one, other = add_comers(s, 2, 1).comers
    with database.transaction() as s:
        checking_in.check_in(s, one.id, Claim(1, now_utc(), Channel.QR, "tap"))
    assert count(database, [one]) == (0, 0, 0)
    assert count(database, [one, other]) == (1, 0, 0)
    database.close()
