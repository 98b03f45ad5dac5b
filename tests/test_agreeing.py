"""Weeks that change, days agreed on their own, closed centres: what is past stays, for both to read."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.errors import NotFound, Refused
from portal.people.models import Centre, CentreOffice, ClosedDay, Office, Person
from portal.people.rules.roles import Place
from portal.people.service import closed_days, recipients, running_places
from portal.plan.models import ActivityWeek, AgreedException
from portal.plan.rules.expected import ExceptionKind
from portal.plan.rules.weeks import Met, Pattern, Slot
from portal.plan.service import agreeing, history, reminders, visits
from portal.plan.service.agenda import agenda_for
from tests.fixtures.databases import on_sqlite
from tests.fixtures.queries import counted
from tests.test_people import viewer_of

MONDAY = date(2026, 11, 23)
LAST_MONDAY, NEXT_MONDAY = MONDAY - timedelta(days=7), MONDAY + timedelta(days=7)
NINE, TEN, NOON, TWO = time(9), time(10), time(12), time(14)
FREE, OTHER_TIME, OTHER_CENTRE = ExceptionKind.FREE, ExceptionKind.OTHER_TIME, ExceptionKind.OTHER_CENTRE
MONDAY_AND_WEDNESDAY = (Slot(0, NINE, TWO), Slot(2, NINE, TWO))


@pytest.fixture
def anna(world):
    return world.people["anna"].id


@pytest.fixture
def own(world):
    return int(world.things["centre_id"]["0"])


@pytest.fixture
def other(database, world):
    """The second centre, which serves Anna's office too."""
    other = int(world.things["centre_id"]["1"])
    with database.transaction() as s:
        office = s.scalars(select(Office.id).order_by(Office.id)).first()
        s.add(CentreOffice(centre_id=other, office_id=office))
    return other


@pytest.fixture
def act(app, database, world):
    """Does something in the name of somebody, in a transaction of its own."""

    def do(what, *args, who="vera", **named):
        with database.transaction() as s:
            return what(s, viewer_of(app, s, world, who), *args, **named)

    return do


def new_week(slots=MONDAY_AND_WEDNESDAY, *, from_on=MONDAY, to_on=None, centre="", place="Skolen"):
    return agreeing.NewWeek(Pattern(tuple(slots), from_on, to_on), centre, place)


def days_at(database, centre_id, first, last, recipient_id):
    with database.transaction(writes=False) as s:
        found = visits.expected_between(s, first, last, centre_id=centre_id, recipient_ids=[recipient_id])
        return [(one.on, one.starts_at, one.ends_at) for one in found]


def week_at(database, centre_id, monday, recipient_id):
    return [
        on.weekday()
        for on, *_ in days_at(database, centre_id, monday, monday + timedelta(days=6), recipient_id)
    ]


def own_agenda(s, person_id):
    return agenda_for(s, recipients.get_person(s, person_id), LAST_MONDAY)


def test_a_week_that_changes_today_leaves_every_day_that_is_past(act, database, world, anna, own):
    activity = world.thing("agreed_activity", "anna")
    before = days_at(database, own, LAST_MONDAY, MONDAY - timedelta(days=1), anna)
    assert len(before) == 5
    there = world.centres["own"]
    act(agreeing.change_week, activity, new_week(centre=there, place="", from_on=MONDAY), seen="1")
    act(
        agreeing.change_week,
        activity,
        new_week([Slot(3, TEN, NOON)], centre=there, from_on=NEXT_MONDAY),
        seen="2",
    )
    assert days_at(database, own, LAST_MONDAY, MONDAY - timedelta(days=1), anna) == before
    assert week_at(database, own, MONDAY, anna) == [0, 2]
    assert week_at(database, own, NEXT_MONDAY, anna) == [3]
    with database.transaction(writes=False) as s:
        page = history.own_page(s, anna)
    (shown,) = page.activities
    assert [(one.from_on, one.to_on) for one in shown.weeks[:2]] == [
        (NEXT_MONDAY, None),
        (MONDAY, NEXT_MONDAY - timedelta(days=1)),
    ]
    assert "Vera" in shown.weeks[0].by_name
    assert shown.weeks[2].is_over


