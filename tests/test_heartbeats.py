"""One thread asks all phones whether they are there: again and again, in time, and nobody who has gone."""

from __future__ import annotations

import threading

import pytest
from engineio.packet import PING, PONG, Packet
from engineio.socket import Socket
from flask import Flask
from flask_socketio import SocketIO

from portal.realtime.heartbeats import share_heartbeats
from tests.fixtures.room import wait_until

pytestmark = pytest.mark.real_time
INTERVAL = 0.05


@pytest.fixture
def eio():
    socketio = SocketIO(Flask("tiny"), async_mode="threading", ping_interval=INTERVAL, ping_timeout=5)
    share_heartbeats(socketio)
    return socketio.server.eio


def asked(phone):
    """Whether the phone is asked soon: what lies ready for it is a heartbeat."""
    return phone.queue.get(timeout=5).packet_type == PING


def test_every_phone_is_asked_again_after_each_answer_and_by_one_thread(eio):
    before = {thread.ident for thread in threading.enumerate()}
    phones = [Socket(eio, f"phone-{number}") for number in range(20)]
    for phone in phones:
        phone.schedule_ping()
    for _ in range(3):
        assert all(asked(phone) for phone in phones)
        for phone in phones:
            phone.receive(Packet(PONG))
    started = [thread.name for thread in threading.enumerate() if thread.ident not in before]
    assert started == ["heartbeats"]


def test_who_has_gone_is_not_asked_and_one_that_fails_stops_nobody(eio):
    gone, broken, here = (Socket(eio, name) for name in ("gone", "broken", "here"))
    gone.closed = True
    broken.queue = None
    for phone in (gone, broken, here):
        phone.schedule_ping()
    assert asked(here)
    assert gone.queue.empty()


def test_other_work_beside_still_gets_a_thread_of_its_own(eio):
    done = threading.Event()
    eio.start_background_task(done.set)
    wait_until(done.is_set, "the work is done")
