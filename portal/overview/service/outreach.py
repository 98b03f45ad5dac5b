"""Whom we have not heard from for a while, and where they can be met. A reason to ask, no more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from portal.attendance.rules.registered import by_name
from portal.clock import now_utc, today_oslo
from portal.notify.service import choices
from portal.overview.service.contact import Heard, last_heard, own_people
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened
from portal.people.service import access_log, places
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard
from portal.plan.service import meetings, visits
from portal.plan.service.meetings import MeetingCard

DAYS_AHEAD = 28
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class NextTime:
    """When and where somebody is expected next: at a centre, or for a talk. Oslo wall clock."""

    on: date
    starts_at: time
    ends_at: time
    centre: CentreCard | None
    talk: MeetingCard | None


@dataclass(frozen=True)
class QuietPerson:
    """Somebody we have not heard from: since when, how she likes to be reached, and where she can be met."""

    person: PersonCard
    heard: Heard | None
    number: str | None
    next_time: NextTime | None


@dataclass(frozen=True)
class OutreachPage:
    """Those not heard from for `days` days, longest first; the protected apart, for their helper alone."""

    days: int
    people: list[QuietPerson]
    protected: list[QuietPerson]


def outreach_page(s: Session, viewer: Viewer, days: int) -> OutreachPage:
    """Show a veileder whom of her own people nobody has heard from: as many queries for sixty as for one.

    A message, a call, coming, telling us anything and being signed in all count: any of them is a sign of
    life. The list says nothing about why.
    """
    access_log.look(s, Opened.OUTREACH)
    own = own_people(s, viewer)
    heard = last_heard(s, own, with_sign_in=True)
    cards = [own[who] for who in quiet_among(own, heard, days)]
    numbers = choices.numbers_to_ring(s, cards)
    following = _next_times(s, [card.id for card in cards])
    rows = [
        QuietPerson(card, heard.get(card.id), numbers.get(card.id), following.get(card.id)) for card in cards
    ]
    rows.sort(key=_longest_first)
    return OutreachPage(
        days,
        [row for row in rows if not row.person.is_protected],
        [row for row in rows if row.person.is_protected],
    )


def quiet_among(ids: Collection[int], heard: dict[int, Heard], days: int) -> list[int]:
    """Tell which of these people were last heard from more than `days` days ago, or never."""
    since = now_utc() - timedelta(days=days)
    return [who for who in ids if who not in heard or heard[who].at < since]


def _next_times(s: Session, ids: Collection[int]) -> dict[int, NextTime]:
    today, now = today_oslo(), now_utc()
    last = today + timedelta(days=DAYS_AHEAD)
    expected = [
        one for one in visits.expected_between(s, today, last, recipient_ids=ids) if one.ends_utc > now
    ]
    centres = places.centres_for(s, {one.centre_id for one in expected})
    found = [
        (one.recipient_id, NextTime(one.on, one.starts_at, one.ends_at, centres[one.centre_id], None))
        for one in expected
    ]
    for held in meetings.meetings_between(s, ids, today, last):
        talk = held.card
        if talk.ends_utc > now:
            found.append((held.recipient_id, NextTime(talk.day, talk.starts_at, talk.ends_at, None, talk)))
    first: dict[int, NextTime] = {}
    for who, one in sorted(found, key=lambda each: (each[1].on, each[1].starts_at, each[0])):
        first.setdefault(who, one)
    return first


def _longest_first(row: QuietPerson) -> tuple[datetime, str, int]:
    return (row.heard.at if row.heard else _NEVER, by_name(row.person.name), row.person.id)
