"""A person's browser without a window: a Node process with the portal's own scripts, and the line to it."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from tests.fixtures.portal_server import ROOT
from tests.fixtures.real_portal import ORIGIN
from tests.rig.letters import Letter
from tests.rig.proxy import Proxy

JS = Path(__file__).parent / "js"
LOGIN = "__Host-login"


def bundle(out: Path, fault: str = "") -> Path:
    """Put the portal's scripts into one file, with a deliberate mistake if one is named."""
    told = [node(), str(JS / "bundle.mjs"), str(out), *([fault] if fault else [])]
    done = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return out


def node() -> str:
    """Where Node is. Raises: FileNotFoundError when it is not."""
    found = shutil.which("node")
    if found is None:
        raise FileNotFoundError("Node is not installed")
    return found


class Phone:
    """One person's browser. Every act is told by name; see js/browser.mjs."""

    def __init__(
        self, who: str, proxy: Proxy, *, token: str, script: Path, folder: Path, clock_off_seconds: float = 0
    ) -> None:
        self.who = who
        self.proxy = proxy
        self.log_file = folder / f"{who}.jsonl"
        self.log_file.touch()
        given = {
            "who": who,
            "port": proxy.port,
            "origin": ORIGIN,
            "cookies": {LOGIN: token},
            "script": str(script),
            "log": str(self.log_file),
            "clockOffMs": clock_off_seconds * 1000,
        }
        self._numbers = itertools.count(1)
        self._answers: dict[int, SimpleQueue[dict[str, Any]]] = {}
        self.process = subprocess.Popen(
            [node(), str(JS / "browser.mjs"), json.dumps(given)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, act: str, *, seconds: float = 30, **what: object) -> dict[str, Any]:
        """Have it do something, and wait for the answer. Raises: RuntimeError with what went wrong."""
        number = next(self._numbers)
        answer: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._answers[number] = answer
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"n": number, "do": act, **what}) + "\n")
        self.process.stdin.flush()
        try:
            told = answer.get(timeout=seconds)
        except Empty:
            raise RuntimeError(f"{self.who} did not {act} within {seconds:g} s") from None
        if "fault" in told:
            raise RuntimeError(f"{self.who} {act}: {told['fault']}")
        return told

    def open(self, tab: str, address: str) -> None:
        """Open a page in a tab, and let it run."""
        if not self.ask("load", tab=tab, address=address)["loaded"]:
            raise RuntimeError(f"{self.who} got no conversation at {address}")
        self.ask("run", tab=tab)

    def write(self, tab: str, letters: Sequence[Letter]) -> list[str]:
        """Write messages one after another, as fast as fingers never are; gives their ids."""
        ids: list[str] = self.ask("write", tab=tab, letters=[one.as_data() for one in letters])["ids"]
        return ids

    def end(self) -> None:
        """Throw the phone away."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                told = json.loads(line)
                self._answers.pop(told.pop("n")).put(told)
        except ValueError:
            return  # thrown away