def test_a_week_that_was_changed_before_it_began_never_held_and_is_still_told(
    act, database, world, anna, own
):
    activity, there = world.thing("agreed_activity", "anna"), world.centres["own"]
    act(agreeing.change_week, activity, new_week(centre=there, from_on=NEXT_MONDAY), seen="1")
    earlier = new_week([Slot(1, TEN, NOON)], centre=there, from_on=MONDAY + timedelta(days=1))
    act(agreeing.change_week, activity, earlier, seen="2")
    assert week_at(database, own, NEXT_MONDAY, anna) == [1]
    with database.transaction(writes=False) as s:
        (shown,) = history.own_page(s, anna).activities
        assert len(own_agenda(s, anna).planned) == 2
    assert [one.never_held for one in shown.weeks] == [False, True, False]


def test_two_who_change_a_week_at_once_do_not_write_over_each_other(act, world):
    activity = world.thing("agreed_activity", "anna")
    act(agreeing.change_week, activity, new_week(), seen="1")
    with pytest.raises(Refused, match=r"plan\.changed_meanwhile"):
        act(agreeing.change_week, activity, new_week([Slot(4, NINE, TWO)]), seen="1")


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (new_week(from_on=MONDAY - timedelta(days=1)), "plan.past"),
        (new_week([]), "plan.no_day"),
        (new_week(place=""), "plan.place"),
        (new_week(centre="no-such-centre"), "plan.centre"),
        (new_week([Slot(0, NINE, TWO), Slot(0, NOON, time(15))]), "plan.overlap"),
        (new_week(to_on=date(2100, 1, 1)), "plan.too_far"),
    ],
    ids=["a day that is past", "no day", "nowhere", "a strange centre", "two at once", "too far"],
)
@on_sqlite
def test_a_week_that_cannot_be_is_refused_and_changes_nothing(act, database, world, anna, own, new, code):
    with pytest.raises(Refused, match=code.replace(".", r"\.")):
        act(agreeing.change_week, world.thing("agreed_activity", "anna"), new, seen="1")
    assert week_at(database, own, MONDAY, anna) == [0, 1, 2, 3, 4]


def test_somebody_who_moves_to_another_centre_this_morning_is_expected_there(
    act, database, world, anna, own, other
):
    with clock.stop_at(clock.oslo_instant(MONDAY, time(7, 40))):
        moved = new_week(MONDAY_AND_WEDNESDAY, centre=world.centres["other"], place="")
        act(agreeing.change_week, world.thing("agreed_activity", "anna"), moved, seen="1")
        assert week_at(database, own, MONDAY, anna) == []
        assert week_at(database, other, MONDAY, anna) == [0, 2]
        assert week_at(database, own, LAST_MONDAY, anna) == [0, 1, 2, 3, 4], "where she was last week"


def test_a_day_free_one_at_another_time_and_one_at_another_centre(act, database, world, anna, own, other):
    activity = world.thing("agreed_activity", "anna")
    tuesday, wednesday, saturday = (MONDAY + timedelta(days=step) for step in (1, 2, 5))
    act(agreeing.agree_day, activity, agreeing.NewDay(MONDAY, FREE))
    act(agreeing.agree_day, activity, agreeing.NewDay(tuesday, OTHER_TIME, TEN, NOON))
    act(agreeing.agree_day, activity, agreeing.NewDay(wednesday, OTHER_CENTRE, centre=world.centres["other"]))
    act(agreeing.agree_day, activity, agreeing.NewDay(saturday, OTHER_TIME, TEN, NOON))
    week = (MONDAY, MONDAY + timedelta(days=6))
    there = [
        (tuesday, TEN, NOON),
        *((MONDAY + timedelta(days=step), NINE, TWO) for step in (3, 4)),
        (saturday, TEN, NOON),
    ]
    assert days_at(database, own, *week, anna) == there
    assert days_at(database, other, *week, anna) == [(wednesday, NINE, TWO)]
    with database.transaction(writes=False) as s:
        agenda = own_agenda(s, anna)
        assert agenda.free_on(MONDAY)
        by_agenda = [(one.on, one.starts_at, one.ends_at) for one in agenda.at_centres(*week)]
        reminded = {one.starts_utc for one in reminders.starts_between(s, [anna], *week)}
    assert by_agenda == sorted([*there, (wednesday, NINE, TWO)])
    assert clock.oslo_instant(tuesday, TEN) in reminded
    assert clock.oslo_instant(MONDAY, NINE) not in reminded


