"""Ten thousand made-up recipients with five years behind them, around the made-up office Elvebyen.

Rows go straight into the tables, many at a time. What no page checks is left plain: the attendance chain is
not sealed. Everything else is as the services would have written it, words sealed included.
"""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from portal.attendance.models import AbsenceNotice, AttendanceDay, AttendanceEvent
from portal.attendance.rules.beside import Beside
from portal.attendance.rules.registered import Channel, Kind
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import keys
from portal.chat.models import Conversation, Journal, Message, ReadCursor, Waiting
from portal.chat.rules.messages import Kind as ChatKind
from portal.chat.rules.topics import Topic
from portal.chat.service.messages import binding
from portal.clock import now_utc, oslo_instant, today_oslo
from portal.db import Base, Database, new_public_id, seal
from portal.duties.models import Condition, Decision, Receipt
from portal.duties.rules import Agreed, Answer, KostraCondition, PhraseKey
from portal.people.models import (
    AccessLog,
    Centre,
    CentreOffice,
    Credential,
    Helper,
    LoginSession,
    Office,
    Person,
    StaffRole,
)
from portal.people.rules.words import Level, Opened, Purpose, Role
from portal.plan.models import Activity, ActivitySlot, ActivityWeek, Meeting, Plan, Task
from portal.plan.rules.weeks import Met
from portal.plan.rules.words import ActivityStatus, LegalBasis, MeetingPlace

OFFICES = 10
PER_VEILEDER = 60
OF_A_HUNDRED_WITH_ACTIVITY = 40
OF_A_HUNDRED_WITHOUT_VEILEDER = 1
MESSAGES, VISITS_BACK, TASKS, LOOKS = 14, 40, 3, 10
A_CHUNK = 5000
YEARS = 5
DAYS = YEARS * 365
WEEKDAYS = 5
MORNING, NOON = time(9), time(14)
GIVEN = ("Anna", "Amir", "Berit", "Dag", "Elin", "Farid", "Guro", "Hans", "Ida", "Jan", "Kine", "Lars")
FAMILY = ("Berg", "Dahl", "Eide", "Foss", "Haug", "Hassan", "Lien", "Moe", "Ness", "Olsen", "Ali", "Vik")

Row = dict[str, Any]
Line = tuple[int | None, int | None, date]
"""A day's line of events: of a centre, or of an office."""


@dataclass
class _Crowd:
    """The rows to come by table, the next free number of each table, and whom they are about."""

    s: Session
    today: date
    now: datetime
    rows: dict[type[Base], list[Row]] = field(default_factory=lambda: defaultdict(list))
    next_id: dict[type[Base], int] = field(default_factory=dict)
    written: Counter[str] = field(default_factory=Counter)
    head_of: Counter[Line] = field(default_factory=Counter)
    old_days: set[Line] = field(default_factory=set)

    def add(self, table: type[Base], *, numbered: bool = True, **row: Any) -> int:
        """Keep a row for later, with a number of its own; write when there are many."""
        if numbered:
            if table not in self.next_id:
                newest = self.s.scalar(select(func.max(table.__table__.c.id)))
                self.next_id[table] = (newest or 0) + 1
            row["id"] = self.next_id[table]
            self.next_id[table] += 1
        self.rows[table].append(row)
        return int(row.get("id", 0))

    def flush(self) -> None:
        """Write every row that was kept, in the order in which tables point at each other."""
        for table in Base.metadata.sorted_tables:
            for model in [model for model in self.rows if model.__table__ is table]:
                rows = self.rows.pop(model)
                self.written[table.name] += len(rows)
                for first in range(0, len(rows), A_CHUNK):
                    self.s.connection().execute(insert(table), rows[first : first + A_CHUNK])


