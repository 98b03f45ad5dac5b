"""A month of somebody's days: what was registered and by whom, and that nothing follows by itself."""

from __future__ import annotations

import re

import pytest

from portal.attendance.rules.telling import NoticeKind
from tests.attendance_door import TODAY, later, opened
from tests.board_pages import BoardPage
from tests.fixtures.databases import on_sqlite
from tests.test_attendance_pages import press

pytestmark = on_sqlite

OWN = "/oppmote/registrert"
NOTHING_FOLLOWS = "Ingenting skjer av seg selv på grunn av det som står her."


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


def headings(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*>([^<]*)</h2>", page)


def test_a_month_shows_what_was_registered_and_by_whom_and_each_line_is_called_wrong_in_one_tap(
    door, as_, world
):
    door.tap("anna")
    with later(minutes=10):
        anna = as_("anna")
        month = anna.get(OWN)
        for wanted in ("November 2026", NOTHING_FOLLOWS, "Kom kl. 08.30.", "Skrevet av "):
            assert wanted in month.text
        assert "Mandag 23. november" in headings(month.text)
        assert press(anna, month, "Dette stemmer ikke").request.path == f"{OWN}/{TODAY.isoformat()}"
        assert "Dette stemmer ikke." in anna.get(OWN).text
        staffs = as_("vera").get(f"/person/{world.people['anna'].public_id}/oppmote").text
        assert headings(staffs) == headings(anna.get(OWN).text)
        for wanted in (NOTHING_FOLLOWS, "Kom kl. 08.30.", "Dette stemmer ikke.", "venter på svar"):
            assert wanted in staffs


def test_one_turns_back_and_forward_as_far_as_the_pages_go_and_no_further(as_):
    anna = as_("anna")
    october = anna.get(f"{OWN}?maned=2026-10").text
    assert "Oktober 2026" in october
    assert "Fredag 30. oktober" in headings(october)
    assert [one for one in headings(october) if "november" in one] == []
    for way in ("2026-09", "2026-11"):
        assert f'href="{OWN}?maned={way}"' in october
    oldest = anna.get(f"{OWN}?maned=2025-11").text
    assert f"{OWN}?maned=2025-10" not in oldest
    assert anna.get(f"{OWN}/2025-11-03").status_code == 200  # each day that is listed has its page
    for wrong in ("2025-10", "2031-01", "2026-13", "2026-1", "i-dag", "20261101"):
        assert anna.get(f"{OWN}?maned={wrong}").status_code == 404


def test_the_month_speaks_the_persons_language_and_keeps_the_norwegian_day(door, as_):
    door.tap("anna")
    anna = as_("anna")
    for language, said in (("en", "November 2026"), ("ar", "نوفمبر 2026")):
        anna.submit("/sprak", language=language, next=OWN, on=OWN)
        month = anna.get(OWN).text
        assert said in month
        assert '<span class="norwegian" lang="nb" dir="ltr">mandag 23. november</span>' in month
        assert NOTHING_FOLLOWS not in month


def test_a_centres_week_is_numbers_of_days_without_a_name_or_anybody_protected(door, as_, world):
    door.tap("anna")
    week = f"/tavle/{world.centres['own']}/uke"
    shown = as_("sara").get(week).text
    monday = re.search(r"Mandag 23. november</th>(.*?)</tr>", shown, re.DOTALL)[1]
    assert re.findall(r">(\d+)</td>", monday) == ["2", "1", "0"]  # Anna and Birk are expected; not Petra
    for name in ("anna", "birk", "petra"):
        assert world.people[name].public_id not in shown
        assert not [word for word, what in world.secrets.items() if what.startswith(name) and word in shown]
    assert "Uke 47" in shown
    assert as_("sara").get(f"{week}?uke=2026-W47").status_code == 200
    for wrong in ("2026-W49", "2024-W01", "2026-W60", "x"):
        assert as_("sara").get(f"{week}?uke={wrong}").status_code == 404
    assert as_("sindre").get(week).status_code == 404


def test_what_staff_wrote_is_never_told_as_her_own_words(door, as_, world):
    board = BoardPage(as_("sara"), f"/tavle/{world.centres['own']}").open()
    board.receipt(board.press("/sammen/kunne-ikke-komme", door.public_id("anna")))
    anna = as_("anna")
    day = f"{OWN}/{TODAY.isoformat()}"
    home = anna.get("/").text
    assert "har skrevet at du ikke kunne komme." in home
    receipt = re.search(r'href="(/oppmote/beskjed/[^"]+)"', home)[1]
    assert " skrev at du ikke kunne komme mandag 23. november." in anna.get(receipt).text
    board.browser.follow_form(board.shown, f"{board.address}/sammen/angre")
    for where in (day, receipt):
        shown = anna.get(where).text
        assert "Du har sagt fra at du ikke" not in shown
        assert "Sa fra: kan ikke komme" not in shown
    assert " skrev at du ikke kunne komme." in anna.get(day).text
    hers = as_("vera").get(f"/person/{door.public_id('anna')}/oppmote").text
    assert " skrev at personen ikke kunne komme." in hers


def test_a_day_that_is_told_says_so_wherever_it_stands_and_leads_to_its_receipt(door, as_):
    anna = as_("anna")
    ahead = re.findall(r'name="days"[^>]*value="([^"]+)"', anna.get("/oppmote/kan-ikke").text)
    assert ahead[0] == TODAY.isoformat()
    following = ahead[1]
    told = press(anna, anna.get("/oppmote/kan-ikke"), "Si fra", days=following).request.path
    asked = anna.get("/oppmote/kan-ikke").text
    assert f'value="{following}"' not in asked
    home = anna.get("/").text  # the next day and the next meeting are of a day she told of before
    assert home.count('href="/oppmote/beskjed/notice-of-anna-0000"') == 2
    for where in ("/oppmote/kan-ikke", "/oppmote/sen", OWN, f"{OWN}/{following}"):
        assert f'href="{told}"' in anna.get(where).text, where
    assert "Ta tilbake beskjeden" in anna.get(told).text


def test_who_is_here_is_not_asked_whether_she_comes_today(door, as_):
    door.tap("anna")
    for where in ("/oppmote/kan-ikke", "/oppmote/sen"):
        asked = as_("anna").get(where).text
        assert "Du er sjekket inn i dag." in asked
        assert f'value="{TODAY.isoformat()}"' not in asked
        assert " checked" not in asked.partition('id="days"')[2].partition("</fieldset>")[0]


def test_a_receipt_of_being_late_names_the_day_and_how_late(door, as_):
    anna = as_("anna")
    late = press(anna, anna.get("/oppmote/sen"), "Si fra", late_minutes="15", days=TODAY.isoformat())
    assert "Du har sagt fra at du kommer 15 minutter senere mandag 23. november." in late.text
    assert door.day("anna", TODAY).lines[0].what is NoticeKind.LATE
