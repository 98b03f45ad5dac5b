"""How often one address may ask: coarse, since fifty people share one. Codes have counts of their own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from limits.storage import Storage

from portal.clock import now_utc
from portal.errors import N_, TooManyTries

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

MOST_REQUESTS = "1200 per minute"
_SWEEP_SECONDS = 60


class Counts(Storage):
    """The counts of this process, each for as long as its window lasts.

    The library's own starts a thread for nearly every count, to sweep the others; it was a tenth of what a
    message cost (measured).
    """

    STORAGE_SCHEME = ["counts"]
    base_exceptions = ValueError

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: str) -> None:
        super().__init__(uri, wrap_exceptions)
        self._one_at_a_time = threading.Lock()
        self._counts: dict[str, tuple[float, int]] = {}
        self._sweep_at = 0.0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and tell how many it is; a count whose window is over begins anew."""
        now = now_utc().timestamp()
        with self._one_at_a_time:
            if now >= self._sweep_at:
                self._counts = {one: told for one, told in self._counts.items() if told[0] > now}
                self._sweep_at = now + _SWEEP_SECONDS
            ends, count = self._counts.get(key, (0.0, 0))
            if ends <= now:
                ends, count = now + expiry, 0
            self._counts[key] = ends, count + amount
        return count + amount

    def get(self, key: str) -> int:
        """Tell how many it is now."""
        ends, count = self._counts.get(key, (0.0, 0))
        return count if ends > now_utc().timestamp() else 0

    def get_expiry(self, key: str) -> float:
        """Tell when the count begins anew, in seconds since 1970."""
        return self._counts.get(key, (now_utc().timestamp(), 0))[0]

    def check(self) -> bool:
        """Say that it can be asked: it is this process' own memory."""
        return True

    def reset(self) -> int:
        """Forget every count."""
        with self._one_at_a_time:
            forgotten, self._counts = len(self._counts), {}
        return forgotten

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._counts.pop(key, None)


def install(app: Flask) -> Callable[[str, str], None]:
    """Limit every page. Gives back what counts a socket event, by its name: as many as of a page.

    It gets the event's name and the address it came from. Raises, when called: TooManyTries.
    """
    limiter = Limiter(get_remote_address, app=app, default_limits=[MOST_REQUESTS], storage_uri="counts://")
    allowed = parse(MOST_REQUESTS)

    def count_event(name: str, address: str) -> None:
        if not limiter.limiter.hit(allowed, name, address):
            sentence = N_("Det kom mange forsøk på kort tid. Vent ett minutt, og prøv igjen.")
            raise TooManyTries("request.too_many", sentence)

    return count_event
