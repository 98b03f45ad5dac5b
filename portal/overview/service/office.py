"""What a leader sees: numbers, never what anybody wrote, never who gets help."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain

from sqlalchemy.orm import Session

from portal.chat.service import waiting
from portal.overview.service.inbox_rows import calendars_for, open_minutes
from portal.people.rules.access import Viewer
from portal.people.rules.words import Role
from portal.people.service import distribution, places, recipients
from portal.people.service.distribution import DistributionPage


@dataclass(frozen=True)
class OfficeLine:
    """How many people one veileder helps, how many of them wait, and for how long the first has.

    `name`: None for those who have no veileder. `longest_minutes`: of open time, as in every inbox.
    """

    name: str | None
    people: int
    waiting: int
    longest_minutes: int


def office_page(s: Session, viewer: Viewer) -> list[OfficeLine]:
    """Tell a leader who in the office has people waiting, by name: as many queries for ten as for one.

    First stand those without a veileder, if there are any: nobody else is there to see that they wait.
    """
    staff = places.list_staff(s, office_ids=viewer.office_ids)
    veiledere = [one for one in staff if one.role is Role.VEILEDER]
    helped = recipients.list_helped_by(s, [one.person_id for one in veiledere])
    alone = distribution.list_without_veileder(s, viewer, with_protected=False)
    waited = _waited(s, {*alone, *chain.from_iterable(helped.values())})
    lines = [_line(one.name, helped[one.person_id], waited) for one in veiledere]
    return [_line(None, alone, waited), *lines] if alone else lines


def distribution_page(s: Session, viewer: Viewer) -> DistributionPage:
    """Show a leader who in her offices has no veileder, who has waited longest on top, and what else is lost.

    That a protected person waits is told too, for somebody must answer her; her name is not (decision 27).
    """
    alone = distribution.list_without_veileder(s, viewer, with_protected=True)
    return distribution.distribution_page(s, viewer, waiting.waiting_since(s, alone))


def _waited(s: Session, person_ids: Collection[int]) -> dict[int, int]:
    """Tell how long those wait who wait, in minutes of open time as in every inbox."""
    since = waiting.waiting_since(s, person_ids)
    people = recipients.cards_for(s, person_ids)
    calendars = calendars_for(s, people.values())
    return {one: open_minutes(calendars, people[one], began) for one, began in since.items()}


def _line(name: str | None, people: list[int], waited: dict[int, int]) -> OfficeLine:
    waits = [waited[person_id] for person_id in people if person_id in waited]
    return OfficeLine(name, len(people), len(waits), max(waits, default=0))