def test_a_day_is_taken_back_or_agreed_anew_and_every_agreement_stays(app, act, database, world, anna, own):
    activity = world.thing("agreed_activity", "anna")
    act(agreeing.agree_day, activity, agreeing.NewDay(MONDAY, OTHER_TIME, TEN, NOON))
    act(agreeing.agree_day, activity, agreeing.NewDay(MONDAY, FREE))
    assert days_at(database, own, MONDAY, MONDAY, anna) == []
    with database.transaction(writes=False) as s:
        rows = s.scalars(select(AgreedException).where(AgreedException.day_on == MONDAY)).all()
        standing = [row for row in rows if row.withdrawn_at is None]
    assert [row.kind for row in rows] == [OTHER_TIME, FREE]
    for _twice in range(2):
        act(agreeing.withdraw_day, standing[0].public_id)
    assert days_at(database, own, MONDAY, MONDAY, anna) == [(MONDAY, NINE, TWO)]
    with database.transaction() as s:
        vera = viewer_of(app, s, world, "vera")
        with clock.stop_at(clock.oslo_instant(MONDAY + timedelta(days=1), NINE)):
            with pytest.raises(Refused, match=r"plan\.past"):
                agreeing.withdraw_day(s, vera, standing[0].public_id)
            with pytest.raises(Refused, match=r"plan\.past"):
                agreeing.agree_day(s, vera, activity, agreeing.NewDay(MONDAY, FREE))
    with pytest.raises(Refused, match=r"plan\.nothing_then"):
        act(agreeing.agree_day, activity, agreeing.NewDay(MONDAY + timedelta(days=5), FREE))


def test_only_who_makes_the_plan_with_her_agrees_anything(app, act, world):
    activity, day = world.thing("agreed_activity", "anna"), world.thing("agreed_day", "anna")
    for who in ("vidar", "sara", "anna", "mona"):
        for what in (
            lambda who: act(agreeing.change_week, activity, new_week(), seen="1", who=who),
            lambda who: act(agreeing.agree_day, activity, agreeing.NewDay(MONDAY, FREE), who=who),
            lambda who: act(agreeing.withdraw_day, day, who=who),
        ):
            with pytest.raises(NotFound):
                what(who)


def test_own_work_is_in_her_plan_but_nobody_waits_for_it(act, database, world, anna, own):
    friday = MONDAY + timedelta(days=4)
    slots = [Slot(0, NINE, TWO), Slot(4, NINE, NOON, Met.OWN_WORK), Slot(3, TEN, NOON, Met.PHONE)]
    week = new_week(slots, centre=world.centres["own"], place="")
    act(agreeing.change_week, world.thing("agreed_activity", "anna"), week, seen="1")
    assert week_at(database, own, MONDAY, anna) == [0]
    with database.transaction(writes=False) as s:
        agenda = own_agenda(s, anna)
        assert friday in agenda.days(MONDAY, friday), "she may say that she is ill, on any day of her plan"
        assert [(one.on, one.how) for one in agenda.elsewhere(MONDAY, friday)] == [
            (friday - timedelta(days=1), Met.PHONE),
            (friday, Met.OWN_WORK),
        ]
        reminded = {one.starts_utc for one in reminders.starts_between(s, [anna], MONDAY, friday)}
    assert clock.oslo_instant(friday, NINE) not in reminded, "nobody is reminded of her own work"
    assert clock.oslo_instant(friday - timedelta(days=1), TEN) in reminded


