"""The pages of the days that were: the person's own, and her veileder's of the same lines."""

from __future__ import annotations

import re

import pytest

from tests.attendance_door import TODAY, later, opened
from tests.fixtures.databases import on_sqlite
from tests.test_attendance_pages import press
from tests.test_inbox_page import card_of

pytestmark = on_sqlite
HER_DAY = f"/oppmote/registrert/{TODAY.isoformat()}"


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


def of_day(world, name: str = "anna") -> str:
    return f"/person/{world.people[name].public_id}/oppmote/{TODAY.isoformat()}"


def navs_value(page) -> str:
    """The one thing that Nav may not have done on a day with a centre alone: it was closed."""
    offered = re.findall(r'name="navs"[^>]*value="([^"]+)"', page.text)
    assert [value.split()[0] for value in offered] == ["centre_closed"]
    return offered[0]


def said(page) -> list[str]:
    """What stands on a page of a day, line for line: what happened, words and why."""
    lines = re.search(r'<ul class="people">(.*?)</ul>', page.text, re.DOTALL)[1]
    return ["".join(both).strip() for both in re.findall(r"<b>(.*?)</b>|<blockquote[^>]*>(.*?)<", lines)]


def test_a_line_that_is_wrong_is_called_so_corrected_and_answered_and_both_read_the_same(door, as_, world):
    door.tap("anna")
    with later(minutes=10):
        anna, vera = as_("anna"), as_("vera")
        day = press(anna, anna.get(HER_DAY), "Dette stemmer ikke")
        assert "Veilederen din ser det, og skal svare deg." in day.text
        day = press(anna, day, "Denne dagen stemmer ikke", words="Jeg kom klokka åtte.")
        listed = vera.get("/innboks").text
        assert "Sier at noe ikke stemmer" in listed
        assert "klokka åtte" not in listed  # never her words in a list
        staffs = vera.get(of_day(world))
        assert said(staffs) == said(anna.get(HER_DAY))
        refused = press(vera, staffs, "Rett tiden", at="08:00", words="Avtalt på telefon.")
        assert refused.status_code == 422
        assert "Velg hvorfor." in refused.text
        assert "Avtalt på telefon." in refused.text  # nobody writes it twice
        press(vera, refused, "Rett tiden", at="08:00", words="Avtalt på telefon.", why="she_says")
        for _ in range(2):
            staffs = press(vera, vera.get(of_day(world)), "Svar til personen", words="Nå er det rettet.")
        assert said(staffs) == said(anna.get(HER_DAY))
        assert said(staffs)[-2:] == ["Svar fra veilederen.", "Nå er det rettet."]
        assert "Sier at noe ikke stemmer" not in vera.get("/innboks").text
        assert "Du har fått svar om" in anna.get("/").text
        person = vera.get(f"/person/{world.people['anna'].public_id}").text
        for line in ("Kom kl. 08.00.", "Dette stemmer ikke.", "Svar fra veilederen."):
            assert line in person
            assert line in anna.get("/oppmote/registrert").text


def test_she_says_that_nav_did_not_come_and_takes_it_back(door, as_):
    anna = as_("anna")
    missing = press(anna, anna.get(HER_DAY), "Si fra")
    assert missing.status_code == 422
    assert "Velg hva som skjedde." in missing.text
    assert "Nav ringte ikke" not in missing.text  # nobody was to call her
    told = press(anna, missing, "Si fra", navs=navs_value(missing))
    assert "Stedet var stengt." in told.text
    assert "Nav var ikke der" in told.text
    assert "Tatt tilbake." in press(anna, told, "Ta tilbake").text


