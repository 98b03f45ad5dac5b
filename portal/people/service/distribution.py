"""Distribution: who in an office lacks a veileder or other help, and giving it to her."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from portal.clock import now_utc, today_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.models import Helper, Person
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened, Purpose
from portal.people.service import helping, opening, recipients
from portal.people.service.access_log import look
from portal.people.service.help_given import Help, cover_days
from portal.people.service.helping import Colleague
from portal.people.service.helps_now import has_fitting_role, helps_now, not_over
from portal.people.service.recipients import HelperCard

MOST_SHOWN = 100

_WAITS_NOT = datetime.max.replace(tzinfo=UTC)
"""Later than anybody waits since: stands last."""


@dataclass(frozen=True)
class Waiting:
    """Somebody who lacks help with something. A protected person has neither name nor year (decision 27).

    `choices`: who can give it. `waited_minutes`: how long she has waited for an answer, or None.
    """

    public_id: str
    name: str | None
    born_year: int | None
    purpose: Purpose
    choices: list[Colleague]
    waited_minutes: int | None


@dataclass(frozen=True)
class DistributionPage:
    """Who lacks a veileder; `is_cut` when there are more than are shown.

    `lost`: other help, which somebody gave who is not there any more.
    """

    waiting: list[Waiting]
    is_cut: bool
    lost: list[Waiting]


def distribution_page(s: Session, viewer: Viewer, since: Mapping[int, datetime]) -> DistributionPage:
    """Show a leader who in her offices has no veileder, and what else is lost.

    `since`: since when those wait who wait for an answer. They stand on top, the longest wait first; then
    whoever came first.
    """
    look(s, Opened.DISTRIBUTION)
    alone = list_without_veileder(s, viewer, with_protected=True)
    alone.sort(key=lambda person_id: since.get(person_id, _WAITS_NOT))
    shown = alone[:MOST_SHOWN]
    people = {person.id: person for person in s.scalars(select(Person).where(Person.id.in_(shown)))}
    colleagues = {office_id: helping.list_colleagues(s, office_id) for office_id in viewer.office_ids}
    calendars = opening.calendars_of(s, viewer.office_ids)
    waited = {
        one: calendars[people[one].office_id or 0].open_minutes(since[one], now_utc())
        for one in shown
        if one in since
    }
    return DistributionPage(
        [_waiting(people[one], Purpose.PLAN, colleagues, waited.get(one)) for one in shown],
        len(alone) > MOST_SHOWN,
        [_waiting(person, purpose, colleagues) for person, purpose in _lost(s, viewer)],
    )


def list_without_veileder(s: Session, viewer: Viewer, *, with_protected: bool) -> list[int]:
    """List by id who in a leader's offices has no veileder today, whoever came first on top.

    For counting in front of others leave out those with a protected address (design 3.7).
    """
    wanted = select(Person.id).where(_has_nobody(viewer)).order_by(Person.id)
    return list(s.scalars(wanted if with_protected else wanted.where(Person.is_protected.is_(False))))


def give_helper(s: Session, viewer: Viewer, public_id: str, staff_public_id: str, purpose: Purpose) -> str:
    """Let somebody help a person with what she lacks, from today; give back the helper's name.

    Raises: NotFound for anybody who has such a helper, who is of another office, or who does not exist;
    Refused `distribution.who` for somebody who cannot help with it.
    """
    recipients.hold(s, s.scalars(select(Person.id).where(Person.public_id == public_id)).all())
    if purpose is Purpose.PLAN:
        lacks = Person.public_id == public_id, _has_nobody(viewer)
        person = s.scalar(select(Person).where(*lacks))
    else:
        lost = (one for one, what in _lost(s, viewer) if (one.public_id, what) == (public_id, purpose))
        person = next(lost, None)
    if person is None or person.office_id is None:
        raise NotFound
    able = _able(helping.list_colleagues(s, person.office_id), purpose)
    chosen = [one for one in able if one.public_id == staff_public_id]
    if not chosen:
        raise Refused("distribution.who", N_("Velg en hjelper."), field="who")
    cover_days(s, viewer, [Help(person.id, chosen[0].person_id, purpose, False, today_oslo(), None)])
    return chosen[0].name


def count_left_without(s: Session, staff_id: int) -> int:
    """Tell how many recipients need a new helper when this one leaves: nobody else helps with the same.

    A number for an admin, so nobody with a protected address is in it (design 3.7).
    """
    hers = s.execute(
        select(Helper.recipient_id, Helper.purpose)
        .join(Person, Person.id == Helper.recipient_id)
        .where(Helper.staff_id == staff_id, Helper.is_stand_in.is_(False), helps_now())
        .where(Person.is_protected.is_(False))
    ).all()
    helpers = recipients.list_helpers_of(s, {recipient_id for recipient_id, _purpose in hers})
    return len(
        {
            recipient_id
            for recipient_id, purpose in hers
            if not _is_given(helpers[recipient_id], purpose, but=staff_id)
        }
    )


def _waiting(
    person: Person,
    purpose: Purpose,
    colleagues: dict[int, list[Colleague]],
    waited_minutes: int | None = None,
) -> Waiting:
    hidden = person.is_protected
    return Waiting(
        public_id=person.public_id,
        name=None if hidden else f"{person.given_name} {person.family_name}",
        born_year=None if hidden or person.born_on is None else person.born_on.year,
        purpose=purpose,
        choices=_able(colleagues.get(person.office_id or 0, []), purpose),
        waited_minutes=waited_minutes,
    )


def _able(colleagues: list[Colleague], purpose: Purpose) -> list[Colleague]:
    return [one for one in colleagues if one.works_at_centre is (purpose is Purpose.CENTRE)]


def _lost(s: Session, viewer: Viewer) -> list[tuple[Person, Purpose]]:
    """Help with other things than the plan that nobody has ended, but whose helper has no such role any more.

    What a colleague ended, or what had a last day, was meant to end.
    """
    rows = s.execute(
        select(Person, Helper.purpose)
        .join(Helper, Helper.recipient_id == Person.id)
        .where(Person.is_recipient, Person.office_id.in_(viewer.office_ids))
        .where(Helper.purpose != Purpose.PLAN, Helper.is_stand_in.is_(False))
        .where(Helper.from_on <= today_oslo(), not_over(), ~has_fitting_role())
        .order_by(Person.id, Helper.purpose)
        .distinct()
    ).all()
    helpers = recipients.list_helpers_of(s, {person.id for person, _purpose in rows}) if rows else {}
    return [(person, purpose) for person, purpose in rows if not _is_given(helpers[person.id], purpose)]


def _is_given(helpers: list[HelperCard], purpose: Purpose, *, but: int = 0) -> bool:
    return any(one.purpose is purpose and not one.is_stand_in and one.staff_id != but for one in helpers)


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