@pytest.fixture
def snow(act, world):
    """Whoever is in charge closes the centre at twenty to eight."""
    with clock.stop_at(clock.oslo_instant(MONDAY, time(7, 40))):
        act(closed_days.close_on, Place.CENTRE, world.centres["own"], MONDAY, "snø", who="synne")
        yield


def test_a_centre_closed_by_snow_expects_nobody_and_says_so(snow, act, as_, database, world, anna, own):
    assert week_at(database, own, MONDAY, anna) == [1, 2, 3, 4]
    with database.transaction(writes=False) as s:
        reminded = {one.starts_utc for one in reminders.starts_between(s, [anna], MONDAY, MONDAY)}
    assert reminded == set()
    news = as_("sara").get(f"/tavle/{world.centres['own']}/endringer?since=").json
    assert (news["open"], news["counts"]["expected"]) == (False, 0), "an open board is told so at once"
    assert "Jobbsentralen er stengt i dag." in as_("sara").get(f"/tavle/{world.centres['own']}").text
    shown = as_("anna").get("/").text
    assert "Jobbsentralen er stengt i dag. Du trenger ikke gjøre noe." in shown
    assert "snø" not in shown
    assert "Jobbsentralen er stengt" in as_("anna").get("/planen-min").text
    act(closed_days.open_on, Place.CENTRE, world.centres["own"], MONDAY, who="synne")
    assert week_at(database, own, MONDAY, anna) == [0, 1, 2, 3, 4]
    assert "er stengt i dag" not in as_("anna").get("/").text
    with database.transaction(writes=False) as s:
        row = s.scalars(select(ClosedDay)).one()
    synne = world.people["synne"].id
    assert (row.reason, row.by_id, row.opened_by_id) == ("snø", synne, synne), "both stay"


def test_open_boards_hear_that_the_centre_is_closed(listen, act, world):
    sara, sindre = listen("sara"), listen("sindre")
    act(closed_days.close_on, Place.CENTRE, world.centres["own"], MONDAY, "", who="synne")
    (heard,) = sara.get_received()
    assert (heard["name"], heard["args"][0]) == (
        "board:changed",
        {"centre": world.centres["own"], "on": MONDAY.isoformat()},
    )
    assert sindre.get_received() == []


def test_a_holiday_added_late_takes_a_day_of_last_week_away_but_nothing_older(
    act, database, world, anna, own
):
    there = world.centres["own"]
    act(closed_days.close_on, Place.CENTRE, there, LAST_MONDAY, "Ekstra fridag", who="mona")
    assert week_at(database, own, LAST_MONDAY, anna) == [1, 2, 3, 4]
    with pytest.raises(Refused, match=r"closed_day\.past"):
        act(closed_days.close_on, Place.CENTRE, there, MONDAY - timedelta(days=15), "", who="mona")


def test_new_opening_hours_hold_from_today_on(act, database, world, anna, own):
    there = world.centres["own"]

    def open_on(*weekdays):
        with database.transaction() as s:
            sheet = running_places.centre_sheet(s, there)
            hours = {day: (NINE, TWO) for day in weekdays}
            new = running_places.CentreSheet(sheet.name, sheet.address, hours, sheet.offices)
            running_places.change_centre(s, there, new, seen=sheet.mark)

    open_on(0, 1, 2)
    assert week_at(database, own, LAST_MONDAY, anna) == [0, 1, 2, 3, 4], "nobody had said anything yet"
    assert week_at(database, own, MONDAY, anna) == [0, 1, 2]
    with clock.stop_at(clock.oslo_instant(NEXT_MONDAY, time(8))):
        open_on(2, 3)
        open_on(3, 4)
        assert week_at(database, own, MONDAY, anna) == [0, 1, 2]
        assert week_at(database, own, NEXT_MONDAY, anna) == [3, 4]
        open_on()
        assert week_at(database, own, NEXT_MONDAY, anna) == []


