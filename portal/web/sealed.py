"""What a browser carries for us for some minutes and must not be able to read: sealed in the visit's cookie.

Flask signs that cookie but does not hide it, so what opens a door never lies there as it is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from flask import session
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.db import seal, unseal


def keep_sealed(s: Session, name: str, told: Mapping[str, object], *, bound_to: tuple[str, ...]) -> None:
    """Put something into the visit, sealed; what lay there by the same name is gone.

    `bound_to` says for what and whom it is: it opens for nothing else.
    """
    sealed = seal(s, json.dumps({**told, "at": now_utc().timestamp()}), bound_to=(name, *bound_to))
    session[name] = base64.urlsafe_b64encode(sealed).decode()


def read_sealed(s: Session, name: str, *, bound_to: tuple[str, ...], minutes: int) -> dict[str, Any] | None:
    """Read it again; None when it is not there, is for something else, or has lain longer than so."""
    try:
        sealed = base64.urlsafe_b64decode(session.get(name, ""))
        told: dict[str, Any] = json.loads(unseal(s, sealed, bound_to=(name, *bound_to)))
    except (ValueError, IndexError):
        return None
    return told if now_utc().timestamp() - told["at"] <= minutes * 60 else None
