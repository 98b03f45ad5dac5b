"""Senders that are killed, and several at once, over real https: nothing goes out twice or is hidden."""

from __future__ import annotations

import os
import signal
import time
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.app import NOTICES_ASK
from portal.chat.service import sending
from portal.notify.rules.notices import Kind, Outcome, Result
from portal.notify.service import choices
from portal.notify.service.rounds import Rounds
from portal.notify.service.senders import HttpSender
from portal.notify.service.sending import Attempt
from portal.people.models import Person
from tests import notice_process
from tests.fixtures.application import MONDAY_MORNING, settings_for
from tests.fixtures.databases import on_sqlite
from tests.fixtures.room import wait_until
from tests.fixtures.servers import free_port
from tests.gateway import open_gateway
from tests.notice_process import (
    AFTER_SENDING,
    AFTER_SETTLING,
    BEFORE_SENDING,
    BEFORE_THE_ATTEMPT_STANDS,
    NEVER,
)
from tests.postbox import choose, outcomes
from tests.test_people import viewer_of
from tests.world import add_crowd

pytestmark = pytest.mark.timeout(120)

TOKEN = "made up"
ANNAS, BIRKS = "+4640000001", "+4640000002"
CROWD = 24
AT_THE_GATEWAY = "the gateway has it and has not answered"


@pytest.fixture
def gateway(request, tmp_path):
    """One that forgets keys, unless the test asks otherwise."""
    with open_gateway(tmp_path, knows_keys=getattr(request, "param", False)) as opened:
        yield opened


@pytest.fixture
def two_wait(app, database, world, gateway):
    """Anna and Birk have each got a message, and have chosen to be told."""
    for name, number, helper in (("anna", ANNAS, "vera"), ("birk", BIRKS, "vidar")):
        with clock.stop_at(MONDAY_MORNING):
            choose(app, database, world, name, number)
            with database.transaction() as s:
                told = {"client_id": str(uuid.uuid4()), "text": "Hemmelig"}
                sending.post_message(s, world.people[helper].id, world.thing("thread", name), **told)


def changed_for(gateway):
    return {
        "notice_sender": "http", "notice_url": gateway.url, "notice_token": TOKEN,
        "notice_gateway_dedupes": gateway.knows_keys,
    }  # fmt: skip


def a_round(database, database_url, gateway, minutes):
    rounds = Rounds(settings_for(database_url, **changed_for(gateway)), database, NOTICES_ASK)
    with clock.stop_at(MONDAY_MORNING + timedelta(minutes=minutes)):
        rounds.once()


@pytest.mark.parametrize(
    ("gateway", "point", "asked_by_then", "becomes"),
    [
        (False, BEFORE_THE_ATTEMPT_STANDS, 0, Outcome.SENT),
        (False, BEFORE_SENDING, 0, Outcome.UNKNOWN),
        (False, AT_THE_GATEWAY, 1, Outcome.UNKNOWN),
        (False, AFTER_SENDING, 1, Outcome.UNKNOWN),
        (False, AFTER_SETTLING, 1, Outcome.SENT),
        (True, BEFORE_SENDING, 0, Outcome.SENT),
        (True, AT_THE_GATEWAY, 1, Outcome.SENT),
    ],
    indirect=["gateway"],
)
def test_a_sender_killed_at_any_point_sends_nothing_twice_and_says_what_nobody_knows(
    database, database_url, gateway, two_wait, point, asked_by_then, becomes
):
    where = point if point != AT_THE_GATEWAY else NEVER
    process = notice_process.start(1, where, str(gateway.certificate), database_url, **changed_for(gateway))
    if point == AT_THE_GATEWAY:
        gateway.while_at_it = lambda: os.kill(process.pid, signal.SIGKILL)
    process.join(30)
    gateway.while_at_it = lambda: None
    assert process.exitcode == -signal.SIGKILL
    assert len(gateway.asked) == asked_by_then
    a_round(database, database_url, gateway, 2)
    assert gateway.delivered.count(ANNAS) <= 1, "the lease holds"
    for minutes in (5, 10, 700):
        a_round(database, database_url, gateway, minutes)
    assert outcomes(database, [Kind.MESSAGE]) == [becomes, Outcome.SENT]
    assert gateway.delivered.count(BIRKS) == 1
    assert gateway.delivered.count(ANNAS) == (1 if becomes is Outcome.SENT else asked_by_then)
    assert all(one["headers"]["Authorization"] == f"Bearer {TOKEN}" for one in gateway.asked)
    assert {one["text"] for one in gateway.asked} == {"Du har en ny melding. Logg inn."}