def test_one_too_many_warns_whoever_sets_the_week_and_refuses_nobody(act, as_, database, world, anna, own):
    with database.transaction() as s:
        s.get_one(Centre, own).capacity = 1
        s.flush()
        crowded = visits.crowded_days(s, {own}, MONDAY, MONDAY)
        assert [(one.on, one.expected) for one in crowded] == [(MONDAY, 2)], "Petra is not counted"
        s.get_one(Person, world.people["birk"].id).is_paused = True
        s.flush()
        assert visits.crowded_days(s, {own}, MONDAY, MONDAY) == []
        s.get_one(Person, world.people["birk"].id).is_paused = False
    page = f"/person/{world.people['anna'].public_id}/uka"
    vera = as_("vera")
    for address in (page, f"/uka/{world.thing('agreed_activity', 'anna')}"):
        assert "2 av 1 plasser på Jobbsentralen" in vera.get(address).text
    sent = vera.submit(
        f"/uka/{world.thing('agreed_activity', 'anna')}",
        seen="1",
        centre=world.centres["own"],
        from_on="24.11.2026",
        hours_1="9–14",
    )
    assert sent.status_code == 303
    assert "plasser" not in as_("anna").get("/planen-min/endringer").text


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "slots"),
    [
        ({f"hours_{day}": "10–12" for day in (0, 2, 4)}, [Slot(day, TEN, NOON) for day in (0, 2, 4)]),
        ({f"hours_{day}": "8-16" for day in range(4)}, [Slot(day, time(8), time(16)) for day in range(4)]),
        ({"hours_0": "9–11 og 13–15"}, [Slot(0, NINE, time(11)), Slot(0, time(13), time(15))]),
        ({"hours_4": "9-12", "how_4": "own_work"}, [Slot(4, NINE, NOON, Met.OWN_WORK)]),
    ],
    ids=["two hours three days", "eight hours four days", "twice a day", "a Friday of one's own"],
)
def test_a_week_is_set_by_a_plain_form_and_both_sides_read_it(as_, database, world, anna, typed, slots):
    vera, activity = as_("vera"), world.thing("agreed_activity", "anna")
    where = f"/person/{world.people['anna'].public_id}/uka"
    assert where in vera.get(where.removesuffix("/uka")).text
    sent = {"seen": "1", "centre": world.centres["own"], "from_on": "2026-12-01", **typed}
    assert vera.submit(f"/uka/{activity}", **sent).headers["Location"] == where
    with database.transaction(writes=False) as s:
        week = s.scalars(select(ActivityWeek).order_by(ActivityWeek.id.desc())).first()
        s.refresh(week, ["slots"])
        assert list(week.pattern.slots) == slots
    for shown in (vera.get(where).text, as_("anna").get("/planen-min/endringer").text):
        assert "Fra tirsdag 1. desember 2026" in shown or "Fra 1. desember 2026" in shown
        assert "Slik var det før" not in shown, "the week that holds now is not over"
    assert "1. desember 2026:" in as_("anna").get("/planen-min").text


@on_sqlite
def test_a_wrong_week_stays_in_the_form_and_a_new_activity_is_added(as_, world, anna):
    vera, where = as_("vera"), f"/person/{world.people['anna'].public_id}/uka"
    wrong = vera.submit(f"/uka/{world.thing('agreed_activity', 'anna')}", from_on="i morgen", hours_0="ni")
    assert wrong.status_code == 422
    assert "Skriv tiden slik: 9–14." in wrong.text
    assert 'value="ni"' in wrong.text
    told = {"title": "Norskkurs", "basis": "voluntary", "place": "Skolen", "from_on": "2026-11-24"}
    assert vera.submit(f"{where}/ny", **told, hours_1="18–20").status_code == 303
    assert "Norskkurs" in as_("anna").get("/planen-min").text


