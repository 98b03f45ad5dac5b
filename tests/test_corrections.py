"""Wrong lines, how they are corrected and answered, and what is left to clarify. Both sides read the same."""

from __future__ import annotations

import threading
from datetime import time, timedelta

import pytest
from sqlalchemy import select

from portal.attendance.models import AttendanceEvent, EventWords
from portal.attendance.rules.registered import NAV_NO_SHOWS, Channel, Kind, Status, Why
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import (
    after,
    ahead,
    correcting,
    disputing,
    for_recipient,
    just_said,
    navs_own,
    receipts,
)
from portal.attendance.service.writing import About, Said
from portal.db import new_public_id, unseal
from portal.errors import Conflict, PortalError
from portal.people.service import recipients
from portal.plan.rules.words import MeetingPlace
from portal.plan.service import meetings
from portal.plan.service.agenda import agenda_for
from tests.attendance_door import TODAY, Door, later, opened, refused
from tests.fixtures.application import MONDAY_MORNING
from tests.fixtures.databases import on_sqlite

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


def said(words: str = "", why: Why | None = Why.SHE_SAYS, nonce: str | None = None) -> Said:
    return Said(nonce or new_public_id(), why, words)


def as_staff(door: Door, act, *what, worker: str = "vera"):
    viewer = door.viewer(worker)
    with door.database.transaction() as s:
        return act(s, viewer, *what)


def as_anna(door: Door, act, *what):
    with door.database.transaction() as s:
        return act(s, door.id("anna"), *what)


def at_centre(door: Door, on=TODAY) -> About:
    return About(on, centre=door.world.centres["own"])


def lines(door: Door, on=TODAY, name: str = "anna"):
    return door.day(name, on).lines


def status(door: Door, on=TODAY, name: str = "anna") -> Status:
    return next(record.status for record in door.history(name) if record.on == on)


def newest(door: Door, kind: Kind) -> str:
    with door.database.transaction(writes=False) as s:
        found = select(AttendanceEvent.public_id).where(AttendanceEvent.kind == kind)
        return s.scalars(found.order_by(AttendanceEvent.id.desc()).limit(1)).one()


def opened_by(door: Door) -> list:
    with door.database.transaction(writes=False) as s:
        return disputing.list_open(s, [door.id("anna")])


def to_clarify(door: Door, *names: str, first=TODAY, last=TOMORROW, centre: int | None = None):
    with door.database.transaction(writes=False) as s:
        ids = [door.id(name) for name in names] if names else None
        found = after.days_to_clarify(s, first=first, last=last, recipient_ids=ids, centre_id=centre)
        return [(one.recipient_id, one.on, "talk" if one.meeting else "centre") for one in found]


@on_sqlite
def test_a_wrong_arrival_is_taken_back_with_who_and_why_and_both_read_every_line(door):
    door.tap("anna")
    with later(minutes=5):
        wrong = said("Det var en annen Anna.", Why.WRONG_PERSON)
        as_staff(door, correcting.take_back, newest(door, Kind.CHECKED_IN), wrong)
        as_staff(door, correcting.take_back, newest(door, Kind.CHECKED_IN), wrong)  # sent twice
    came, undone = lines(door)
    assert (came.what, came.is_taken_back, undone.what) == (Kind.CHECKED_IN, True, Kind.UNDONE)
    assert (undone.why, undone.words, undone.about) == (
        Why.WRONG_PERSON,
        "Det var en annen Anna.",
        came,
    )
    assert undone.by_name
    assert door.row("anna").status is Status.NOT_HEARD
    with later(days=1):
        as_staff(
            door, correcting.register_arrival, door.public_id("anna"), at_centre(door), time(9, 30), said()
        )
    assert status(door) is Status.HERE
    with door.database.transaction(writes=False) as s:  # another helper reads the same lines, without words
        agenda = agenda_for(s, recipients.get_person(s, door.id("anna")), for_recipient.history_begins_on())
        staffs = next(one for one in for_recipient.history_for(s, agenda) if one.on == TODAY)
    assert [line.public_id for line in staffs.lines] == [line.public_id for line in lines(door)]
    assert {line.words for line in staffs.lines} == {""}
    assert door.broken() == []


