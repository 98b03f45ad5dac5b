"""Guessing from four processes at once gives not one try more than from one: the count is in the database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import clock
from portal.attendance.rules import devices, windows
from portal.people.models import Credential
from portal.people.rules.words import IdentityCheck
from portal.people.service import activation, sessions
from tests.attendance_door import opened
from tests.fixtures.application import MONDAY_MORNING
from tests.fixtures.databases import on_postgresql

ROOT = Path(__file__).parent.parent
PROCESSES = 4
EACH = 25
CODES_PER_ADDRESS = 100
PIN, WRONG_PINS = "482917", [f"{number:06d}" for number in range(EACH)]

pytestmark = pytest.mark.timeout(300)


class Guessers:
    """Four processes of the portal on one database."""

    def __init__(self, database_url):
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed by end()
        self._all = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.guesser", database_url],
                cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            )
            for _ in range(PROCESSES)
        ]  # fmt: skip

    def all_try(self, to, field, guesses, *, at=MONDAY_MORNING, from_address="203.0.113.7", **more):
        """Let every process make all these guesses at the same moment; how many got which answer."""
        order = {"to": to, "field": field, "guesses": guesses, "at": at.isoformat(), "from": from_address}
        for process in self._all:
            process.stdin.write(json.dumps({**order, **more}) + "\n")
            process.stdin.flush()
        told = sum((self._answers_of(process) for process in self._all), Counter())
        assert told.keys() <= {"303", "422", "429", "wrong", "waits", "compared"}, (told, self._said())
        return told

    def _answers_of(self, process):
        line = process.stdout.readline()
        assert line, self._said()
        return Counter(json.loads(line))

    def _said(self):
        return os.pread(self._log.fileno(), 4_000, 0).decode()

    def end(self):
        for process in self._all:
            process.kill()
            process.communicate()
        self._log.close()


@pytest.fixture
def guessers(database_url, world):
    with ExitStack() as ending:
        four = Guessers(database_url)
        ending.callback(four.end)
        yield four


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as found:
        yield found


def engine_of(door):
    return door.database.engine.dialect.name


def test_four_processes_at_once_have_no_more_tries_than_one(guessers, door, tell):
    """One-time codes, the screen's digits, a device's code and a PIN; starting the four takes the time."""
    _one_time_codes(guessers, door, tell)
    _a_code_in_a_link_is_a_guess_like_any_other(guessers)
    for who, known in {
        "somebody signed in": {"login": door.world.people["birk"].token},
        "a known phone": {"phone": _bound_phone(door, "celine")[0]},
        "an address": {},
    }.items():
        _digits(guessers, door, tell, who, known)
    _device_codes(guessers, door, tell)
    _a_pin(guessers, door, tell)


def _one_time_codes(guessers, door, tell):
    wrong = [f"AAAAAA{one}{other}" for one in "ABCDE" for other in "ABCDEFGH"]
    made, limit, compared = PROCESSES * len(wrong), CODES_PER_ADDRESS, []
    for minutes, at_most in ((0, limit), (14, 0), (15, limit)):
        at = MONDAY_MORNING + timedelta(minutes=minutes)
        told = guessers.all_try("/aktiver", "code", wrong, at=at)
        assert (told["422"], told["429"]) == (at_most, made - at_most)
        compared.append(told["422"])
    tell(f"guessing codes: {_so_many(len(wrong))}, {_sum(compared)} compared in three windows of 15 minutes "
         f"(limit {limit}) ({engine_of(door)})")  # fmt: skip


def _a_code_in_a_link_is_a_guess_like_any_other(guessers):
    """The link looks at the code and leads on either way; the page that it leads to says which it was."""
    wrong = [f"BBBBBB{one}{other}" for one in "ABCDE" for other in "ABCDEFGH"]
    told = guessers.all_try("/aktiver", "link", wrong, from_address="203.0.113.8")
    made = PROCESSES * len(wrong)
    assert (told["wrong"], told["waits"]) == (CODES_PER_ADDRESS, made - CODES_PER_ADDRESS)


def _digits(guessers, door, tell, who, known):
    limit = windows.WRONG_DIGITS_PER_PERSON if known else windows.WRONG_DIGITS_PER_ADDRESS
    guesses = [_digits_that_no_screen_shows(door)] * EACH
    told, made = guessers.all_try("/inn", "code", guesses, **known), PROCESSES * EACH
    assert (told["422"], told["429"]) == (limit, made - limit)
    tell(f"guessing digits by {who}: {_so_many(EACH)}, {told['422']} compared (limit {limit} in "
         f"{windows.GUESS_MINUTES} minutes) ({engine_of(door)})")  # fmt: skip


def _device_codes(guessers, door, tell):
    """Whoever hits upon the code of a screen that is just being set up would have made hers one."""
    limit, made = devices.WRONG_CODES_PER_ADDRESS, PROCESSES * EACH
    told = guessers.all_try("/enhet", "code", ["CCCCCCCC"] * EACH)
    assert (told["422"], told["429"]) == (limit, made - limit)
    tell(f"guessing a device's code: {_so_many(EACH)}, {told['422']} compared (limit {limit} in "
         f"{devices.GUESS_MINUTES} minutes) ({engine_of(door)})")  # fmt: skip


def _a_pin(guessers, door, tell):
    """After each wait fewer, and then the phone is nobody's: fifteen in all, never more."""
    phone, pin_hash = _bound_phone(door, "anna")
    at, compared = MONDAY_MORNING, []
    for wait in (15, 60, 120, 240, 60 * 24):
        told = guessers.all_try("/logg-inn", "pin", WRONG_PINS, at=at, phone=phone, pin_hash=pin_hash)
        compared.append(told["compared"])
        assert told["422"] == PROCESSES * EACH
        at += timedelta(minutes=wait)
    right = guessers.all_try("/logg-inn", "pin", [PIN], at=at, phone=phone, pin_hash=pin_hash)
    assert (right["compared"], right["303"]) == (0, 0), "a phone that is nobody's lets nobody in"
    tell(f"guessing a PIN: {_so_many(EACH)}, five times with the waits between, {_sum(compared)} compared "
         f"(limit 5, 15 in all): a chance of {sum(compared)} in 1 000 000 ({engine_of(door)})")  # fmt: skip
    assert compared == [5, 5, 2, 2, 1]
    with door.database.transaction(writes=False) as s:
        ended = s.scalars(select(Credential).where(Credential.pin_hash == pin_hash)).one()
    assert (ended.tries, ended.ended_at is not None) == (15, True)


