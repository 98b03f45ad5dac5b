"""Whoever is signed out, or loses her phone, her role or her leave, is out everywhere within seconds."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from portal import clock
from portal.bus import Bus
from portal.db import Database
from portal.people.models import Credential, LoginSession, Person, StaffRole
from portal.people.service import activation, sessions
from tests.fixtures.databases import on_postgresql
from tests.fixtures.real_portal import KEY
from tests.fixtures.room import wait_until

WITHIN_SECONDS = 5
WAYS = {
    "signed out": "vera", "the phone ended": "anna", "the role ended": "vidar", "no longer digital": "petra",
    "every session ended": "birk",
}  # fmt: skip

pytestmark = [pytest.mark.real_time, pytest.mark.redis, pytest.mark.timeout(240)]


@pytest.fixture
def office(database_url):
    """The database, as another process of the office writes to it."""
    database = Database(database_url, facts=Bus(), data_keys=(KEY,))
    yield database
    database.close()


def _end(how, office, world, token, portal):
    person_id = world.people[WAYS[how]].id
    if how == "signed out":
        assert portal.browser(token).post("/logg-ut", {})[0] == 303
        return
    with office.transaction() as s:
        if how == "the phone ended":
            mine = LoginSession.token_hash == sessions.token_hash(token)
            phone = s.scalars(select(LoginSession.credential_id).where(mine)).one()
            sessions.end_sessions_on_phone(s, phone)
        elif how == "the role ended":
            yesterday = clock.today_oslo() - timedelta(days=1)
            s.execute(update(StaffRole).where(StaffRole.person_id == person_id).values(to_on=yesterday))
        elif how == "no longer digital":
            s.execute(update(Person).where(Person.id == person_id).values(digital_allowed_by_id=None))
        else:
            sessions.end_sessions_of(s, person_id)


def _with_a_phone(office, world, token):
    """Bind a phone, and let the session be one that it made."""
    with office.transaction() as s:
        made = activation.new_code_for(s, world.people["anna"].id, hours=48, made_by_id=None, check=None)
    with office.transaction() as s:
        activation.bind_phone(s, made.code, "482917")
        mine = LoginSession.token_hash == sessions.token_hash(token)
        s.execute(
            update(LoginSession)
            .where(mine)
            .values(credential_id=select(func.max(Credential.id)).scalar_subquery())
        )


@on_postgresql
def test_nothing_of_hers_answers_in_any_process(start_portal, sign_in_now, world, office, redis_server, tell):
    both = [start_portal(redis_url=redis_server.url) for _ in range(2)]
    for how, who in WAYS.items():
        token = sign_in_now(who)
        if how == "the phone ended":
            _with_a_phone(office, world, token)
        page = "/innboks" if who in ("vera", "vidar") else "/planen-min"
        lines = [portal.phone(token).join() for portal in both for _ in range(3)]
        assert [portal.browser(token).open("GET", page)[0] for portal in both] == [200, 200], how
        began = time.monotonic()
        _end(how, office, world, token, both[0])
        statuses = [portal.browser(token).open("GET", page)[0] for portal in both]
        pages_after = time.monotonic() - began
        wait_until(lambda lines=lines: all(line.is_cut() for line in lines), how, seconds=WITHIN_SECONDS)
        took = time.monotonic() - began
        tell(
            f"ended at once: {how}, the pages of 2 processes in {pages_after:.2f} s, "
            f"6 live connections in {took:.2f} s"
        )
        assert statuses == [303, 303], how
        assert [portal.phone(token).status for portal in both] == [401, 401], how
        assert took < WITHIN_SECONDS