@on_sqlite
def test_another_time_takes_the_place_of_the_first_and_the_first_still_stands_there(door):
    door.tap("anna")
    with later(hours=2):
        first = newest(door, Kind.CHECKED_IN)
        as_staff(door, correcting.correct_time, first, time(8, 5), said(why=Why.WRONG_TIME))
        with refused("attendance.time_ahead"):
            again = newest(door, Kind.TIME_CORRECTED)
            as_staff(door, correcting.correct_time, again, time(23, 50), said(why=Why.WRONG_TIME))
        with pytest.raises(Conflict):
            as_staff(door, correcting.take_back, first, said())
    assert door.row("anna").arrived_at == lines(door)[1].at
    assert [line.is_taken_back for line in lines(door)] == [True, False]


@on_sqlite
@pytest.mark.parametrize(("why", "words"), [(None, "noe"), (Why.OTHER, " ")])
def test_staff_say_why(door, why, words):
    door.tap("anna")
    with refused("attendance.why_missing"):
        as_staff(door, correcting.take_back, newest(door, Kind.CHECKED_IN), said(words, why))


@on_sqlite
@pytest.mark.parametrize(
    ("worker", "allowed"), [("vera", True), ("sara", True), ("vidar", False), ("sindre", False)]
)
def test_only_her_helpers_and_her_centre_correct_an_arrival(door, worker, allowed):
    door.tap("anna")
    line = newest(door, Kind.CHECKED_IN)
    if allowed:
        as_staff(door, correcting.take_back, line, said(), worker=worker)
    else:
        with refused("not_found"):
            as_staff(door, correcting.take_back, line, said(), worker=worker)
    with refused("not_found"):  # only her helper settles a day or says how a talk went
        as_staff(door, correcting.settle, door.public_id("birk"), at_centre(door), Kind.HAD_REASON, said())


@on_sqlite
def test_what_she_calls_wrong_stays_open_until_her_veileder_has_answered(door):
    door.tap("anna")
    wrong = newest(door, Kind.CHECKED_IN)
    as_anna(door, disputing.dispute_line, wrong, said(why=None))
    as_anna(door, disputing.dispute_line, wrong, said(why=None))
    as_anna(door, disputing.dispute_line, wrong, said("Jeg kom klokka åtte.", why=None))
    open_now = opened_by(door)
    assert len(open_now) == 1
    assert status(door) is Status.HERE  # a word changes nothing by itself
    for worker in ("vidar", "sara"):
        with refused("not_found"):
            as_staff(door, disputing.answer, open_now[0].public_id, said("Nei"), worker=worker)
    with refused("attendance.words"):
        as_staff(door, disputing.answer, open_now[0].public_id, said())
    as_staff(door, correcting.correct_time, wrong, time(8), said(why=Why.SHE_SAYS))
    as_staff(door, disputing.answer, open_now[0].public_id, said("Det er rettet.", why=None))
    assert opened_by(door) == []
    with refused("attendance.answered"):
        as_staff(door, disputing.answer, open_now[0].public_id, said("En gang til", why=None))
    answer = lines(door)[-1]
    assert (answer.what, answer.words, answer.about.public_id) == (
        Kind.ANSWERED,
        "Det er rettet.",
        open_now[0].public_id,
    )
    assert not any(line.is_open for line in lines(door))
    as_anna(door, disputing.dispute_line, answer.public_id, said(why=None))  # and again
    assert len(opened_by(door)) == 1
    assert door.broken() == []


@on_sqlite
def test_she_takes_her_own_word_back_and_nobody_else_does(door):
    as_anna(door, disputing.dispute_day, TODAY, said("Jeg var der", why=None))
    word = opened_by(door)[0].public_id
    with refused("not_found"):
        as_staff(door, correcting.take_back, word, said())
    with door.database.transaction() as s, refused("not_found"):
        disputing.take_back_own(s, door.id("birk"), word, new_public_id())
    for _ in range(2):
        as_anna(door, disputing.take_back_own, word, new_public_id())
    assert (opened_by(door), len(lines(door))) == ([], 2)


