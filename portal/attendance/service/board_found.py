"""What the rows of a board are made of: looked up for everybody at once, or only what has come since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from portal.attendance.rules.registered import Kind
from portal.attendance.service import choices, days
from portal.attendance.service.choices import Chosen
from portal.attendance.service.days import Mark
from portal.attendance.service.newcomers import Newcomer, newcomers_on
from portal.attendance.service.notices import Told, told_on
from portal.clock import now_utc
from portal.people.service import recipients
from portal.people.service.recipients import HelperCard, PersonCard
from portal.plan.rules.expected import ExpectedVisit
from portal.plan.service import visits

Fact = TypeVar("Fact")


@dataclass(frozen=True)
class Found:
    """Everything that the rows of one board need, by person. `head`: the number of the last event in it.

    looked_up_at: when everybody was; what came later was only added.
    """

    centre_id: int
    on: date
    is_open: bool
    head: int
    people: dict[int, PersonCard]
    expected: dict[int, list[ExpectedVisit]]
    events: dict[int, list[Mark]]
    arrivals: dict[int, Mark]
    taken_back: dict[int, Mark]
    left: dict[int, datetime]
    looked_at: dict[int, Mark]
    told: dict[int, Told]
    helpers: dict[int, list[HelperCard]]
    names: dict[int, str]
    chosen: dict[int, Chosen]
    newcomers: dict[int, Newcomer]
    looked_up_at: datetime


def look_up(s: Session, centre_id: int, on: date) -> Found:
    """Look up a centre's day for everybody at once; nobody with a protected address (design 3.7)."""
    began, expected = now_utc(), defaultdict[int, list[ExpectedVisit]](list)
    centre_day = visits.centre_day(s, centre_id, on)
    for visit in centre_day.visits:
        expected[visit.recipient_id].append(visit)
    events = days.list_marks_at(s, centre_id, on)
    arrivals = _arrivals(events)
    cards = recipients.cards_for(s, expected.keys() | arrivals.keys())
    people = {card.id: card for card in cards.values() if not card.is_protected}
    chosen = choices.chosen_on(s, centre_id, on)
    hosts = {one.host_id for one in chosen.values() if one.host_id is not None}
    names = _given_names(s, {event.by_id for event in events} | hosts)
    welcomed = {person_id: names[one.host_id] for person_id, one in chosen.items() if one.host_id in names}
    return Found(
        centre_id=centre_id,
        on=on,
        is_open=centre_day.is_open,
        head=events[-1].n if events else 0,
        people=people,
        expected=dict(expected),
        events=_by_person([*events, *days.list_marks_elsewhere(s, people, on, centre_id)]),
        arrivals=arrivals,
        taken_back=_taken_back(events, arrivals),
        left=days.left(events),
        looked_at=days.looked_at(events),
        told=told_on(s, on, people),
        helpers=recipients.list_helpers_of(s, people),
        names=names,
        chosen=chosen,
        newcomers=newcomers_on(s, centre_id, on, people.values(), welcomed),
        looked_up_at=began,
    )


def with_what_came(s: Session, before: Found) -> tuple[Found, frozenset[int]] | None:
    """Add what was registered at the centre since; tell whose rows that changes. As few questions as events.

    Only for what was right a moment ago in all else (see KeptBoards). None when somebody comes onto the board
    by it, or goes: then everybody is looked up anew.
    """
    news = days.list_marks_at(s, before.centre_id, before.on, after=before.head)
    changed = frozenset(event.recipient_id for event in news)
    if not changed <= before.people.keys():
        return None
    here = [one for who in changed for one in before.events.get(who, ()) if one.centre_id == before.centre_id]
    here += news
    arrivals = _arrivals(here)
    if any(who not in arrivals and who not in before.expected for who in changed):
        return None
    elsewhere = days.list_marks_elsewhere(s, changed, before.on, before.centre_id)
    by_others = {
        event.by_id for event in news if event.by_id not in before.people and event.by_id not in before.names
    }
    now = replace(
        before,
        head=news[-1].n if news else before.head,
        events=before.events | _by_person([*here, *elsewhere]),
        arrivals=_anew(before.arrivals, changed, arrivals),
        taken_back=_anew(before.taken_back, changed, _taken_back(here, arrivals)),
        left=_anew(before.left, changed, days.left(here)),
        looked_at=before.looked_at | days.looked_at(here),
        names=before.names | _given_names(s, by_others),
    )
    return now, changed


def _anew(before: dict[int, Fact], changed: frozenset[int], now: dict[int, Fact]) -> dict[int, Fact]:
    return {who: fact for who, fact in before.items() if who not in changed} | now


def _arrivals(events: Iterable[Mark]) -> dict[int, Mark]:
    """The arrivals of one centre's day that stand, by person."""
    return {event.recipient_id: event for event in days.standing(events).values()}


def _taken_back(events: Iterable[Mark], arrivals: Collection[int]) -> dict[int, Mark]:
    return {
        event.recipient_id: event
        for event in events
        if event.kind == Kind.UNDONE and event.recipient_id not in arrivals
    }


def _by_person(events: Iterable[Mark]) -> dict[int, list[Mark]]:
    own: dict[int, list[Mark]] = defaultdict(list)
    for event in events:
        own[event.recipient_id].append(event)
    return dict(own)


def _given_names(s: Session, ids: Collection[int]) -> dict[int, str]:
    """The given names of those who work there and did something; a recipient's own hand has none."""
    cards = recipients.cards_for(s, ids).values()
    return {card.id: card.given_name for card in cards if not card.is_recipient}
