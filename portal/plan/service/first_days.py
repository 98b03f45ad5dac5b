"""First days at a centre: which of the days that somebody is expected there is the first of all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy.orm import Session

from portal.clock import today_oslo
from portal.people.service.places import CentreCard
from portal.plan.rules.expected import ExpectedVisit
from portal.plan.service.agenda import Agenda
from portal.plan.service.beginnings import beginnings_at
from portal.plan.service.visits import expected_between

AHEAD_DAYS = 92
"""A first day is told of from when it is agreed; a plan is seldom made for longer than a quarter ahead."""
_BEGUN_DAYS = 14
"""Whoever began longer ago has been there, whatever her week says."""


def first_days_between(
    s: Session, recipient_ids: Collection[int], first: date, last: date
) -> list[ExpectedVisit]:
    """Tell which of these people's visits, both days included, are their first at that centre; by day.

    A handful of queries, however many people.
    """
    visits = expected_between(s, first, last, recipient_ids=recipient_ids)
    found: dict[tuple[int, int], ExpectedVisit] = {}
    for visit in visits:
        found.setdefault((visit.recipient_id, visit.centre_id), visit)
    by_centre: dict[int, set[int]] = {}
    for recipient_id, centre_id in found:
        by_centre.setdefault(centre_id, set()).add(recipient_id)
    for centre_id, ids in by_centre.items():
        began = beginnings_at(s, centre_id, ids)
        for one in ids:
            on = found[one, centre_id].on
            if one in began and began[one].from_on < on - timedelta(days=_BEGUN_DAYS):
                del found[one, centre_id]
    if found:
        earlier = expected_between(
            s,
            min(visit.on for visit in found.values()) - timedelta(days=_BEGUN_DAYS),
            max(visit.on for visit in found.values()) - timedelta(days=1),
            recipient_ids={recipient_id for recipient_id, _centre in found},
        )
        for visit in earlier:
            key = (visit.recipient_id, visit.centre_id)
            if key in found and visit.on < found[key].on:
                del found[key]
    return sorted(found.values(), key=lambda one: (one.on, one.starts_at, one.recipient_id))


def are_first(s: Session, recipient_ids: Collection[int], first: date, last: date) -> set[tuple[int, date]]:
    """Tell on which of these days somebody is at a centre for the first time, for reminders."""
    return {(one.recipient_id, one.on) for one in first_days_between(s, recipient_ids, first, last)}


def coming(s: Session, agenda: Agenda) -> list[ExpectedVisit]:
    """Tell a person's first days from today on. It asks nothing for somebody who has long begun."""
    today = today_oslo()
    begins_late = any(
        one.centre_id is not None and one.pattern.from_on >= today - timedelta(days=_BEGUN_DAYS)
        for one in agenda.planned
    )
    if not begins_late or agenda.person.is_paused:
        return []
    return first_days_between(s, [agenda.person.id], today, today + timedelta(days=AHEAD_DAYS))


def centres_of_coming(s: Session, agenda: Agenda) -> list[CentreCard]:
    """Tell at which centres a person has a first day from today on, soonest first."""
    return [agenda.centres[one.centre_id] for one in coming(s, agenda) if one.centre_id in agenda.centres]
