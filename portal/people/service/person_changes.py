"""What was changed about who may reach a recipient and who helps her: by whom, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.clock import now_utc, to_oslo
from portal.people.models import Helper, Person, PersonChange
from portal.people.rules.access import Viewer
from portal.people.rules.words import Change, Purpose


@dataclass(frozen=True)
class ChangeLine:
    """One thing that was changed: by whom, and on which day. `helper` and `purpose`: whose help with what."""

    by: str
    on: date
    change: Change
    helper: str = ""
    purpose: Purpose | None = None


def note(s: Session, viewer: Viewer, person_id: int, change: Change, helper_id: int | None = None) -> None:
    """Write down what the viewer has just done."""
    by_and_at = {"by_id": viewer.person_id, "at": now_utc()}
    s.add(PersonChange(person_id=person_id, **by_and_at, change=change, helper_id=helper_id))


def list_changes(s: Session, recipient_id: int) -> list[ChangeLine]:
    """Tell who changed what about a recipient, newest first. Checks nothing: the caller does."""
    by, staff = aliased(Person), aliased(Person)
    rows = s.execute(
        select(PersonChange, by, staff, Helper.purpose)
        .join(by, by.id == PersonChange.by_id)
        .outerjoin(Helper, Helper.id == PersonChange.helper_id)
        .outerjoin(staff, staff.id == Helper.staff_id)
        .where(PersonChange.person_id == recipient_id)
        .order_by(PersonChange.at.desc(), PersonChange.id.desc())
    ).all()
    return [
        ChangeLine(_name(who), to_oslo(row.at).date(), row.change, _name(helper), purpose)
        for row, who, helper, purpose in rows
    ]


def _name(person: Person | None) -> str:
    return f"{person.given_name} {person.family_name}" if person else ""