def _so_many(each):
    return f"{PROCESSES} processes × {each} at once"


def _sum(numbers):
    return " + ".join(map(str, numbers))


@on_postgresql
def test_one_code_binds_one_phone_however_many_try_at_once(door, database_url):
    code = _code_for(door, "anna")
    with ExitStack() as ending:
        runners = [
            subprocess.Popen([sys.executable, "-c", BIND, database_url, code], cwd=ROOT, text=True,
                             stdout=subprocess.PIPE)
            for _ in range(PROCESSES)
        ]  # fmt: skip
        for runner in runners:
            ending.callback(runner.communicate)
            ending.callback(runner.kill)
        told = [runner.communicate(timeout=120)[0].strip() for runner in runners]
    assert sorted(told) == ["bound", *["refused"] * (PROCESSES - 1)]


BIND = """
import sys
from portal import clock
from portal.bus import Bus
from portal.db import Database
from portal.errors import Refused
from portal.people.service import activation
from tests.fixtures.application import MONDAY_MORNING

database = Database(sys.argv[1], facts=Bus(), data_keys=(b"\\x07" * 32,))
with clock.stop_at(MONDAY_MORNING):
    try:
        with database.transaction() as s:
            activation.bind_phone(s, sys.argv[2], "482917")
        print("bound")
    except Refused:
        print("refused")
"""


def _code_for(door, name):
    with door.database.transaction() as s:
        return activation.new_code_for(
            s, door.id(name), hours=48, made_by_id=door.id("vera"), check=IdentityCheck.KNOWN
        ).code


def _bound_phone(door, name):
    code = _code_for(door, name)
    with door.database.transaction() as s:
        token = activation.bind_phone(s, code, PIN).device_token
        mine = select(Credential.pin_hash).where(Credential.device_hash == sessions.token_hash(token))
        return token, s.scalars(mine).one()


def _digits_that_no_screen_shows(door):
    shown = set()
    for minutes in (0, 1):
        with clock.stop_at(MONDAY_MORNING - timedelta(minutes=minutes)):
            shown |= {door.code().digits, door.code("other").digits}
    return next(digits for digits in (f"{number:06d}" for number in range(1_000)) if digits not in shown)
