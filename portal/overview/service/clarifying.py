"""The end of the day: whose days a veileder has to clarify, by person. The list sets nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from portal.attendance.rules.registered import by_name
from portal.attendance.service import after, disputing
from portal.attendance.service.after import ToClarify
from portal.clock import today_oslo
from portal.notify.service import choices
from portal.overview.service.contact import Heard, last_heard, own_people
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened
from portal.people.service import access_log, places
from portal.people.service.places import CentreCard
from portal.people.service.recipients import PersonCard
from portal.plan.service.meetings import MeetingCard

DAYS_BACK = 28
"""As far back as the pages of the days show; what is older is not dug up."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class OpenDay:
    """One day that nobody has said anything of, and what was expected: a centre, or a talk."""

    on: date
    starts_at: time
    ends_at: time
    centre: CentreCard | None
    talk: MeetingCard | None

    @property
    def about(self) -> str:
        """What a line about it is about, as a form says it (attendance.views.days)."""
        if self.talk is not None:
            return f"meeting:{self.talk.public_id}"
        return f"centre:{self.centre.public_id}" if self.centre else ""


@dataclass(frozen=True)
class OpenPerson:
    """One person with her open days, newest first, and the days of which she says that something is wrong.

    number: None when she has left none here, and always for the protected.
    """

    person: PersonCard
    heard: Heard | None
    number: str | None
    days: tuple[OpenDay, ...]
    called_wrong: tuple[date, ...]


@dataclass(frozen=True)
class ClarifyPage:
    """Those with open days, newest contact first; the protected apart, in their own helper's list alone."""

    people: list[OpenPerson]
    protected: list[OpenPerson]


def count_people(s: Session, people: Collection[PersonCard]) -> int:
    """Tell of how many of these people some day is to be clarified: people, never days (design 3.1)."""
    return len({one.recipient_id for one in _open_days(s, [card.id for card in people])})


def clarify_page(s: Session, viewer: Viewer) -> ClarifyPage:
    """Show a veileder the days to be clarified among her own people: as many queries for sixty as for one.

    A day leaves the list when a person has said something of it. Today is never on it.
    """
    access_log.look(s, Opened.TO_CLARIFY)
    own = own_people(s, viewer)
    found: defaultdict[int, list[ToClarify]] = defaultdict(list)
    for one in _open_days(s, own):
        found[one.recipient_id].append(one)
    wrong: defaultdict[int, set[date]] = defaultdict(set)
    for said in disputing.list_open_for(s, viewer):
        if not said.is_of_nav:  # such a day is never hers to explain, so there is nothing to clarify
            wrong[said.recipient_id].add(said.on)
    cards = [own[who] for who in found.keys() | (wrong.keys() & own.keys())]
    heard = last_heard(s, [card.id for card in cards], with_sign_in=False)
    numbers = choices.numbers_to_ring(s, cards)
    centres = places.centres_for(
        s, {one.visit.centre_id for each in found.values() for one in each if one.visit}
    )
    rows = [
        OpenPerson(
            card,
            heard.get(card.id),
            numbers.get(card.id),
            tuple(_day(one, centres) for one in reversed(found[card.id])),
            tuple(sorted(wrong[card.id], reverse=True)),
        )
        for card in cards
    ]
    rows.sort(key=_by_name)
    rows.sort(key=lambda row: row.heard.at if row.heard else _NEVER, reverse=True)
    return ClarifyPage(
        [row for row in rows if not row.person.is_protected], [row for row in rows if row.person.is_protected]
    )


def _open_days(s: Session, recipient_ids: Iterable[int]) -> list[ToClarify]:
    last = today_oslo()
    first = last - timedelta(days=DAYS_BACK)
    return after.days_to_clarify(
        s, first=first, last=last, recipient_ids=list(recipient_ids), with_protected=True
    )


def _day(one: ToClarify, centres: dict[int, CentreCard]) -> OpenDay:
    if one.visit is None:
        if one.meeting is None:
            raise ValueError("a day to clarify is about a centre or a talk")
        return OpenDay(one.on, one.meeting.starts_at, one.meeting.ends_at, None, one.meeting)
    return OpenDay(one.on, one.visit.starts_at, one.visit.ends_at, centres[one.visit.centre_id], None)


def _by_name(row: OpenPerson) -> tuple[str, int]:
    return (by_name(row.person.name), row.person.id)
