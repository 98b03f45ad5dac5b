"""A calendar month of somebody's days, and the one before and after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Month:
    """One month, named by its first day."""

    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.after.first - timedelta(days=1)

    @property
    def before(self) -> Month:
        """The month before."""
        return month_of(self.first - timedelta(days=1))

    @property
    def after(self) -> Month:
        """The month after."""
        return month_of(self.first + timedelta(days=31))

    @property
    def code(self) -> str:
        """As it stands in an address: «2026-11»."""
        return f"{self.first:%Y-%m}"


def month_of(on: date) -> Month:
    """The month of a day."""
    return Month(on.replace(day=1))


def read_month(told: str) -> Month:
    """Read a month from an address: «2026-11». Raises: ValueError for anything else."""
    month = Month(date.fromisoformat(f"{told}-01"))
    if month.code != told:
        raise ValueError(told)
    return month
