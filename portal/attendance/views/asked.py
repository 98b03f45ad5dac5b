"""What the address and the forms of the board say: which day, which part of it, and which tap."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from flask import request
from pydantic import BaseModel, ConfigDict, StringConstraints

from portal.attendance.rules.kept import TapTime, time_of_tap
from portal.attendance.rules.showing import Show, asked_for
from portal.clock import now_utc, today_oslo
from portal.errors import NotFound
from portal.web.forms import LARGEST_NUMBER, read_shape


class BoardTap(BaseModel):
    """A press on the board. Short enough that the person, or each of many, can stand behind it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nonce: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,38}$")]


def asked_part() -> Show:
    """Which part of the board is asked for, or was when the form was drawn."""
    return asked_for(request.values.get("vis", ""))


def asked_day() -> date | None:
    """Which day is asked for; None for today and for what is no day, so that a board left open goes on."""
    try:
        on = date.fromisoformat(request.values.get("dag", ""))
    except ValueError:
        return None
    return None if on == today_oslo() else on


def asked_day_until_now() -> date:
    """Which day something is written about: today when none is told. Raises: NotFound for a day to come."""
    on = asked_day() or today_oslo()
    if on > today_oslo():
        raise NotFound
    return on


def read_nonce() -> str:
    """Which press this is. Raises: Refused `input.shape`."""
    return read_shape(BoardTap, {"nonce": request.form.get("nonce")}).nonce


def read_time(field: str = "waited_s") -> TapTime | None:
    """When the press was made, for one that the tablet has kept; None for one that comes at once.

    What cannot be read is no reason to lose a press: it then counts from now, and is looked at.
    """
    waited = request.form.get(field)
    if not waited:
        return None
    is_number = waited.isdecimal() and waited.isascii()
    return time_of_tap(min(int(waited[:12]), LARGEST_NUMBER) if is_number else None, now=now_utc())
