"""What must hold in the chat whatever happens, I1 to I14: real servers, and the phones' own scripts."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from portal.chat.models import Message
from tests.fixtures.real_portal import ORIGIN, Browser
from tests.fixtures.room import wait_until
from tests.rig.faults import pause, write_between
from tests.rig.sampling import Sampling
from tests.rig.stage import SETTLES_WITHIN_SECONDS, VEILEDER

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]
FORM = {"Content_Type": "application/x-www-form-urlencoded", "Origin": ORIGIN}


def bad_minute(stage):
    """Answers lost, a phone cut off, and a server that dies after the commit and before the answer."""
    jonas = stage.phones["jonas"].proxy
    with stage.writing():
        jonas.change(swallows=True)
        pause(1)
        jonas.change(swallows=False, refuses=True)
        jonas.cut()
        pause(1)
        jonas.change(refuses=False)
        stage.server.crash_at("after-commit")
        stage.server.wait_for_death()
        stage.server.start()


def test_whatever_happens_the_invariants_hold(set_stage, subtests):
    stage = set_stage()
    with subtests.test("I7 what is written while a page opens is shown on it"):
        with stage.playing("written between") as played:
            write_between(stage)
        assert (played.verdict.sent, played.verdict.shown) == (1, 1)
        assert played.verdict.over(SETTLES_WITHIN_SECONDS) == []
    check_a_bad_minute(stage, subtests)
    check_a_phone_that_was_away(stage, subtests)


def check_a_bad_minute(stage, subtests):
    with stage.playing("a bad minute") as played, Sampling(stage.database) as seen:
        bad_minute(stage)
    verdict, run = played.verdict, played.run
    found = verdict.why
    assert verdict.sent > 10
    assert stage.phones["jonas"].proxy.swallowed > 0

    with subtests.test("I1 what a phone kept is stored, I2 what it was told is stored is so"):
        assert (verdict.lost, verdict.acked) == (0, verdict.sent), found
    with subtests.test("I3 nothing is there twice"):
        assert verdict.dup == 0, found
    with subtests.test("I4 everybody sees one order, I5 each writer's own, I6 no number is missing"):
        assert verdict.misordered == 0, found
        for talk in stage.conversations.values():
            newest = [[row.seq for row in one.rows[-20:]] for one in run.replicas if one.conversation == talk]
            assert newest == newest[:1] * len(newest)
    with subtests.test("I6 nobody ever read a change without the one before"):
        assert seen.samples > 20
        assert seen.gaps == []
    with subtests.test("I7 everybody sees everything soon after"):
        assert (verdict.unresolved, verdict.phantom) == (0, 0), found
        assert verdict.shown == verdict.stored
        assert verdict.t_conv_max_s <= SETTLES_WITHIN_SECONDS  # how soon is the bench's question
    with subtests.test("I9 who has come how far only goes forwards"):
        assert seen.backwards == []
    with subtests.test("I9 what was read in one tab is unread nowhere"):
        wait_until(lambda: unread(stage, "jonas") == 0, "nothing is unread", seconds=10)
    with subtests.test("I10 nobody else heard a word"):
        assert verdict.leaked == 0, found
        assert any(line["kind"] == "heard" for line in run.lines)
    with subtests.test("I14 a message goes with its journal, clocks, files, notices and tasks"):
        assert run.stored.contradictions == ()
        assert run.stored.files


def unread(stage, who):
    """What the number beside «Chat» says in any tab."""
    status, told = browser(stage, who).open("GET", "/chat/hoder", Accept="application/json")
    assert status == 200
    return json.loads(told)["unread"]


def browser(stage, who):
    return Browser(stage.server.port, stage.token_of(who))


def check_a_phone_that_was_away(stage, subtests):
    tab, hers = stage.tab_of("jonas", "jonas"), stage.tab_of(VEILEDER, "jonas")
    phone, talk = stage.phones["jonas"], stage.conversations["jonas"]
    (first, second) = stage.write(hers, 2)
    for one in (first, second):
        stage.wait_until_said("jonas", "shown", one)
    seq = {row["id"]: row["seq"] for row in stage.rows(hers)}
    phone.proxy.change(refuses=True)
    phone.proxy.cut()
    ingrid = browser(stage, VEILEDER)
    corrected = str(uuid.uuid4())

    with subtests.test("I8 a withdrawal and a correction"):
        words = {"csrf_token": ingrid.token(), "client_id": corrected, "text": "Klokka ti, ikke ni."}
        for act in (f"{seq[first]}/trekk", f"{seq[second]}/rett"):
            status, _ = ingrid.open("POST", f"/chat/{talk}/melding/{act}", urlencode(words), **FORM)
            assert status == 303
        phone.proxy.change(refuses=False)
        wait_until(stage.has_settled, "everybody is back", seconds=20)
        now = {row["seq"]: row for row in stage.rows(tab)}
        assert now[seq[first]]["withdrawn"]
        assert corrected in {row["id"] for row in now.values()}
        pages = [[(row["seq"], row["rev"]) for row in stage.rows(one)][-3:] for one in (tab, hers)]
        assert pages[0] == pages[1]

    with subtests.test("I11 the same id with other words is refused, and the first words stay"):
        other = {"client_id": corrected, "text": "Noe helt annet."}
        before = text_of(stage, corrected)
        assert ingrid.post(f"/chat/{talk}/melding", other)[0] == 409
        assert text_of(stage, corrected) == before

    with subtests.test("I12 a plain form sent twice is one message"):
        jonas = browser(stage, "jonas")
        plain = {"csrf_token": jonas.token(), "client_id": str(uuid.uuid4()), "text": "Hei igjen."}
        for _ in range(2):
            assert jonas.open("POST", f"/chat/{talk}/melding", urlencode(plain), **FORM)[0] == 303
        assert Counter(rows_of(stage))[plain["client_id"]] == 1


def rows_of(stage):
    with stage.database.transaction(writes=False) as s:
        return s.scalars(select(Message.client_id)).all()


def text_of(stage, client_id):
    with stage.database.transaction(writes=False) as s:
        return s.scalars(select(Message.body).where(Message.client_id == client_id)).one()
