"""Which numbers count, what a notice says, and when it goes: plain rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from portal.clock import OSLO, oslo_instant
from portal.errors import Refused
from portal.notify.rules import notices, numbers
from portal.notify.rules.notices import Kind, Outcome, Quiet, Result, Waiting
from portal.notify.service.senders import read_status

NIGHT = Quiet(21, 8)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("400 00 001", "+4740000001"), ("  90 00 00 01 ", "+4790000001"), ("+47 400 00 001", "+4740000001"),
        ("004740000001", "+4740000001"), ("٤٠٠٠٠٠٠١", "+4740000001"), ("+46 70-174 06 05", "+46701740605"),
        ("\u206640 00 00 01\u2069", "+4740000001"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(typed, read):
    assert numbers.read_number(typed) == read


def test_a_number_is_shown_as_it_is_read_aloud():
    shown = [numbers.shown(number) for number in ("+4740000001", "+46701740605")]
    assert shown == ["+47 40 00 00 01", "+46 701 740 605"]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "22 00 00 00",
        "4000000",
        "400000011",
        "+47 22 00 00 00",
        "112",
        "+0123456789",
        "fire null",
        "4" * 30,
    ],
)
def test_what_cannot_get_a_message_is_refused(typed):
    with pytest.raises(Refused):
        numbers.read_number(typed)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ((23, 20, 59), (23, 20, 59)), ((23, 21, 0), (24, 8, 0)), ((24, 0, 30), (24, 8, 0)),
        ((24, 7, 59), (24, 8, 0)), ((24, 8, 0), (24, 8, 0)),
    ],
)  # fmt: skip
def test_quiet_hours_end_on_the_clock_on_the_wall(now, ends):
    at, until = (datetime(2026, 11, *when, tzinfo=OSLO) for when in (now, ends))
    assert NIGHT.ends_after(at) == until


def test_quiet_hours_also_end_right_on_the_night_when_the_clock_changes():
    assert NIGHT.ends_after(datetime(2026, 10, 24, 23, tzinfo=OSLO)) == datetime(2026, 10, 25, 8, tzinfo=OSLO)
    assert Quiet(9, 9).ends_after(at := datetime(2026, 11, 23, 9, tzinfo=OSLO)) == at
    day = Quiet(8, 21).ends_after(datetime(2026, 11, 23, 9, tzinfo=OSLO))
    assert day == datetime(2026, 11, 23, 21, tzinfo=OSLO)


def waiting(**changed: object) -> Waiting:
    told = {"kind": Kind.MESSAGE, "good_until": None, "told_at": None}
    return Waiting(**{**told, "is_reachable": True, "is_wanted": True, "is_needed": True, **changed})


NOON = datetime(2026, 11, 23, 12, tzinfo=OSLO)


@pytest.mark.parametrize(
    ("changed", "becomes"),
    [
        ({}, None),
        ({"is_reachable": False}, Outcome.OUT_OF_REACH),
        ({"is_wanted": False}, Outcome.SWITCHED_OFF),
        ({"is_needed": False}, Outcome.NOT_NEEDED),
        ({"good_until": NOON}, Outcome.TOO_LATE),
        ({"told_at": NOON - timedelta(minutes=29)}, NOON + timedelta(minutes=1)),
        ({"told_at": NOON - timedelta(minutes=30)}, None),
        ({"told_at": NOON - timedelta(hours=9), "kind": Kind.DAY_BEFORE}, Outcome.ALREADY_TOLD),
    ],
)
def test_what_becomes_of_a_due_notice(changed, becomes):
    assert notices.verdict(waiting(**changed), NIGHT, NOON) == becomes


def test_tries_are_spaced_ever_wider_and_end():
    waits = [notices.next_try(number, NOON) - NOON for number in range(1, notices.TRIES)]
    assert waits == sorted(waits)
    assert timedelta(hours=4) < sum(waits, timedelta()) < timedelta(days=1)
    assert notices.next_try(notices.TRIES, NOON) is None


def test_a_reminder_goes_out_at_a_decent_hour_and_not_when_it_would_lie():
    starts = oslo_instant(date(2026, 11, 24), datetime(2026, 1, 1, 10).time())  # noqa: DTZ001 - a time of day
    due, until = notices.due_and_good_until(Kind.DAY_BEFORE, starts)
    assert (due.astimezone(OSLO).hour, due.astimezone(OSLO).day) == (17, 23)
    assert until == datetime(2026, 11, 24, tzinfo=OSLO), "it says «i morgen»"
    due, until = notices.due_and_good_until(Kind.HOURS_BEFORE, starts)
    assert (starts - due, starts - until) == (timedelta(hours=2), timedelta(minutes=30))


def test_no_text_says_who_where_or_what():
    for text in notices.TEXTS.values():
        said = text.lower()
        for word in (
            "nav",
            "plan",
            "møte",
            "veileder",
            "sosial",
            "jobb",
            "kontor",
            "http",
            "min vei",
            "chat",
        ):
            assert word not in said, text


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ({"is_digital": True, "is_protected": False, "has_phone": True, "chose_herself": False}, True),
        ({"is_digital": False, "is_protected": True, "has_phone": True, "chose_herself": True}, False),
        ({"is_digital": True, "is_protected": True, "has_phone": True, "chose_herself": False}, False),
        ({"is_digital": True, "is_protected": True, "has_phone": True, "chose_herself": True}, True),
        ({"is_digital": True, "is_protected": False, "has_phone": False, "chose_herself": False}, False),
        ({"is_digital": True, "is_protected": False, "has_phone": False, "chose_herself": True}, True),
    ],
)
def test_who_may_be_told_at_all(person, may):
    assert notices.may_be_told(**person) is may


@pytest.mark.parametrize(
    ("statuses", "result"),
    [
        ((200, 201, 202, 204), Result.SENT),
        ((400, 410, 422), Result.REFUSED),
        ((408, 409, 500, 502, 504), Result.UNKNOWN),  # it may have been done
        ((301, 302, 307, 401, 403, 404, 429, 503), Result.UNREACHABLE),
    ],
)
def test_an_answer_is_never_taken_to_mean_more_than_it_says(statuses, result):
    assert {read_status(status) for status in statuses} == {result}


def test_staff_are_told_that_a_notice_waits_for_the_quiet_hours_to_end():
    six, eight = (datetime(2026, 11, 23, hour, tzinfo=OSLO) for hour in (6, 8))
    for due in (six + timedelta(minutes=10), None):
        waits = notices.Told(notices.ToldState.WAITS, due)
        assert waits.held_by(NIGHT, six).at == eight
    assert notices.Told(notices.ToldState.WAITS).held_by(NIGHT, NOON).at is None
    was_told = notices.Told(notices.ToldState.TOLD, six)
    assert was_told.held_by(NIGHT, six) == was_told
