"""What goes wrong between a phone and the server, and who else knocks at the door."""

from __future__ import annotations

import os
import re
import socket
from contextlib import suppress
from pathlib import Path

from tests.fixtures.real_portal import ORIGIN
from tests.fixtures.room import wait_until
from tests.raw_phone import RawPhone
from tests.rig.faults import Fault, Play, Size, pause
from tests.rig.phone import LOGIN
from tests.rig.proxy import DOWN, UP
from tests.rig.server import now
from tests.rig.stage import Played, Stage

WHO = "jonas"
_SILENT_ARE_GONE_WITHIN_SECONDS = 60
_LARGE_BYTES = 60 * 1024 * 1024
_MOST_GROWTH_KIB = 20 * 1024


def _held(*directions: str) -> Play:
    def play(stage: Stage, size: Size, played: Played) -> None:
        with stage.writing():
            stage.phones[WHO].proxy.change(held=frozenset(directions))
            pause(size.cut_seconds)
            played.hit = f"{len(stage.waiting(WHO))} of {WHO}'s messages waited"
            stage.phones[WHO].proxy.change(held=frozenset())
            stage.ended_at = now()

    return play


def _reset(stage: Stage, size: Size, played: Played) -> None:
    proxy = stage.phones[WHO].proxy
    with stage.writing():
        proxy.change(refuses=True)
        played.hit = f"{proxy.cut()} connections reset"
        pause(size.cut_seconds)
        played.hit += f", {len(stage.waiting(WHO))} messages waited"
        proxy.change(refuses=False)
        stage.ended_at = now()


def _answers_lost(stage: Stage, size: Size, played: Played) -> None:
    proxy = stage.phones[WHO].proxy
    with stage.writing():
        proxy.change(swallows=True)
        stage.write(stage.tab_of(WHO, WHO), 2, mixed=True)
        pause(size.cut_seconds)
        proxy.change(swallows=False)
        stage.ended_at = now()
    played.hit = f"{proxy.swallowed} answers lost"
    if not proxy.swallowed:
        played.over.append("no answer was lost")


def _slow(stage: Stage, size: Size, played: Played) -> None:
    proxy = stage.phones[WHO].proxy
    with stage.writing():
        proxy.change(delay_seconds=0.8, loss=0.05, bytes_per_second=50_000)
        pause(size.cut_seconds)
        proxy.change(delay_seconds=0.0, loss=0.0, bytes_per_second=0)
        stage.ended_at = now()
    played.hit = "800 ms each way, one packet in twenty sent again"


def _silent(stage: Stage, size: Size, played: Played) -> None:
    silent = [_lucas(stage).join() for _ in range(size.silent_phones)]
    began = now()
    with stage.writing():
        pause(min(size.cut_seconds, 5))
        stage.ended_at = now()
    played.hit = f"{len(silent)} silent phones"
    if size.waits_for_silent:
        wait_until(
            lambda: all(phone.is_cut() for phone in silent), "all silent phones are let go",
            seconds=_SILENT_ARE_GONE_WITHIN_SECONDS,
        )  # fmt: skip
        played.hit += f", all let go after {now() - began:.0f} s"
    for phone in silent:
        phone.close()


def _too_large(stage: Stage, _size: Size, played: Played) -> None:
    worker = stage.server.worker()
    before = _most_kib(worker)
    with stage.writing():
        pause(1)
        sent = [
            _push(RawPhone(stage.server.port, cookie=None, origin=ORIGIN)),
            _push(_lucas(stage)),
            _push(_lucas(stage).join()),
        ]
        grown = _most_kib(worker) - before
        stage.ended_at = now()
    mib = [f"{size / 2**20:.1f}" for size in sent]
    played.hit = f"cut after {', '.join(mib)} MiB; the server grew {grown // 1024} MiB"
    if grown > _MOST_GROWTH_KIB:
        played.over.append(f"the server grew {grown // 1024} MiB")


def _lucas(stage: Stage) -> RawPhone:
    """Somebody else's live connection, signed in and not yet joined."""
    return RawPhone(stage.server.port, cookie=f"{LOGIN}={stage.sign_in('lucas')}", origin=ORIGIN)


def _most_kib(pid: int) -> int:
    """The most memory that a process has ever held."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])


def _push(phone: RawPhone) -> int:
    """Send one frame of 60 MB; gives how much of it went out before the line was cut."""
    part = os.urandom(2**20)
    sent = 0
    with suppress(OSError):
        phone.send(b"", announced=_LARGE_BYTES)
        phone.sock.settimeout(10)
        while sent < _LARGE_BYTES:
            phone.sock.sendall(part)
            sent += len(part)
    with suppress(OSError):
        phone.sock.shutdown(socket.SHUT_RDWR)
    phone.close()
    return sent


FAULTS = (
    Fault("phone cut both ways", _held(UP, DOWN)),
    Fault("phone hears nothing", _held(DOWN)),
    Fault("phone is not heard", _held(UP)),
    Fault("phone cut by reset", _reset),
    Fault("answers lost", _answers_lost),
    Fault("slow net with loss", _slow),
    Fault("silent phones", _silent),
    Fault("60 MB from a stranger", _too_large),
)
