"""The pages at the door, as a browser without scripts meets them."""

from __future__ import annotations

import re

import pytest

from portal import clock
from portal.attendance.rules import windows
from portal.attendance.rules.registered import Status
from portal.people.service import activation
from tests.attendance_door import TODAY, later, opened
from tests.fixtures.application import new_code
from tests.fixtures.databases import on_sqlite
from tests.pages import HOST, ORIGIN, CheckingClient

pytestmark = on_sqlite


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


def scan(browser: CheckingClient, door, **how):
    return browser.get(f"/inn/{door.code().token}", **how)


def press(browser: CheckingClient, answer, button: str, **fields: object):
    """Send the form that holds a button, with what stands in it, as a browser does."""
    forms = re.findall(r"<form[^>]*action=\"([^\"]+)\"[^>]*>(.*?)</form>", answer.text, re.DOTALL)
    action, inside = next((where, inside) for where, inside in forms if button in inside)
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', inside))
    return browser.post(action, data={**hidden, **fields}, follow_redirects=True)


def test_a_scan_asks_and_one_press_checks_in(door, as_):
    anna = as_("anna")
    asked = scan(anna, door, follow_redirects=True)
    assert "Er du her?" in asked.text
    assert "ser at du er her" not in asked.text  # not before she has tapped
    assert asked.request.path == "/oppmote"  # the code is gone from the address
    assert door.events() == []
    done = press(anna, asked, "Jeg er her")
    assert "Du er sjekket inn" in done.text
    assert "kl. 08.30" in done.text
    assert "Du er tidlig ute" in done.text
    assert "tirsdag 24. november" in done.text
    assert len(door.events()) == 1
    assert "Du er sjekket inn på" in anna.get("/inn").text  # by the back button


def test_a_second_press_and_the_back_button_change_nothing(door, as_):
    anna = as_("anna")
    asked = scan(anna, door, follow_redirects=True)
    press(anna, asked, "Jeg er her")
    with later(minutes=2):
        again = press(anna, asked, "Jeg er her")
        assert "kl. 08.30" in again.text
        scan(anna, door)
        assert "Du er sjekket inn" in anna.get("/oppmote").text
    assert len(door.events()) == 1


def test_a_check_in_that_staff_took_back_says_so_and_asks_for_a_new_scan(door, as_):
    anna = as_("anna")
    asked = scan(anna, door, follow_redirects=True)
    action = "/oppmote/her"
    assert anna.follow_form(asked, action).status_code == 303  # the receipt is not opened yet
    door.undo("anna")
    again = press(anna, asked, "Jeg er her")
    assert "De som jobber her, har tatt dette tilbake." in again.text
    assert again.request.path == "/inn"
    with later(minutes=1):
        press(anna, scan(anna, door, follow_redirects=True), "Jeg er her")
    assert door.row("anna").status is Status.HERE


def test_a_used_code_does_not_follow_the_next_person_in_the_same_browser(door, as_):
    anna = as_("anna")
    shown = press(anna, scan(anna, door, follow_redirects=True), "Jeg er her")
    assert "Du er sjekket inn" in shown.text
    with anna.session_transaction(base_url=ORIGIN) as kept:
        assert "claim" not in kept
    assert "Du er sjekket inn" in anna.get("/oppmote").text


def test_who_has_a_protected_address_is_told_that_only_her_veileder_sees_it(door, as_):
    petra = as_("petra")
    digits = petra.get("/inn").text
    asked = scan(petra, door, follow_redirects=True)
    shown = press(petra, asked, "Jeg er her")
    late = press(petra, petra.get("/oppmote/sen"), "Si fra", late_minutes="15", days=TODAY.isoformat())
    away = press(petra, petra.get("/oppmote/kan-ikke"), "Si fra", days=TODAY.isoformat())
    assert "Veilederen din får se det." in asked.text
    for page in (shown, late, away):
        assert "Veilederen din ser det." in page.text
    for text in (digits, *(page.text for page in (asked, shown, late, away))):
        for untrue in ("Jobbsentralen ser", "Jobbsentralen vet", "Si navnet ditt", "De som jobber her"):
            assert untrue not in text


def test_wrong_digits_on_a_known_phone_count_for_that_phone_alone(door, client, world):
    with door.database.transaction() as s:
        code = new_code(s, door.viewer("vera"), door.public_id("anna"))
        phone = activation.bind_phone(s, code, "582914").device_token
    wrong = f"{(int(door.code().digits) + 500_000) % 1_000_000:06}"
    client.set_cookie("__Host-phone", phone, domain=HOST, secure=True)
    answers = [
        client.submit("/inn", code=wrong).status_code for _ in range(windows.WRONG_DIGITS_PER_PERSON + 1)
    ]
    assert answers == [422] * windows.WRONG_DIGITS_PER_PERSON + [429]
    client.delete_cookie("__Host-phone", domain=HOST)
    assert client.submit("/inn", code=door.code().digits).location == "/oppmote"


def test_an_open_board_screen_or_chat_keeps_no_session_alive(app):
    views = app.view_functions
    talking = ("chat.changes", "chat.heads", "chat.progress")
    by_itself = ("attendance.changes", "attendance.screen_code", *talking, "people.time_left")
    assert [name for name in by_itself if views[name].access.is_use] == []


