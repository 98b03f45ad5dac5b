"""Two people do the same thing at the same moment, on the database where two can: it is done once."""

from __future__ import annotations

import threading
import uuid
from contextlib import suppress
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from portal.attendance.models import AbsenceNotice
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import notices
from portal.attendance.service.notices import Notice
from portal.chat.models import Callback, EmergencyQuestion, MeetingProposal, Message
from portal.chat.rules.calls import When
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.service import calls, drafts, emergency, promising, proposing, saying, sending, withdrawing
from portal.clock import now_utc, today_oslo
from portal.db import new_public_id
from portal.errors import Conflict, NotFound, Refused
from portal.people.models import ActivationCode, Helper, Person, StaffRole
from portal.people.rules.words import IdentityCheck, Purpose, Role
from portal.people.service import activation, distribution, helping, running_roles, running_staff, stand_in
from portal.people.service.helping import NewHelp
from portal.people.service.running_roles import NewRole
from tests.fixtures.databases import on_postgresql
from tests.test_people import viewer_of

pytestmark = on_postgresql

FRIDAY = date(2026, 11, 27)
WAITS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def twice(app, database, world):
    """Let two do the same: the second begins when the first is done but has not been committed."""

    def both(act, first, second, *, is_flushed=True):
        faults = []

        def later():
            try:
                with database.transaction() as s, suppress(Conflict, NotFound, Refused):
                    act(s, viewer_of(app, s, world, second))
            except Exception as fault:  # told in the main thread
                faults.append(fault)

        other = threading.Thread(target=later)
        with database.transaction() as s:
            act(s, viewer_of(app, s, world, first))
            if is_flushed:
                s.flush()
            other.start()
            with database.engine.connect() as watching:
                while other.is_alive() and not watching.execute(text(WAITS)).first():
                    watching.rollback()
        other.join()
        assert faults == []

    return both


@pytest.fixture
def rows(database):
    def found(query):
        with database.transaction(writes=False) as s:
            return s.scalars(query).all()

    return found


def test_two_leaders_give_somebody_one_veileder(database, world, twice, rows):
    anna, chosen = world.people["anna"], {"lise": "vidar", "mona": "vera"}
    with database.transaction() as s:
        leads = {"office_id": s.get_one(Person, anna.id).office_id, "from_on": today_oslo()}
        s.add(StaffRole(person_id=world.people["mona"].id, role=Role.LEADER, **leads))
        s.execute(text("UPDATE helper SET to_on = '2026-01-01' WHERE recipient_id = :id"), {"id": anna.id})
    who = {world.people[leader].id: world.people[name].public_id for leader, name in chosen.items()}
    twice(
        lambda s, viewer: distribution.give_helper(
            s, viewer, anna.public_id, who[viewer.person_id], Purpose.PLAN
        ),
        "lise",
        "mona",
    )
    assert len(rows(select(Helper).where(Helper.recipient_id == anna.id, Helper.to_on.is_(None)))) == 1


def test_two_colleagues_give_a_recipient_one_code_that_works(world, twice, rows):
    anna, known = world.people["anna"], {"hours": 48, "identity_check": IdentityCheck.KNOWN}
    twice(lambda s, viewer: activation.make_code(s, viewer, anna.public_id, **known), "vera", "vidar")
    made = rows(select(ActivationCode.expires_at).where(ActivationCode.person_id == anna.id))
    assert [one > now_utc() for one in sorted(made)] == [False, True]


def test_two_codes_for_somebody_who_works_here_leave_one_that_works(world, twice, rows):
    sara = world.people["sara"]
    twice(lambda s, viewer: running_staff.make_code(s, viewer, sara.public_id, hours=1), "mona", "lise")
    made = rows(select(ActivationCode.expires_at).where(ActivationCode.person_id == sara.id))
    assert [one > now_utc() for one in sorted(made)] == [False, True]


def test_the_same_helper_is_added_once(world, twice, rows):
    anna, vidar = world.people["anna"], world.people["vidar"]
    new = NewHelp(vidar.public_id, Purpose.JOB, is_stand_in=False, from_on=today_oslo(), to_on=None)
    twice(lambda s, viewer: helping.add_help(s, viewer, anna.public_id, new), "vera", "vera")
    assert len(rows(select(Helper).where(Helper.purpose == Purpose.JOB))) == 1


def test_the_same_stand_in_is_added_once(world, twice, rows):
    vidar = world.people["vidar"].public_id
    twice(lambda s, viewer: stand_in.stand_in(s, viewer, vidar, today_oslo(), FRIDAY), "vera", "vera")
    assert len(rows(select(Helper).where(Helper.is_stand_in))) == 1


def test_the_same_role_is_given_once(world, twice, rows):
    lise = world.people["lise"]
    new = NewRole(Role.VEILEDER, world.thing("office", "own"), today_oslo(), None)
    twice(lambda s, viewer: running_roles.add_role(s, viewer, lise.public_id, new), "mona", "vera")
    assert len(rows(select(StaffRole).where(StaffRole.person_id == lise.id))) == 2