def test_what_she_says_of_nav_waits_with_her_veileder_and_she_sees_who_has_seen_it(door, as_):
    anna, vera = as_("anna"), as_("vera")
    day = anna.get(HER_DAY)
    press(anna, day, "Si fra", navs=navs_value(day))
    assert "ikke sett ennå" in anna.get(HER_DAY).text
    inbox = vera.get("/innboks")
    assert "Stedet var stengt" in card_of(inbox.text, "nav-kom-ikke")
    assert "nav-kom-ikke" not in as_("vidar").get("/innboks").text
    seen = press(vera, inbox, ">Sett<")
    assert seen.request.path == "/innboks"
    assert "nav-kom-ikke" not in seen.text
    press(vera, inbox, ">Sett<")  # a second press changes nothing
    day = anna.get(HER_DAY).text
    assert day.count("Sett av Vera") == 1
    assert "ikke sett ennå" not in day
    assert "Veilederen har sett det du sa om mandag 23. november." in anna.get("/").text


@pytest.mark.parametrize("day", ["2027-03-24", "2020-01-01", "i-dag"])
def test_days_far_ahead_and_long_ago_have_no_page(as_, world, day):
    assert as_("anna").get(f"/oppmote/registrert/{day}").status_code == 404
    assert as_("vera").get(f"/person/{world.people['anna'].public_id}/oppmote/{day}").status_code == 404


def test_a_text_that_is_too_long_comes_back_in_its_field_with_what_to_do(door, as_, world):
    """Whatever its length: what somebody has written is never lost to an error page."""
    door.tap("anna")
    anna, vera, sara = as_("anna"), as_("vera"), as_("sara")
    text = f"Slik var det. {'Jeg kom klokka åtte. ' * 300}Sist."
    for written in (text, "linje\r\n" * 166):  # the second has 995 signs: a new line is one
        page = press(anna, anna.get(HER_DAY), "Denne dagen stemmer ikke", words=written)
        is_long = written == text
        assert page.status_code == (422 if is_long else 200)
        assert ("Teksten er for lang. Det er plass til 1000 tegn." in page.text) == is_long
        assert ("Sist.</textarea>" in page.text) == is_long
        assert 'maxlength="1000"' in page.text
    staffs = vera.get(of_day(world))
    for button in ("Ta tilbake linja", "Rett tiden", "Svar til personen"):
        page = press(vera, staffs, button, words=text, why="other", at="08:00")
        assert (page.status_code, "Sist.</textarea>" in page.text) == (422, True), button
    earlier = sara.get(f"/tavle/{world.centres['own']}/person/{door.public_id('anna')}?dag=2026-11-19")
    page = press(sara, earlier, "Skriv at personen var der", words=text, why="other", at="09:00")
    assert (page.status_code, "Sist.</textarea>" in page.text) == (422, True)
    assert "Teksten er for lang." in page.text


def test_words_to_somebody_whose_line_was_changed_meanwhile_stand_on_the_page(door, as_, world):
    door.tap("anna")
    vera = as_("vera")
    opened = vera.get(of_day(world))
    told = {"at": "08:00", "why": "she_says", "words": "Hun ringte og fortalte det."}
    registered = press(vera, opened, "Skriv at personen var der", **told)  # which she is already
    press(vera, vera.get(of_day(world)), "Ta tilbake linja", why="wrong_person")
    for late in (registered, press(vera, opened, "Rett tiden", **told)):
        assert late.status_code == 409
        assert "Noen endret dette samtidig med deg." in late.text
        assert "Hun ringte og fortalte det." in late.text


def test_no_reason_and_no_word_reaches_those_who_work_at_the_centre(door, as_, world):
    anna, vera, sara = as_("anna"), as_("vera"), as_("sara")
    press(anna, anna.get(HER_DAY), "Denne dagen stemmer ikke", words="Legen sa fra")
    page = vera.get(of_day(world))
    press(vera, page, "Skriv at personen var der", at="08:00", why="other", words="Var hos legen først")
    board = sara.get(f"/tavle/{world.centres['own']}").text
    assert world.people["anna"].public_id in board
    for answer in (board, sara.get(f"/tavle/{world.centres['own']}/endringer").text):
        assert "legen" not in answer.lower()
    assert sara.get(of_day(world)).status_code == 403