def test_a_scan_before_sign_in_is_kept_until_afterwards(door, client, as_, world):
    answer = scan(client, door)
    assert answer.location == "/oppmote"
    asked = client.get("/oppmote", follow_redirects=True)
    assert "Koden er riktig. Logg inn" in asked.text
    assert "next=/oppmote" in asked.request.query_string.decode() or "/oppmote" in asked.text
    assert door.events() == []


@pytest.mark.parametrize("code", ["x", "x" * 500, "a.b.c", "Å.1.ø", "..%2f..%2f", "'--"])
def test_odd_codes_in_the_address_get_a_kind_answer_and_leave_no_trace(door, client, code):
    answer = client.get(f"/inn/{code}")
    assert answer.status_code in {404, 422}
    with client.session_transaction(base_url=ORIGIN) as kept:
        assert "claim" not in kept
    if answer.status_code == 422:
        assert "Skann den nye på skjermen" in answer.text


def test_a_claim_made_by_hand_is_worth_nothing(door, as_):
    anna = as_("anna")
    forged = "eyJjbGFpbSI6eyJjZW50cmUiOjF9fQ.forged.forged"
    anna.set_cookie("__Host-visit", forged, domain=HOST, secure=True)
    assert anna.get("/oppmote").location == "/inn"
    assert door.events() == []


def test_a_claim_that_waited_too_long_says_so_once(door, as_):
    anna = as_("anna")
    scan(anna, door)
    with later(minutes=16):
        assert "Det gikk for lang tid" in anna.get("/oppmote").text
        assert anna.get("/oppmote").location == "/inn"


def test_digits_can_be_typed_before_sign_in_and_wrong_ones_stay_counted(door, client):
    wrong = f"{(int(door.code().digits) + 500_000) % 1_000_000:06}"
    answer = client.submit("/inn", code=wrong)
    assert answer.status_code == 422
    assert "Tallene stemmer ikke" in answer.text
    assert "Skriv seks tall." in client.submit("/inn", code="12").text
    assert client.submit("/inn", code=door.code().digits).location == "/oppmote"


def test_wrong_digits_are_counted_although_the_answer_is_no(door, as_):
    anna = as_("anna")
    wrong = f"{(int(door.code().digits) + 500_000) % 1_000_000:06}"
    answers = [
        anna.submit("/inn", code=wrong).status_code for _ in range(windows.WRONG_DIGITS_PER_PERSON + 1)
    ]
    assert answers == [422] * windows.WRONG_DIGITS_PER_PERSON + [429]
    assert "Skann koden" in anna.submit("/inn", code=wrong).text
    assert "Er du her?" in scan(anna, door, follow_redirects=True).text


def test_cannot_come_in_one_press_then_a_reason_then_taken_back(door, as_):
    anna = as_("anna")
    receipt = press(anna, anna.get("/oppmote/kan-ikke"), "Si fra", days=TODAY.isoformat())
    assert "Du har sagt fra" in receipt.text
    assert "kl. 08.30" in receipt.text
    assert "Jobbsentralen ser bare at du har sagt fra." in receipt.text
    assert door.row("anna").status is Status.TOLD_US
    with_reason = press(anna, receipt, "Lagre", reason="sick")
    assert "God bedring!" in with_reason.text
    back = press(anna, with_reason, "Ta tilbake beskjeden")
    assert "Beskjeden er tatt tilbake" in back.text
    assert door.row("anna").status is Status.NOT_HEARD


def test_no_day_and_odd_days_say_what_to_do(door, as_):
    anna = as_("anna")
    page = anna.get("/oppmote/kan-ikke")
    assert "Velg minst én dag." in press(anna, page, "Si fra").text
    assert press(anna, page, "Si fra", days="not-a-day").status_code == 422
    assert press(anna, page, "Si fra", days="2026-11-22").status_code == 422
    assert press(anna, page, "Si fra", days=TODAY.isoformat(), reason="brudd").status_code == 422
    assert press(anna, page, "Si fra", days=TODAY.isoformat(), nonce="short").status_code == 422
    assert door.row("anna").status is Status.NOT_HEARD


def test_late_with_and_without_knowing_when(door, as_):
    anna = as_("anna")
    press(anna, anna.get("/oppmote/sen"), "Si fra", late_minutes="30", days=TODAY.isoformat())
    assert clock.to_oslo(door.row("anna").comes_at).strftime("%H.%M") == "09.30"
    press(anna, anna.get("/oppmote/sen"), "Si fra", late_minutes="", days=TODAY.isoformat())
    assert (door.row("anna").status, door.row("anna").comes_at) == (Status.LATER, None)


def test_an_open_board_asks_only_for_what_is_new(door, as_, world):
    sara, address = as_("sara"), f"/tavle/{world.centres['own']}/endringer"
    first = sara.get(address).json
    assert not sara.get(f"{address}?since={first['version']}").json["changed"]
    door.come("anna")
    news = sara.get(f"{address}?since={first['version']}").json
    assert (news["changed"], news["counts"]["here"]) == (True, 1)
    assert news["order"] == [row.public_id for row in door.board().rows]
    assert re.findall(r'<tr id="p-([^"]+)"', news["rows"]) == [
        door.public_id("anna")
    ]  # the others stand as they are
    every = sara.get(f"{address}?since=a-version-of-long-ago").json["rows"]
    assert re.findall(r'<tr id="p-([^"]+)"', every) == news["order"]
