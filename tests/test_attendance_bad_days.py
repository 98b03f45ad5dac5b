"""Bad days at the door: which test shows that each ends well, and the few that stand nowhere else."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import clock
from portal.attendance.models import AttendanceEvent
from portal.attendance.service.days import is_registered
from portal.people.models import CentreOffice, Office
from portal.plan.rules.weeks import Pattern, Slot
from portal.plan.service import agreeing
from tests.attendance_door import TODAY, opened, refused
from tests.fixtures.databases import on_sqlite

BAD_DAYS = {
    "fifty people in one minute on one address": (
        "test_ways_to_arrive_pages::test_fifty_people_in_one_minute_on_one_address_are_never_stopped",
        "test_ways_to_arrive::test_fifty_right_ones_in_one_minute_from_one_place_are_never_stopped",
    ),
    "the same person on two phones": (
        "test_attendance::test_the_same_tap_from_two_phones_is_one_arrival_and_never_somebody_elses",
        "test_ways_to_arrive::test_fifty_check_ins_of_one_person_by_every_way_are_one_arrival_and_all_answers_kind",
    ),
    "two centres in one day": ("test_ways_to_arrive::test_two_centres_in_one_day_are_an_arrival_at_each",),
    "a screen with a wrong clock, or left on over night": (
        "test_attendance_rules::test_the_screen_s_script_bears_a_wrong_clock_a_night_asleep_and_a_lost_net",
        "test_device_pages::test_a_screen_tells_no_instant_that_its_own_clock_could_be_held_against",
        "test_device_pages::test_a_screen_goes_on_over_night_and_over_clock_changes",
    ),
    "a phone with a wrong clock": (
        "test_ways_to_arrive::test_a_phone_whose_clock_is_wrong_is_looked_at_and_never_refused",
        "test_attendance_board_day::test_a_clock_that_makes_no_sense_costs_nobody_her_tap_and_is_looked_at",
    ),
    "check-in at midnight and through both clock changes": (
        "test_attendance::test_a_scan_before_midnight_belongs_to_the_day_of_the_scan",
        "test_attendance_rules::test_the_key_of_each_day_is_its_own_and_codes_go_on_over_midnight",
        "test_attendance_rules::test_codes_do_not_notice_a_clock_change",
        "test_attendance_bad_days::test_check_ins_of_the_night_the_clocks_change_keep_their_order_and_their_day",
    ),
    "moved to another centre this morning": (
        "test_agreeing::test_somebody_who_moves_to_another_centre_this_morning_is_expected_there",
        "test_attendance_bad_days::test_who_was_moved_this_morning_comes_in_at_the_new_place_and_is_led_there",
    ),
    "a public holiday added late": (
        "test_agreeing::test_a_holiday_added_late_takes_a_day_of_last_week_away_but_nothing_older",
    ),
    "a centre closed by snow": (
        "test_agreeing::test_a_centre_closed_by_snow_expects_nobody_and_says_so",
        "test_agreeing::test_open_boards_hear_that_the_centre_is_closed",
    ),
    "the server killed between event and answer": (
        "test_checkin_kills::test_what_a_phone_was_told_is_there_and_once_however_often_the_server_is_killed",
        "test_attendance::test_an_answer_that_got_lost_is_given_again_also_later_than_the_claim_lives",
    ),
    "a tablet stolen": (
        "test_ways_to_arrive_pages::test_a_tablet_that_was_taken_out_of_use_checks_nobody_in",
        "test_device_pages::test_a_device_that_was_taken_out_is_told_so_once_and_forgets_that_it_was_one",
    ),
    "a PIN forgotten at the door": (
        "test_device_pages::test_a_pin_that_was_forgotten_at_the_door_costs_no_arrival",
    ),
}


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


def test_each_bad_day_has_a_test_that_is_still_there():
    named = [name.split("::") for tests in BAD_DAYS.values() for name in tests]
    known = {file: _tests_in(Path(__file__).parent / f"{file}.py") for file, _test in named}
    assert [test for file, test in named if test not in known[file]] == []


def _tests_in(file: Path) -> set[str]:
    return {node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)}


@on_sqlite
def test_check_ins_of_the_night_the_clocks_change_keep_their_order_and_their_day(door):
    def come(name: str, at: datetime) -> None:
        with clock.stop_at(at):
            claim = door.scan()
            with clock.stop_at(at + timedelta(seconds=20)):
                door.come(name, claim)

    come("birk", datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC))  # 02.59 in summer time
    come("anna", datetime(2026, 10, 25, 1, 0, 20, tzinfo=UTC))  # and half a minute later it is 02.00
    come("birk", datetime(2027, 3, 28, 0, 59, 50, tzinfo=UTC))  # 01.59, and twenty seconds later 03.00
    come("anna", clock.oslo_instant(date(2027, 3, 28), time(23, 59, 50)))
    with door.database.transaction(writes=False) as s:
        events = list(s.scalars(select(AttendanceEvent).where(is_registered).order_by(AttendanceEvent.id)))
    days = [date(2026, 10, 25)] * 2 + [date(2027, 3, 28)] * 2
    assert [(event.day_on, event.n) for event in events] == list(zip(days, (1, 2, 1, 2), strict=True))
    assert [clock.to_oslo(event.at).hour for event in events] == [2, 2, 1, 23]
    assert events[0].at < events[1].at, "what came later is later, whatever the wall says"
    assert door.broken() == []


@on_sqlite
def test_who_was_moved_this_morning_comes_in_at_the_new_place_and_is_led_there(door, world):
    with door.database.transaction() as s:
        other = int(world.things["centre_id"]["1"])
        s.add(
            CentreOffice(centre_id=other, office_id=s.scalars(select(Office.id).order_by(Office.id)).first())
        )
    before = door.scan()
    with door.database.transaction() as s:
        week = Pattern((Slot(TODAY.weekday(), time(9), time(14)),), TODAY, None)
        moved = agreeing.NewWeek(week, world.centres["other"], "")
        agreeing.change_week(s, door.viewer("vera"), world.thing("agreed_activity", "anna"), moved, seen="1")
    with refused("attendance.other_centre"):
        door.come("anna", before)
    assert door.public_id("anna") not in [row.public_id for row in door.board().rows]
    assert door.come("anna", door.scan(door.code("other").token)).is_new
    assert [kind for _person, kind in door.events()] == ["checked_in"]
