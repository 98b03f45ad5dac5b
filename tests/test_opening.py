"""Opening hours: pauses, closed days, holidays, the two odd nights, and whom to ring now."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.clock import OSLO, day_bounds_utc
from portal.people.models import ClosedDay, Office, OpeningHours
from portal.people.rules.hours import HoursFault, read_hours
from portal.people.rules.opening import Calendar
from portal.people.rules.ringing import Answers, Phone, whom_to_ring
from portal.people.service import opening, places, ringing

NINE, NOON, LUNCH, THREE = time(9), time(12), time(11, 30), time(15)
WEEK = {day: (NINE, LUNCH, NOON, THREE) for day in range(5)}
MONDAY = date(2026, 11, 23)
OFFICE = ("Nav Elvebyen", "55 55 33 33")
MINUTE = timedelta(minutes=1)


def office_id_of(s, public_id):
    return s.scalars(select(Office.id).where(Office.public_id == public_id)).one()


def oslo(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=OSLO).astimezone(UTC)


def test_a_pause_a_closed_day_and_a_holiday_are_not_open():
    calendar = Calendar(WEEK, frozenset({date(2026, 11, 24)}))
    assert calendar.is_open(oslo(MONDAY, 9))
    assert not calendar.is_open(oslo(MONDAY, 11, 30))
    assert calendar.next_opening(oslo(MONDAY, 11, 45)) == oslo(MONDAY, 12)
    assert not calendar.is_open(oslo(MONDAY, 15)), "it closes at three, not after"
    assert calendar.next_opening(oslo(MONDAY, 15)) == oslo(date(2026, 11, 25), 9), "Tuesday is closed"
    christmas = date(2026, 12, 25)
    assert calendar.next_opening(oslo(christmas, 9)) == oslo(date(2026, 12, 28), 9)
    # From Monday noon to Wednesday ten: three hours on Monday, one on Wednesday.
    assert calendar.open_minutes(oslo(MONDAY, 12), oslo(date(2026, 11, 25), 10)) == 240


def test_a_place_without_hours_never_opens_but_every_minute_counts():
    calendar = Calendar({})
    assert not calendar.is_open(oslo(MONDAY, 10))
    assert calendar.next_opening(oslo(MONDAY, 10)) is None
    assert calendar.open_minutes(oslo(MONDAY, 10), oslo(MONDAY, 23)) == 13 * 60


@pytest.mark.parametrize(("night", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_that_is_open_all_day_has_as_many_hours_as_the_clock_gives_it(night, hours):
    calendar = Calendar({6: (time(0), time(23, 59))})
    assert calendar.open_minutes(*day_bounds_utc(night)) == hours * 60 - 1


def test_hours_within_the_hour_that_march_skips_are_not_open():
    spring = date(2026, 3, 29)
    calendar = Calendar({6: (time(2, 30), time(3))})
    assert calendar.open_minutes(*day_bounds_utc(spring)) == 0


clock_times = st.integers(0, 23 * 60 + 59).map(lambda n: time(n // 60, n % 60))
days_hours = st.lists(clock_times, min_size=4, max_size=4, unique=True).map(lambda one: tuple(sorted(one)))
weeks = st.dictionaries(
    st.integers(0, 6), st.one_of(days_hours, days_hours.map(lambda one: one[:2])), min_size=1
)
instants = st.integers(0, 366 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + n * MINUTE)
spans = st.integers(0, 12 * 24 * 60).map(lambda n: n * MINUTE)


@given(weeks, instants, st.integers(1, 600))
def test_adding_open_minutes_is_the_other_way_round(week, since, minutes):
    calendar = Calendar(week)
    then = calendar.add_open_minutes(since, minutes)
    if then is not None:
        assert calendar.open_minutes(since, then) == minutes
        assert calendar.open_minutes(since, then - MINUTE) == minutes - 1, "and it is the first such instant"


@given(weeks, instants, spans, spans)
def test_open_time_adds_up_and_is_never_more_than_the_time_itself(week, since, one, other):
    calendar, between, until = Calendar(week), since + one, since + one + other
    whole = calendar.open_minutes(since, until)
    assert whole == calendar.open_minutes(since, between) + calendar.open_minutes(between, until)
    assert 0 <= whole <= (until - since) // MINUTE
    assert calendar.open_minutes(until, since) == 0


@given(weeks, instants)
def test_nothing_is_open_before_the_next_opening(week, at):
    calendar = Calendar(week)
    opens = calendar.next_opening(at)
    if opens is not None:
        assert calendar.is_open(opens)
        assert calendar.open_minutes(at, opens) == 0
        assert calendar.is_open(at) is (opens == at)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (("9", "15", "11.30–12"), (NINE, LUNCH, NOON, THREE)),
        (("9–15", "", "11.30 til 12"), (NINE, LUNCH, NOON, THREE)),
        (("9", "15", ""), (NINE, THREE)),
        (("9", "15", "8-12"), HoursFault.NOT_A_PAUSE),
        (("9", "15", "12"), HoursFault.NOT_A_PAUSE),
        (("", "", "11-12"), HoursFault.ONE_IS_MISSING),
    ],
)
def test_a_pause_is_read_as_one_types_it(typed, read):
    assert read_hours(*typed) == read


@pytest.mark.parametrize(
    ("at", "numbers", "opens"),
    [
        (oslo(MONDAY, 10), ["55 55 33 33", "11 11 11 11"], None),
        (oslo(MONDAY, 11, 40), ["11 11 11 11", "22 22 22 22"], oslo(MONDAY, 12)),
        (oslo(MONDAY, 23), ["11 11 11 11", "22 22 22 22", "33 33 33 33"], oslo(date(2026, 11, 24), 9)),
        (oslo(MONDAY, 2), ["11 11 11 11", "22 22 22 22", "33 33 33 33"], oslo(MONDAY, 9)),
        (oslo(MONDAY, 4), ["11 11 11 11", "22 22 22 22"], oslo(MONDAY, 9)),
    ],
)
def test_whom_to_ring_is_never_a_number_that_nobody_answers(at, numbers, opens):
    phones = [
        Phone("a", "Alltid", "11 11 11 11", Answers.ALWAYS),
        Phone("b", "Kveld", "22 22 22 22", Answers.WHEN_CLOSED),
        Phone("c", "Natt", "33 33 33 33", Answers.OWN_HOURS, time(22), time(3)),
    ]
    found = whom_to_ring(at, Calendar(WEEK), office=OFFICE, phones=phones)
    assert ([one.number for one in found.lines], found.opens) == (numbers, opens)


def test_without_a_duty_phone_a_closed_office_gives_no_number_but_when_it_opens():
    found = whom_to_ring(oslo(MONDAY, 20), Calendar(WEEK), office=OFFICE, phones=[])
    assert found.lines == ()
    assert found.opens == oslo(date(2026, 11, 24), 9)


@pytest.fixture
def office(as_, world):
    return as_("mona"), f"/administrasjon/kontor/{world.thing('office', 'own')}"


def test_an_admin_sets_a_pause_and_a_closed_day_and_takes_it_back(office, database, world):
    mona, where = office
    told = {"name": "Nav Elvebyen", "phone": "55 55 33 33", "address": "Elvegata 1", "urgent_minutes": "45"}
    seen = mona.page(where).value_of("seen")
    sent = {**told, "opens_0": "9", "closes_0": "15", "pause_0": "11.30-12", "seen": seen}
    assert mona.submit(where, **sent).status_code == 303
    assert "11.30–12" in mona.get(where).text
    with database.transaction(writes=False) as s:
        row = s.scalars(select(OpeningHours)).one()
        assert (row.opens_at, row.closed_from, row.closed_to, row.closes_at) == (NINE, LUNCH, NOON, THREE)
        assert opening.calendar_of(s, row.office_id).is_open(oslo(MONDAY, 10))
        assert places.office_hours(s, row.office_id) == {0: (NINE, LUNCH, NOON, THREE)}
    mona.submit(f"{where}/stengte-dager", on=where, day="07.12.2026", reason="Planleggingsdag")
    assert "Planleggingsdag" in mona.get(where).text
    with database.transaction(writes=False) as s:
        closed = s.scalars(select(ClosedDay)).one()
        assert closed.by_id == world.people["mona"].id
        calendar = opening.calendar_of(s, closed.office_id)
        assert calendar.next_opening(oslo(date(2026, 12, 4), 16)) == oslo(date(2026, 12, 14), 9)
        assert calendar.open_minutes(oslo(date(2026, 12, 5), 0), oslo(date(2026, 12, 12), 0)) == 0
    mona.submit(f"{where}/stengte-dager", on=where, day="2026-12-07", act="open")
    assert "Planleggingsdag" not in mona.get(where).text


@pytest.mark.parametrize(
    ("part", "typed", "said"),
    [
        ("stengte-dager", {"day": "i morgen"}, "Skriv datoen slik"),
        ("stengte-dager", {"day": "01.01.2020"}, "Velg i dag eller en senere dag."),
        ("vakttelefoner", {"called": "Vakt", "number": "ring oss", "answers": "always"}, "med tall"),
        ("vakttelefoner", {"called": "Vakt", "number": "11 22 33 44"}, "Velg når telefonen er åpen."),
        (
            "vakttelefoner",
            {"called": "Vakt", "number": "11 22 33 44", "answers": "own_hours", "opens": "15"},
            "Skriv både når den åpner og når den stenger",
        ),
    ],
)
def test_a_slip_beside_the_form_of_an_office_is_said(office, part, typed, said):
    mona, where = office
    answer = mona.submit(f"{where}/{part}", on=where, **typed)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_duty_phone_is_rung_from_when_it_is_added_until_it_is_removed(office, database, world):
    mona, where = office
    told = {"called": "Sosial vakt", "number": "11 22 33 44", "answers": "own_hours"}
    assert mona.submit(f"{where}/vakttelefoner", on=where, **told, opens="15", closes="8").status_code == 303
    assert "Hver dag kl." in mona.get(where).text
    public_id = world.thing("office", "own")
    with database.transaction(writes=False) as s:
        phone = ringing.list_phones(s, public_id)[0]
        office_id = office_id_of(s, public_id)
        assert [one.number for one in ringing.ring_now(s, office_id, oslo(MONDAY, 16)).lines] == [
            "11 22 33 44"
        ]
        assert ringing.ring_now(s, office_id, oslo(MONDAY, 9)).lines == ()
    mona.submit(f"{where}/vakttelefoner/{phone.public_id}/fjern", on=where)
    with database.transaction(writes=False) as s:
        assert ringing.list_phones(s, public_id) == []
