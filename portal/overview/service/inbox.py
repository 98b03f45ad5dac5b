"""What waits for a veileder, a row per person; and one person with everything side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.attendance.rules.registered import Kind
from portal.attendance.rules.telling import NOTICE_DAYS_AHEAD
from portal.attendance.service import disputing, for_recipient, notices
from portal.attendance.service.disputing import OpenDispute
from portal.attendance.service.for_recipient import DayRecord
from portal.chat.service import centre_notes, emergency, inbox, noticing, promising, threads
from portal.chat.service import reading as chat_reading
from portal.chat.service.centre_notes import NoteLine
from portal.chat.service.emergency import UrgentLine
from portal.chat.service.promising import CallLine
from portal.chat.service.readers import read_by
from portal.chat.service.reading import ThreadPage
from portal.clock import now_utc, to_oslo, today_oslo
from portal.duties.rules import ExplainHow
from portal.duties.service import reading, receipts
from portal.duties.service.reading import DutyLine, ExemptionCard
from portal.duties.service.receipts import Explanation
from portal.errors import NotFound
from portal.notify.rules.notices import Quiet, Told
from portal.overview.service import clarifying
from portal.overview.service.inbox_rows import InboxPerson, Known, calendars_for, longest_first, row_of
from portal.people.rules.access import Viewer
from portal.people.rules.words import Opened, Purpose
from portal.people.service import access_log, recipients, team
from portal.people.service.recipients import PersonCard
from portal.plan.service import plans, tasks
from portal.plan.service.agenda import agenda_for
from portal.plan.service.plans import PlanPage
from portal.plan.service.tasks import TaskCard

_DAYS_OF_ATTENDANCE = 10
"""Enough to talk about; a longer list would be a tally (design 3.1)."""


@dataclass(frozen=True)
class ToExplain:
    """A promised explanation: to whom, how and by which day at the latest."""

    public_id: str
    person: PersonCard
    how: ExplainHow
    due_on: date


@dataclass(frozen=True)
class CalledWrong:
    """What somebody says of a day herself, and nobody has seen to. Never her words. line: what is seen."""

    person: PersonCard
    on: date
    said_on: date
    what: Kind
    line: str


@dataclass(frozen=True)
class InboxPage:
    """What waits for a veileder or a centre: who waits, longest first; what was promised; the others.

    The protected stand apart.

    stand_in: who waits and is a colleague's who is away. on_her: those of whom Nav waits for an answer.
    answered: nobody waits for anybody. not_begun: those with whom nobody has written anything yet.
    """

    urgent: list[UrgentLine]
    calls: list[CallLine]
    notes: list[NoteLine]
    waiting: list[InboxPerson]
    stand_in: list[InboxPerson]
    explanations: list[ToExplain]
    called_wrong: list[CalledWrong]
    navs_own: list[CalledWrong]
    """Who says that Nav did not come, call or open. To have seen it is enough; nobody has to explain."""
    on_her: list[InboxPerson]
    answered: list[InboxPerson]
    not_begun: list[InboxPerson]
    protected: list[InboxPerson]
    to_clarify: int


@dataclass(frozen=True)
class PersonPage:
    """One person, seen by one of her helpers: chat, plan, duties and attendance."""

    person: PersonCard
    today: date
    age: int | None
    thread: ThreadPage | None
    plan: PlanPage
    tasks: list[TaskCard]
    duties: list[DutyLine]
    exemption: ExemptionCard | None
    explanations: list[Explanation]
    history: list[DayRecord]
    next_on: date | None
    told: Told | None
    """Whether she was told outside the portal of the newest message she has not read; None: all is read."""


def inbox_page(s: Session, viewer: Viewer) -> InboxPage:
    """Put together what waits for a veileder or a centre: as many queries for sixty people as for one.

    Whoever works at a centre finds those who are expected there, with what is said with the centre alone: no
    duty, no call and no question about food or a bed.

    Of the lists of people, a person with a protected address stands only in the last, with everything about
    her. A call, an urgent question or what she says of a day stands among the others', without her name
    (design 3.7).
    """
    access_log.look(s, Opened.INBOX)
    reads = read_by(s, viewer.person_id)
    people = {card.id: card for card in sorted(recipients.cards_for(s, reads).values(), key=_by_name)}
    helped = [one for one in people if reads[one] != {Purpose.CENTRE}]
    talks = {row.recipient_id: row for row in inbox.conversations_waiting(s, viewer.person_id)}
    promised = receipts.open_explanations(s, helped)
    known = Known(
        duties=reading.list_duties(s, helped),
        told_today=notices.told_on(s, today_oslo(), people.keys()),
        stands_in_for=team.stands_in_for(s, viewer.person_id),
        out_of_reach=team.out_of_reach(s, people.values()),
        told_outside=noticing.told_of(s, viewer.person_id, people.keys()),
        calendars=calendars_for(s, people.values()),
    )
    rows = [row_of(card, talks.get(card.id), known) for card in people.values()]
    open_rows = [row for row in rows if not row.person.is_protected]
    said = disputing.list_open_for(s, viewer)
    waits = sorted((row for row in open_rows if row.waiting_since_utc), key=longest_first)
    others = [row for row in open_rows if row.has_messages and not row.waiting_since_utc]
    return InboxPage(
        urgent=emergency.list_urgent(s, viewer) if viewer.team_ids else [],
        calls=promising.list_calls(s, viewer),
        notes=centre_notes.list_notes(s, viewer),
        waiting=[row for row in waits if not row.is_stand_in],
        stand_in=[row for row in waits if row.is_stand_in],
        explanations=[
            ToExplain(one.public_id, people[one.recipient_id], one.how, one.due_on)
            for one in promised
            if not people[one.recipient_id].is_protected
        ],
        called_wrong=[_called_wrong(one, people) for one in said if not one.is_of_nav],
        navs_own=[_called_wrong(one, people) for one in said if one.is_of_nav],
        on_her=[row for row in others if row.waits_on_her],
        answered=[row for row in others if not row.waits_on_her],
        not_begun=[row for row in open_rows if not row.has_messages],
        protected=sorted((row for row in rows if row.person.is_protected), key=longest_first),
        to_clarify=clarifying.count_people(s, [people[one] for one in helped]),
    )


def _called_wrong(one: OpenDispute, people: Mapping[int, PersonCard]) -> CalledWrong:
    said_on = to_oslo(one.said_at).date()
    return CalledWrong(people[one.recipient_id], one.on, said_on, one.kind, one.public_id)


def _by_name(card: PersonCard) -> tuple[str, str, int]:
    return (card.given_name, card.family_name, card.id)


def person_page(
    s: Session, viewer: Viewer, public_id: str, quiet: Quiet, *, before_seq: int | None = None
) -> PersonPage:
    """Put everything about one person side by side for one of her helpers. `quiet`: when no notice goes out.

    Raises: NotFound for anybody whom the viewer does not help today.
    """
    person = recipients.require_recipient(s, viewer, public_id)
    today = today_oslo()
    agenda = agenda_for(s, person, for_recipient.history_begins_on(_DAYS_OF_ATTENDANCE))
    plan = plans.plan_for(s, agenda)
    following = agenda.next_visit(now_utc())
    told = noticing.told_of(s, viewer.person_id, [person.id]).get(person.id)
    return PersonPage(
        person=person,
        today=today,
        age=person.age_on(today),
        thread=_thread(s, viewer, person.id, before_seq),
        plan=plan,
        tasks=tasks.list_tasks(s, person.id, week_of_day=today),
        duties=reading.duties_for(s, person.id),
        exemption=reading.exemption_for(s, person.id),
        explanations=receipts.open_explanations(s, [person.id]),
        history=for_recipient.history_for(
            s, agenda, number_of_days=_DAYS_OF_ATTENDANCE, days_ahead=NOTICE_DAYS_AHEAD
        ),
        next_on=following.on if following else None,
        told=told.held_by(quiet, now_utc()) if told else None,
    )


def _thread(s: Session, viewer: Viewer, recipient_id: int, before_seq: int | None) -> ThreadPage | None:
    """The conversation about the plan; None when there is none, or when this helper does not read it."""
    public_id = threads.find_conversation(s, recipient_id)
    if public_id is None:
        return None
    try:
        return chat_reading.read_thread(s, viewer.person_id, public_id, before_seq=before_seq)
    except NotFound:
        return None
