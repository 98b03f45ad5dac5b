"""Whom the board shows when somebody asks for a part of it. The words stand in addresses."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from portal.attendance.rules.registered import Status

DAYS_BACK = 14
"""So far back staff may look at the board, to clear what was left open. Older days are the veileder's."""
DAYS_AHEAD = 14


class Show(StrEnum):
    """A part of the board."""

    EVERYBODY = "alle"
    NOT_HEARD = "ikke-hort-fra"
    HERE = "er-her"
    TOLD = "sagt-fra"
    LATER = "kommer-senere"
    UNCLEAR = "ma-avklares"
    NEW = "ny-i-dag"


_OF_STATUS = {
    Show.NOT_HEARD: Status.NOT_HEARD,
    Show.HERE: Status.HERE,
    Show.TOLD: Status.TOLD_US,
    Show.LATER: Status.LATER,
    Show.UNCLEAR: Status.TO_BE_CLARIFIED,
}


def asked_for(word: str) -> Show:
    """Read which part somebody asks for; any other word is everybody."""
    return next((part for part in Show if part.value == word), Show.EVERYBODY)


def shows(part: Show, status: Status, *, is_new: bool) -> bool:
    """Whether somebody stands in a part of the board."""
    if part is Show.NEW:
        return is_new
    return part is Show.EVERYBODY or status is _OF_STATUS[part]


def has_board(on: date, *, today: date) -> bool:
    """Whether a day is near enough for those who work at the centre to see it."""
    return -timedelta(days=DAYS_BACK) <= on - today <= timedelta(days=DAYS_AHEAD)
