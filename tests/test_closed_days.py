"""Closed days, talks that Nav called off and days that are not over: nobody has anything to explain."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from portal import clock
from portal.attendance.rules.registered import Status
from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import after
from portal.people.rules.roles import Place
from portal.people.service import closed_days
from portal.plan.rules.words import MeetingPlace
from portal.plan.service import meetings
from tests.attendance_door import TODAY, opened
from tests.board_pages import BoardPage
from tests.fixtures.databases import on_sqlite
from tests.page_tree import Page

pytestmark = on_sqlite

OWN = "/oppmote/registrert"
LAST_MONDAY, SATURDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 21), date(2026, 11, 25)
WAS_CLOSED = "Jobbsentralen var stengt."
NOBODY_EXPLAINS = "Du trenger ikke forklare noe."
NOTHING_FOLLOWS = "Veilederen din spør deg. Ingenting skjer av seg selv."


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


@pytest.fixture
def close(door, world):
    """Whoever is in charge at Jobbsentralen says that it is, or was, closed on a day."""

    def say(on: date) -> None:
        with door.database.transaction() as s:
            closed_days.close_on(s, door.viewer("synne"), Place.CENTRE, world.centres["own"], on, "snø")

    return say


@pytest.fixture
def read(as_, world):
    """What both read of one of Anna's days: in her month, on her day, and the veileder's two pages."""
    anna, vera = as_("anna"), as_("vera")
    hers = f"/person/{world.people['anna'].public_id}/oppmote"

    def pages(on: date) -> dict[str, str]:
        heading = {LAST_MONDAY: "Mandag 16. november", TODAY: "Mandag 23. november"}.get(on, "")
        shown = {"own day": anna.get(f"{OWN}/{on}").text, "day": vera.get(f"{hers}/{on}").text}
        for name, month in (("own month", anna.get(OWN).text), ("month", vera.get(hers).text)):
            shown[name] = month.partition(f">{heading}</h2>")[2].partition("<h2")[0] if heading else month
        return shown

    return pages


def to_clarify(door) -> set[date]:
    with door.database.transaction(writes=False) as s:
        found = after.days_to_clarify(s, first=LAST_MONDAY, last=TODAY, recipient_ids=[door.id("anna")])
    return {one.on for one in found}


def test_a_day_that_was_closed_says_so_to_both_and_is_nobodys_to_explain(door, close, read):
    with clock.stop_at(clock.oslo_instant(LAST_MONDAY, time(8))):
        door.withdraw("anna", door.tell("anna", NoticeKind.CANNOT_COME, LAST_MONDAY))
    open_still = read(LAST_MONDAY)
    assert {name for name, shown in open_still.items() if "må avklares" in shown} == set(open_still)
    assert {name for name, shown in open_still.items() if NOTHING_FOLLOWS in shown} == {
        "own day",
        "own month",
    }
    assert LAST_MONDAY in to_clarify(door)
    close(LAST_MONDAY)
    closed = read(LAST_MONDAY)
    assert {name for name, shown in closed.items() if WAS_CLOSED in shown} == set(closed)
    assert {name for name, shown in closed.items() if NOBODY_EXPLAINS in shown} == {"own day", "own month"}
    for shown in closed.values():
        assert ">stengt</span>" in shown
        assert "må avklares" not in shown
        assert "snø" not in shown
    assert "Kom ikke Nav?" not in closed["own day"]
    assert "Var der likevel" in closed["day"], "she may have come all the same"
    assert LAST_MONDAY not in to_clarify(door)


def test_a_day_that_is_not_over_only_says_what_is_expected(read):
    for shown in read(TODAY).values():
        assert "I planen:" in shown
        assert "ikke hørt fra" not in shown
    for shown in (read(WEDNESDAY)["own day"], read(WEDNESDAY)["day"]):
        assert "I planen:" in shown
        assert "ikke hørt fra" not in shown
    free = read(SATURDAY)["own day"]
    assert "Ingenting er skrevet om denne dagen." in free
    assert not any(word in free for word in ("I planen:", "ikke hørt fra", "må avklares"))


@pytest.mark.parametrize("who", ["synne", "mona"])
def test_whoever_closes_today_first_sees_how_many_are_expected_and_what_happens(as_, world, who):
    lead, centre = as_(who), world.centres["own"]
    where = f"/senter/{centre}" if who == "synne" else f"/administrasjon/senter/{centre}"
    form = next(
        form
        for form in Page(lead.get(where).text).all("form")
        if form.attrib.get("action") == f"/senter/{centre}/steng"
    )
    assert form.attrib["method"] == "get", "nothing is closed by the first press"
    asked = lead.get(f"/senter/{centre}/steng", query_string={"dag": "23.11.2026"})
    assert "2 personer er ventet denne dagen." in asked.text  # Anna and Birk; no sum tells of Petra
    assert "De ser «stengt» på I dag når de åpner Min vei." in asked.text
    assert "er stengt i dag" not in as_("anna").get("/").text
    assert lead.follow_form(asked, f"{where}/stengte-dager", reason="snø").status_code == 303
    assert "Jobbsentralen er stengt i dag. Du trenger ikke gjøre noe." in as_("anna").get("/").text
    again = lead.get(f"/senter/{centre}/steng").text
    assert "Jobbsentralen er stengt denne dagen." in again
    assert "2 personer er ventet denne dagen." in again
    assert "2 personer var ventet denne dagen." in lead.get(f"/senter/{centre}/steng?dag=2026-11-16").text
    for wrong, said in (("01.01.2020", "Velg en dag fra de siste to ukene"), ("x", "Skriv datoen slik")):
        back = lead.get(f"/senter/{centre}/steng", query_string={"dag": wrong})
        assert (back.status_code, back.location) == (303, where)
        assert said in lead.get(back.location).text


def test_who_was_to_come_stands_on_a_closed_board_and_one_who_came_anyway_is_registered(
    door, close, read, as_, world
):
    close(TODAY)
    board = BoardPage(as_("sara"), f"/tavle/{world.centres['own']}").open()
    anna, birk = door.public_id("anna"), door.public_id("birk")
    assert len(board.names()) == 2
    assert "stengt" in board.row(anna)
    assert "ikke hørt fra" not in board.row(anna)
    assert "Kommer noen likevel, kan dere sjekke dem inn." in board.shown.text
    assert "Jobbsentralen er stengt denne dagen." in board.browser.get(f"{board.address}/liste").text
    board.press("/sammen/kunne-ikke-komme", birk)
    assert (door.row("birk").status, door.history("birk")[0].lines) == (Status.CLOSED, ())
    board.press(f"/her/{anna}")
    hers = as_("anna").get("/oppmote").text
    assert "Jobbsentralen er stengt denne dagen." in hers
    assert "ikke på lista" not in hers, "she was to come"
    assert door.row("anna").status is Status.HERE
    assert "Stengt i dag." in board.open().row(anna)
    counts = door.board().counts
    assert (counts.expected, counts.here, counts.closed, counts.not_heard) == (0, 1, 1, 0)
    for shown in read(TODAY).values():
        assert "Jobbsentralen er stengt denne dagen." in shown
        assert ">er her</span>" in shown
    assert door.today("birk").visits == ()


def test_a_talk_that_nav_called_off_stays_in_her_plan_and_says_so(door, as_):
    def called_off(on: date) -> None:
        starts = clock.oslo_instant(on, time(13))
        with clock.stop_at(starts - timedelta(days=2)), door.database.transaction() as s:
            new = meetings.NewMeeting(
                door.id("vera"), starts, starts + timedelta(minutes=30), MeetingPlace.OFFICE
            )
            meetings.cancel_meeting(s, meetings.add_meeting(s, door.id("anna"), new))

    for on in (date(2026, 11, 13), date(2026, 11, 18), date(2026, 11, 26)):
        called_off(on)
    plan = as_("anna").get("/planen-min").text
    assert plan.count("Avlyst av Nav. Du trenger ikke gjøre noe.") == 2, "ahead and just past, no longer ago"
    for day in ("onsdag 18. november", "torsdag 26. november"):
        assert "Avlyst av Nav." in plan.partition(day)[2].partition("</li>")[0]
    assert "26. november" not in as_("anna").get("/").text, "the next meeting is one that stands"
    assert "Møtet er avlyst." in as_("vera").get(f"/person/{door.public_id('anna')}").text


def test_who_is_checked_in_and_finds_something_wrong_is_led_to_her_own_day(door, as_):
    door.come("anna")
    anna = as_("anna")
    shown = anna.get("/oppmote").text
    assert f'href="{OWN}/{TODAY}"' in shown
    assert "Dette stemmer ikke" in anna.get(f"{OWN}/{TODAY}").text
