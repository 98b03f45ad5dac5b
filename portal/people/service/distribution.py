"""Distribution: who in an office has nobody that makes the plan with her, and giving her a veileder."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from portal.clock import today_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.models import Helper, Person
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened, Purpose
from portal.people.service import helping, recipients
from portal.people.service.access_log import look
from portal.people.service.help_given import Help, cover_days
from portal.people.service.helping import Colleague
from portal.people.service.helps_now import helps_now

MOST_SHOWN = 100


@dataclass(frozen=True)
class Waiting:
    """Somebody without a veileder. A protected person has neither name nor year here (decision 27)."""

    public_id: str
    name: str | None
    born_year: int | None
    veiledere: list[Colleague]


@dataclass(frozen=True)
class DistributionPage:
    """Who waits for a veileder, oldest first; `is_cut` when there are more than are shown."""

    waiting: list[Waiting]
    is_cut: bool


def distribution_page(s: Session, viewer: Viewer) -> DistributionPage:
    """Show a leader who in her offices has no veileder, whoever came first on top."""
    look(s, Opened.DISTRIBUTION)
    wanted = select(Person).where(_has_nobody(viewer)).order_by(Person.id).limit(MOST_SHOWN + 1)
    people = list(s.scalars(wanted))
    veiledere = {office_id: _veiledere(s, office_id) for office_id in viewer.office_ids}
    waiting = [
        Waiting(
            public_id=person.public_id,
            name=None if person.is_protected else f"{person.given_name} {person.family_name}",
            born_year=None if person.is_protected or person.born_on is None else person.born_on.year,
            veiledere=veiledere[person.office_id] if person.office_id else [],
        )
        for person in people[:MOST_SHOWN]
    ]
    return DistributionPage(waiting, len(people) > MOST_SHOWN)


def give_veileder(s: Session, viewer: Viewer, public_id: str, staff_public_id: str) -> str:
    """Let a veileder make the plan with somebody who has nobody, from today; give back the veileder's name.

    Raises: NotFound for anybody who has one, who is of another office, or who does not exist; Refused
    `distribution.who` for somebody who is no veileder there.
    """
    recipients.hold(s, s.scalars(select(Person.id).where(Person.public_id == public_id)).all())
    person = s.scalar(select(Person).where(Person.public_id == public_id, _has_nobody(viewer)))
    if person is None or person.office_id is None:
        raise NotFound
    chosen = [one for one in _veiledere(s, person.office_id) if one.public_id == staff_public_id]
    if not chosen:
        raise Refused("distribution.who", N_("Velg en veileder."), field="who")
    given = Help(person.id, chosen[0].person_id, Purpose.PLAN, False, today_oslo(), None)
    cover_days(s, viewer, [given])
    return chosen[0].name


def _veiledere(s: Session, office_id: int) -> list[Colleague]:
    return [one for one in helping.list_colleagues(s, office_id) if not one.works_at_centre]


def _has_nobody(viewer: Viewer) -> ColumnElement[bool]:
    """A recipient of the viewer's offices with whom nobody makes the plan today.

    A stand-in goes again, and somebody who is no veileder any more can do nothing: neither counts.
    """
    makes_plan = (
        exists()
        .where(
            Helper.recipient_id == Person.id,
            Helper.purpose == Purpose.PLAN,
            Helper.is_stand_in.is_(False),
            helps_now(),
        )
        .correlate(Person)
    )
    return Person.is_recipient & Person.office_id.in_(viewer.office_ids) & ~makes_plan
