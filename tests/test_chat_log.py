"""The phone's side of the chat, run in Node: in whatever order events come, the list ends up the same."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CASES = sorted((ROOT / "tests" / "js").glob("chat_*.mjs"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_phones_side_of_the_chat_keeps_its_promises(case):
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    ran = subprocess.run([node, str(case)], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_there_are_cases():
    assert [case.stem for case in CASES] == [
        "chat_hearing",
        "chat_keeping",
        "chat_log",
        "chat_pieces",
        "chat_queue",
        "chat_sending",
        "chat_uploads",
    ]
