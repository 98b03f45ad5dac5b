"""How often one address may ask: coarse, since fifty people share one. Codes have counts of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse

from portal.errors import N_, TooManyTries

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

MOST_REQUESTS = "1200 per minute"


def install(app: Flask) -> Callable[[str], None]:
    """Limit every page. Gives back what counts an event that writes, by its name: as many as of a page.

    Raises, when called: TooManyTries.
    """
    limiter = Limiter(get_remote_address, app=app, default_limits=[MOST_REQUESTS], storage_uri="memory://")
    allowed = parse(MOST_REQUESTS)

    def count_event(name: str) -> None:
        if not limiter.limiter.hit(allowed, name, get_remote_address()):
            sentence = N_("Det kom mange forsøk på kort tid. Vent ett minutt, og prøv igjen.")
            raise TooManyTries("request.too_many", sentence)

    return count_event
