"""Closing an office or a centre for good: from a day on nobody is given a role there. Nothing is removed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.clock import today_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.models import Centre, Office, Person, StaffRole
from portal.people.rules.helping import is_too_far
from portal.people.rules.roles import Place


def has_closed(last_on: date | None) -> bool:
    """Whether a place with this last day is closed today."""
    return last_on is not None and last_on < today_oslo()


def close_place(s: Session, kind: Place, public_id: str, last_on: date) -> None:
    """Say which day is a place's last.

    Raises: NotFound; Refused `place.last_day` for a day that is past or too far ahead, `place.has_people` for
    an office that somebody who gets help belongs to, `place.has_roles` while a role there lasts longer.
    """
    place = _place(s, kind, public_id)
    if last_on < today_oslo() or is_too_far(last_on, today_oslo()):
        sentence = N_("Velg i dag eller en senere dag, innen ti år.")
        raise Refused("place.last_day", sentence, field="last_day")
    if kind is Place.OFFICE and s.scalar(select(Person.id).where(Person.office_id == place.id).limit(1)):
        raise Refused(
            "place.has_people",
            N_("Noen som får hjelp, hører til kontoret. De må få et annet kontor først."),
            field="last_day",
        )
    names = _who_stays_longer(s, place, last_on)
    if names:
        raise Refused(
            "place.has_roles",
            N_("Disse har en rolle her lenger: %(names)s. Avslutt rollene først, eller velg en senere dag."),
            field="last_day",
            names=", ".join(names),
        )
    place.last_on = last_on


def keep_open(s: Session, kind: Place, public_id: str) -> None:
    """Let a place stay open after all, or open again. Raises: NotFound."""
    _place(s, kind, public_id).last_on = None


def _place(s: Session, kind: Place, public_id: str) -> Office | Centre:
    row: Office | Centre | None
    if kind is Place.OFFICE:
        row = s.scalar(select(Office).where(Office.public_id == public_id).with_for_update())
    else:
        row = s.scalar(select(Centre).where(Centre.public_id == public_id).with_for_update())
    if row is None:
        raise NotFound
    return row


def _who_stays_longer(s: Session, place: Office | Centre, last_on: date) -> list[str]:
    here = StaffRole.office_id if isinstance(place, Office) else StaffRole.centre_id
    rows = s.scalars(
        select(Person)
        .join(StaffRole, StaffRole.person_id == Person.id)
        .where(here == place.id, StaffRole.ended_at.is_(None))
        .where(or_(StaffRole.to_on.is_(None), StaffRole.to_on > last_on))
    )
    return sorted({f"{one.given_name} {one.family_name}" for one in rows})
