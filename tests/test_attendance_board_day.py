"""The board through a day: finding a name, many at once, what a tablet kept, newcomers, other days, paper."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.attendance.models import AbsenceNotice, AttendanceEvent
from portal.attendance.rules.registered import Kind, Status, Why
from portal.attendance.rules.showing import DAYS_BACK
from portal.attendance.rules.telling import NoticeKind, Reason
from portal.attendance.service import correcting, notices
from portal.attendance.service.days import is_registered
from portal.attendance.service.writing import Said
from portal.people.models import Person
from portal.people.rules.words import Level
from portal.people.service import places, sessions
from portal.plan.models import Activity, ActivityWeek
from tests.attendance_door import TODAY, later, opened
from tests.board_pages import BoardPage
from tests.fixtures.application import sign_in
from tests.fixtures.databases import on_sqlite
from tests.fixtures.queries import counted
from tests.page_tree import Page
from tests.world import add_crowd

pytestmark = on_sqlite
OWN_CHOICE = "/oppmote/aktivitet"


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


@pytest.fixture
def board(door, as_, world):
    rename(door, sara=("Sara", "Sand"))
    return BoardPage(as_("sara"), f"/tavle/{world.centres['own']}").open()


def signs_in_anew(door, board) -> BoardPage:
    """Sara comes back on another day."""
    with door.database.transaction() as s:
        sign_in(board.browser, sessions.start_session(s, door.id("sara"), Level.BANKID))
    return board


def rename(door, **names: tuple[str, str]) -> None:
    with door.database.transaction() as s:
        for key, (given, family) in names.items():
            told = {"given_name": given, "family_name": family}
            s.execute(update(Person).where(Person.id == door.id(key)).values(**told))


def taps(door, name: str) -> list[AttendanceEvent]:
    with door.database.transaction(writes=False) as s:
        own = select(AttendanceEvent).where(AttendanceEvent.recipient_id == door.id(name), is_registered)
        found = list(s.scalars(own.order_by(AttendanceEvent.id)))
        s.expunge_all()
        return found


# Finding a name, and a part of the board


def test_names_stand_in_norwegian_order_and_two_who_look_alike_are_told_apart(door, board):
    rename(door, anna=("Åse", "Moe"), birk=("Émile", "Moe"))
    assert board.open().names() == ["Émile M.", "Åse M."]
    rename(door, anna=("Jonas", "Moe"), birk=("Jonas", "Myhr"))
    assert board.open().names() == ["Jonas Moe", "Jonas Myhr"]


def test_a_part_of_the_board_is_a_plain_link_and_stays_when_the_board_is_fetched_anew(door, board):
    anna, birk = door.public_id("anna"), door.public_id("birk")
    pressed = board.open(vis="ikke-hort-fra").press(f"/her/{anna}")
    assert pressed.location.endswith(f"vis=ikke-hort-fra#p-{anna}")
    shown = {part: board.open(vis=part).names() for part in ("ikke-hort-fra", "er-her", "sagt-fra", "tull")}
    assert [len(names) for names in shown.values()] == [1, 1, 0, 2]
    assert "Ingen her akkurat nå." in board.open(vis="sagt-fra").shown.text
    board.open(vis="ikke-hort-fra")
    address = next(
        one.attrib["data-changes-url"] for one in board.page.all("div") if "data-changes-url" in one.attrib
    )
    news = board.browser.get(address).json
    assert (birk in news["rows"], anna in news["rows"], news["counts"]["here"]) == (True, False, 1)
    answer = board.press(f"/her/{birk}", said_by="script").json
    assert "<tr" not in answer["rows"]  # both are here, and none of them in this part any more


def test_a_press_is_one_press_however_often_it_comes_and_a_new_one_is_new(door, board):
    anna, birk = door.public_id("anna"), door.public_id("birk")
    for _ in range(2):
        board.press(f"/her/{anna}")
    board.press(f"/her/{birk}")  # the same page, another row
    assert [kind for _who, kind in door.events()] == [Kind.CHECKED_IN] * 2
    assert "Sjekket inn av Sara" in board.open().row(anna)
    board.press(f"/her/{anna}/angre")
    assert "Tatt tilbake av Sara" in board.open().row(anna)
    board.press(f"/her/{anna}")
    assert door.row("anna").status is Status.HERE


# Many at once


def test_all_who_are_ticked_are_here_by_one_press_and_taken_back_by_one(door, board):
    door.come("birk")
    anna, birk, petra = (door.public_id(name) for name in ("anna", "birk", "petra"))
    ticked = board.open(velg="alle")
    assert sum("checked" in box.attrib for box in ticked.page.all("input")) == 2
    nonce = board.form("together").find("input[@name='nonce']").attrib["value"]
    pressed = board.press("/sammen/her", anna, birk, petra, "nobody-by-that-name-00", nonce=nonce)
    board.press("/sammen/her", anna, birk, nonce=nonce)
    receipt = board.receipt(pressed)
    assert "Sjekket inn (1):" in receipt  # Birk came by himself, and keeps his own time
    assert len(door.events()) == 2
    told = board.browser.follow_form(board.shown, f"{board.address}/sammen/angre")
    assert "Dette er tatt tilbake:" in board.receipt(told)
    assert (door.row("anna").status, door.row("birk").status) == (Status.NOT_HEARD, Status.HERE)
    board.open().press("/sammen/her", anna, nonce=nonce)
    assert door.row("anna").status is Status.NOT_HEARD  # sent again, it stays taken back
    assert not door.broken()


def test_a_press_for_twenty_asks_as_often_as_for_one(door, board):
    add_crowd(door.database, door.world, size=20)
    board.open()
    people = [row.attrib["id"].removeprefix("p-") for row in board.page.all("tr") if row.attrib.get("id")]
    asked = []
    for ticked in (people[:1], people[1:21]):
        with counted(door.database) as statements:
            assert board.press("/sammen/her", *ticked, nonce=f"press-for-{len(ticked):08}").status_code == 303
        lines = [one for one in statements if one.startswith("INSERT INTO attendance_event")]
        asked.append(len(statements) - len(lines))  # SQLite gives each line its number by itself
    assert len(door.events()) == 21
    assert asked[1] <= asked[0]
    assert not door.broken()


def test_nobody_ticked_says_so_and_only_strangers_ticked_is_refused(door, board):
    assert (
        "Kryss av for minst én person først." in board.browser.get(board.press("/sammen/her").location).text
    )
    assert board.press("/sammen/her", said_by="script").status_code == 422
    for act in ("her", "kunne-ikke-komme"):
        answers = [
            board.press(f"/sammen/{act}", who) for who in (door.public_id("petra"), "nobody-by-that-name-00")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert door.events() == []


def test_a_bus_that_did_not_go_is_told_for_many_and_what_she_says_herself_is_left_alone(door, board):
    door.tell("birk", NoticeKind.CANNOT_COME)
    anna, birk = door.public_id("anna"), door.public_id("birk")
    pressed = board.press("/sammen/kunne-ikke-komme", anna, birk)
    assert "Dere har sagt fra (1):" in board.receipt(pressed)
    assert door.row("anna").status is Status.TOLD_US
    today = next(day for day in door.history("anna") if day.on == TODAY)
    assert "Sara Sand" in {line.by_name for line in today.lines}  # both sides see who said it
    told = board.browser.follow_form(board.shown, f"{board.address}/sammen/angre")
    assert "Dette er tatt tilbake:" in board.receipt(told)
    assert (door.row("anna").status, door.row("birk").status) == (Status.NOT_HEARD, Status.TOLD_US)
    again = board.open().press("/sammen/kunne-ikke-komme", anna)
    with door.database.transaction() as s:
        nonce = notices.told_on(s, TODAY, [door.id("anna")])[door.id("anna")].nonce
        notices.give_reason(s, door.id("anna"), nonce, Reason.SICK)  # she has opened it, and said more
    board.receipt(again)
    board.browser.follow_form(board.shown, f"{board.address}/sammen/angre")
    assert door.row("anna").status is Status.TOLD_US


# What a tablet has kept


def test_a_tap_that_waited_counts_from_when_it_was_made_and_is_never_refused(door, board):
    anna = door.public_id("anna")
    with later(minutes=40):
        signs_in_anew(door, board).open()
        board.press(f"/her/{anna}", waited_s="2400", said_by="script")
        event = taps(door, "anna")[0]
        assert event.received_at - event.at == timedelta(minutes=40)
        board.press(f"/her/{anna}/angre", nonce="undone-while-offline", waited_s="600")
        assert taps(door, "anna")[1].received_at - taps(door, "anna")[1].at == timedelta(minutes=10)
    with door.database.transaction() as s:  # Birk is moved this morning
        moved = places.find_centre(s, door.world.centres["other"]).id
        own = select(Activity.id).where(Activity.recipient_id == door.id("birk"))
        s.execute(update(ActivityWeek).where(ActivityWeek.activity_id.in_(own)).values(centre_id=moved))
    birk = door.public_id("birk")
    assert board.press(f"/her/{birk}").status_code == 404
    assert board.press(f"/her/{birk}", waited_s="5").status_code == 303
    assert (taps(door, "birk")[0].to_look_at, taps(door, "anna")[0].to_look_at) == (True, True)
    assert not taps(door, "anna")[1].to_look_at  # it took ten minutes
    for stranger in ("celine", "petra", "vera"):
        assert board.press(f"/her/{door.public_id(stranger)}", waited_s="5").status_code == 404


@pytest.mark.parametrize("waited", ["-5", "soon", "99999999999999", "½"])
def test_a_clock_that_makes_no_sense_costs_nobody_her_tap_and_is_looked_at(door, board, waited):
    board.press(f"/her/{door.public_id('anna')}", waited_s=waited)
    event = taps(door, "anna")[0]
    assert (event.at, event.day_on, event.to_look_at) == (event.received_at, TODAY, True)


def test_a_kept_time_is_looked_at_once_and_who_looked_is_kept_for_both(door, board, as_):
    anna, birk = door.public_id("anna"), door.public_id("birk")
    for who in (anna, birk):
        board.press(f"/her/{who}", waited_s="soon")  # a clock that makes no sense
    assert "Se om dette stemmer." in board.open().row(anna)
    for _ in range(2):
        assert board.open().press(f"/her/{anna}/sett", said_by="script").status_code == 200
    assert "Se om dette stemmer." not in board.open().row(anna)
    assert not door.row("anna").to_look_at
    assert "Sara har sett på tiden." in board.browser.get(f"{board.address}/person/{anna}").text
    assert [event.kind for event in taps(door, "anna")] == [Kind.CHECKED_IN, Kind.LOOKED_AT]
    hers = as_("anna").get(f"/oppmote/registrert/{TODAY.isoformat()}").text
    assert "har sett på tiden." in hers
    assert hers.count("Dette stemmer ikke") == 1  # her arrival can be called wrong, a look cannot
    with later(days=1):  # what is left from an earlier day
        board = signs_in_anew(door, board)
        page = board.browser.get(f"{board.address}/person/{birk}?dag={TODAY}")
        looked = board.browser.follow_form(page, f"{board.address}/her/{birk}/sett")
        assert "Sara har sett på tiden." in board.browser.get(looked.location).text
    assert door.row("birk").status is Status.HERE
    assert door.broken() == []


def test_a_tap_of_friday_that_comes_on_monday_is_fridays(door, board):
    with later(days=3):
        signs_in_anew(door, board).open().press(f"/her/{door.public_id('anna')}", waited_s=str(3 * 24 * 3600))
        assert (taps(door, "anna")[0].day_on, taps(door, "anna")[0].to_look_at) == (TODAY, True)
        assert door.row("anna", TODAY).status is Status.HERE


def test_a_tap_that_waited_over_easter_never_says_that_she_came_today(door, board):
    with later(days=10):
        board = signs_in_anew(door, board).open()
        waited = str(10 * 24 * 3600)
        board.press(f"/her/{door.public_id('anna')}", waited_s=waited)
        board.press("/sammen/her", door.public_id("birk"), waited_s=waited)
        found = [event for name in ("anna", "birk") for event in taps(door, name)]
        assert [(event.day_on, event.to_look_at) for event in found] == [(TODAY, True)] * 2


@pytest.mark.parametrize("days", [1, DAYS_BACK + 1, 200])
def test_a_press_for_many_that_waited_is_taken_for_its_own_day_however_old(door, board, days):
    anna, birk = door.public_id("anna"), door.public_id("birk")
    waited = str(days * 24 * 3600)
    with later(days=days):
        board = signs_in_anew(door, board).open()
        assert board.press("/sammen/her", anna, waited_s=waited, said_by="script").status_code == 200
        told = board.press("/sammen/kunne-ikke-komme", birk, waited_s=waited, said_by="script")
        assert told.status_code == 200
        assert [(one.day_on, one.to_look_at) for one in taps(door, "anna")] == [(TODAY, True)]
        with door.database.transaction(writes=False) as s:
            told_by = select(AbsenceNotice).where(AbsenceNotice.by_id == door.id("sara"))
            assert [one.day_on for one in s.scalars(told_by)] == [TODAY]  # and nothing is said of today
        assert board.browser.get(board.address, query_string={"dag": TODAY}).status_code == (
            200 if days <= DAYS_BACK else 404
        )


def test_a_kept_undo_of_an_earlier_day_undoes_nothing_and_says_where_to_say_why(door, board):
    anna = door.public_id("anna")
    board.press(f"/her/{anna}")
    with later(days=1):
        board = signs_in_anew(door, board).open()
        for waited, status in (
            (24 * 3600 - 60, 422),
            (60, 303),
        ):  # of yesterday; of today, when nothing stands
            answer = board.press(f"/her/{anna}/angre", nonce=f"kept-undo-{waited:08}", waited_s=str(waited))
            assert (answer.status_code, "skriv hvorfor" in answer.text) == (status, status == 422)
        assert (len(taps(door, "anna")), door.row("anna", TODAY).status) == (1, Status.HERE)


# Newcomers, activities, and the wrong person


def test_a_newcomer_shows_her_language_and_who_welcomes_her_until_she_has_been_here(door, board):
    anna = door.public_id("anna")
    with door.database.transaction() as s:
        s.execute(
            update(Person).where(Person.id == door.id("anna")).values(language="ar", needs_interpreter=True)
        )
        own = select(Activity.id).where(Activity.recipient_id == door.id("anna"))
        s.execute(update(ActivityWeek).where(ActivityWeek.activity_id.in_(own)).values(from_on=TODAY))
    row = board.open(vis="ny-i-dag").row(anna)
    assert all(words in row for words in ("Ny i dag", "Leser arabisk.", "Trenger tolk.", "Jeg tar imot"))
    board.press(f"/person/{anna}/velkommen")
    assert "Sara tar imot." in board.open().row(anna)
    board.press(f"/her/{anna}")
    assert "Ny i dag" in board.open().row(anna)
    with later(days=1):
        tomorrow = signs_in_anew(door, board).open().row(anna)
        assert not any(words in tomorrow for words in ("Ny i dag", "arabisk", "tolk"))
        with door.database.transaction() as s:  # her time of yesterday is corrected
            said = Said("the-time-was-another", Why.WRONG_TIME)
            correcting.correct_time(
                s, door.viewer("vera"), taps(door, "anna")[0].public_id, time(8, 30), said
            )
        assert "Ny i dag" not in board.open().row(anna)


def test_an_activity_is_chosen_among_the_days_and_stands_on_the_board(door, board, as_):
    anna = door.public_id("anna")
    offers = f"{board.address}/aktiviteter"
    asked_again = board.browser.submit(offers, title="Kor").text
    assert "Velg minst én dag." in asked_again
    assert 'value="Kor"' in asked_again  # nobody writes it twice
    board.browser.submit(offers, title="Snekring", weekdays="0")
    board.browser.submit(offers, title="Fredagskafé", weekdays="4")
    shown = board.browser.get(f"{board.address}/person/{anna}")
    assert ("Snekring" in shown.text, "Fredagskafé" in shown.text) == (True, False)  # it is Monday
    buttons = (one for one in Page(shown.text).all("button") if one.attrib.get("name") == "activity")
    snekring = next(one.attrib["value"] for one in buttons if board.words(one) == "Snekring")
    board.browser.follow_form(shown, f"{board.address}/person/{anna}/aktivitet", activity=snekring)
    assert "Snekring" in board.open().row(anna)
    board.browser.submit(offers, title="Kjøkken", weekdays="0")
    hers, elsewhere = as_("anna"), as_("birk")
    door.come("anna")
    receipt = hers.get("/oppmote")
    kitchen = next(
        one.attrib["value"] for one in Page(receipt.text).all("button") if board.words(one) == "Kjøkken"
    )
    chose = hers.follow_form(receipt, OWN_CHOICE, activity=kitchen)
    assert "De som jobber her, ser hva du har valgt." in hers.get(chose.location).text
    assert "Kjøkken" in board.open().row(anna)
    strange = elsewhere.submit(OWN_CHOICE, on="/inn", activity=kitchen, nonce="a-press-of-birks-0")
    action = f"{board.address}/person/{anna}/aktivitet"
    unknown = board.browser.follow_form(shown, action, activity="no-such")
    assert (strange.status_code, unknown.status_code) == (404, 404)  # Birk has not come
    board.browser.follow_form(shown, action, activity=snekring, nonce="a-new-choice-0001")
    board.browser.submit(f"{offers}/{snekring}/avslutt", on=offers)
    assert "Snekring" in board.open().row(anna)  # it was chosen
    assert "Snekring" not in board.browser.get(f"{board.address}/person/{anna}").text


def test_the_wrong_one_was_tapped_and_the_time_goes_to_the_right_one(door, board):
    anna, birk = door.public_id("anna"), door.public_id("birk")
    board.press(f"/her/{anna}")
    with later(minutes=5):
        shown = board.browser.get(f"{board.address}/person/{anna}")
        for _ in range(2):
            board.browser.follow_form(shown, f"{board.address}/person/{anna}/en-annen", meant=birk)
    assert (door.row("anna").status, door.row("anna").taken_back_by) == (Status.NOT_HEARD, "Sara")
    assert door.row("birk").arrived_at == taps(door, "anna")[0].at
    assert len(door.events()) == 3
    assert (
        board.browser.follow_form(shown, f"{board.address}/person/{anna}/en-annen", meant="x").status_code
        == 404
    )


# Other days, closed days, and paper


def test_other_days_are_looked_at_only_and_not_further_than_a_fortnight(door, board):
    with later(days=1):
        monday = signs_in_anew(door, board).open(dag=TODAY.isoformat(), vis="ma-avklares")
        assert len(monday.names()) == 2
        assert not any(form.attrib.get("id") in ("tap", "together") for form in monday.page.all("form"))
        assert f"/person/{door.public_id('anna')}?dag=2026-11-23" in monday.shown.text
        assert "skulle komme" in monday.shown.text
        assert "var her" in monday.shown.text
        assert "Ingen på lista denne dagen." in board.open(dag="2026-11-28").shown.text
    signs_in_anew(door, board)
    for on in (TODAY - timedelta(days=DAYS_BACK + 1), TODAY + timedelta(days=15)):
        assert board.browser.get(board.address, query_string={"dag": on.isoformat()}).status_code == 404
    assert board.open(dag="not-a-day").names() == board.open().names()


def test_what_was_left_open_is_cleared_next_morning_with_who_and_why(door, board, as_):
    anna, monday = door.public_id("anna"), {"dag": TODAY.isoformat()}
    with later(days=1):
        signs_in_anew(door, board)
        address = f"{board.address}/person/{anna}"
        page = board.browser.get(address, query_string=monday)
        unsaid = board.browser.follow_form(page, f"{address}/rett", at="09:10", why="")
        assert (unsaid.status_code, "Velg hvorfor." in unsaid.text) == (422, True)
        for _ in range(2):
            board.browser.follow_form(page, f"{address}/rett", at="09:10", why="was_seen", words="Ved disken")
        assert (door.row("anna", TODAY).status, len(door.events())) == (Status.HERE, 1)
        page = board.browser.get(address, query_string=monday)
        board.browser.follow_form(page, f"{address}/rett", why="wrong_person")
        assert door.row("anna", TODAY).status is Status.TO_BE_CLARIFIED
        lines = door.day("anna", TODAY).lines
        assert [(line.why, line.words, "Sara" in line.by_name) for line in lines] == [
            (Why.WAS_SEEN, "Ved disken", True),
            (Why.WRONG_PERSON, "", True),
        ]
        assert "Ved disken" not in board.browser.get(address, query_string=monday).text
        for name in ("celine", "petra"):
            strange = board.browser.get(f"{board.address}/person/{door.public_id(name)}", query_string=monday)
            assert strange.status_code == 404


def test_a_day_is_cleared_by_what_was_pressed_and_nothing_is_called_kept_that_was_not(door, board):
    anna, monday = door.public_id("anna"), {"dag": TODAY.isoformat()}
    address = f"{board.address}/person/{anna}"

    def clear(page, **typed):
        told = {"why": "other", "words": "Ved disken", **typed}
        return board.browser.follow_form(page, f"{address}/rett", **told)

    with later(days=1):
        signs_in_anew(door, board)
        page = board.browser.get(address, query_string=monday)
        for at in ("", "soon"):
            unsaid = clear(page, at=at)
            assert (unsaid.status_code, "Ved disken" in unsaid.text, "Lagret" in unsaid.text) == (
                422,
                True,
                False,
            )
        assert "Skriv klokkeslettet." in clear(page, at="").text
        for on in ("", "soon", clock.today_oslo().isoformat(), "2026-11-25"):
            assert clear(page, at="09:10", dag=on).status_code == 404
        assert door.events() == []
        for _ in range(2):
            assert clear(page, at="09:10").status_code == 303
        assert "Lagret" in board.browser.get(address, query_string=monday).text
        for another in ("a-press-with-a-time-01", "a-press-with-none-0001"):  # the page was drawn before
            refused = clear(page, nonce=another, at="" if "none" in another else "09:40")
            assert (refused.status_code, "Lagret" in refused.text) == (
                422 if "none" in another else 409,
                False,
            )
        assert (door.row("anna", TODAY).status, len(door.events())) == (Status.HERE, 1)
        for nonce, status in (
            ("she-was-not-there-01", 303),
            ("she-was-not-there-01", 303),
            ("another-press-000001", 409),
        ):
            assert clear(page, nonce=nonce, act="was_not_here").status_code == status
        assert len(door.events()) == 2


def test_a_board_left_open_over_night_says_that_the_day_is_another(door, board):
    address = f"{board.address}/endringer"
    assert board.browser.get(address).json["on"] == "2026-11-23"
    with later(days=1):
        assert signs_in_anew(door, board).browser.get(address).json["on"] == "2026-11-24"


def test_a_closed_day_says_so(door, board):
    with clock.stop_at(clock.oslo_instant(date(2026, 12, 25), time(9))):
        assert "Jobbsentralen er stengt i dag." in signs_in_anew(door, board).open().shown.text


def test_the_list_on_paper_has_names_times_and_boxes_and_nothing_else(door, board):
    door.tell("anna", NoticeKind.CANNOT_COME)
    for day in ({}, {"dag": "2026-11-24"}):
        told = board.browser.get(f"{board.address}/liste", query_string=day).text
        assert told.count("tick-box") == len(board.open(**day).names()) > 0
        assert "09.00" in told
        assert "Petra" not in told
    assert "sagt fra" in board.browser.get(f"{board.address}/liste").text