def add_crowd(
    database: Database, *, size: int, days: int = DAYS, oldest: str = "jonas", full: str = "ingrid"
) -> dict[str, int]:
    """Add so many recipients to the made-up office and its neighbours; tell how many rows went where.

    `oldest`: whoever of the made-up recipients has so many days behind her. `full`: the veileder who gets
    sixty recipients. A tenth of the crowd belongs to Elvebyen, the rest to nine other offices.
    """
    with database.transaction() as s:
        crowd = _Crowd(s, today_oslo(), now_utc())
        crowd.head_of.update({(c, o, d): h for c, o, d, h in s.execute(_heads())})
        crowd.old_days = set(crowd.head_of)
        places = _add_places(crowd)
        veiledere = _add_veiledere(crowd, places, size)
        own = s.scalars(select(Person.id).where(Person.username == full)).one()
        has = s.scalars(select(func.count()).where(Helper.staff_id == own)).one()
        for number in range(size):
            place = places[number % len(places)]
            mine = number % len(places) == 0 and number // len(places) < PER_VEILEDER - has
            staff = own if mine else veiledere[number % len(places)][number // len(places) // PER_VEILEDER]
            _add_recipient(crowd, number, place, staff)
            if number % 1000 == 999:
                crowd.flush()
        _lengthen(crowd, s.scalars(select(Person).where(Person.public_id == f"demo-{oldest}")).one(), days)
        crowd.flush()
        _write_heads(crowd)
        written = dict(crowd.written)
    _look_at_the_numbers(database)
    return written


def _look_at_the_numbers(database: Database) -> None:
    """Let the database count its rows, as it does by itself in time."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _heads() -> Any:
    return select(AttendanceDay.centre_id, AttendanceDay.office_id, AttendanceDay.day_on, AttendanceDay.head)


@dataclass(frozen=True)
class _Place:
    """An office and the centre that serves it."""

    office: int
    centre: int


def _add_places(crowd: _Crowd) -> list[_Place]:
    """Elvebyen with Jobbsentralen first, then nine offices, each with a centre of its own."""
    s = crowd.s
    first = _Place(
        s.scalars(select(Office.id).where(Office.name == "Nav Elvebyen")).one(),
        s.scalars(select(Centre.id).where(Centre.name == "Jobbsentralen")).one(),
    )
    places = [first]
    for number in range(1, OFFICES):
        told = {"address": f"Storgata {number}"}
        office = crowd.add(Office, name=f"Nav Bydel {number}", phone="55 55 33 33", **told)
        centre = crowd.add(Centre, name=f"Senter {number}", **told)
        crowd.add(CentreOffice, numbered=False, office_id=office, centre_id=centre)
        places.append(_Place(office, centre))
    crowd.flush()
    for place in places[1:]:
        keys.make_centre_key(s, place.centre)
    s.flush()
    return places


def _add_veiledere(crowd: _Crowd, places: list[_Place], size: int) -> list[list[int]]:
    """Sixty recipients each, at every office; all have worked there for five years."""
    needed = size // len(places) // PER_VEILEDER + 1
    since = crowd.today - timedelta(days=DAYS)
    found = []
    for place in places:
        found.append([])
        for number in range(needed):
            name = {"given_name": GIVEN[number % 12], "family_name": f"{FAMILY[number % 12]} {place.office}"}
            staff = crowd.add(Person, username=f"v{place.office}-{number}", is_recipient=False, **name)
            crowd.add(StaffRole, person_id=staff, role=Role.VEILEDER, office_id=place.office, from_on=since)
            found[-1].append(staff)
    crowd.flush()
    return found


def _add_recipient(crowd: _Crowd, number: int, place: _Place, staff: int) -> None:
    person = crowd.add(
        Person,
        number=10_000 + number,
        given_name=GIVEN[number % 12],
        family_name=f"{FAMILY[number // 12 % 12]}sen {number}",
        born_on=date(1996 + number % 11, 1 + number % 12, 1 + number % 28),
        office_id=place.office,
        is_recipient=True,
        is_protected=number // OFFICES % 200 == 199,
    )
    since = crowd.today - timedelta(days=number % DAYS)
    if number // OFFICES % 100 >= OF_A_HUNDRED_WITHOUT_VEILEDER:
        crowd.add(Helper, recipient_id=person, staff_id=staff, purpose=Purpose.PLAN, from_on=since)
    activity = _add_plan(crowd, number, person, place, staff)
    _add_duty(crowd, number, person, activity, since)
    _add_talk(crowd, number, person, staff)
    looks = [crowd.now - timedelta(days=2 + 7 * back) for back in range(LOOKS)]
    _add_looks(crowd, person, staff, looks)
    _add_ways_in(crowd, person)


def _add_plan(crowd: _Crowd, number: int, person: int, place: _Place, staff: int) -> int | None:
    """A goal, tasks and a meeting for everybody; for four of ten a week at the centre, half of them today."""
    goal, today = new_public_id(), crowd.today
    sealed = seal(crowd.s, "Fast jobb på lager", bound_to=("plan.goal", goal))
    crowd.add(
        Plan, public_id=goal, recipient_id=person, goal_sealed=sealed, goal_language="nb", agreed_on=today
    )
    for task in range(TASKS):
        due = today + timedelta(days=2 * task - 2)
        crowd.add(Task, recipient_id=person, title=f"Oppgave {task}", due_on=due)
    _add_meeting(crowd, person, staff, crowd.now + timedelta(days=1 + number % 20))
    if number // OFFICES % 100 >= OF_A_HUNDRED_WITH_ACTIVITY:
        return None
    since = today - timedelta(days=number % DAYS)
    activity = crowd.add(
        Activity,
        recipient_id=person,
        title="Arbeidstrening",
        from_on=since,
        status=ActivityStatus.AGREED,
        legal_basis=LegalBasis.SOTJL_20A,
    )
    week = crowd.add(ActivityWeek, activity_id=activity, centre_id=place.centre, from_on=since, at=crowd.now)
    here_today = {today.weekday()} if number // OFFICES % 2 else set()
    weekdays = {number % WEEKDAYS, (number + 2) % WEEKDAYS} - {today.weekday()} | here_today
    for weekday in weekdays:
        crowd.add(
            ActivitySlot, week_id=week, weekday=weekday, starts_at=MORNING, ends_at=NOON, how=Met.AT_PLACE
        )
    back = (since + timedelta(days=step) for step in range((today - since).days))
    _add_visits(crowd, person, place.centre, [on for on in back if on.weekday() in weekdays][-VISITS_BACK:])
    if here_today and number // OFFICES % 4 == 1:
        _add_visits(crowd, person, place.centre, [today])
    elif here_today and number // OFFICES % 10 == 3:
        _add_notice(crowd, person, place.office)
    return activity


def _add_meeting(crowd: _Crowd, person: int, staff: int, starts: datetime) -> None:
    ends = starts + timedelta(minutes=45)
    meeting = {"starts_utc": starts, "ends_utc": ends, "how": MeetingPlace.OFFICE}
    crowd.add(Meeting, recipient_id=person, staff_id=staff, **meeting)


def _add_visits(crowd: _Crowd, person: int, centre: int, days: Iterable[date]) -> None:
    for on in days:
        at = oslo_instant(on, time(8, 55))
        _add_event(crowd, (centre, None, on), person, at, kind=Kind.CHECKED_IN, channel=Channel.QR)


def _add_event(crowd: _Crowd, line: Line, person: int, at: datetime, **what: str) -> int:
    centre, office, on = line
    crowd.head_of[line] += 1
    where = {"centre_id": centre, "office_id": office, "day_on": on}
    if line not in crowd.old_days and crowd.head_of[line] == 1:
        crowd.add(AttendanceDay, **where)
    return crowd.add(
        AttendanceEvent,
        **where,
        n=crowd.head_of[line],
        recipient_id=person,
        at=at,
        received_at=at,
        by_id=person,
        nonce=secrets.token_urlsafe(16),
        prev_hash="0" * 64,
        hash="0" * 64,
        **what,
    )


def _write_heads(crowd: _Crowd) -> None:
    """Let every day know how many events it has."""
    table = AttendanceDay.__table__
    for place in ("centre_id", "office_id"):
        counted = update(table).where(table.c[place] == bindparam("p"), table.c.day_on == bindparam("d"))
        rows = [
            {"p": office if centre is None else centre, "d": on, "h": head}
            for (centre, office, on), head in crowd.head_of.items()
            if (centre is None) == (place == "office_id")
        ]
        if rows:
            crowd.s.connection().execute(counted.values(head=bindparam("h")), rows)


def _add_notice(crowd: _Crowd, person: int, office: int) -> None:
    line = (None, office, crowd.today)
    told = {"kind": Beside.TOLD_CANNOT_COME, "channel": Channel.PHONE}
    crowd.add(
        AbsenceNotice,
        recipient_id=person,
        day_on=crowd.today,
        kind=NoticeKind.CANNOT_COME,
        noted_at=crowd.now,
        by_id=person,
        nonce=secrets.token_urlsafe(16),
        event_id=_add_event(crowd, line, person, crowd.now, **told),
    )


def _add_duty(crowd: _Crowd, number: int, person: int, activity: int | None, since: date) -> None:
    """One decision with one condition; two of three have read it."""
    decision = crowd.add(
        Decision,
        recipient_id=person,
        decided_on=since,
        from_on=since,
        received_on=since,
        reduction_informed=number % 2 == 0,
    )
    condition = crowd.add(
        Condition,
        decision_id=decision,
        activity_id=activity,
        kostra_code=KostraCondition.WORK_TRAINING,
        legal_basis=LegalBasis.SOTJL_20A,
        phrase=PhraseKey.WORK_TRAINING,
        phrase_values={"place": "Jobbsentralen"},
        from_on=since,
        agreed=Agreed.YES,
    )
    if number % 3:
        crowd.add(
            Receipt,
            condition_id=condition,
            condition_version=1,
            recipient_id=person,
            language="nb",
            checked_by_professional=True,
            text_hash="0" * 64,
            read_utc=crowd.now,
            answer=Answer.READ,
        )


def _add_talk(crowd: _Crowd, number: int, person: int, staff: int) -> None:
    """Question and answer over half a year; a third wait for an answer now."""
    waits = number % 3 == 0
    public_id, since = new_public_id(), crowd.now - timedelta(hours=1 + number % 90)
    conversation = crowd.add(
        Conversation,
        public_id=public_id,
        recipient_id=person,
        head=MESSAGES,
    )
    crowd.add(
        Waiting,
        numbered=False,
        conversation_id=conversation,
        topic=Topic.PLAN,
        staff_since=since if waits else None,
        recipient_since=None if waits else since,
        settled_rev=0,
    )
    writers = [person if (place % 2 == 0) == waits else staff for place in range(MESSAGES, 0, -1)]
    writers = [*writers[1:], person if waits else staff]
    _add_messages(crowd, (conversation, public_id), writers, first=1, newest_at=since)
    for reader in {person, staff}:
        cursor = {"read_seq": MESSAGES - 1, "delivered_seq": MESSAGES - 1}
        for topic in Topic:
            of = {"conversation_id": conversation, "person_id": reader, "topic": topic}
            crowd.add(ReadCursor, numbered=False, **of, **cursor)


def _add_messages(
    crowd: _Crowd, conversation: tuple[int, str], writers: list[int], *, first: int, newest_at: datetime
) -> None:
    number, public_id = conversation
    for place, writer in enumerate(writers):
        seq, at = first + place, newest_at - timedelta(days=len(writers) - place - 1)
        client_id = f"{number:08x}-0000-4000-8000-{seq:012x}"
        body = seal(crowd.s, f"Melding nummer {seq}", bound_to=binding(public_id, writer, client_id))
        one = {"conversation_id": number, "seq": seq, "rev": seq}
        written = {"author_id": writer, "client_id": client_id, "body": body, "created_at": at}
        crowd.add(Message, numbered=False, **one, turn=seq, topic=Topic.PLAN, **written)
        crowd.add(Journal, numbered=False, **one, kind=ChatKind.CREATED, actor_id=writer, at=at)


def _add_looks(crowd: _Crowd, person: int, staff: int, times: Iterable[datetime]) -> None:
    for at in times:
        crowd.add(AccessLog, viewer_id=staff, person_id=person, opened=Opened.PERSON, at=at)


def _add_ways_in(crowd: _Crowd, person: int) -> None:
    """A bound phone, and the sign-ins of three days that are over."""
    made = crowd.now - timedelta(days=100)
    phone = {"device_hash": secrets.token_bytes(32), "pin_hash": "no PIN opens it", "created_at": made}
    credential = crowd.add(Credential, person_id=person, name="Telefon", **phone)
    for day in range(3):
        at = made + timedelta(days=day)
        crowd.add(
            LoginSession,
            token_hash=secrets.token_bytes(32),
            person_id=person,
            level=Level.CODE_AND_PIN,
            credential_id=credential,
            created_at=at,
            seen_at=at,
            ended_at=at,
        )


def _lengthen(crowd: _Crowd, person: Person, days: int) -> None:
    """The years of one person: visits, tasks, meetings, duties, words and looks."""
    s, today = crowd.s, crowd.today
    staff = s.scalars(select(Helper.staff_id).where(Helper.recipient_id == person.id).limit(1)).one()
    centre = s.scalars(select(Centre.id).where(Centre.name == "Jobbsentralen")).one()
    past = [today - timedelta(days=back) for back in range(days, 12, -1)]
    _add_visits(crowd, person.id, centre, [on for on in past if on.weekday() < 3])
    for week in past[::7]:
        then = oslo_instant(week, MORNING)
        crowd.add(Task, recipient_id=person.id, title="Ringe", due_on=week, done_utc=then)
        _add_meeting(crowd, person.id, staff, then)
    for start in past[::180]:
        ends = start + timedelta(days=170)
        told = {"decided_on": start, "from_on": start, "to_on": ends, "received_on": start}
        crowd.add(Decision, recipient_id=person.id, reduction_informed=False, **told)
    _add_looks(crowd, person.id, staff, [crowd.now - timedelta(days=back) for back in range(1, days)])
    talk = s.scalars(select(Conversation).where(Conversation.recipient_id == person.id)).one()
    writers = [person.id if number % 2 else staff for number in range(days)]
    first, newest = talk.head + 1, crowd.now - timedelta(minutes=5)
    _add_messages(crowd, (talk.id, talk.public_id), writers, first=first, newest_at=newest)
    talk.head += len(writers)
    # Read to the end, as before: another question is asked about whoever has something unread.
    of = {"conversation_id": talk.id, "person_id": person.id, "topic": Topic.PLAN}
    s.merge(ReadCursor(**of, delivered_seq=talk.head, read_seq=talk.head))
    s.flush()
