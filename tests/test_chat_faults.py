"""The faults of the bench, short: whatever breaks, no message is lost, doubled, made up or overheard."""

from __future__ import annotations

import pytest

from tests.bench.chat_faults import FAULTS, play
from tests.rig.faults import SHORT, write_between
from tests.rig.stage import SETTLES_WITHIN_SECONDS

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]

GROUPS = {
    "the server is killed": (
        "kill before-commit", "kill after-commit", "kill after-answer", "kill at random",
    ),
    "the server is stopped or held up": ("kill the master", "SIGTERM while sending", "database busy"),
    "the disk is full": ("disk full",),
    "PostgreSQL stops": ("PostgreSQL stops",),
    "a phone's net fails, or strangers knock": (
        "phone cut both ways", "phone hears nothing", "phone is not heard", "phone cut by reset",
        "answers lost", "slow net with loss", "silent phones", "60 MB from a stranger",
    ),
    "the phone itself fails": (
        "tab closed with a full outbox", "tab frozen", "two tabs", "clock a day wrong",
        "signed out in the middle",
    ),
}  # fmt: skip


@pytest.mark.parametrize("group", GROUPS)
def test_nothing_is_lost_when(group, set_stage, subtests):
    faults = [fault for fault in FAULTS if fault.name in GROUPS[group]]
    place = faults[0].place
    stage = set_stage(place, is_small=place != "sqlite")  # two people are enough to see a database fail
    for fault in faults:
        with subtests.test(fault.name):
            played = play(stage, fault, SHORT)
            assert played.verdict.sent > 0
            assert played.hit
            assert played.verdict.over(SETTLES_WITHIN_SECONDS) + played.over == [], played.verdict.why
            assert not (fault.pages_answer and played.pages_failed)


def test_every_fault_is_in_a_group():
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(one.name for one in FAULTS)


# --- The rig itself: a portal that is deliberately wrong must be found out ---


def judged(stage, name, do):
    stage.settles_within_seconds = 4
    with stage.playing(name) as played:
        do()
    return played.verdict


def test_a_server_that_forgets_what_was_sent_is_found_out(set_stage):
    stage = set_stage(mistake="dedupe-off", is_small=True)
    proxy = stage.phones["jonas"].proxy

    def lose_an_answer():
        proxy.change(swallows=True)
        stage.write(stage.tabs[0], 1)
        stage.wait_until_said("jonas", "later")
        proxy.change(swallows=False)

    verdict = judged(stage, "dedupe off", lose_an_answer)
    assert (verdict.sent, verdict.dup) == (1, proxy.swallowed), "one more for each answer that was lost"
    assert proxy.swallowed == 2, "by the live connection, and then by the request"


def test_a_page_that_does_not_wait_for_the_one_before_is_found_out(set_stage):
    stage = set_stage(mistake="order-off", is_small=True)
    proxy = stage.phones["jonas"].proxy

    def hold_up_the_first():
        proxy.change(refuses=True)
        proxy.cut()
        stage.write(stage.tabs[0], 1)
        stage.wait_until_said("jonas", "later")
        proxy.change(refuses=False)
        stage.write(stage.tabs[0], 3)

    verdict = judged(stage, "order off", hold_up_the_first)
    assert (verdict.sent, verdict.misordered) == (4, 3)


def test_a_page_that_fetches_before_it_hears_is_found_out(set_stage):
    stage = set_stage(mistake="fetch-before-join", is_small=True)
    verdict = judged(stage, "written between", lambda: write_between(stage))
    assert (verdict.sent, verdict.unresolved) == (1, 1)