@on_sqlite
@pytest.mark.parametrize("teller", ["anna", "vera"])
def test_navs_own_no_show_is_never_hers_to_explain(door, teller):
    kind = Kind.CENTRE_CLOSED
    for _ in range(2):
        as_staff(
            door, navs_own.register_navs_own, door.public_id("anna"), at_centre(door), kind, said(why=None),
            worker=teller,
        )  # fmt: skip
    assert len(lines(door)) == 1
    with later(days=2):
        assert status(door) is Status.NAVS_OWN
        assert to_clarify(door, "anna", "birk", last=TODAY) == [(door.id("birk"), TODAY, "centre")]
    line = newest(door, kind)
    if teller == "anna":  # her word is hers
        with refused("not_found"):
            as_staff(door, correcting.take_back, line, said())
        as_anna(door, disputing.take_back_own, line, new_public_id())
    else:
        as_staff(door, correcting.take_back, line, said())
    with later(days=2):
        assert status(door) is Status.TO_BE_CLARIFIED


@on_sqlite
@pytest.mark.parametrize(
    ("how", "possible"),
    [
        (MeetingPlace.PHONE, {Kind.NAV_CANCELLED, Kind.NAV_DID_NOT_CALL}),
        (MeetingPlace.OFFICE, {Kind.NAV_CANCELLED, Kind.NAV_DID_NOT_COME}),
        (MeetingPlace.CENTRE, {Kind.NAV_CANCELLED, Kind.NAV_DID_NOT_COME, Kind.CENTRE_CLOSED}),
        (None, {Kind.CENTRE_CLOSED}),
    ],
)
def test_of_nav_only_what_can_have_happened_is_offered_and_taken(door, how, possible):
    with door.database.transaction() as s:
        starts = MONDAY_MORNING + timedelta(minutes=5)
        place = how or MeetingPlace.OFFICE
        talk = meetings.NewMeeting(door.id("vera"), starts, starts + timedelta(hours=1), place)
        made = meetings.add_meeting(s, door.id("anna"), talk) if how else None
        agenda = agenda_for(s, recipients.get_person(s, door.id("anna")), TODAY)
        offered = for_recipient.one_day(s, agenda, TODAY, with_reasons=False).navs
    about = About(TODAY, meeting=made) if how else at_centre(door)
    place = "meeting:" if how else "centre:"

    def say(kind):
        told = (door.public_id("anna"), about, kind, said(why=None))
        as_staff(door, navs_own.register_navs_own, *told, worker="anna")

    assert {one.kind for one in offered if place in one.value} == possible
    for kind in NAV_NO_SHOWS - possible:
        with refused("attendance.navs_own"):
            say(kind)
    unplanned = (door.public_id("anna"), About(TODAY), Kind.NAV_CANCELLED, said(why=None))
    with refused("attendance.navs_own"):
        as_staff(door, correcting.register_talk, *unplanned)
    assert lines(door) == ()
    for kind in possible:
        say(kind)
    assert {line.what for line in lines(door)} == possible


@on_sqlite
@pytest.mark.parametrize("act", ["see", "answer", "take_back"])
def test_that_nav_did_not_come_stays_open_until_her_veileder_has_seen_to_it(door, act):
    for teller in ("vera", "anna"):  # what staff say of Nav themselves waits for nobody
        about = (door.public_id("anna"), at_centre(door), Kind.CENTRE_CLOSED, said(why=None))
        as_staff(door, navs_own.register_navs_own, *about, worker=teller)
    assert [one.kind for one in opened_by(door)] == [Kind.CENTRE_CLOSED]
    word = opened_by(door)[0].public_id
    for worker in ("vidar", "sara"):
        with refused("not_found"):
            as_staff(door, disputing.see, word, new_public_id(), worker=worker)
    if act == "see":
        for _ in range(2):
            as_staff(door, disputing.see, word, new_public_id())
        seen = lines(door)[-1]
        assert (seen.what, seen.about.public_id, len(lines(door))) == (Kind.SEEN, word, 3)
        with refused("not_found"):  # it is said for good
            as_staff(door, correcting.take_back, seen.public_id, said())
    elif act == "answer":
        as_staff(door, disputing.answer, word, said("Det beklager vi.", why=None))
    else:
        as_anna(door, disputing.take_back_own, word, new_public_id())
    assert opened_by(door) == []
    as_anna(door, disputing.dispute_day, TODAY, said("Jeg var der", why=None))
    with refused("not_found"):  # that something is wrong is owed an answer, not a glance
        as_staff(door, disputing.see, opened_by(door)[0].public_id, new_public_id())
    assert door.broken() == []