def test_a_message_that_is_corrected_in_two_tabs_has_one_correction(world, twice, rows):
    talk = world.thing("thread", "anna")
    twice(
        lambda s, viewer: sending.post_message(
            s, viewer.person_id, talk, client_id=str(uuid.uuid4()), text="Rettet.", corrects_seq=1
        ),
        "anna",
        "anna",
    )
    assert len(rows(select(Message).where(Message.corrects_seq == 1))) == 1


def test_a_message_is_not_corrected_when_it_has_just_been_taken_back(world, twice, rows):
    talk, acts = world.thing("thread", "anna"), [withdraw_first, correct_first]
    twice(lambda s, viewer: acts.pop(0)(s, viewer, talk), "anna", "anna")
    assert rows(select(Message).where(Message.corrects_seq == 1)) == []
    hers = Message.author_id == world.people["anna"].id
    assert rows(select(Message.withdrawn_at).where(Message.seq == 1, hers)) != [None]


def withdraw_first(s, viewer, talk):
    withdrawing.withdraw(s, viewer.person_id, talk, seq=1)


def correct_first(s, viewer, talk):
    sending.post_message(
        s, viewer.person_id, talk, client_id=str(uuid.uuid4()), text="Rettet.", corrects_seq=1
    )


@pytest.fixture
def talk(world):
    return world.thing("thread", "anna")


def an_id():
    return str(uuid.uuid4())


def say(s, author_id, talk, code, **values):
    said = saying.Said(Filled(code, values))
    return saying.say(s, author_id, talk, client_id=an_id(), said=said).change.seq


def phrases(rows, *codes):
    return sorted(rows(select(Message.phrase).where(Message.phrase.in_(codes))))


def test_a_message_is_sent_while_its_draft_is_being_kept(database, talk, world, twice, rows):
    sent = an_id()
    acts = [
        lambda s, vera: drafts.save(s, vera, talk, "Mer"),
        lambda s, vera: sending.post_message(s, vera, talk, client_id=sent, text="Et svar."),
    ]
    with database.transaction() as s:
        drafts.save(s, world.people["vera"].id, talk, "Begynt")
    twice(lambda s, viewer: acts.pop(0)(s, viewer.person_id), "vera", "vera", is_flushed=False)
    assert len(rows(select(Message.seq).where(Message.client_id == sent))) == 1


def test_one_of_two_takes_a_question_about_food_or_a_bed(database, world, twice, rows):
    with database.transaction() as s:
        emergency.ask(s, world.people["anna"].id, client_id=an_id())
    (question,) = rows(select(EmergencyQuestion.public_id))
    twice(lambda s, viewer: emergency.take(s, viewer, question), "vera", "vidar")
    assert rows(select(EmergencyQuestion.taken_by_id)) == [world.people["vera"].id]
    assert phrases(rows, "emergency_taken") == ["emergency_taken"]


def test_a_call_that_is_over_is_not_promised(database, talk, world, twice, rows):
    with database.transaction() as s:
        calls.ask(s, world.people["anna"].id, client_id=an_id(), when=When.SOON)
    (call,) = rows(select(Callback.public_id))
    day = (today_oslo() + timedelta(days=1)).isoformat()
    acts = [
        lambda s, viewer: promising.spoke(s, viewer, call),
        lambda s, viewer: promising.promise(s, viewer, call, day=day, first="10", last="11"),
    ]
    twice(lambda s, viewer: acts.pop(0)(s, viewer), "vera", "vera")
    assert phrases(rows, "call_spoken", "call_promised") == ["call_spoken"]
    assert rows(select(Callback.promised_from)) == [None]


@pytest.mark.parametrize("undo", [proposing.call_off, withdrawing.withdraw])
def test_a_proposal_that_is_being_taken_back_is_not_agreed(database, talk, world, twice, rows, undo):
    when = {"day": (today_oslo() + timedelta(days=3)).isoformat(), "time": "10"}
    with database.transaction() as s:
        seq = say(s, world.people["vera"].id, talk, "propose_office", **when)
    acts = [
        lambda s, viewer: undo(s, viewer.person_id, talk, seq=seq),
        lambda s, viewer: proposing.answer(s, viewer.person_id, talk, seq=seq, client_id=an_id(), suits=True),
    ]
    twice(lambda s, viewer: acts.pop(0)(s, viewer), "vera", "anna")
    assert [state.value for state in rows(select(MeetingProposal.state))] == ["cancelled"]
    assert phrases(rows, "meeting_suits") == []


def test_a_notice_that_is_told_twice_at_the_same_moment_is_one(world, twice, rows):
    anna = world.people["anna"].id

    def tells(s, _viewer):
        notices.tell(s, anna, Notice(NoticeKind.CANNOT_COME, (today_oslo(),), new_public_id(), anna))

    before = len(rows(select(AbsenceNotice.id)))
    twice(tells, "anna", "anna")
    assert len(rows(select(AbsenceNotice.id))) == before + 1


def test_a_call_is_asked_for_once_from_two_phones(world, twice, rows):
    anna = world.people["anna"].id
    twice(lambda s, _viewer: calls.ask(s, anna, client_id=an_id(), when=When.SOON), "anna", "anna")
    assert len(rows(select(Callback.id))) == 1
    assert phrases(rows, "call_me") == ["call_me"]
