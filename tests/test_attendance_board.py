"""The board, telling us, and who sees what, on both databases."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
from sqlalchemy import update

from portal.attendance.rules import registered
from portal.attendance.rules.registered import Kind, Status
from portal.attendance.rules.telling import NoticeKind, Reason
from portal.attendance.service import board, notices, receipts, together
from portal.attendance.service.changes import DayChanged, boards_that_hear
from portal.db import new_public_id
from portal.errors import Conflict, NotFound
from portal.people.models import Helper, Person
from portal.people.rules.words import Purpose
from portal.people.service import places
from portal.plan.rules.weeks import Pattern, Slot
from portal.plan.rules.words import LegalBasis
from portal.plan.service import plans
from tests.attendance_door import TODAY, later, opened, refused


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


# Staff


def test_staff_tap_in_and_take_back_and_both_stay_for_both_to_see(door):
    door.tap("anna")
    assert door.row("anna").registered_by
    door.undo("anna")
    door.undo("anna")  # nothing left to take back
    assert door.row("anna").status is Status.NOT_HEARD
    assert [kind for _id, kind in door.events()] == [Kind.CHECKED_IN, Kind.UNDONE]
    lines = door.history("anna")[0].lines
    assert [(line.what, line.is_taken_back) for line in lines] == [
        (Kind.CHECKED_IN, True),
        (Kind.UNDONE, False),
    ]
    assert all("Sara" in line.by_name for line in lines)
    door.come("anna")
    assert door.row("anna").status is Status.HERE


def test_a_tap_that_was_taken_back_stays_taken_back_when_sent_again(door):
    claim = door.scan()
    door.come("anna", claim)
    door.undo("anna")
    door.come("anna", claim)
    assert door.row("anna").status is Status.NOT_HEARD
    assert len(door.events()) == 2


@pytest.mark.parametrize(
    ("name", "worker", "centre"),
    [
        ("anna", "sindre", "own"),  # does not work there
        ("celine", "sara", "own"),  # not on this board
        ("petra", "sara", "own"),  # protected
        ("nobody-by-that-name-00", "sara", "own"),
        ("sindre", "sara", "own"),  # not a recipient
        ("anna", "sara", "no-such-centre-0000000"),
        ("anna", "vera", "own"),  # her veileder does not work at the centre
    ],
)
def test_foreign_and_unknown_people_and_centres_answer_alike(door, name, worker, centre):
    for act in (door.tap, door.undo):
        with pytest.raises(NotFound):
            act(name, worker=worker, centre=centre)
    assert door.events() == []


def test_a_board_opens_only_for_those_who_work_there_today(door):
    for worker, centre in (("sindre", "own"), ("sara", "other"), ("vera", "own"), ("anna", "own")):
        with pytest.raises(NotFound):
            door.board(worker, centre)


# Telling us


def test_told_is_told_whatever_comes_after(door):
    assert door.row("anna").status is Status.NOT_HEARD
    door.tell("anna", NoticeKind.LATE, late_minutes=30)
    row = door.row("anna")
    assert (row.status, row.comes_at) == (Status.LATER, row.starts_at + timedelta(minutes=30))
    door.tell("anna", NoticeKind.CANNOT_COME)
    assert door.row("anna").status is Status.TOLD_US
    with later(days=1):
        assert door.row("anna", TODAY).status is Status.TOLD_US
        assert door.row("birk", TODAY).status is Status.TO_BE_CLARIFIED


def test_telling_twice_gives_the_first_receipt(door):
    nonce = new_public_id()
    assert door.tell("anna", NoticeKind.CANNOT_COME, nonce=nonce) == nonce
    assert door.tell("anna", NoticeKind.CANNOT_COME, nonce=nonce) == nonce
    assert door.tell("anna", NoticeKind.CANNOT_COME) == nonce
    assert len(door.history("anna")[0].lines) == 1
    with pytest.raises(Conflict):
        door.tell("birk", NoticeKind.CANNOT_COME, nonce=nonce)


def test_something_else_from_the_same_page_gets_a_receipt_of_its_own(door):
    """She went back to the page, and its button names the same tap."""
    nonce = door.tell("anna", NoticeKind.LATE, late_minutes=15)
    other = door.tell("anna", NoticeKind.LATE, nonce=nonce, late_minutes=60)
    assert other != nonce
    assert door.tell("anna", NoticeKind.LATE, nonce=nonce, late_minutes=60) == other
    door.withdraw("anna", other)
    assert door.row("anna").status is not Status.TOLD_US
    third = door.tell("anna", NoticeKind.CANNOT_COME, nonce=nonce)
    assert door.row("anna").status is Status.TOLD_US
    assert len({nonce, other, third}) == 3


def test_what_she_says_herself_stands_when_staff_take_back_what_they_wrote_for_all(door):
    board, press = (door.viewer("sara"), door.world.centres["own"]), new_public_id()
    with door.database.transaction() as s:
        together.could_not_come(s, *board, [door.public_id("anna")], nonce=press)
    hers = door.tell("anna", NoticeKind.CANNOT_COME)
    assert door.tell("anna", NoticeKind.CANNOT_COME) == hers
    with door.database.transaction() as s:
        together.take_back(s, *board, nonce=press)
    assert door.row("anna").status is Status.TOLD_US


def test_several_days_share_a_receipt_and_are_taken_back_together(door):
    days = (TODAY, TODAY + timedelta(days=2), TODAY + timedelta(days=3))
    nonce = door.tell("birk", NoticeKind.CANNOT_COME, *days)
    with door.database.transaction(writes=False) as s:
        receipt = receipts.get_receipt(s, door.id("birk"), nonce)
        with pytest.raises(NotFound):
            receipts.get_receipt(s, door.id("anna"), nonce)
    assert (receipt.days, receipt.place_names) == (days, ("Jobbsentralen",))
    assert all(door.row("birk", on).status is Status.TOLD_US for on in days)
    with door.database.transaction() as s:
        notices.withdraw(s, door.id("birk"), nonce)
        with pytest.raises(NotFound):
            notices.withdraw(s, door.id("anna"), nonce)
    assert all(door.row("birk", on).status is Status.NOT_HEARD for on in days)
    assert door.history("birk")[0].lines[0].is_taken_back


def test_a_day_told_in_two_receipts_is_taken_back_in_both_and_the_rest_stands(door):
    today, wednesday = TODAY, TODAY + timedelta(days=2)
    first = door.tell("birk", NoticeKind.CANNOT_COME, today)
    both = door.tell("birk", NoticeKind.CANNOT_COME, today, wednesday)
    assert both != first
    door.withdraw("birk", both)
    assert all(door.row("birk", on).status is Status.NOT_HEARD for on in (today, wednesday))
    again = door.tell("birk", NoticeKind.CANNOT_COME, today)
    door.withdraw("birk", both)  # sent again: what was told afterwards stands
    assert door.row("birk").status is Status.TOLD_US
    more = door.tell("birk", NoticeKind.CANNOT_COME, today, wednesday)
    door.withdraw("birk", again)
    assert door.row("birk").status is Status.NOT_HEARD
    assert door.row("birk", wednesday).status is Status.TOLD_US
    with door.database.transaction(writes=False) as s:
        receipt = receipts.get_receipt(s, door.id("birk"), more)
    assert (receipt.days, receipt.is_withdrawn) == ((wednesday,), False)


def test_days_told_one_by_one_and_then_together_share_the_new_receipt(door):
    days = (TODAY, TODAY + timedelta(days=2))
    for on in days:
        door.tell("birk", NoticeKind.CANNOT_COME, on)
    together = door.tell("birk", NoticeKind.CANNOT_COME, *days)
    with door.database.transaction(writes=False) as s:
        assert receipts.get_receipt(s, door.id("birk"), together).days == days
    assert door.tell("birk", NoticeKind.CANNOT_COME, *days) == together


def test_a_time_that_was_past_when_it_was_told_is_no_time_to_wait_for(door):
    with later(hours=2):
        door.tell("anna", NoticeKind.LATE, late_minutes=60)
        assert (door.row("anna").status, door.row("anna").comes_at) == (Status.LATER, None)
        assert door.today("anna").visits[0].comes_at is None


def test_two_times_at_one_place_are_one_visit_from_the_first_start_to_the_last_end(door):
    with door.database.transaction() as s:
        centre_id = places.find_centre(s, door.world.centres["own"]).id
        pattern = Pattern((Slot(0, time(13), time(15, 30)),), TODAY, None)
        new = plans.NewActivity("Kurs", pattern, LegalBasis.VOLUNTARY, centre_id=centre_id)
        plans.add_activity(s, door.id("anna"), new)
    (visit,), row = door.today("anna").visits, door.row("anna")
    assert (visit.visit.starts_utc, visit.visit.ends_utc) == (row.starts_at, row.ends_at)
    assert visit.visit.ends_at == time(15, 30)


@pytest.mark.parametrize(
    ("days", "code"),
    [(-1, "attendance.day_over"), (5, "attendance.not_expected"), (93, "attendance.day_too_far")],
)
def test_days_that_cannot_be_told_about_say_what_to_do(door, days, code):
    with refused(code):
        door.tell("anna", NoticeKind.CANNOT_COME, TODAY + timedelta(days=days))


def test_today_can_always_be_told_about_also_without_a_plan(door):
    with later(days=5):
        door.tell("anna", NoticeKind.CANNOT_COME, TODAY + timedelta(days=5))
        assert door.history("anna")[0].lines[0].what is NoticeKind.CANNOT_COME


# Who sees what


def test_a_reason_reaches_the_person_and_her_veileder_and_no_answer_to_the_centre(door, as_):
    nonce = door.tell("anna", NoticeKind.CANNOT_COME)
    empty = as_("sara").get(f"/tavle/{door.world.centres['own']}").text
    with door.database.transaction() as s:
        notices.give_reason(s, door.id("anna"), nonce, Reason.SICK)
    assert door.day("anna", TODAY).lines[0].reason is Reason.SICK
    opened = as_("sara")
    centre = door.world.centres["own"]
    page, news = opened.get(f"/tavle/{centre}").text, opened.get(f"/tavle/{centre}/endringer").text
    assert "sick" not in repr(door.board()) + page + news
    assert "syk" not in (page + news).lower()
    assert door.world.thing("thread", "anna") not in page + news
    shapes = [re.sub(r'value="[^"]*"', "", one) for one in (page, empty)]  # tokens vary
    assert len(shapes[0]) == len(shapes[1])  # nothing at all tells that a reason was given
    assert "reason" not in {field for field in board.BoardRow.__dataclass_fields__}


@pytest.mark.parametrize(("purpose", "seen"), [(Purpose.PLAN, True), (Purpose.MONEY, False)])
def test_a_reason_is_shown_to_who_makes_the_plan_and_to_no_other_helper(door, as_, purpose, seen):
    nonce = door.tell("anna", NoticeKind.CANNOT_COME)
    with door.database.transaction() as s:
        notices.give_reason(s, door.id("anna"), nonce, Reason.CHILD_SICK)
        s.execute(
            update(Helper)
            .where(Helper.staff_id == door.id("vera"), Helper.recipient_id == door.id("anna"))
            .values(purpose=purpose)
        )
    hers = f"/person/{door.public_id('anna')}"
    day = as_("vera").get(f"{hers}/oppmote/{TODAY.isoformat()}")
    assert day.status_code == 200
    assert ("Sykt barn" in day.text) is seen
    lists = ((as_("vera"), hers), (as_("vera"), f"{hers}/oppmote"), (as_("anna"), "/oppmote/registrert"))
    for reader, where in lists:  # health never shows in a list
        shown = reader.get(where).text
        assert "Sa fra: kan ikke komme." in shown
        assert "Sykt barn" not in shown


def test_both_sides_see_who_took_what_back_and_when(door, as_):
    door.tap("anna")
    with later(minutes=10):
        door.undo("anna")
        own = as_("anna").get("/").text
        helpers = as_("vera").get(f"/person/{door.public_id('anna')}").text
    by = door.history("anna")[0].lines[0].by_name
    assert f"{by} sjekket deg inn kl. 08.30." in own
    assert f"{by} tok tilbake innsjekkingen din kl. 08.40." in own
    assert "Er noe feil? Si fra." in own
    for line in ("Kom kl. 08.30. Skrevet av", "Innsjekkingen er tatt tilbake. Skrevet av"):
        assert f"{line} {by}, mandag 23. november kl. 08." in helpers


def test_a_protected_person_is_on_no_board_and_no_board_hears_of_her(door, as_):
    claim = door.scan()
    door.come("petra", claim)
    door.tell("petra", NoticeKind.CANNOT_COME)
    centre = door.world.centres["own"]
    answers = [as_("sara").get(f"/tavle/{centre}{path}").text for path in ("", "/endringer")]
    assert not any("Petra" in answer or door.public_id("petra") in answer for answer in answers)
    assert door.board().counts.expected == 2
    with door.database.transaction(writes=False) as s:
        centre_id = places.find_centre(s, centre).id
        petra, anna = (DayChanged(door.id(name), TODAY, (centre_id,)) for name in ("petra", "anna"))
        assert boards_that_hear(s, [petra]) == []
        ((heard, on),) = boards_that_hear(s, [petra, anna, anna])
    assert (heard.centre, heard.staff_ids, on) == (centre, (door.id("sara"), door.id("synne")), TODAY)


def test_who_is_paused_is_not_expected_and_shown_when_she_comes(door):
    with door.database.transaction() as s:
        s.execute(update(Person).where(Person.id == door.id("anna")).values(is_paused=True))
    assert door.public_id("anna") not in {row.public_id for row in door.board().rows}
    door.come("anna")
    assert door.row("anna").status is Status.HERE


def test_the_board_counts_and_its_version_changes_exactly_with_it(door):
    before = door.board()
    assert before.version == door.board().version
    assert (before.counts.expected, before.counts.not_heard) == (2, 2)
    door.come("anna")
    after = door.board()
    assert after.version != before.version
    assert (after.head, after.counts.here, after.counts.not_heard) == (1, 1, 1)
    names = [row.name for row in after.rows]
    assert names == sorted(names, key=registered.by_name)


def test_the_board_asks_the_database_as_often_for_many_as_for_few(door):
    from sqlalchemy import event

    asked = []
    event.listen(door.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    viewer = door.viewer("sara")

    def count() -> int:
        asked.clear()
        with door.database.transaction(writes=False) as s:
            board.board_for(s, viewer, door.world.centres["own"])
        return len(asked)

    door.tap("birk")
    few = count()
    door.tap("anna")
    assert count() == few


# The person's own day


def test_a_person_sees_her_day_and_what_was_registered(door):
    assert [(visit.status, visit.centre.name) for visit in door.today("anna").visits] == [
        (Status.NOT_HEARD, "Jobbsentralen")
    ]
    door.come("anna")
    visit = door.today("anna").visits[0]
    assert (visit.status, visit.minutes_early) == (Status.HERE, 30)
    history = door.history("anna")
    assert history[0].lines[0].by_name is None  # by herself
    assert {record.status for record in history[1:]} == {Status.TO_BE_CLARIFIED}
