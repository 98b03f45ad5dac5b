"""Ten thousand codes that no screen showed: not one gets anybody in, whatever was changed in them."""

from __future__ import annotations

import random
import unicodedata
from datetime import timedelta
from urllib.parse import quote

import pytest

from portal import clock
from portal.attendance.rules import windows
from portal.attendance.rules.windows import Verdict
from tests.attendance_door import later, opened
from tests.fixtures.application import MONDAY_MORNING
from tests.fixtures.databases import on_sqlite
from tests.pages import ORIGIN

SECRET, OTHER_SECRET = b"a" * 32, b"b" * 32
CENTRE, OTHER_CENTRE = "Centre_public-id-00001", "Centre_public-id-00002"
MANY, THROUGH_THE_PAGE = 10_000, 300
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
LOOK_ALIKE = str.maketrans("AaBceEoOpxX0123456789.-_", "АаВсеЕоОрхХ٠١٢٣٤٥٦٧٨٩．‐＿")
BETWEEN = "\x00\u200b\u200f\u00ad\ufeff \n\t=+/%.~"
WINDOW = windows.window_of(MONDAY_MORNING)


def one_bit(code, chance):
    place = chance.randrange(len(code))
    return code[:place] + chr(ord(code[place]) ^ 1 << chance.randrange(7)) + code[place + 1 :]


def other_signs(code, chance):
    signs = list(code)
    for place in chance.sample(range(len(signs)), chance.randint(1, 4)):
        signs[place] = chance.choice(LETTERS)
    return "".join(signs)


def swapped(code, chance):
    one, other = sorted(chance.sample(range(len(code)), 2))
    return code[:one] + code[other] + code[one + 1 : other] + code[one] + code[other + 1 :]


def cut_or_doubled(code, chance):
    place = chance.randrange(1, len(code))
    return chance.choice((code[:place], code[place:], code + code[:place], code[:place] + code))


def sign_between(code, chance):
    place = chance.randrange(len(code) + 1)
    return code[:place] + chance.choice(BETWEEN) + code[place:]


def another_window(code, chance):
    """The window of another time, with the proof of this one."""
    centre, _window, proof = code.split(".")
    moved = chance.choice((WINDOW + chance.randint(-9_000, 9_000), chance.randint(-9, 2**40)))
    return f"{centre}.{moved:x}.{proof}"


def spelt_otherwise(code, chance):
    centre, window, proof = code.split(".")
    ways = (window.upper(), f"0{window}", f"0x{window}", f"+{window}", f"{WINDOW}", f"{window}_0")
    written = chance.choice(ways)
    return f"{centre}.{written}.{proof}"


def in_another_alphabet(code, chance):
    place = chance.randrange(len(code))
    return code[:place] + code[place:].translate(LOOK_ALIKE)


def wide(code, chance):
    """Full-width signs, which become the right ones only when somebody «normalises» them."""
    place = chance.randrange(len(code))
    sign = code[place]
    return code[:place] + chr(ord(sign) + 0xFEE0) + unicodedata.normalize("NFKD", code[place + 1 :])


def by_another_key(code, chance):
    secret = chance.choice((OTHER_SECRET, chance.randbytes(32), b"", SECRET[:-1], SECRET + b"a"))
    return windows.token(secret, code.partition(".")[0], WINDOW - chance.randrange(3))


def of_another_centre(code, chance):
    """The proof of one centre under the name of another."""
    centre, window, _proof = code.split(".")
    proof = windows.token(SECRET, OTHER_CENTRE, WINDOW - chance.randrange(3)).split(".")[2]
    return chance.choice((f"{centre}.{window}.{proof}", code.replace(centre, OTHER_CENTRE)))


def of_a_time_to_come(code, chance):
    """What a screen will show, but does not yet: made with the right key."""
    return windows.token(SECRET, code.partition(".")[0], WINDOW + chance.randint(1, 9_000))