def test_senders_at_once_share_the_work_and_each_notice_goes_out_once(
    app, database, database_url, world, gateway
):
    add_crowd(database, world, size=CROWD)
    with database.transaction() as s:
        vera = viewer_of(app, s, world, "vera")
        crowd = s.scalars(select(Person).where(Person.family_name == "Crowd").order_by(Person.id)).all()
        for number, person in enumerate(crowd, start=10):
            choices.save_number_for(s, vera, person.public_id, f"400000{number}", has_asked=True)
            told = {"client_id": str(uuid.uuid4()), "text": "Hemmelig"}
            sending.post_message(s, vera.person_id, world.thing("thread", person.given_name), **told)
    gateway.while_at_it = lambda: time.sleep(0.02)
    settings = changed_for(gateway)
    senders = [
        notice_process.start(1, NEVER, str(gateway.certificate), database_url, **settings) for _ in range(3)
    ]
    for sender in senders:
        sender.join(60)
    assert [sender.exitcode for sender in senders] == [0, 0, 0]
    assert sorted(gateway.delivered) == [f"+47400000{number}" for number in range(10, 10 + CROWD)]
    assert outcomes(database, [Kind.MESSAGE]) == [Outcome.SENT] * CROWD
    assert gateway.most_at_once > 1, "they were at it at the same time"


@pytest.fixture
def ask(gateway):
    def once(url=gateway.url, status=202, **headers):
        gateway.status, gateway.headers = status, headers
        sender = HttpSender(url, TOKEN, timeout_seconds=1, can_dedupe=False)
        return sender.send(Attempt("a-key", Kind.MESSAGE, ANNAS, "Hei", clock.now_utc()))

    return once


def test_a_gateway_is_believed_no_further_than_it_can_be(gateway, ask):
    assert ask() is Result.SENT
    assert gateway.asked[-1]["to"] == ANNAS
    assert gateway.asked[-1]["headers"]["Idempotency-Key"] == gateway.asked[-1]["id"] == "a-key"
    heard = len(gateway.asked)
    assert ask(status=307, Location=gateway.url + "/elsewhere") is Result.UNREACHABLE
    assert len(gateway.asked) == heard + 1, "no redirect is followed"
    assert ask(status=422) is Result.REFUSED
    gateway.while_at_it = lambda: time.sleep(1.5)
    assert ask() is Result.UNKNOWN, "too slow: it may have been done"
    gateway.while_at_it = lambda: None
    assert ask(gateway.url.replace("127.0.0.1", "localhost")) is Result.UNREACHABLE, "another name"
    assert ask(f"https://127.0.0.1:{free_port()}/send") is Result.UNREACHABLE, "nobody there"
    os.environ.pop("SSL_CERT_FILE")
    heard = len(gateway.asked)
    assert ask() is Result.UNREACHABLE, "nobody vouches for it"
    assert len(gateway.asked) == heard
    os.environ["SSL_CERT_FILE"] = str(gateway.certificate)


@on_sqlite
@pytest.mark.real_time
def test_a_server_sends_by_itself_and_told_to_end_waits_for_the_answer_under_way(
    database, gateway, two_wait, start_portal
):
    gateway.while_at_it = lambda: time.sleep(1.5)
    changed = {name: str(value) for name, value in changed_for(gateway).items()}
    portal = start_portal(**changed, notice_quiet_from_hour="0", notice_quiet_until_hour="0")
    wait_until(lambda: gateway.asked, "the server sends")
    began = time.monotonic()
    log = portal.end()
    assert time.monotonic() - began < 8
    assert outcomes(database, [Kind.MESSAGE]) == [Outcome.SENT, None]
    assert gateway.delivered == [ANNAS]
    assert not any(word in log for word in (ANNAS[3:], TOKEN, "Hemmelig", "Traceback"))