@on_sqlite
def test_a_day_is_agreed_and_taken_back_by_plain_forms_and_she_reads_it(as_, world, anna):
    vera, activity = as_("vera"), world.thing("agreed_activity", "anna")
    where = f"/person/{world.people['anna'].public_id}/uka"
    token = vera.page(f"/uka/{activity}/dag").value_of("csrf_token")
    for kind, status in (("", 422), ("free", 303)):
        told = {"csrf_token": token, "on": "2026-11-23", "kind": kind}
        assert vera.post(f"/uka/{activity}/dag", data=told).status_code == status
    assert "Du har avtalt fri fra" in as_("anna").get("/").text
    assert "Disse dagene er annerledes" in as_("anna").get("/planen-min").text
    assert vera.submit(f"/avtalt-dag/{world.thing('agreed_day', 'anna')}/trekk", on=where).status_code == 303
    assert "Tatt tilbake av" in vera.get(where).text


@on_sqlite
def test_the_one_in_charge_closes_a_day_by_a_plain_form_and_sets_the_places(as_, database, world, own):
    synne, where = as_("synne"), f"/senter/{world.centres['own']}"
    assert synne.submit(f"{where}/stengte-dager", on=where, day="23.11.2026", reason="snø").status_code == 303
    assert "snø" in synne.get(where).text
    assert synne.submit(f"{where}/stengte-dager", on=where, day="2026-11-23", act="open").status_code == 303
    assert "åpnet igjen av" in synne.get(where).text
    assert synne.submit(f"{where}/stengte-dager", on=where, day="01.01.2020").status_code == 422
    for typed, stored in (("55", 55), ("", None)):
        assert synne.submit(f"{where}/plasser", on=where, capacity=typed).status_code == 303
        with database.transaction(writes=False) as s:
            assert s.get_one(Centre, own).capacity == stored
    assert synne.submit(f"{where}/plasser", on=where, capacity="mange").status_code == 422
    for ticked in ({"wanted": "yes"}, {}):
        assert synne.submit(f"{where}/utsjekk", on=where, **ticked).status_code == 303
        with database.transaction(writes=False) as s:
            assert s.get_one(Centre, own).wants_check_out is bool(ticked)


def test_who_is_expected_takes_as_many_questions_with_much_agreed(act, database, world, anna, own, other):
    activity = world.thing("agreed_activity", "anna")

    def asked():
        with database.transaction(writes=False) as s, counted(database) as questions:
            visits.expected_on(s, MONDAY, centre_id=own)
        return len(questions)

    few = asked()
    for step in range(8):
        day = agreeing.NewDay(MONDAY + timedelta(days=step), OTHER_TIME, TEN, NOON)
        act(agreeing.agree_day, activity, day)
        closed = NEXT_MONDAY + timedelta(days=step)
        act(closed_days.close_on, Place.CENTRE, world.centres["own"], closed, "", who="mona")
    assert asked() == few


@on_sqlite
def test_on_a_day_of_own_work_i_dag_asks_for_no_visit(act, as_, world):
    week = new_week([Slot(0, NINE, NOON, Met.OWN_WORK)], centre=world.centres["own"], place="")
    act(agreeing.change_week, world.thing("agreed_activity", "anna"), week, seen="1")
    shown = as_("anna").get("/").text
    assert "Dette gjør du på egen hånd. Du trenger ikke møte noe sted." in shown
    assert "Skriv i chatten hva du har gjort." in shown
    for asked in ("Jeg er her", "Jeg blir sen"):
        assert asked not in shown
    board = as_("sara").get(f"/tavle/{world.centres['own']}").text
    assert world.people["anna"].public_id not in board
