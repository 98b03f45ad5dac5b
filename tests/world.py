"""A small made-up world: two offices, two centres, a handful of people, and words that only some may see.

Anna and Birk belong to one office, Celine to the other, Petra has a protected address. Vera helps Anna and
Petra, Vidar works beside her and helps Birk (he helped Anna until last month), Vilde helps Celine. Sara works
at the centre of the first office, where Synne is in charge, Sindre at the other one, Lise leads, Mona
administers. Every word that somebody wrote is a canary: `secrets` says whose it is, and the access test says
who may read it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.attendance.models import AbsencePaper
from portal.attendance.rules.devices import DeviceKind
from portal.attendance.rules.telling import NoticeKind, Reason
from portal.attendance.service import keys, notices, papers, running_devices
from portal.chat.service import attached, receiving, sending, threads
from portal.db import Database, new_public_id, seal, seal_bytes
from portal.duties.rules import ExplainHow, KostraCondition, PhraseKey
from portal.duties.service import decisions, receipts
from portal.files.kinds import FileKind, FileState
from portal.files.taking import Taken
from portal.people.models import (
    Centre,
    CentreOffice,
    Credential,
    Helper,
    LoginSession,
    Office,
    Passkey,
    Person,
    StaffRole,
)
from portal.people.rules.words import Level, Purpose, Role
from portal.people.service import sessions
from portal.plan.models import Activity, AgreedException
from portal.plan.rules.expected import ExceptionKind
from portal.plan.rules.weeks import Pattern, Slot
from portal.plan.rules.words import LegalBasis, MeetingPlace
from portal.plan.service import meetings, plans, tasks

LONG_AGO = date(2025, 1, 1)
LAST_MONTH = date(2026, 10, 31)
RECIPIENTS = ("anna", "birk", "celine", "petra")
STAFF = ("vera", "vidar", "vilde", "sara", "synne", "sindre", "lise", "mona")
SIGNED_OUT = "signed_out"
"""Vera's session of yesterday, which she ended herself."""
MORNING, NOON = time(9), time(14)


@dataclass(frozen=True)
class Member:
    """Somebody in the world, and the token of her session."""

    id: int
    public_id: str
    token: str


