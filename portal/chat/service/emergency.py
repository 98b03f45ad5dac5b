"""«Jeg har ikke mat eller et sted å sove»: whom to ring now, who took the question, or that nobody did."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.chat.models import Conversation, EmergencyQuestion
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.topics import Topic
from portal.chat.service import sending, threads
from portal.chat.service.emergency_asked import EMERGENCY, EmergencyChanged, is_taken_back
from portal.clock import now_utc, to_oslo, today_oslo
from portal.errors import N_, NotFound, Refused
from portal.people.rules.access import Viewer
from portal.people.rules.ringing import WhomToRing
from portal.people.rules.words import Purpose
from portal.people.service import duty, help_given, opening, places, recipients, ringing
from portal.people.service.recipients import PersonCard

_SHOWN_FOR = timedelta(hours=24)
"""So long the person's page tells who has taken her question."""


@dataclass(frozen=True)
class EmergencyPage:
    """What somebody without food or a bed sees. `asked_at`: she has sent it; `taken_by`: who has taken it."""

    ring: WhomToRing | None
    conversation: str | None
    next_client_id: str
    asked_at: datetime | None
    taken_by: str | None
    taken_at: datetime | None

    @property
    def may_ask(self) -> bool:
        """Whether she may send it now: also anew, once somebody has taken what she sent."""
        return self.conversation is not None and (self.asked_at is None or self.taken_at is not None)


@dataclass(frozen=True)
class UrgentLine:
    """A question nobody has taken, for whoever is on duty or leads. `name`: None for a protected person."""

    public_id: str
    name: str | None
    asked_at: datetime
    open_minutes: int
    helper: str | None
    """The given name of her veileder, if she has one."""
    is_known: bool = False
    """A leader has said that she knows."""
    is_taken_back: bool = False
    """She has withdrawn the message; somebody sees to it all the same."""


def emergency_page(s: Session, viewer: Viewer) -> EmergencyPage:
    """Show a person whom to ring now, and what became of a question that she has sent today."""
    ring = ringing.ring_now(s, viewer.office_id, now_utc()) if viewer.office_id else None
    row = s.scalar(
        select(EmergencyQuestion)
        .join(Conversation, Conversation.id == EmergencyQuestion.conversation_id)
        .where(
            Conversation.recipient_id == viewer.person_id,
            (EmergencyQuestion.taken_at.is_(None) & ~is_taken_back())
            | (EmergencyQuestion.taken_at > now_utc() - _SHOWN_FOR),
        )
        .order_by(EmergencyQuestion.id.desc())
        .limit(1)
    )
    taken_by = recipients.get_person(s, row.taken_by_id).given_name if row and row.taken_by_id else None
    return EmergencyPage(
        ring=ring,
        conversation=threads.find_conversation(s, viewer.person_id),
        next_client_id=str(uuid.uuid4()),
        asked_at=row.asked_at if row else None,
        taken_by=taken_by,
        taken_at=row.taken_at if row else None,
    )


def ask(s: Session, person_id: int, *, client_id: str) -> None:
    """Send that she has no food or no bed: to those who read about money, and to everybody on duty.

    Raises: NotFound when she has no conversation; Refused `chat.client_id`.
    """
    public_id = threads.find_conversation(s, person_id)
    if public_id is None:
        raise NotFound
    sending.post_message(
        s, person_id, public_id, client_id=client_id, phrase=Filled(EMERGENCY), topic=Topic.MONEY
    )


def list_urgent(s: Session, viewer: Viewer) -> list[UrgentLine]:
    """Get the questions nobody has taken, longest waiting first, that the viewer may take.

    Those are her own recipients', and while she is on duty her team's. A protected person's is only there
    for her own helpers, and without her name on a list (design 3.7).
    """
    rows = _open_rows(s)
    if not rows:
        return []
    helps = {
        one for one, what in recipients.helps_with(s, viewer.person_id).items() if what != {Purpose.CENTRE}
    }
    on_duty = {
        office_id: viewer.person_id in duty.on_duty(s, office_id)
        for office_id in viewer.team_ids & {row.office_id for row, _recipient in rows if row.office_id}
    }
    people = recipients.cards_for(s, {recipient_id for _row, recipient_id in rows})
    mine = [
        (row, people[recipient_id])
        for row, recipient_id in rows
        if recipient_id in helps
        or (on_duty.get(row.office_id or 0, False) and not people[recipient_id].is_protected)
    ]
    return _lines(s, mine)


def list_not_taken(s: Session, viewer: Viewer) -> list[UrgentLine]:
    """Get the questions of a leader's offices that nobody took within the office's minutes of open time.

    By the hours when it was asked or by those of now, whichever is sooner: what a leader has heard of stays
    when an office changes its hours or closes for the day.
    """
    rows = [(row, one) for row, one in _open_rows(s) if row.office_id in viewer.office_ids]
    if not rows:
        return []
    limits = {one: places.get_office(s, one).urgent_minutes for one in viewer.office_ids}
    people = recipients.cards_for(s, {recipient_id for _row, recipient_id in rows})
    calendars = opening.calendars_of(s, viewer.office_ids)
    late = [
        (row, people[recipient_id])
        for row, recipient_id in rows
        if (row.late_at is not None and row.late_at <= now_utc())
        or calendars[row.office_id or 0].open_minutes(row.asked_at, now_utc()) >= limits[row.office_id or 0]
    ]
    return _lines(s, late)


