"""How numbers about people are shown so that nobody can be found in them (design 3.7, issue 5)."""

from __future__ import annotations

LEAST_SHOWN = 5


def shown_number(people: int) -> int | None:
    """Give a number of people as it may be shown: None below five, otherwise to the nearest five.

    Rounded, so that nobody is found by taking one number from another, in one table or from week to week.
    Example: 23 expected and 21 who came are both shown near the truth, and the two who did not are not.
    """
    if people < LEAST_SHOWN:
        return None
    return (people + 2) // 5 * 5
