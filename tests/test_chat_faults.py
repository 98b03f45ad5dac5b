"""The faults of the bench, short: whatever breaks, no message is lost, doubled, made up or overheard."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.bench.chat_faults import FAULTS, play
from tests.rig.faults import SHORT, write_between
from tests.rig.stage import SETTLES_WITHIN_SECONDS

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]

GROUPS = {
    "the server is killed, stopped or held up": (
        "kill before-commit", "kill after-commit", "kill after-answer", "kill at random", "kill the master",
        "SIGTERM while sending", "database busy",
    ),
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
LARGE = ("a phone's net fails, or strangers knock",)
"""Where somebody must be there who may not hear; elsewhere two people are enough to see it fail."""


def test_nothing_is_lost_whatever_breaks(set_stage, subtests):
    """Each group on a stage of its own, all at one time: mostly they wait."""

    def play_group(group):
        faults = [fault for fault in FAULTS if fault.name in GROUPS[group]]
        stage = set_stage(faults[0].place, is_small=group not in LARGE)
        return [(fault, play(stage, fault, SHORT)) for fault in faults]

    with ThreadPoolExecutor(len(GROUPS)) as crew:
        runs = {group: crew.submit(play_group, group) for group in GROUPS}
    for group, run in runs.items():
        with subtests.test(group):
            run.result()
        for fault, played in [] if run.exception() else run.result():
            with subtests.test(fault.name):
                assert played.verdict.sent > 0
                assert played.hit
                assert played.verdict.over(SETTLES_WITHIN_SECONDS) + played.over == [], played.verdict.why
                assert not (fault.pages_answer and played.pages_failed)


def test_every_fault_is_in_a_group():
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(one.name for one in FAULTS)


# --- The rig itself: a portal that is deliberately wrong must be found out ---


def lose_an_answer(stage):
    proxy = stage.phones["jonas"].proxy
    proxy.change(swallows=True)
    stage.write(stage.tabs[0], 1)
    stage.wait_until_said("jonas", "later")
    proxy.change(swallows=False)


def hold_up_the_first(stage):
    proxy = stage.phones["jonas"].proxy
    proxy.change(refuses=True)
    proxy.cut()
    stage.write(stage.tabs[0], 1)
    stage.wait_until_said("jonas", "later")
    proxy.change(refuses=False)
    stage.write(stage.tabs[0], 3)


MISTAKES = {
    # The live connection loses the first answer, and then the request: one message more for each.
    "dedupe-off": (lose_an_answer, {"sent": 1, "dup": 2}),
    "order-off": (hold_up_the_first, {"sent": 4, "misordered": 3}),
    "fetch-before-join": (write_between, {"sent": 1, "unresolved": 1}),
}
"""A server that forgets what was sent; pages that do not wait for their turn, or fetch before they hear."""


def test_a_portal_that_is_wrong_is_found_out(set_stage, subtests):
    def play_wrongly(mistake):
        stage = set_stage(mistake=mistake, is_small=True)
        stage.settles_within_seconds = 4
        with stage.playing(mistake) as played:
            MISTAKES[mistake][0](stage)
        return played.verdict

    with ThreadPoolExecutor(len(MISTAKES)) as crew:
        verdicts = dict(zip(MISTAKES, crew.map(play_wrongly, MISTAKES), strict=True))
    for mistake, (_, found) in MISTAKES.items():
        with subtests.test(mistake):
            assert {name: getattr(verdicts[mistake], name) for name in found} == found
