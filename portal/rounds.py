"""Work that comes round again for as long as the server runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

_log = structlog.get_logger(__name__)


def keep_doing(name: str, do: Callable[[], object], *, every_seconds: float) -> None:
    """Do something again and again in a thread of its own, first after one pause; a failed round is logged.

    The thread ends with the process, in the middle of a round if need be: `do` must bear that.
    """

    def go_on() -> None:
        while True:
            time.sleep(every_seconds)
            try:
                do()
            except Exception as fault:  # one bad round must not be the last one
                _log.error(f"{name}.failed", exc_info=fault)

    threading.Thread(target=go_on, name=name, daemon=True).start()
