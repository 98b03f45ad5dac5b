"""A week at a centre, and the one before and after it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Week:
    """One week, named by its Monday."""

    first: date

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)

    @property
    def number(self) -> int:
        """The number it has in a Norwegian calendar."""
        return self.first.isocalendar().week

    @property
    def before(self) -> Week:
        """The week before."""
        return Week(self.first - timedelta(days=7))

    @property
    def after(self) -> Week:
        """The week after."""
        return Week(self.first + timedelta(days=7))

    @property
    def code(self) -> str:
        """As it stands in an address: «2026-W48»."""
        year, number, _weekday = self.first.isocalendar()
        return f"{year}-W{number:02d}"


def week_of(on: date) -> Week:
    """The week of a day."""
    return Week(on - timedelta(days=on.weekday()))


def read_week(told: str) -> Week:
    """Read a week from an address: «2026-W48». Raises: ValueError for anything else."""
    if not re.fullmatch(r"[0-9]{4}-W[0-9]{2}", told):
        raise ValueError(told)
    return Week(date.fromisocalendar(int(told[:4]), int(told[6:]), 1))