@on_sqlite
def test_how_a_talk_went_is_said_by_the_veileder_and_stands_for_both(door):
    with door.database.transaction(writes=False) as s:
        talk = meetings.meetings_between(s, [door.id("anna")], TOMORROW, TOMORROW)[0].card.public_id
    about = About(TOMORROW, meeting=talk)
    with refused("attendance.day_ahead"):
        as_staff(door, correcting.register_talk, door.public_id("anna"), about, Kind.MET, said())
    door.withdraw("anna", door.world.thing("notice", "anna"))
    with later(days=2):
        found = to_clarify(door, "anna", first=TOMORROW)
        assert found == [(door.id("anna"), TOMORROW, "centre"), (door.id("anna"), TOMORROW, "talk")]
        first = said(why=None)
        for _ in range(2):
            as_staff(door, correcting.register_talk, door.public_id("anna"), about, Kind.NO_CONTACT, first)
        with refused("attendance.changed_meanwhile"):
            as_staff(door, correcting.register_talk, door.public_id("anna"), about, Kind.MET, said())
        assert to_clarify(door, "anna", first=TOMORROW) == [(door.id("anna"), TOMORROW, "centre")]
        assert status(door, TOMORROW) is Status.TO_BE_CLARIFIED  # the day at the centre is another matter
        as_staff(door, correcting.take_back, newest(door, Kind.NO_CONTACT), said("Vi snakket", Why.OTHER))
        as_staff(door, correcting.register_talk, door.public_id("anna"), about, Kind.MET, said())
        assert [line.what for line in lines(door, TOMORROW)][-3:] == [Kind.NO_CONTACT, Kind.UNDONE, Kind.MET]
        with refused("not_found"):
            about = About(TODAY, meeting=talk)
            as_staff(door, correcting.register_talk, door.public_id("anna"), about, Kind.MET, said())
    assert door.broken() == []


@on_sqlite
@pytest.mark.parametrize("how", ["had_reason", "agreed_otherwise", "was_there", "told", "nothing"])
def test_a_day_stays_to_be_clarified_until_somebody_has_said_something(door, how):
    with later(hours=10):
        assert to_clarify(door, "anna", last=TOMORROW) == []  # the day is not over
    if how == "told":
        door.tell("anna", NoticeKind.CANNOT_COME)
    with later(days=1):
        if how == "was_there":
            as_staff(
                door, correcting.register_arrival, door.public_id("anna"), at_centre(door), time(9), said()
            )
        elif how in set(Kind):
            act = (door.public_id("anna"), at_centre(door), Kind(how), said("Pappa var på sykehus", why=None))
            as_staff(door, correcting.settle, *act)
        left = to_clarify(door, "anna", "petra", last=TODAY)
        assert left == ([(door.id("anna"), TODAY, "centre")] if how == "nothing" else [])
        board = repr(door.board(on=TODAY))
        assert "sykehus" not in board  # no word of it to those who work at the centre
        centre = int(door.world.things["centre_id"]["0"])
        everybody = {who for who, _on, _what in to_clarify(door, last=TODAY, centre=centre)}
        assert everybody == {door.id("birk")} | ({door.id("anna")} if how == "nothing" else set())


