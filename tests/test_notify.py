"""Notices from their cause to the phone: once, only to whom has chosen them, and not in vain."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from portal import clock
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import notices as absence
from portal.chat.service import marking, noticing, sending, withdrawing
from portal.clock import OSLO, now_utc
from portal.db import new_public_id
from portal.notify.models import NoticeChoice, Outbox
from portal.notify.rules.notices import REMINDERS, TRIES, Kind, Outcome, Result, ToldState
from portal.notify.service import choices
from portal.notify.service.rounds import Rounds
from portal.notify.service.sending import decide_for_one, settle
from portal.people.models import Person
from portal.people.service import protection
from portal.plan.models import Meeting
from tests.fixtures.application import MONDAY_MORNING
from tests.fixtures.databases import on_sqlite
from tests.postbox import NUMBER, Postbox, choose, outcomes, rounds_on
from tests.test_people import viewer_of

A_WHILE = timedelta(minutes=1)
MESSAGE, REMINDED = "Du har en ny melding. Logg inn.", "Husk: Du har en avtale i morgen kl. %s. Logg inn."


class Office:
    """Anna, who has chosen notices, Vera who writes to her, and a sender that makes its rounds."""

    def __init__(self, app, database, world, sender):
        self.app, self.database, self.world, self.postbox = app, database, world, sender
        self.rounds = rounds_on(database, sender)
        self.thread = world.thing("thread", "anna")
        choose(app, database, world, "anna")

    def person(self, name):
        return self.world.people[name].id

    def write(self, by="vera"):
        with self.database.transaction() as s:
            told = {"client_id": str(uuid.uuid4()), "text": "Hemmelig"}
            return sending.post_message(s, self.person(by), self.thread, **told).change.seq

    def read(self, seq):
        with self.database.transaction() as s:
            marking.mark(s, self.person("anna"), self.thread, read_seq=seq)

    def send(self, at):
        """A round at an instant; gives what went out in it."""
        before = len(self.postbox.sent)
        with clock.stop_at(at):
            self.rounds.add_reminders(now_utc())
            self.rounds.once()
        return self.postbox.texts[before:]

    def told(self, at=None):
        with clock.stop_at(at or now_utc()), self.database.transaction(writes=False) as s:
            people = [self.person("anna"), self.person("birk")]
            return noticing.told_of(s, self.person("vera"), people).get(self.person("anna"))

    def change(self, **values):
        with self.database.transaction() as s:
            s.execute(update(Person).where(Person.id == self.person("anna")).values(**values))

    def do(self, act, *told, by="anna", **more):
        with self.database.transaction() as s:
            act(s, viewer_of(self.app, s, self.world, by), *told, **more)


@pytest.fixture
def office(app, database, world):
    return Office(app, database, world, Postbox())


def after(minutes):
    return MONDAY_MORNING + timedelta(minutes=minutes)


def test_a_new_message_is_told_of_once_without_a_word_of_it_and_staff_see_when(office):
    office.write()
    assert office.send(MONDAY_MORNING) == [], "whoever has the chat open reads it first"
    assert office.told().state is ToldState.WAITS
    assert office.send(after(1)) == [MESSAGE]
    assert [attempt.number for attempt in office.postbox.sent] == [NUMBER]
    assert office.send(after(2)) == []
    assert (office.told().state, office.told().at) == (ToldState.TOLD, after(1))
    office.write(by="anna")
    assert outcomes(office.database, [Kind.MESSAGE]) == [Outcome.SENT], "nobody who works here gets any"


def test_many_messages_are_one_notice_in_half_an_hour_and_none_is_forgotten(office):
    for _ in range(3):
        office.write()
    assert office.send(after(1)) == [MESSAGE]
    with clock.stop_at(after(5)):
        office.write()
    assert office.send(after(6)) == []
    assert (office.told(after(6)).state, office.told(after(6)).at) == (ToldState.WAITS, after(31))
    assert office.send(after(30)) == []
    assert office.send(after(31)) == [MESSAGE]
    assert set(outcomes(office.database, [Kind.MESSAGE])) == {Outcome.SENT}


def test_what_is_read_or_taken_back_is_not_told_of(office):
    first, second = office.write(), office.write()
    office.read(first)
    with office.database.transaction() as s:
        withdrawing.withdraw(s, office.person("vera"), office.thread, seq=second)
    assert office.send(after(1)) == []
    assert set(outcomes(office.database, [Kind.MESSAGE])) == {Outcome.NOT_NEEDED}
    assert office.told() is None


def test_at_night_a_notice_waits_and_what_is_read_meanwhile_is_not_told_of(office):
    night = MONDAY_MORNING.replace(hour=22)
    with clock.stop_at(night):
        seq = office.write()
    office.send(night + A_WHILE)
    morning = datetime(2026, 11, 24, 8, tzinfo=OSLO)
    assert office.told(night + A_WHILE).at == morning
    assert office.send(morning - timedelta(seconds=1)) == []
    assert MESSAGE in office.send(morning)
    with clock.stop_at(night.replace(day=24)):
        seq = office.write()
    office.read(seq)
    assert MESSAGE not in office.send(datetime(2026, 11, 25, 8, tzinfo=OSLO))


@on_sqlite
def test_a_notice_speaks_the_language_of_whoever_gets_it(office):
    office.change(language="en")
    office.write()
    assert office.send(after(1)) == ["You have a new message. Log in."]


@on_sqlite
def test_nothing_goes_out_before_she_chose_and_nothing_after_she_chose_otherwise(office):
    office.do(choices.switch, what=Kind.MESSAGE, on=False)
    office.write()
    assert outcomes(office.database) == [], "not even a row"
    assert office.told().state is ToldState.NOT_TOLD
    office.do(choices.switch, what=Kind.MESSAGE, on=True)
    office.write()
    office.do(choices.switch, what=Kind.MESSAGE, on=False)
    assert office.send(after(1)) == []
    office.do(choices.switch, what=Kind.MESSAGE, on=True)
    office.write()
    office.do(choices.remove_own_number)
    assert office.send(after(2)) == []
    assert set(outcomes(office.database, [Kind.MESSAGE])) == {Outcome.SWITCHED_OFF, Outcome.OUT_OF_REACH}
    anna = office.world.people["anna"].public_id
    office.do(choices.save_number_for, anna, "40 00 00 01", by="vera", has_asked=False)
    office.write()
    assert office.send(after(3)) == [], "a helper's number waits for her"
    office.do(choices.save_number_for, anna, "40 00 00 01", by="vera", has_asked=True)
    office.write()
    assert office.send(after(4)) == [MESSAGE]


@on_sqlite
def test_the_number_is_sealed_and_bound_to_whose_it_is(office):
    choose(office.app, office.database, office.world, "birk", "40 00 00 02")
    with office.database.transaction() as s:
        annas, birks = (s.get(NoticeChoice, office.person(name)) for name in ("anna", "birk"))
        assert NUMBER.encode() not in annas.number_sealed
        annas.number_sealed = birks.number_sealed
        with pytest.raises(ValueError, match="does not belong"):
            choices.number_of(s, annas)
        s.rollback()


@on_sqlite
def test_whoever_is_protected_or_without_a_phone_is_told_only_when_she_chose_it_herself(office):
    anna = office.world.people["anna"].public_id
    office.do(choices.save_number_for, anna, "40 00 00 01", by="vera", has_asked=True)
    office.change(has_phone=False)
    office.write()
    assert office.send(after(1)) == []
    office.do(choices.switch, what=Kind.MESSAGE, on=True)
    office.write()
    assert office.send(after(2)) == [MESSAGE]
    office.write()
    office.do(protection.protect, anna, by="vera")
    assert office.send(after(60)) == []
    with office.database.transaction(writes=False) as s:
        assert s.get(NoticeChoice, office.person("anna")).number_sealed is None, "to be chosen anew"
    assert outcomes(office.database, [Kind.MESSAGE])[-1] is Outcome.OUT_OF_REACH


def test_a_try_that_reached_nobody_is_made_again_ever_later_and_given_up_in_the_end(office):
    office.write()
    office.postbox.will_answer(*[Result.NOT_SENT] * TRIES)
    at, tries = after(1), []
    for _ in range(40):
        if office.send(at):
            tries.append(at)
        at += timedelta(minutes=10)
    assert len(tries) == TRIES
    assert tries[-1] - tries[-2] >= timedelta(hours=3) > tries[-2] - tries[-3]
    assert outcomes(office.database, [Kind.MESSAGE]) == [Outcome.GIVEN_UP]
    assert office.told().state is ToldState.NOT_TOLD


def test_a_gateway_that_is_away_ends_the_round_and_costs_the_next_person_nothing(office):
    choose(office.app, office.database, office.world, "birk", "40 00 00 02")
    office.write()
    with office.database.transaction() as s:
        told = {"client_id": str(uuid.uuid4()), "text": "Hei"}
        sending.post_message(s, office.person("vidar"), office.world.thing("thread", "birk"), **told)
    office.postbox.will_answer(Result.UNREACHABLE)
    assert len(office.send(after(1))) == 1
    with office.database.transaction(writes=False) as s:
        assert sorted(s.scalars(select(Outbox.attempts).where(Outbox.kind == Kind.MESSAGE))) == [0, 1]
    assert len(office.send(after(2))) == 2


def test_when_nobody_knows_whether_it_arrived_it_is_not_sent_again_and_staff_are_told_so(office):
    office.write()
    office.postbox.will_answer(Result.UNKNOWN)
    assert office.send(after(1)) == [MESSAGE]
    for minutes in (2, 10, 600):
        assert office.send(after(minutes)) == []
    assert (office.told().state, office.told().at) == (ToldState.UNSURE, after(1))
    with clock.stop_at(after(5)):
        office.write()
    assert office.send(after(31)) == [MESSAGE], "what came later is told of, half an hour after"


def test_a_gateway_that_knows_a_key_again_is_asked_with_the_same_one(office):
    office.postbox = Postbox(can_dedupe=True)
    office.rounds = rounds_on(office.database, office.postbox)
    office.write()
    office.postbox.will_answer(Result.UNKNOWN, Result.UNKNOWN)
    assert len(office.send(after(1))) == 1
    with clock.stop_at(after(1)):
        office.write()
    assert office.send(after(1)) == [], "what came meanwhile waits: the gateway would not send it"
    assert len(office.send(after(3)) + office.send(after(10))) == 2
    assert len({attempt.key for attempt in office.postbox.sent}) == 1
    assert office.told().state is ToldState.WAITS
    assert office.send(after(41)) == [MESSAGE]
    assert set(outcomes(office.database, [Kind.MESSAGE])) == {Outcome.SENT}


def test_a_late_answer_counts_when_it_says_sent_and_never_reopens_what_another_has_begun(office):
    """A process that slept for longer than its lease wakes up with the answer to its attempt."""
    for can_dedupe, says, becomes in ((False, Result.SENT, Outcome.SENT), (True, Result.NOT_SENT, None)):
        terms = rounds_on(office.database, Postbox(can_dedupe=can_dedupe)).terms
        office.write()
        with office.database.transaction() as s:
            slept = decide_for_one(s, terms, after(1)).attempt
        with office.database.transaction() as s:
            other = decide_for_one(s, terms, after(9)).attempt
        assert (other is not None and other.key == slept.key) is can_dedupe
        with office.database.transaction() as s:
            settle(s, terms, slept, says, after(10))
        assert outcomes(office.database, [Kind.MESSAGE])[-1] is becomes
        with office.database.transaction(writes=False) as s:
            begun = s.scalars(select(Outbox.attempt_key).order_by(Outbox.id.desc())).first()
            assert begun == slept.key, "not free to be sent anew under another name"
        with office.database.transaction() as s:
            s.execute(update(Outbox).values(outcome=Outcome.GIVEN_UP))


@on_sqlite
def test_a_new_number_is_not_asked_for_under_the_key_of_the_old_one(office):
    office.postbox = Postbox(can_dedupe=True)
    office.rounds = rounds_on(office.database, office.postbox)
    office.write()
    office.postbox.will_answer(Result.UNKNOWN)
    office.send(after(1))
    with clock.stop_at(after(2)):
        office.do(choices.save_own_number, "40 00 00 09")
    assert office.send(after(60)) == []
    assert outcomes(office.database, [Kind.MESSAGE]) == [Outcome.UNKNOWN]


@on_sqlite
def test_a_log_line_tells_nobody_in_production_and_names_nobody(office, settings):
    office.rounds = Rounds(settings, office.database, office.rounds.terms.asks)
    office.write()
    with clock.stop_at(after(1)), capture_logs() as logs:
        office.rounds.once()
    (line,) = logs
    assert (line["event"], line["event_name"]) == ("notice", "chat.message")
    assert not any(word in str(line) for word in (NUMBER, NUMBER[3:], "anna", "Anna", "Hemmelig"))
    assert outcomes(office.database, [Kind.MESSAGE]) == [Outcome.ONLY_LOGGED]
    assert office.told().state is ToldState.NOT_TOLD


# Reminders. In the world Anna is at the centre each weekday at 9, and has a meeting on Tuesday at 8.30; but
# she has said that she cannot come that day.

WEDNESDAY = date(2026, 11, 25)
TUESDAY_EVENING = datetime(2026, 11, 24, 17, tzinfo=OSLO)


def meet(office, hour, minute=0, on=WEDNESDAY):
    starts = datetime(on.year, on.month, on.day, hour, minute, tzinfo=OSLO)
    with office.database.transaction() as s:
        meeting = Meeting(
            recipient_id=office.person("anna"), staff_id=office.person("vera"), how="phone",
            starts_utc=starts, ends_utc=starts + timedelta(hours=1),
        )  # fmt: skip
        s.add(meeting)
        s.flush()
        return meeting.id


def test_she_is_reminded_the_day_before_and_two_hours_before_of_the_first_thing_once_each(office):
    meet(office, 13)
    meet(office, 14)
    for at in (MONDAY_MORNING.replace(hour=17), TUESDAY_EVENING - A_WHILE):
        assert office.send(at) == [], "she has said that she cannot come on Tuesday"
    assert office.send(TUESDAY_EVENING) == [REMINDED % "09.00"]
    assert office.send(TUESDAY_EVENING + timedelta(hours=2)) == []
    wednesday = TUESDAY_EVENING.replace(day=25, hour=7)
    assert office.send(wednesday) == [], "too early for anybody"
    assert office.send(wednesday.replace(hour=8)) == ["Husk: Du har en avtale i dag kl. 09.00. Logg inn."]
    for minutes in (1, 29, 30, 200):
        assert office.send(wednesday.replace(hour=8) + timedelta(minutes=minutes)) == []
    assert REMINDED % "09.00" in office.send(TUESDAY_EVENING.replace(day=25))


@pytest.mark.parametrize("what", ["moved", "cannot come", "paused", "switched off", "no number", "protected"])
@on_sqlite
def test_a_reminder_is_dropped_when_it_no_longer_holds(office, what):
    meeting = meet(office, 8, 30)
    office.send(TUESDAY_EVENING - A_WHILE)
    if what == "moved":
        with office.database.transaction() as s:
            at = datetime(2026, 11, 25, 8, 45, tzinfo=OSLO)
            s.execute(update(Meeting).where(Meeting.id == meeting).values(starts_utc=at))
    elif what == "cannot come":
        with office.database.transaction() as s:
            her = office.person("anna")
            told = absence.Notice(NoticeKind.CANNOT_COME, (WEDNESDAY,), new_public_id(), her)
            absence.tell(s, her, told)
    elif what == "paused":
        office.change(is_paused=True)
    elif what == "switched off":
        office.do(choices.switch, what=Kind.DAY_BEFORE, on=False)
    elif what == "no number":
        office.do(choices.remove_own_number)
    else:
        office.do(protection.protect, office.world.people["anna"].public_id, by="vera")
    assert office.send(TUESDAY_EVENING) == ([REMINDED % "08.45"] if what == "moved" else [])


@on_sqlite
def test_nobody_is_reminded_of_a_public_holiday_or_of_what_is_long_past(office):
    christmas = date(2026, 12, 25)
    meet(office, 10, on=christmas)
    assert office.send(datetime(2026, 12, 24, 17, tzinfo=OSLO)) == []
    late = datetime(2026, 11, 26, 8, 45, tzinfo=OSLO)
    assert office.send(late) == [], "a server that was down all night does not say «i morgen»"
    assert set(outcomes(office.database, REMINDERS)) <= {None, Outcome.TOO_LATE}
