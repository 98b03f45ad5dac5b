"""What a person's plan has on single days, for the pages of what was registered: herself and her veileder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from portal.people.service.places import CentreCard
from portal.plan.service.agenda import Agenda
from portal.plan.service.meetings import HeldOn


@dataclass(frozen=True)
class Awaited:
    """A centre that expects her on a day, and from when to when; Oslo wall clock."""

    centre: CentreCard
    starts_at: time
    ends_at: time


@dataclass(frozen=True)
class PlannedDay:
    """What her plan has on one day. closed: centres where she would have been, had they been open."""

    awaited: tuple[Awaited, ...] = ()
    closed: tuple[CentreCard, ...] = ()
    talks: tuple[HeldOn, ...] = ()

    @property
    def centres(self) -> dict[int, CentreCard]:
        """Every centre where she may have been, open or not, by id."""
        return {one.id: one for one in (*(one.centre for one in self.awaited), *self.closed)}


def planned_days(
    agenda: Agenda, talks: Iterable[HeldOn], first: date, last: date
) -> defaultdict[date, PlannedDay]:
    """Put together what her plan has from `first` to `last`, both included; a day without anything is empty.

    talks: those to show. The agenda must reach back to the first day.
    """
    awaited: defaultdict[date, list[Awaited]] = defaultdict(list)
    for visit in agenda.at_centres(first, last):
        awaited[visit.on].append(Awaited(agenda.centres[visit.centre_id], visit.starts_at, visit.ends_at))
    closed: defaultdict[date, list[CentreCard]] = defaultdict(list)
    for on, centre in agenda.closed(first, last):
        closed[on].append(centre)
    held: defaultdict[date, list[HeldOn]] = defaultdict(list)
    for talk in talks:
        held[talk.card.day].append(talk)
    found: defaultdict[date, PlannedDay] = defaultdict(PlannedDay)
    for on in awaited.keys() | closed.keys() | held.keys():
        found[on] = PlannedDay(tuple(awaited[on]), tuple(closed[on]), tuple(held[on]))
    return found
