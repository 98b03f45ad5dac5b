"""Duty phones of an office, and whom to ring now."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, time

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from portal.errors import NotFound
from portal.people.models import DutyPhone, Office
from portal.people.rules.ringing import Answers, Phone, WhomToRing, whom_to_ring
from portal.people.service import places
from portal.people.service.opening import calendar_of


@dataclass(frozen=True)
class NewPhone:
    """A duty phone as it is filled in; `opens_at` and `closes_at` only for hours of its own."""

    name: str
    number: str
    answers: Answers
    opens_at: time | None = None
    closes_at: time | None = None


def ring_now(s: Session, office_id: int, at: datetime) -> WhomToRing:
    """Tell whom somebody of an office can ring at an instant: never a number that nobody answers.

    When nothing is open it tells when the office opens: no other number is sure to help.
    Raises: NotFound.
    """
    office = places.get_office(s, office_id)
    phones = _phones(s, DutyPhone.office_id == office_id)
    return whom_to_ring(at, calendar_of(s, office_id), office=(office.name, office.phone), phones=phones)


def list_phones(s: Session, office_public_id: str) -> list[Phone]:
    """Get an office's duty phones, by name."""
    office = select(Office.id).where(Office.public_id == office_public_id).scalar_subquery()
    return _phones(s, DutyPhone.office_id == office)


def add_phone(s: Session, office_public_id: str, new: NewPhone) -> None:
    """Add a duty phone to an office. Raises: NotFound."""
    s.add(DutyPhone(office_id=_office_id(s, office_public_id), **asdict(new)))


def remove_phone(s: Session, office_public_id: str, public_id: str) -> None:
    """Take a duty phone away, so that nobody is told to ring it. Raises: NotFound."""
    office_id = _office_id(s, office_public_id)
    s.execute(delete(DutyPhone).where(DutyPhone.office_id == office_id, DutyPhone.public_id == public_id))


def _phones(s: Session, where: ColumnElement[bool]) -> list[Phone]:
    rows = s.scalars(select(DutyPhone).where(where).order_by(DutyPhone.name, DutyPhone.id))
    return [
        Phone(row.public_id, row.name, row.number, row.answers, row.opens_at, row.closes_at) for row in rows
    ]


def _office_id(s: Session, public_id: str) -> int:
    found = s.scalar(select(Office.id).where(Office.public_id == public_id))
    if found is None:
        raise NotFound
    return found
