"""More people than the small world has, for the access tests: those on the edge of what they may.

Stine stands in for Vera today, Stein will from tomorrow on. Marit helps Anna with money only. Nils lost his
role at eight this morning, Nora hers last month. Ylva has a protected address and nobody has switched the
portal on for her. Anna also sits at a borrowed phone, and has left another one lying for eleven minutes.
Then there is a thing of each kind that was there once and is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.attendance.models import AbsenceNotice
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import notices
from portal.chat.models import Conversation
from portal.chat.service import threads
from portal.db import Database
from portal.duties.models import Condition, Decision, Receipt
from portal.duties.rules import ExplainHow, KostraCondition, PhraseKey
from portal.duties.service import decisions, receipts
from portal.people.models import Centre, Credential, Helper, LoginSession, Office, Passkey, Person, StaffRole
from portal.people.rules.words import Level, Purpose, Role
from portal.people.service import sessions
from portal.plan.models import Task
from portal.plan.rules.words import LegalBasis
from portal.plan.service import tasks
from tests.world import LAST_MONTH, LONG_AGO, RECIPIENTS, STAFF, Member, World, newest_session, secret

GONE = "gone"
"""Whose a thing is that was there once; it must look exactly like one that never was."""

MORE_STAFF = ("stine", "stein", "marit")
"""All three are veiledere at the office of Anna and Vera."""
NO_LONGER = ("nils", "nora")
BORROWED, LEFT_LYING = "anna_borrowed", "anna_left"
OPENS_NOTHING = (*NO_LONGER, "ylva", LEFT_LYING)
LEVELS = (1, 2, 3, 4)


def add_people_on_the_edge(database: Database, world: World) -> None:
    """Put them into the world, each with a session."""
    with database.transaction() as s:
        office = s.scalars(select(Office.id).order_by(Office.id)).first()
        for name in (*MORE_STAFF, *NO_LONGER, "ylva"):
            _add_person(s, world, name, office)
        _add_roles(s, world, office)
        _add_stand_ins(s, world)
        _add_sessions(s, world)
        for kind, make in GONE_THINGS.items():
            world.things.setdefault(kind, {})[GONE] = make(s, world)


def _add_person(s: Session, world: World, name: str, office: int | None) -> None:
    recipient = name == "ylva"
    person = Person(
        given_name=secret(world, name, "given"),
        family_name=secret(world, name, "family"),
        is_recipient=recipient,
        is_protected=recipient,
        office_id=office if recipient else None,
    )
    s.add(person)
    s.flush()
    token = sessions.start_session(s, person.id, Level.BANKID)
    world.people[name] = Member(person.id, person.public_id, token)


def _add_roles(s: Session, world: World, office: int | None) -> None:
    at_eight = clock.now_utc() - timedelta(minutes=30)
    for name in (*MORE_STAFF, *NO_LONGER):
        s.add(
            StaffRole(
                person_id=world.people[name].id,
                role=Role.VEILEDER,
                office_id=office,
                from_on=LONG_AGO,
                to_on=LAST_MONTH if name == "nora" else None,
                ended_at=at_eight if name == "nils" else None,
            )
        )


def _add_stand_ins(s: Session, world: World) -> None:
    today = clock.today_oslo()
    tomorrow, next_week = today + timedelta(days=1), today + timedelta(days=7)
    _helps(s, world, "stine", Purpose.PLAN, today, tomorrow)
    _helps(s, world, "stein", Purpose.PLAN, tomorrow, next_week)
    _helps(s, world, "marit", Purpose.MONEY, LONG_AGO, None)
    for name in NO_LONGER:  # what a role that ended left behind opens nothing by itself
        _helps(s, world, name, Purpose.PLAN, LONG_AGO, None)


def _helps(s: Session, world: World, staff: str, purpose: Purpose, from_on: date, to_on: date | None) -> None:
    pair = {"staff_id": world.people[staff].id, "recipient_id": world.people["anna"].id}
    s.add(Helper(**pair, purpose=purpose, is_stand_in=True, from_on=from_on, to_on=to_on))


def _add_sessions(s: Session, world: World) -> None:
    for name in (*RECIPIENTS, *STAFF):
        for level in LEVELS:
            _sign_in(s, world, name, f"{name}@{level}", Level(level))
    _sign_in(s, world, "anna", BORROWED, Level.CODE_AND_PIN, is_borrowed=True)
    _sign_in(s, world, "anna", LEFT_LYING, Level.CODE_AND_PIN, is_borrowed=True)
    left = s.get_one(LoginSession, newest_session(s))
    left.seen_at = left.created_at = clock.now_utc() - timedelta(minutes=11)


def _sign_in(
    s: Session, world: World, name: str, as_name: str, level: Level, *, is_borrowed: bool = False
) -> None:
    member = world.people[name]
    token = sessions.start_session(s, member.id, level, is_borrowed=is_borrowed)
    world.people[as_name] = Member(member.id, member.public_id, token)


def _task(s: Session, world: World) -> str:
    made = tasks.add_task(s, world.people["anna"].id, title="Borte")
    s.execute(delete(Task).where(Task.public_id == made))
    return made


def _notice(s: Session, world: World) -> str:
    anna, nonce = world.people["anna"].id, "notice-that-is-gone-0000"
    later = clock.today_oslo() + timedelta(days=2)
    notices.tell(s, anna, notices.Notice(NoticeKind.CANNOT_COME, (later,), nonce, anna))
    s.execute(delete(AbsenceNotice).where(AbsenceNotice.nonce == nonce))
    return nonce


def _duty(s: Session, world: World) -> str:
    today = clock.today_oslo()
    decision = decisions.add_decision(
        s, world.people["anna"].id, decisions.NewDecision(today, today, reduction_informed=True)
    )
    text = decisions.ConditionText(PhraseKey.WORK_TRAINING, {"place": "Borte"})
    asked = decisions.NewCondition(KostraCondition.WORK_TRAINING, LegalBasis.SOTJL_20A, text, from_on=today)
    made = decisions.add_condition(s, decision, asked)
    seen = receipts.Reading("nb", checked_by_professional=True, text_hash="0" * 64)
    receipts.ask_for_explanation(s, world.people["anna"].id, made, reading=seen, how=ExplainHow.CALL)
    condition = s.scalars(select(Condition.id).where(Condition.public_id == made)).one()
    world.things.setdefault("explanation", {})[GONE] = s.scalars(
        select(Receipt.public_id).where(Receipt.condition_id == condition)
    ).one()
    s.execute(delete(Receipt).where(Receipt.condition_id == condition))
    s.execute(delete(Condition).where(Condition.id == condition))
    s.execute(delete(Decision).where(Decision.id == decision))
    return made


def _explanation(_s: Session, world: World) -> str:
    return world.things["explanation"][GONE]  # it went with its duty


def _thread(s: Session, _world: World) -> str:
    person = Person(given_name="Borte", family_name="Borte", is_recipient=True)
    s.add(person)
    s.flush()
    made = threads.ensure_conversation(s, person.id)
    s.execute(delete(Conversation).where(Conversation.public_id == made))
    s.delete(person)
    return made


def _person(s: Session, _world: World) -> str:
    person = Person(given_name="Borte", family_name="Borte", is_recipient=True)
    s.add(person)
    s.flush()
    made = person.public_id
    s.delete(person)
    return made


def _centre(s: Session, _world: World) -> str:
    centre = Centre(name="Borte", address="Borte")
    s.add(centre)
    s.flush()
    made = centre.public_id
    s.delete(centre)
    return made


def _passkey(s: Session, world: World) -> str:
    vera = world.people["vera"]
    told = {"credential_id": b"borte", "public_key": b"borte", "sign_count": 0}
    made = Passkey(person_id=vera.id, **told, created_at=clock.now_utc(), ended_at=clock.now_utc())
    s.add(made)
    s.flush()
    return made.public_id


def _help(s: Session, world: World) -> str:
    """Vera helps Anna with the plan; what she did about money ended last month."""
    pair = {"staff_id": world.people["vera"].id, "recipient_id": world.people["anna"].id}
    made = Helper(**pair, purpose=Purpose.MONEY, from_on=LONG_AGO, to_on=LAST_MONTH)
    s.add(made)
    s.flush()
    return made.public_id


def _phone(s: Session, world: World) -> str:
    now = clock.now_utc()
    told = {"device_hash": b"borte", "pin_hash": "borte", "created_at": now, "ended_at": now}
    made = Credential(person_id=world.people["anna"].id, **told)
    s.add(made)
    s.flush()
    return made.public_id


def _sign_in_that_ended(s: Session, world: World) -> str:
    sessions.start_session(s, world.people["anna"].id, Level.BANKID)
    number = newest_session(s)
    sessions.end_session(s, number)
    return s.scalars(select(LoginSession.public_id).where(LoginSession.id == number)).one()


GONE_THINGS: dict[str, Callable[[Session, World], str]] = {
    "task": _task,
    "notice": _notice,
    "duty": _duty,
    "explanation": _explanation,
    "thread": _thread,
    "person": _person,
    "findable": _person,
    "on_own_board": _person,
    "centre": _centre,
    "annas_centre": _centre,
    "passkey": _passkey,
    "help": _help,
    "phone": _phone,
    "sign_in": _sign_in_that_ended,
    "without_veileder": _person,
}
"""How a thing of each kind is made and goes away again; gives back the name that it had."""
