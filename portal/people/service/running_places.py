"""Offices and centres as an admin sets them up: how they are reached, when they are open, whom they serve."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import i18n
from portal.bus import publish
from portal.errors import N_, NotFound, Refused
from portal.people.models import Centre, CentreOffice, Office, OfficeLanguage, OpeningHours
from portal.people.rules.opening import Hours
from portal.people.service import places
from portal.people.service.closing_places import has_closed
from portal.people.service.week_hours import set_hours

_NAME_TAKEN = {
    Office: N_("Et annet kontor heter det samme. Velg et navn som skiller dem."),
    Centre: N_("Et annet senter heter det samme. Velg et navn som skiller dem."),
}
DEFAULT_URGENT_MINUTES = 30
"""After so much open time a question about emergency help that nobody has taken goes to the leader."""

PlaceRow = TypeVar("PlaceRow", Office, Centre)


@dataclass(frozen=True)
class CentreSaved:
    """A centre was set up or changed; whoever keeps something for each centre sees that it is there."""

    centre_id: int


@dataclass(frozen=True)
class OfficeSheet:
    """Everything an admin sets for an office in one form.

    `languages`: the unchecked translations in which duties and rights may be shown (decision 18). `centres`:
    public ids of those that serve it; there may be none.
    """

    name: str
    phone: str
    address: str
    hours: Hours
    languages: frozenset[str]
    centres: frozenset[str]
    urgent_minutes: int = DEFAULT_URGENT_MINUTES

    @property
    def mark(self) -> str:
        """What these values look like in short, so that a change by somebody else in between is seen."""
        ticked = sorted(self.languages), sorted(self.centres)
        told = self.name, self.phone, self.address, self.urgent_minutes
        return _mark(*told, sorted(self.hours.items()), ticked)


@dataclass(frozen=True)
class CentreSheet:
    """Everything an admin sets for a centre. `offices`: public ids of those it serves; there may be none."""

    name: str
    address: str
    hours: Hours
    offices: frozenset[str]

    @property
    def mark(self) -> str:
        """What these values look like in short, see OfficeSheet."""
        return _mark(self.name, self.address, sorted(self.hours.items()), sorted(self.offices))


@dataclass(frozen=True)
class PlaceLine:
    """An office or a centre in the admin's list, and the names of those it works with.

    `last_on` is the last day before it closes; `is_closed` once that is over.
    """

    public_id: str
    name: str
    address: str
    phone: str
    works_with: list[str]
    last_on: date | None
    is_closed: bool


def list_places(s: Session) -> tuple[list[PlaceLine], list[PlaceLine]]:
    """Get every office with the centres that serve it, and every centre with its offices; by name.

    Those that are closed come last, so that one can see that they were there.
    """
    offices, centres = _open_first(s.scalars(select(Office))), _open_first(s.scalars(select(Centre)))
    pairs = {(row.office_id, row.centre_id) for row in s.scalars(select(CentreOffice))}
    of_office = [
        _line(one, one.phone, [centre.name for centre in centres if (one.id, centre.id) in pairs])
        for one in offices
    ]
    of_centre = [
        _line(one, "", [office.name for office in offices if (office.id, one.id) in pairs]) for one in centres
    ]
    return of_office, of_centre


def _line(one: Office | Centre, phone: str, works_with: list[str]) -> PlaceLine:
    is_closed = has_closed(one.last_on)
    return PlaceLine(one.public_id, one.name, one.address, phone, works_with, one.last_on, is_closed)


def _open_first(places_found: Iterable[PlaceRow]) -> list[PlaceRow]:
    return sorted(places_found, key=lambda one: (has_closed(one.last_on), one.name, one.id))


def unchecked_languages() -> list[str]:
    """Tell which offered translations no professional has checked: an office may let each through."""
    return [language.code for language in i18n.OFFERED if not language.checked_by_professional]


def office_sheet(s: Session, public_id: str) -> OfficeSheet:
    """Get what is set for an office. Raises: NotFound."""
    return _office_sheet(s, _office(s, public_id))


def add_office(s: Session, sheet: OfficeSheet) -> str:
    """Set up an office; give back the name used in addresses. Raises: Refused `place.name_taken`."""
    _one_at_a_time(s)
    _require_own_name(s, Office, sheet.name)
    office = Office(
        name=sheet.name, phone=sheet.phone, address=sheet.address, urgent_minutes=sheet.urgent_minutes
    )
    s.add(office)
    s.flush()
    _fill_office(s, office, sheet)
    return office.public_id


def change_office(s: Session, public_id: str, sheet: OfficeSheet, *, seen: str) -> None:
    """Change an office. `seen`: the mark of what the admin was shown.

    Raises: NotFound; Refused `place.changed_meanwhile` when somebody else has changed it since, and
    `place.name_taken`.
    """
    office = _office(s, public_id, to_change=True)
    _require_unchanged(seen, _office_sheet(s, office).mark)
    _require_own_name(s, Office, sheet.name, but=office.id)
    office.name, office.phone, office.address = sheet.name, sheet.phone, sheet.address
    office.urgent_minutes = sheet.urgent_minutes
    _fill_office(s, office, sheet)


def centre_sheet(s: Session, public_id: str) -> CentreSheet:
    """Get what is set for a centre. Raises: NotFound."""
    return _centre_sheet(s, _centre(s, public_id))


def add_centre(s: Session, sheet: CentreSheet) -> str:
    """Set up a centre; give back the name used in addresses. Its code screen works at once.

    Raises: Refused `place.name_taken`.
    """
    _one_at_a_time(s)
    _require_own_name(s, Centre, sheet.name)
    centre = Centre(name=sheet.name, address=sheet.address)
    s.add(centre)
    s.flush()
    _fill_centre(s, centre, sheet)
    return centre.public_id


def change_centre(s: Session, public_id: str, sheet: CentreSheet, *, seen: str) -> None:
    """Change a centre, see change_office."""
    centre = _centre(s, public_id, to_change=True)
    _require_unchanged(seen, _centre_sheet(s, centre).mark)
    _require_own_name(s, Centre, sheet.name, but=centre.id)
    centre.name, centre.address = sheet.name, sheet.address
    _fill_centre(s, centre, sheet)


def _one_at_a_time(s: Session) -> None:
    """Let one admin at a time change who serves whom: an office and a centre both write the same pairs."""
    s.execute(select(Office.id).order_by(Office.id).with_for_update())


def _office(s: Session, public_id: str, *, to_change: bool = False) -> Office:
    if to_change:
        _one_at_a_time(s)
    row = s.scalar(select(Office).where(Office.public_id == public_id))
    if row is None:
        raise NotFound
    return row


def _centre(s: Session, public_id: str, *, to_change: bool = False) -> Centre:
    if to_change:
        _one_at_a_time(s)
    row = s.scalar(select(Centre).where(Centre.public_id == public_id))
    if row is None:
        raise NotFound
    return row


def _office_sheet(s: Session, office: Office) -> OfficeSheet:
    serving = (
        select(Centre.public_id)
        .join(CentreOffice, CentreOffice.centre_id == Centre.id)
        .where(CentreOffice.office_id == office.id)
    )
    return OfficeSheet(
        office.name,
        office.phone,
        office.address,
        places.office_hours(s, office.id),
        places.languages_let_through(s, office.id) & frozenset(unchecked_languages()),
        frozenset(s.scalars(serving)),
        office.urgent_minutes,
    )


def _centre_sheet(s: Session, centre: Centre) -> CentreSheet:
    served = (
        select(Office.public_id)
        .join(CentreOffice, CentreOffice.office_id == Office.id)
        .where(CentreOffice.centre_id == centre.id)
    )
    hours = places.centre_hours(s, centre.id)
    return CentreSheet(centre.name, centre.address, hours, frozenset(s.scalars(served)))


def _fill_office(s: Session, office: Office, sheet: OfficeSheet) -> None:
    set_hours(s, OpeningHours.office_id == office.id, sheet.hours, office_id=office.id)
    shown = unchecked_languages()
    s.execute(
        delete(OfficeLanguage).where(
            OfficeLanguage.office_id == office.id, OfficeLanguage.language.in_(shown)
        )
    )
    s.add_all(OfficeLanguage(office_id=office.id, language=code) for code in shown if code in sheet.languages)
    centres = _ids_of_centres(s, sheet.centres)
    s.execute(delete(CentreOffice).where(CentreOffice.office_id == office.id))
    s.add_all(CentreOffice(office_id=office.id, centre_id=centre_id) for centre_id in centres)


def _fill_centre(s: Session, centre: Centre, sheet: CentreSheet) -> None:
    set_hours(s, OpeningHours.centre_id == centre.id, sheet.hours, centre_id=centre.id)
    offices = s.scalars(
        select(Office.id).where(Office.public_id.in_(sheet.offices)).order_by(Office.id)
    ).all()
    s.execute(delete(CentreOffice).where(CentreOffice.centre_id == centre.id))
    s.add_all(CentreOffice(office_id=office_id, centre_id=centre.id) for office_id in offices)
    publish(s, CentreSaved(centre.id))


def _ids_of_centres(s: Session, public_ids: Collection[str]) -> list[int]:
    return list(s.scalars(select(Centre.id).where(Centre.public_id.in_(public_ids)).order_by(Centre.id)))


def _require_own_name(s: Session, place: type[Office | Centre], name: str, *, but: int = 0) -> None:
    """Two of a kind with one name could not be told apart in a list, whatever the capitals."""
    wanted = " ".join(name.casefold().split())
    taken = s.scalars(select(place.name).where(place.id != but, places.is_open(place)))
    if any(" ".join(other.casefold().split()) == wanted for other in taken):
        raise Refused("place.name_taken", _NAME_TAKEN[place], field="name")


def _require_unchanged(seen: str, mark: str) -> None:
    if seen != mark:
        raise Refused(
            "place.changed_meanwhile",
            N_("Noen andre har endret dette mens du skrev. Se over, og lagre en gang til."),
        )


def _mark(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:32]