def note_leader_knows(s: Session, viewer: Viewer, public_id: str) -> None:
    """Remember that a leader has seen that nobody took a question. Raises: NotFound for another office's."""
    row = _held(s, public_id)
    if row.office_id not in viewer.office_ids:
        raise NotFound
    row.leader_told_at = row.leader_told_at or now_utc()


def take(s: Session, viewer: Viewer, public_id: str) -> str:
    """Take a question by name; gives the recipient's public id. Taking one's own again changes nothing.

    Whoever does not help her yet stands in until the next day the office is open, so that she may read and
    answer; that is written down as other help is. The thread says who took it and when.

    Raises: NotFound when it is not hers to take; Refused `emergency.taken` when a colleague was first.
    """
    row = _held(s, public_id)
    thread = threads.get_thread(s, row.conversation_id)
    person = recipients.get_person(s, thread.recipient_id)
    is_helper = recipients.is_helper(s, viewer.person_id, person.id)
    if not is_helper and (person.is_protected or row.office_id not in viewer.team_ids):
        raise NotFound
    if row.taken_by_id == viewer.person_id:
        return person.public_id
    if row.taken_by_id is not None:
        name = recipients.get_person(s, row.taken_by_id).name
        raise Refused("emergency.taken", N_("%(name)s har allerede tatt spørsmålet."), name=name)
    row.taken_by_id, row.taken_at = viewer.person_id, now_utc()
    _let_read(s, viewer, person, conversation=thread.public_id)
    sending.post_message(
        s,
        viewer.person_id,
        thread.public_id,
        client_id=str(uuid.uuid4()),
        phrase=Filled("emergency_taken", {"time": f"{to_oslo(row.taken_at):%H:%M}"}),
        topic=_topic(s, viewer, thread.public_id),
    )
    publish(s, EmergencyChanged(row.id))
    return person.public_id


def who_is_told(s: Session, question_id: int) -> frozenset[int]:
    """Tell whose open pages show a question: her helpers, and the team on duty unless she is protected."""
    row = s.get_one(EmergencyQuestion, question_id)
    person = recipients.get_person(s, threads.get_thread(s, row.conversation_id).recipient_id)
    helpers = frozenset(one.staff_id for one in recipients.helpers_of(s, person.id))
    if person.is_protected or row.office_id is None:
        return helpers
    return helpers | duty.on_duty(s, row.office_id)


def _topic(s: Session, viewer: Viewer, conversation: str) -> Topic:
    """The topic of the question where she reads it; whoever helps with another thing writes about that."""
    thread = threads.require_thread(s, viewer.person_id, conversation)
    return Topic.MONEY if Topic.MONEY in thread.topics else thread.own_topic


def _let_read(s: Session, viewer: Viewer, person: PersonCard, *, conversation: str) -> None:
    try:
        reads = Topic.MONEY in threads.require_thread(s, viewer.person_id, conversation).topics
    except NotFound:
        reads = False
    if reads or person.is_protected:
        return
    until = duty.last_day_to_follow_up(s, person.office_id)
    wanted = help_given.Help(person.id, viewer.person_id, Purpose.PLAN, True, today_oslo(), until)
    help_given.cover_days(s, viewer, [wanted])


def _held(s: Session, public_id: str) -> EmergencyQuestion:
    """Let one at a time take a question or be told of it. Raises: NotFound."""
    found = select(EmergencyQuestion).where(EmergencyQuestion.public_id == public_id).with_for_update()
    row = s.scalar(found.execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row


def _open_rows(s: Session) -> list[tuple[EmergencyQuestion, int]]:
    rows = s.execute(
        select(EmergencyQuestion, Conversation.recipient_id)
        .join(Conversation, Conversation.id == EmergencyQuestion.conversation_id)
        .where(EmergencyQuestion.taken_at.is_(None))
        .order_by(EmergencyQuestion.asked_at, EmergencyQuestion.id)
    )
    return [(row, recipient_id) for row, recipient_id in rows]


def _lines(s: Session, rows: list[tuple[EmergencyQuestion, PersonCard]]) -> list[UrgentLine]:
    calendars = opening.calendars_of(s, {row.office_id for row, _person in rows if row.office_id})
    shown = EmergencyQuestion.id.in_([row.id for row, _person in rows])
    taken_back = set(s.scalars(select(EmergencyQuestion.id).where(shown, is_taken_back())))
    helpers = recipients.list_helpers_of(s, [person.id for _row, person in rows])
    return [
        UrgentLine(
            public_id=row.public_id,
            name=None if person.is_protected else person.short_name,
            asked_at=row.asked_at,
            open_minutes=calendars[row.office_id].open_minutes(row.asked_at, now_utc())
            if row.office_id
            else 0,
            helper=None if person.is_protected else recipients.makes_the_plan(helpers[person.id]),
            is_known=row.leader_told_at is not None,
            is_taken_back=row.id in taken_back,
        )
        for row, person in rows
    ]
