"""Builds the made-up office: places, people, and who helps whom. What happens to them is in `stories.py`.

Everything is laid around today, so that the demo is worth opening on any day of the week, Sundays too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from portal import i18n
from portal.attendance.service import keys
from portal.clock import now_utc, today_oslo
from portal.db import Database
from portal.demo import stories
from portal.demo.cast import RECIPIENTS, STAFF, Part
from portal.people.models import (
    Centre,
    CentreOffice,
    DutyPhone,
    Helper,
    Office,
    OfficeLanguage,
    OpeningHours,
    Person,
    PersonChange,
    PlanPause,
    StaffRole,
)
from portal.people.rules.ringing import Answers
from portal.people.rules.words import Change, Purpose, Role
from portal.people.service import places

_FIRST_NUMBER = 101


@dataclass(frozen=True)
class Elvebyen:
    """The ids that the stories need: people by key, the two centres by key."""

    people: dict[str, int]
    centres: dict[str, int]


def build(database: Database) -> str:
    """Fill an empty database and tell in one line what was made; a database with people is left alone."""
    with database.transaction() as s:
        if places.list_offices(s):
            return "The made-up office is there already."
        elvebyen = _add_places_and_people(s)
    stories.tell_all(database, elvebyen.people, elvebyen.centres)
    return f"Made Nav Elvebyen with {len(RECIPIENTS)} recipients and {len(STAFF)} who work there."


def _add_places_and_people(s: Session) -> Elvebyen:
    office = _add_office(s, "nav-elvebyen", "Nav Elvebyen", "Elvegata 14")
    neighbour = _add_office(s, "nav-fjellbyen", "Nav Fjellbyen", "Fjellveien 3")
    _add_office(s, "nav-oyvaer", "Nav Øyvær", "Moloen 2")  # so small that it has no centre
    centres = {
        "jobbsentralen": _centre("jobbsentralen", "Jobbsentralen", "Storgata 1, 2. etasje", capacity=55),
        "verkstedet": _centre("verkstedet", "Verkstedet", "Brygga 7"),
    }
    s.add_all(centres.values())
    s.flush()
    for centre in centres.values():
        s.add_all(
            OpeningHours(centre_id=centre.id, weekday=day, opens_at=time(8, 15), closes_at=time(15))
            for day in sorted({*range(5), today_oslo().weekday()})  # somebody is there on a Sunday too
        )
        s.add(CentreOffice(centre_id=centre.id, office_id=office.id))
        keys.make_centre_key(s, centre.id)
    s.add(CentreOffice(centre_id=centres["verkstedet"].id, office_id=neighbour.id))
    long_ago = today_oslo() - timedelta(days=400)
    people = _add_staff(s, office, centres, long_ago) | _add_recipients(s, office)
    for part in RECIPIENTS:
        s.add(_helper(people[part.key], people[part.helper], Purpose.PLAN, long_ago))
        if part.is_paused:
            s.add(PlanPause(person_id=people[part.key], from_on=long_ago, by_id=people[part.helper]))
        if part.is_protected:
            s.add(_helper(people[part.key], people["kari"], Purpose.CENTRE, long_ago))
            _switch_on_for_protected(s, people[part.key], people["ingrid"], people["per"], long_ago)
        elif part.helper == "ingrid":
            s.add(_stand_in(people[part.key], people["per"]))
    return Elvebyen(people, {key: centre.id for key, centre in centres.items()})


def _add_office(s: Session, key: str, name: str, address: str) -> Office:
    """Add an office, open on weekdays, that lets every translation be shown: the demo shall be seen."""
    office = Office(public_id=f"demo-{key}", name=name, phone="55 55 33 33", address=address)
    s.add(office)
    s.flush()
    s.add_all(
        OpeningHours(
            office_id=office.id,
            weekday=day,
            opens_at=time(9),
            closed_from=time(11, 30),
            closed_to=time(12),
            closes_at=time(15),
        )
        for day in range(5)
    )
    number = "00 00 00 00"  # made up: nobody can be rung on it
    s.add(DutyPhone(office_id=office.id, name="Sosial vakt", number=number, answers=Answers.WHEN_CLOSED))
    s.add_all(
        OfficeLanguage(office_id=office.id, language=language.code)
        for language in i18n.OFFERED
        if not language.checked_by_professional
    )
    return office


def _centre(key: str, name: str, address: str, *, capacity: int | None = None) -> Centre:
    return Centre(public_id=f"demo-{key}", name=name, address=address, capacity=capacity)


def _add_staff(s: Session, office: Office, centres: dict[str, Centre], since: date) -> dict[str, int]:
    people = {}
    for part in STAFF:
        person = Person(
            public_id=part.public_id,
            username=part.key,
            given_name=part.given_name,
            family_name=part.family_name,
        )
        s.add(person)
        s.flush()
        at_centre = centres[part.centre].id if part.centre else None
        at_office = office.id if part.role in (Role.VEILEDER, Role.LEADER) else None
        s.add(
            StaffRole(
                person_id=person.id,
                role=part.role,
                office_id=at_office,
                centre_id=at_centre,
                from_on=since,
                to_on=None,
            )
        )
        people[part.key] = person.id
    return people


def _add_recipients(s: Session, office: Office) -> dict[str, int]:
    people = {}
    for number, part in enumerate(RECIPIENTS, start=_FIRST_NUMBER):
        person = _recipient(part, number, office)
        s.add(person)
        s.flush()
        people[part.key] = person.id
    return people


def _recipient(part: Part, number: int, office: Office) -> Person:
    return Person(
        public_id=part.public_id,
        number=number,
        given_name=part.given_name,
        family_name=part.family_name,
        born_on=date(part.born_year, 3, 14),
        office_id=office.id,
        is_recipient=True,
        language=part.language,
        prefers=part.prefers,
        needs_interpreter=part.needs_interpreter,
        is_protected=part.is_protected,
        is_paused=part.is_paused,
        has_phone=part.has_phone,
    )


def _switch_on_for_protected(s: Session, person_id: int, first: int, second: int, since: date) -> None:
    """Let two helpers have switched the portal on for a person with a protected address."""
    s.add(_helper(person_id, second, Purpose.JOB, since))
    her = s.get_one(Person, person_id)
    her.digital_asked_by_id, her.digital_allowed_by_id = first, second
    at = now_utc() - timedelta(days=30)
    acts = ((first, Change.PROTECTED), (first, Change.DIGITAL_ASKED), (second, Change.DIGITAL_ALLOWED))
    s.add_all(PersonChange(person_id=person_id, by_id=by, at=at, change=change) for by, change in acts)


def _stand_in(recipient_id: int, staff_id: int) -> Helper:
    """A colleague who helps for a week, from a week ahead."""
    first = today_oslo() + timedelta(days=7)
    return Helper(
        recipient_id=recipient_id,
        staff_id=staff_id,
        purpose=Purpose.PLAN,
        is_stand_in=True,
        from_on=first,
        to_on=first + timedelta(days=6),
    )


def _helper(recipient_id: int, staff_id: int, purpose: Purpose, since: date) -> Helper:
    return Helper(
        recipient_id=recipient_id,
        staff_id=staff_id,
        purpose=purpose,
        is_stand_in=False,
        from_on=since,
        to_on=None,
    )