WAYS = (
    one_bit, other_signs, swapped, cut_or_doubled, sign_between, another_window, spelt_otherwise,
    in_another_alphabet, wide, by_another_key, of_another_centre, of_a_time_to_come,
)  # fmt: skip


def forged_from(shown, chance, many):
    """So many different codes made from those that are shown, by each way in turn; none of them is shown."""
    forged = {}
    while len(forged) < many:
        way = WAYS[len(forged) % len(WAYS)]
        code = way(chance.choice(shown), chance)
        if code in forged:  # some ways have few results; one bit more makes another code
            code = one_bit(code, chance)
        if code not in shown:
            forged[code] = way.__name__
    return forged


def test_of_ten_thousand_changed_codes_none_is_accepted(tell):
    shown = [windows.token(SECRET, CENTRE, WINDOW - back) for back in range(windows.QR_WINDOWS)]
    forged = forged_from(shown, random.Random(20261123), MANY)
    accepted = [
        (way, code)
        for code, way in forged.items()
        for at in (MONDAY_MORNING, MONDAY_MORNING + timedelta(seconds=29))
        if windows.judge_token(code, secret=SECRET, centre_public_id=CENTRE, at=at) is Verdict.GOOD
    ]
    tell(f"forged codes: {len(forged)} made in {len(WAYS)} ways, {len(accepted)} accepted")
    assert accepted == []
    assert all(
        windows.judge_token(code, secret=SECRET, centre_public_id=CENTRE, at=MONDAY_MORNING) is Verdict.GOOD
        for code in shown
    ), "and the ones they were made from are good"


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as found:
        yield found


@on_sqlite
def test_no_forged_code_gets_through_the_page_and_each_says_what_to_do(door, client, tell):
    """Also by another spelling of the address: percent signs, and signs that a browser would take away."""
    shown = [door.code().token]
    forged = forged_from(shown, random.Random(8_15), THROUGH_THE_PAGE)
    answers = set()
    for code in forged:
        answer = client.get(f"/inn/{quote(code, safe='')}")
        answers.add(answer.status_code)
        assert answer.status_code in (404, 422), code
        if answer.status_code == 422:
            assert "eller skriv de seks tallene" in answer.text
            assert 'name="code"' in answer.text, "and here they can be typed"
    with client.session_transaction(base_url=ORIGIN) as kept:
        assert "claim" not in kept
    tell(f"forged codes through the page: {len(forged)}, 0 accepted")
    assert 422 in answers
    assert client.get(f"/inn/{shown[0]}").location == "/oppmote"


@on_sqlite
def test_a_code_that_was_photographed_and_sent_is_too_old_and_says_what_to_do(door, client):
    photographed = door.code().token
    with later(seconds=61):
        answer = client.get(f"/inn/{photographed}")
    assert answer.status_code == 422
    assert "Koden er for gammel. Skann den nye på skjermen, eller skriv de seks tallene." in answer.text


@on_sqlite
def test_a_claim_that_is_replayed_is_one_arrival_and_nobody_else_s(door, as_):
    """The cookie with the scan is copied and sent again, by herself and by somebody else."""
    anna, again, birk = as_("anna"), as_("anna"), as_("birk")
    anna.get(f"/inn/{door.code().token}")
    with anna.session_transaction(base_url=ORIGIN) as kept:
        claim = kept["claim"]
    for browser in (anna, again, birk):
        browser.get("/oppmote")
        with browser.session_transaction(base_url=ORIGIN) as kept:
            kept["claim"] = claim
    assert [one.submit("/oppmote/her", on="/inn").status_code for one in (anna, again, again)] == [303] * 3
    assert len(door.events()) == 1
    assert birk.submit("/oppmote/her", on="/inn").status_code == 409
    assert len(door.events()) == 1
    with later(minutes=16):
        with birk.session_transaction(base_url=ORIGIN) as kept:
            kept["claim"] = {**claim, "nonce": "another-nonce-0123456789"}
        assert birk.submit("/oppmote/her", on="/inn").status_code == 422, clock.now_utc()
    assert len(door.events()) == 1
