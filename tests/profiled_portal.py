"""`portal serve`, with the processor time of each «Jeg er her» told by function.

    python -m tests.profiled_portal FILE

The worker writes FILE (for pstats) whenever so many taps have been answered.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import threading
import time
from typing import Any

from flask import Flask

from portal.cli import portal

EVERY = 100
_lock = threading.Lock()
_profiles: dict[int, cProfile.Profile] = {}
_answered = 0


def main() -> None:
    """Serve, and keep the profile."""
    file, answer = sys.argv[1], Flask.wsgi_app

    def profiled(app: Flask, environ: Any, start_response: Any) -> Any:
        global _answered
        if environ["PATH_INFO"] != "/oppmote/her":
            return answer(app, environ, start_response)
        # Each thread has its own, on its own processor time: what it waits for the others is not its work.
        profile = _profiles.setdefault(threading.get_ident(), cProfile.Profile(time.thread_time))
        try:
            return profile.runcall(answer, app, environ, start_response)
        finally:
            with _lock:
                _answered += 1
                if _answered % EVERY == 0:
                    _write(file)

    Flask.wsgi_app = profiled  # type: ignore[method-assign]  # only here, and only to measure
    portal(["serve"])


def _write(file: str) -> None:
    told: pstats.Stats | None = None
    for profile in list(_profiles.values()):
        told = pstats.Stats(profile) if told is None else told.add(profile)
    assert told is not None
    told.dump_stats(file)


if __name__ == "__main__":
    main()