@on_sqlite
def test_only_who_said_it_undoes_it_at_once_and_only_that_day(door):
    settled = said(why=None)
    with later(days=1):
        act = (door.public_id("anna"), at_centre(door), Kind.HAD_REASON, settled)
        as_staff(door, correcting.settle, *act)
        line = newest(door, Kind.HAD_REASON)
        for worker in ("vidar", "sara", "anna"):
            assert as_staff(door, just_said.find_just_said, settled.nonce, worker=worker) is None
            with refused("not_found"):
                as_staff(door, just_said.undo, line, new_public_id(), worker=worker)
    with later(days=2):
        assert as_staff(door, just_said.find_just_said, settled.nonce) is None
        with refused("not_found"):  # now it is a correction, with why
            as_staff(door, just_said.undo, line, new_public_id())
    with later(days=1):
        assert as_staff(door, just_said.find_just_said, settled.nonce).line == line
        as_staff(door, just_said.undo, line, new_public_id())
        assert as_staff(door, just_said.find_just_said, settled.nonce) is None
        with refused("attendance.changed_meanwhile"):
            as_staff(door, just_said.undo, line, new_public_id())
        assert status(door) is Status.TO_BE_CLARIFIED
    assert door.broken() == []


@on_sqlite
def test_words_are_sealed_and_changed_ones_are_found(door):
    as_anna(door, disputing.dispute_day, TODAY, said("Jeg var der hele dagen", why=None))
    assert lines(door)[0].channel is Channel.PHONE
    with door.database.transaction() as s:
        row = s.scalars(select(EventWords)).one()
        event = s.get(AttendanceEvent, row.event_id)
        assert "hele dagen" in unseal(s, row.words, bound_to=("attendance_words", event.public_id))
        kept = row.words
        row.words = kept[:-1] + bytes([kept[-1] ^ 1])
    assert [day.fault.what for day in door.broken()] == ["words_changed"]


def test_of_two_who_correct_the_same_line_at_once_one_is_told_so(door):
    door.tap("anna")
    line, told, start = newest(door, Kind.CHECKED_IN), [], threading.Barrier(4)
    vera = door.viewer("vera")  # looked up first: that stops the clock, which the threads share

    def correct(act, *what):
        start.wait(timeout=30)
        try:
            with door.database.transaction() as s:
                act(s, vera, line, *what)
            told.append("done")
        except PortalError as fault:
            told.append(fault.code)

    with later(hours=2):
        work = [(correcting.take_back, said()), (correcting.correct_time, time(8, 30), said())] * 2
        threads = [threading.Thread(target=correct, args=(act, *what)) for act, *what in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    assert sorted(told) == ["attendance.changed_meanwhile"] * 2 + ["done"] * 2  # each tap was sent twice
    assert len(lines(door)) == 2
    assert door.broken() == []


@on_sqlite
def test_she_tells_of_a_talk_too_and_of_several_days_on_which_she_is_late(door):
    saturday = TODAY + timedelta(days=5)
    with refused("attendance.not_expected"):
        door.tell("anna", NoticeKind.CANNOT_COME, saturday)
    starts = MONDAY_MORNING + timedelta(days=5)
    with door.database.transaction() as s:
        talk = meetings.NewMeeting(door.id("vera"), starts, starts + timedelta(hours=1), MeetingPlace.PHONE)
        meetings.add_meeting(s, door.id("anna"), talk)
        agenda = agenda_for(s, recipients.get_person(s, door.id("anna")), TODAY)
        assert saturday in ahead.list_days_ahead(s, agenda)
    nonce = door.tell("anna", NoticeKind.LATE, TODAY, saturday, late_minutes=15)
    with door.database.transaction(writes=False) as s:
        receipt = receipts.get_receipt(s, door.id("anna"), nonce)
        since = agenda_for(s, agenda.person, for_recipient.history_begins_on())
        history = for_recipient.history_for(s, since, days_ahead=5)
    assert receipt.days == (TODAY, saturday)
    told = next(one for one in history if one.on == saturday)
    assert told.lines[0].what is NoticeKind.LATE  # her veileder sees it before that day too
    door.tell("anna", NoticeKind.CANNOT_COME, saturday)
    with later(days=6):
        assert to_clarify(door, "anna", first=saturday, last=saturday) == []
