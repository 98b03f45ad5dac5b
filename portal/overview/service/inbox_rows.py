"""The rows of a veileder's inbox: one person each, how long she has waited in open time, and what to mind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from portal.chat.rules.topics import Topic
from portal.chat.service.inbox import InboxRow
from portal.clock import now_utc
from portal.duties.service.reading import DutyLine
from portal.notify.rules.notices import Told
from portal.people.rules.opening import Calendar
from portal.people.service import opening
from portal.people.service.recipients import PersonCard

_LAST_OF_ALL = datetime.max.replace(tzinfo=UTC)
_NO_HOURS = Calendar({})


@dataclass(frozen=True)
class Talk:
    """What can be settled from the list: the conversation, what waits in it, and up to which change."""

    conversation: str
    topics: tuple[Topic, ...]
    head: int

    @property
    def what(self) -> str:
        """The same in one form value; see chat.views.sorting."""
        return " ".join((str(self.head), *self.topics))


@dataclass(frozen=True)
class InboxPerson:
    """One person in the inbox: her wait in minutes of open time, the newest message, and what to mind."""

    person: PersonCard
    opens_person: bool
    """Whether the way to her is her own page; for a centre it is what is said with the centre."""
    conversation: str | None
    waiting_since_utc: datetime | None
    waited_minutes: int
    talk: Talk | None
    waits_on_her: bool
    """Nav wrote last, and she has not answered."""
    has_messages: bool
    preview: str | None
    last_is_own: bool
    unread: int
    is_stand_in: bool
    """The viewer only stands in for somebody."""
    is_unread_and_far: bool
    """She has not read what Nav wrote, and will hardly do so here: ring her, or print it."""
    told: Told | None
    """Whether she was told outside the portal of what she has not read; None: all is read."""
    has_unread_duty: bool
    wants_explanation: bool
    has_told_today: bool


@dataclass(frozen=True)
class Known:
    """What is known of everybody in the list beside the chat, each asked once for all."""

    duties: Mapping[int, Collection[DutyLine]]
    """Of those whom the viewer helps with more than a centre does; of others nothing is told here."""
    told_today: Collection[int]
    stands_in_for: Collection[int]
    out_of_reach: Collection[int]
    told_outside: Mapping[int, Told]
    calendars: Mapping[int, Calendar]


def calendars_for(s: Session, people: Collection[PersonCard]) -> dict[int, Calendar]:
    """Get the opening hours of everybody's offices, however many people there are."""
    return opening.calendars_of(s, {card.office_id for card in people if card.office_id})


def open_minutes(calendars: Mapping[int, Calendar], person: PersonCard, since: datetime) -> int:
    """Tell for how many minutes of her office's open time somebody has waited."""
    return calendars.get(person.office_id or 0, _NO_HOURS).open_minutes(since, now_utc())


def row_of(card: PersonCard, talk: InboxRow | None, known: Known) -> InboxPerson:
    """Put one person's row together. `talk`: her conversation, when the viewer reads any of it."""
    since = talk.waiting_since_utc if talk else None
    duties = known.duties.get(card.id, ())
    return InboxPerson(
        person=card,
        opens_person=card.id in known.duties,
        conversation=talk.conversation if talk else None,
        waiting_since_utc=since,
        waited_minutes=open_minutes(known.calendars, card, since) if since else 0,
        talk=_to_settle(talk),
        waits_on_her=talk is not None and talk.waiting_recipient_since_utc is not None,
        has_messages=talk is not None and talk.last_at_utc is not None,
        preview=talk.last_text if talk else None,
        last_is_own=talk is not None and talk.last_is_own,
        unread=talk.unread if talk else 0,
        is_stand_in=card.id in known.stands_in_for,
        is_unread_and_far=talk is not None and not talk.is_read and card.id in known.out_of_reach,
        told=known.told_outside.get(card.id),
        has_unread_duty=any(line.is_new for line in duties),
        wants_explanation=any(line.asked for line in duties),
        has_told_today=card.id in known.told_today,
    )


def _to_settle(talk: InboxRow | None) -> Talk | None:
    if talk is None or not talk.waits:
        return None
    return Talk(talk.conversation, tuple(topic for topic, _since in talk.waits), talk.head)


def longest_first(row: InboxPerson) -> tuple[int, datetime, str, int]:
    """The order of those who wait: the most open time first; among equals who wrote first."""
    return (-row.waited_minutes, row.waiting_since_utc or _LAST_OF_ALL, row.person.name, row.person.id)
