"""A month of somebody's days: what was registered and by whom, and that nothing follows by itself."""

from __future__ import annotations

import re

import pytest

from tests.attendance_door import TODAY, later, opened
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