@dataclass
class World:
    """What a test needs to know of the world; fits in JSON, so that it is built once and copied."""

    people: dict[str, Member] = field(default_factory=dict)
    centres: dict[str, str] = field(default_factory=dict)
    things: dict[str, dict[str, str]] = field(default_factory=dict)
    """Kind of thing, then whose: public id."""
    secrets: dict[str, str] = field(default_factory=dict)
    """A word that stands in exactly one place, and what it is: `anna.goal`."""

    def thing(self, kind: str, owner: str) -> str:
        """The public id of somebody's thing."""
        return self.things[kind][owner]

    def as_json(self) -> dict[str, object]:
        """The world as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, dict[str, dict[str, object]]]) -> World:
        """The world again."""
        people = {name: Member(**member) for name, member in told["people"].items()}
        return cls(people, told["centres"], told["things"], told["secrets"])


def build_world(database: Database) -> World:
    """Fill an empty database. The clock must stand still."""
    world = World()
    with database.transaction() as s:
        ids = _add_places_and_people(s, world)
        for owner in RECIPIENTS:
            _add_plan(s, world, ids, owner)
            _add_duty(s, world, ids, owner)
            _add_talk(s, world, ids, owner)
            _add_notice(s, world, ids, owner)
        for name, (person_id, public_id) in ids.items():
            world.people[name] = Member(
                person_id, public_id, sessions.start_session(s, person_id, Level.BANKID)
            )
        for owner in RECIPIENTS:
            _add_phone(s, world, ids, owner)
        signed_out = sessions.start_session(s, ids["vera"][0], Level.BANKID)
        sessions.end_session(s, newest_session(s))
        world.people[SIGNED_OUT] = Member(*ids["vera"], signed_out)
    return world


def newest_session(s: Session) -> int:
    """The number of the session that was started last."""
    s.flush()
    return s.scalars(select(LoginSession.id).order_by(LoginSession.id.desc()).limit(1)).one()


Ids = dict[str, tuple[int, str]]

OFFICES = {"anna": 0, "birk": 0, "celine": 1, "petra": 0, "vera": 0, "vidar": 0, "vilde": 1, "lise": 0}
ROLES = {
    "vera": Role.VEILEDER,
    "vidar": Role.VEILEDER,
    "vilde": Role.VEILEDER,
    "sara": Role.CENTRE_STAFF,
    "synne": Role.CENTRE_LEAD,
    "sindre": Role.CENTRE_STAFF,
    "lise": Role.LEADER,
    "mona": Role.ADMIN,
}
HELPS = [
    ("vera", "anna", None),
    ("vera", "petra", None),
    ("vidar", "birk", None),
    ("vidar", "anna", LAST_MONTH),
    ("vilde", "celine", None),
]
CENTRE_OF = {"anna": 0, "birk": 0, "celine": 1, "petra": 0, "sara": 0, "synne": 0, "sindre": 1}


def _add_places_and_people(s: Session, world: World) -> Ids:
    offices = [_office(name) for name in ("Nav Elvebyen", "Nav Fjordbyen")]
    centres = [_centre(name) for name in ("Jobbsentralen", "Brygga")]
    s.add_all([*offices, *centres])
    s.flush()
    s.add_all(CentreOffice(centre_id=c.id, office_id=o.id) for c, o in zip(centres, offices, strict=True))
    for centre in centres:
        keys.make_centre_key(s, centre.id)
    world.centres = {"own": centres[0].public_id, "other": centres[1].public_id}
    centre_ids = {"own": centres[0].id, "other": centres[1].id}
    people = {}
    for number, name in enumerate((*RECIPIENTS, *STAFF), start=1001):
        recipient = name in RECIPIENTS
        office = offices[OFFICES[name]].id if name in OFFICES and recipient else None
        people[name] = Person(
            number=number if recipient else None,
            username=None if recipient else name,
            given_name=secret(world, name, "given"),
            family_name=secret(world, name, "family"),
            born_on=date(2002, 3, 4) if recipient else None,
            office_id=office,
            is_recipient=recipient,
            is_protected=name == "petra",
        )
    s.add_all(people.values())
    s.flush()
    # Two people have switched the portal on for Petra, so that she too can be tried as somebody who reads.
    people["petra"].digital_asked_by_id = people["vera"].id
    people["petra"].digital_allowed_by_id = people["lise"].id
    by = {"kind": DeviceKind.SCREEN, "name": "Skjermen", "by_id": people["synne"].id}
    world.things["device"] = {
        place: running_devices.new_device(s, number, **by).public_id for place, number in centre_ids.items()
    }
    for name, role in ROLES.items():
        office = offices[OFFICES[name]].id if name in OFFICES else None
        centre = centres[CENTRE_OF[name]].id if name in CENTRE_OF else None
        told = {"person_id": people[name].id, "role": role, "office_id": office, "centre_id": centre}
        held = StaffRole(public_id=new_public_id(), **told, from_on=LONG_AGO, to_on=None)
        s.add(held)
        world.things.setdefault("staff_role", {})[name] = held.public_id
    for staff, recipient, to_on in HELPS:
        pair = {"staff_id": people[staff].id, "recipient_id": people[recipient].id}
        helper = Helper(**pair, purpose=Purpose.PLAN, from_on=LONG_AGO, to_on=to_on)
        s.add(helper)
        s.flush()
        if to_on is None:
            world.things.setdefault("help", {})[recipient] = helper.public_id
    world.things["passkey"] = {name: _add_passkey(s, people[name]) for name in ("vera", "sara")}
    world.things["office"] = {"own": offices[0].public_id, "other": offices[1].public_id}
    world.things["centre_id"] = {str(place): str(centre.id) for place, centre in enumerate(centres)}
    return {name: (person.id, person.public_id) for name, person in people.items()}


def _office(name: str) -> Office:
    return Office(name=name, phone="55 55 33 33", address="Elvegata 1")


def _centre(name: str) -> Centre:
    return Centre(name=name, address="Elvegata 2")


def _add_passkey(s: Session, owner: Person) -> str:
    """A passkey in a drawer: nobody can use it, but it can be named and removed."""
    key = owner.public_id.encode()
    passkey = Passkey(
        person_id=owner.id, credential_id=key, public_key=key, sign_count=0, created_at=clock.now_utc()
    )
    s.add(passkey)
    s.flush()
    return passkey.public_id


def _add_plan(s: Session, world: World, ids: Ids, owner: str) -> None:
    recipient, today = ids[owner][0], clock.today_oslo()
    plans.write_goal(s, recipient, text=secret(world, owner, "goal"), language="nb", agreed_on=today)
    pattern = Pattern(tuple(Slot(day, MORNING, NOON) for day in range(5)), LONG_AGO, None)
    centre = int(world.things["centre_id"][str(CENTRE_OF.get(owner, 0))])
    title = secret(world, owner, "activity")
    activity = plans.NewActivity(title, pattern, LegalBasis.SOTJL_20A, centre_id=centre)
    activity_id = plans.add_activity(s, recipient, activity)
    world.things.setdefault("activity", {})[owner] = str(activity_id)
    named = select(Activity.public_id).where(Activity.id == activity_id)
    world.things.setdefault("agreed_activity", {})[owner] = s.scalars(named).one()
    free = AgreedException(
        activity_id=activity_id,
        day_on=today + timedelta(days=20),
        kind=ExceptionKind.FREE,
        by_id=ids[helper_of(owner)][0],
        at=clock.now_utc(),
    )
    s.add(free)
    s.flush()
    world.things.setdefault("agreed_day", {})[owner] = free.public_id
    world.things.setdefault("task", {})[owner] = tasks.add_task(
        s, recipient, title=secret(world, owner, "task")
    )
    starts = clock.now_utc() + timedelta(days=1)
    meeting = meetings.NewMeeting(
        ids[helper_of(owner)][0], starts, starts + timedelta(hours=1), MeetingPlace.OFFICE
    )
    meetings.add_meeting(s, recipient, meeting)


def _add_duty(s: Session, world: World, ids: Ids, owner: str) -> None:
    today = clock.today_oslo()
    decision = decisions.NewDecision(today, today, reduction_informed=True, received_on=today)
    text = decisions.ConditionText(
        PhraseKey.WORK_TRAINING, {"place": secret(world, owner, "duty")}, secret(world, owner, "agreement")
    )
    condition = decisions.NewCondition(
        KostraCondition.WORK_TRAINING,
        LegalBasis.SOTJL_20A,
        text,
        from_on=today,
        activity_id=int(world.things["activity"][owner]),
    )
    decision_id = decisions.add_decision(s, ids[owner][0], decision)
    duty = world.things.setdefault("duty", {})[owner] = decisions.add_condition(s, decision_id, condition)
    seen = receipts.Reading("nb", checked_by_professional=True, text_hash="0" * 64)
    receipts.ask_for_explanation(s, ids[owner][0], duty, reading=seen, how=ExplainHow.CALL)
    asked = receipts.open_explanations(s, [ids[owner][0]])
    world.things.setdefault("explanation", {})[owner] = asked[0].public_id


def _add_talk(s: Session, world: World, ids: Ids, owner: str) -> None:
    thread = threads.ensure_conversation(s, ids[owner][0])
    world.things.setdefault("thread", {})[owner] = thread
    files = [_add_file(s, world, ids, owner)]
    for number, (writer, what) in enumerate(((owner, "question"), (helper_of(owner), "answer"))):
        sent = f"00000000-0000-4000-8000-{ids[owner][0]:06d}{number:06d}"
        text = secret(world, owner, what)
        sending.post_message(s, ids[writer][0], thread, client_id=sent, text=text, files=files)
        files = []


def _add_file(s: Session, world: World, ids: Ids, owner: str) -> str:
    """A PDF that her first message takes along; gives its id."""
    thread, sent = world.thing("thread", owner), f"00000000-0000-4000-8000-{ids[owner][0]:06d}999999"
    row = (thread, ids[owner][0], sent)
    content = f"%PDF-1.7 {secret(world, owner, 'file')}".encode()
    prepared = receiving.Prepared(
        sent,
        b"",
        name=seal(s, secret(world, owner, "file_name"), bound_to=attached.name_binding(*row)),
        content=seal_bytes(s, content, bound_to=attached.content_binding(*row)),
        state=FileState.READY,
        size=len(content),
    )
    received = receiving.receive(s, ids[owner][0], thread, prepared)
    world.things.setdefault("file", {})[owner] = received.public_id
    return sent


def _add_notice(s: Session, world: World, ids: Ids, owner: str) -> None:
    """Everybody has told us that she cannot come tomorrow, and her helper why."""
    recipient, nonce = ids[owner][0], f"notice-of-{owner}-0000"
    tomorrow = clock.today_oslo() + timedelta(days=1)
    notices.tell(s, recipient, notices.Notice(NoticeKind.CANNOT_COME, (tomorrow,), nonce, recipient))
    notices.give_reason(s, recipient, nonce, Reason.SICK)
    world.things.setdefault("notice", {})[owner] = nonce
    for kind, words in (("paper", secret(world, owner, "paper")), ("own_paper", "another")):
        content = f"%PDF-1.7 {words}".encode()
        papers.show(s, recipient, nonce, Taken(FileKind.PDF, FileState.READY, content, None))
        newest = select(AbsencePaper.public_id).order_by(AbsencePaper.id.desc()).limit(1)
        world.things.setdefault(kind, {})[owner] = s.scalars(newest).one()
    world.things["helped_paper"] = world.things["own_paper"]


def _add_phone(s: Session, world: World, ids: Ids, owner: str) -> None:
    """A bound phone whose secret nobody holds, and a sign-in beside the one that the tests use."""
    phone = Credential(
        person_id=ids[owner][0],
        device_hash=sessions.token_hash(f"the phone of {owner}"),
        pin_hash="no PIN opens it",
        created_at=clock.now_utc(),
    )
    s.add(phone)
    sessions.start_session(s, ids[owner][0], Level.CODE_AND_PIN)
    sign_in = newest_session(s)
    world.things.setdefault("phone", {})[owner] = phone.public_id
    public_id = select(LoginSession.public_id).where(LoginSession.id == sign_in)
    world.things.setdefault("sign_in", {})[owner] = s.scalars(public_id).one()


def add_crowd(database: Database, world: World, *, size: int) -> None:
    """Ten times as much: many more people whom Vera helps, and a long history for Anna."""
    ids = {name: (member.id, member.public_id) for name, member in world.people.items()}
    with database.transaction() as s:
        office = s.scalars(select(Person.office_id).where(Person.id == ids["anna"][0])).one()
        for number in range(size):
            name = f"crowd{number}"
            person = Person(
                given_name=name, family_name="Crowd", born_on=LONG_AGO, office_id=office, is_recipient=True
            )
            s.add(person)
            s.flush()
            ids[name] = (person.id, person.public_id)
            helps = {"recipient_id": person.id, "staff_id": ids["vera"][0], "purpose": Purpose.PLAN}
            s.add(Helper(**helps, from_on=LONG_AGO, to_on=None))
            s.flush()
            _add_plan(s, world, ids, name)
            _add_duty(s, world, ids, name)
            _add_talk(s, world, ids, name)
            _add_notice(s, world, ids, name)
            _lengthen(s, world, ids, number)


def _lengthen(s: Session, world: World, ids: Ids, number: int) -> None:
    """One more task, duty and message for Anna."""
    tasks.add_task(s, ids["anna"][0], title=f"Oppgave {number}")
    own = World(things={"activity": {"anna": world.things["activity"]["anna"]}})
    _add_duty(s, own, ids, "anna")
    sent, thread = f"00000000-0000-4000-9000-{number:012d}", world.thing("thread", "anna")
    sending.post_message(s, ids["anna"][0], thread, client_id=sent, text=f"Nummer {number}")


def helper_of(owner: str) -> str:
    """Who helps this recipient today."""
    now = (staff for staff, recipient, to_on in HELPS if recipient == owner and to_on is None)
    return next(now, "vera")


def secret(world: World, owner: str, what: str) -> str:
    """A word that stands nowhere else: it tells on whoever lets it out."""
    word = f"{owner.capitalize()}{what.capitalize()}kanari"
    world.secrets[word] = f"{owner}.{what}"
    return word
