"""Copies of attendance that leave the portal: never a reason, never the protected, never a basis for payment.

Days on which other rules on absence hold for somebody (KVP, benefits from the state) are left out (design 9).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.attendance.rules.months import Month
from portal.attendance.rules.registered import by_name
from portal.attendance.service import choices, for_recipient
from portal.attendance.service.for_recipient import DayRecord
from portal.attendance.service.visits_kept import VisitKept, visits_kept
from portal.clock import today_oslo
from portal.errors import NotFound
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened
from portal.people.service import access_log, recipients
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard
from portal.plan.service.agenda import agenda_for
from portal.plan.service.other_rules import other_rules_for


@dataclass(frozen=True)
class PersonCopy:
    """One person's month, oldest day first, the lines as they stand, without reasons and words."""

    person: PersonCard
    records: list[DayRecord]


@dataclass(frozen=True)
class CentreCopy:
    """A centre's days, by day and name. names: by person, as on its board; whole only for two alike."""

    centre: CentreCard
    days: list[VisitKept]
    names: dict[int, str]


def copy_of_days(s: Session, viewer: Viewer, public_id: str, month: Month) -> PersonCopy:
    """Give one of her helpers a copy of a person's month; she sees that it was taken.

    Raises: NotFound for anybody whom the viewer does not help, and for the protected.
    """
    person = recipients.require_recipient(s, viewer, public_id, is_shown=False)
    if person.is_protected:
        raise NotFound
    access_log.look(s, Opened.DAYS_EXPORT, person.id)
    agenda = agenda_for(s, person, month.first)
    records = for_recipient.month_for(s, agenda, month)
    others = other_rules_for(s, [person.id], month.first, month.last)
    return PersonCopy(person, [one for one in reversed(records) if not others.hold(person.id, one.on)])


def copy_of_centre(s: Session, viewer: Viewer, centre: str, first: date, last: date) -> CentreCopy:
    """Give those who work at a centre a copy of its days up to today. Raises: NotFound for another centre."""
    card = choices.get_centre(s, viewer, centre)
    access_log.look(s, Opened.LIST_EXPORT)
    kept = visits_kept(s, card.id, first, min(last, today_oslo()))
    others = other_rules_for(s, {one.person.id for one in kept}, first, last)
    days = [one for one in kept if not others.hold(one.person.id, one.on)]
    names = _names({one.person.id: one.person for one in days})
    days.sort(key=lambda one: (one.on, by_name(names[one.person.id]), one.person.id))
    return CentreCopy(card, days, names)


def _names(people: dict[int, PersonCard]) -> dict[int, str]:
    alike = Counter(card.short_name for card in people.values())
    return {who: card.name if alike[card.short_name] > 1 else card.short_name for who, card in people.items()}
