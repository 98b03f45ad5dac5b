"""The checker of the faults: each thing that may go wrong turns it red by itself, and nothing else does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.rig.checker import judge
from tests.rig.record import Held, Replica, Row, Run, Shown, Stored

TALK, OTHER = "talk", "other"
JONAS, INGRID = "demo-jonas", "demo-ingrid"
NONCES = {name: f"rig-{number:012x}" for number, name in enumerate(("a", "b", "c"))}


def line(who, kind, at=1.0, **facts):
    return {"at": at, "who": who, "tab": "one", "kind": kind, **facts}


def wrote(who, author, name, at, **more):
    meant = {"text": f"Hei {NONCES[name]}", "conversation": TALK, "author": author, **more}
    return [line(who, "intent", at, id=name, **meant), line(who, "kept", at, id=name)]


def told(who, name, seq, at=5.0):
    return line(who, "stored", at, id=name, seq=seq, rev=seq)


def got(who, mark):
    return line(who, "opened", conversation=TALK, file="F", mark=mark)


ROWS = (
    Row(TALK, 1, 1, JONAS, "a", NONCES["a"]),
    Row(TALK, 2, 2, INGRID, "b", NONCES["b"], "money"),
    Row(TALK, 3, 3, JONAS, "c", NONCES["c"], says={"nb": "Kaffe?", "ar": "قهوة؟"}),
)
PHOTO = Held(TALK, 2, "f", "F", "16x16")
SHOWN = (
    Shown(1, "a", 1),
    Shown(2, "b", 2, "money", files=(("F", True),)),
    Shown(3, "c", 3, says="Kaffe?", files=()),
)
GOOD = Run(
    "none",
    (
        *wrote("jonas", JONAS, "a", 1),
        *wrote("jonas", JONAS, "c", 3, text="", phrase="coffee", values={"what": NONCES["c"]}),
        *wrote("ingrid", INGRID, "b", 2, topic="money", files=[{"id": "f", "mark": "16x16"}]),
        got("ingrid", "16x16"), got("per", "404"),
        told("jonas", "a", 1), told("ingrid", "b", 2), told("jonas", "c", 3),
    ),
    Stored(ROWS, {TALK: 3}, {TALK: (1, 2, 3)}, (PHOTO,)),
    (Replica("jonas", "one", TALK, SHOWN), Replica("ingrid", "one", TALK, SHOWN)),
    {TALK: frozenset({"jonas", "ingrid"})},
    {TALK: 0},
    ended_at=4.0,
)  # fmt: skip


def stored(*rows, journal=(1, 2, 3), files=(PHOTO,), contradictions=()):
    return replace(GOOD, stored=Stored(rows, {TALK: 3}, {TALK: journal}, files, contradictions))


def held(*files):
    return stored(*ROWS, files=files)


def shown(*rows, **how):
    return replace(GOOD, replicas=(GOOD.replicas[0], Replica("ingrid", "one", TALK, rows, **how)))


def noted(*lines):
    return replace(GOOD, lines=(*GOOD.lines, *lines))


def faults(run):
    verdict = judge(run)
    return {name: getattr(verdict, name) for name in verdict.BARS if getattr(verdict, name)}


def test_a_run_without_a_fault_is_clean_and_counted():
    verdict = judge(GOOD)
    assert (verdict.sent, verdict.acked, verdict.stored, verdict.shown) == (3, 3, 3, 3)
    assert verdict.t_conv_max_s == 1.0
    assert verdict.over(5) == []
    assert verdict.over(0.5) == ["t_conv_max_s 1.0 > 0.5"]


A, B, C = ROWS
FIRST, SECOND, THIRD = SHOWN
RED = {
    "I1 what a phone kept is no row": (stored(A, B), {"lost"}),
    "I2 what was told stored stands elsewhere": (noted(told("jonas", "c", 9)), {"lost"}),
    "I3 one text is two rows": (stored(A, B, C, replace(C, seq=4, client_id="d")), {"dup", "phantom"}),
    "I3 a page shows an id twice": (shown(*SHOWN, waiting=("b",)), {"dup", "unresolved"}),
    "I4 a page shows another order": (shown(SHOWN[1], SHOWN[0], SHOWN[2]), {"misordered"}),
    "I4 a page shows another message there": (shown(Shown(1, "b", 1), *SHOWN[1:]), {"phantom", "dup"}),
    "I5 what was written last stands first": (
        replace(stored(replace(C, seq=1, rev=1), B, replace(A, seq=3, rev=3))), {"misordered", "lost"},
    ),
    "I6 the journal has a gap": (stored(A, B, C, journal=(1, 3)), {"misordered"}),
    "I7 a page lacks a message": (shown(*SHOWN[:2]), {"unresolved"}),
    "I7 a message still waits": (shown(*SHOWN, waiting=("d",)), {"unresolved"}),
    "I8 a page shows a message as it was": (stored(A, replace(B, rev=4), C), {"unresolved"}),
    "I10 somebody else hears of it": (noted(line("kari", "heard", conversation=TALK)), {"leaked"}),
    "I10 a strange conversation is heard": (noted(line("jonas", "heard", conversation=OTHER)), {"leaked"}),
    "I10 it is heard after the sign-out": (
        noted(line("jonas", "signed out", 6), line("jonas", "heard", 7.5, conversation=TALK)), {"leaked"},
    ),
    "I1 a file is lost": (held(), {"lost"}),
    "I1 a file hangs on another message": (held(replace(PHOTO, seq=3)), {"lost"}),
    "I3 a file is there twice": (held(PHOTO, replace(PHOTO, client_id="g")), {"dup", "phantom"}),
    "a file holds what nobody sent": (held(replace(PHOTO, mark="17x16")), {"phantom"}),
    "a file waits for its message": (held(PHOTO, replace(PHOTO, seq=None)), {"dup", "unresolved"}),
    "I7 a page shows no file": (shown(FIRST, replace(SECOND, files=()), THIRD), {"unresolved"}),
    "I7 a file does not open": (shown(FIRST, replace(SECOND, files=(("F", False),)), THIRD), {"unresolved"}),
    "I7 a file is not ready": (held(replace(PHOTO, is_ready=False)), {"unresolved"}),
    "a stranger opens a file": (noted(got("per", "16x16")), {"leaked"}),
    "a file opens with other bytes": (noted(got("jonas", "9x9")), {"unresolved"}),
    "a topic is lost": (stored(A, replace(B, topic="plan"), C), {"phantom", "unresolved"}),
    "a page shows another topic": (shown(FIRST, replace(SECOND, topic="plan"), THIRD), {"unresolved"}),
    "a phrase in a language not hers": (shown(FIRST, SECOND, replace(THIRD, says="قهوة؟")), {"unresolved"}),
    "a phrase with other words": (stored(A, B, replace(C, nonce=NONCES["a"])), {"phantom"}),
    "I14 what stands beside does not agree": (stored(*ROWS, contradictions=("a clock",)), {"unresolved"}),
    "nobody wrote what stands there": (stored(A, B, C, Row(TALK, 4, 4, JONAS, "x", "")), {"phantom"}),
    "a text was refused": (noted(line("jonas", "refused", id="a", reason="For lang")), {"unresolved"}),
}  # fmt: skip


@pytest.mark.parametrize("fault", RED)
def test_the_checker_turns_red_when(fault):
    run, names = RED[fault]
    assert names <= set(faults(run))
    assert judge(run).why


@pytest.mark.parametrize(
    "lines",
    [
        [line("jonas", "signed out", 6), line("jonas", "heard", 6.9, conversation=TALK)],
        [
            line("jonas", "signed out", 6), line("jonas", "signed in", 8),
            line("jonas", "heard", 8.1, conversation=TALK),
        ],
        [line("ingrid", "heard", 9, conversation=TALK)],
    ],
)  # fmt: skip
def test_what_may_be_heard_is_no_leak(lines):
    assert faults(noted(*lines)) == {}
