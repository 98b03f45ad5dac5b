"""A photo that is being drawn when the server is told to stop: drawn to its end, never called unreadable."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from portal.errors import Refused
from portal.files import kinds, photo_child, photos
from portal.files.kinds import Sent
from tests.fixtures.room import wait_until
from tests.photos import photo


def ignores(pid, number):
    told = Path(f"/proc/{pid}/status").read_text().partition("SigIgn:")[2].split()[0]
    return bool(int(told, 16) >> (number - 1) & 1)


def test_a_photo_is_drawn_to_its_end_though_all_are_told_to_stop():
    told = ["JPEG", str(kinds.LONGEST_SIDE), str(kinds.MOST_PIXELS)]
    drawing = subprocess.Popen(
        [sys.executable, "-I", photo_child.__file__, *told], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    wait_until(lambda: ignores(drawing.pid, signal.SIGTERM), "the child has begun")
    drawing.terminate()
    drawn, _ = drawing.communicate(photo(size=(60, 40)), timeout=20)
    assert (drawing.returncode, drawn[:2]) == (0, b"\xff\xd8")


def test_a_child_that_was_told_to_end_before_it_began_says_nothing_of_the_photo(monkeypatch, tmp_path):
    ends = tmp_path / "ends.py"
    ends.write_text("import os, sys; sys.stdin.buffer.read(); os.kill(os.getpid(), 15)")
    monkeypatch.setattr(photo_child, "__file__", str(ends))
    with pytest.raises(RuntimeError, match="as good as before"):
        photos.redrawn(photo(), Sent.JPEG)  # the page gets a 500, and sends the same once more
    ends.write_text("import os; os.kill(os.getpid(), 9)")  # what too much memory or time comes to
    with pytest.raises(Refused, match=r"file\.photo_unreadable"):
        photos.redrawn(photo(), Sent.JPEG)
