"""Monday 8.15: a phone that was lost, a forgotten PIN, a strange browser, no phone at all. All come in.

Each within a minute, and each with the help of somebody who may give it: a colleague of the veileder who is
away, the person in charge at the centre, those who work there.
"""

import time
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.e2e.stage import DESK, Veileder, bind_phone, enter

LONGEST_SECONDS = 60
NEW_PIN = "739164"


@pytest.fixture
def within_a_minute(tell):
    """Measure how long somebody had to wait at the door."""

    @contextmanager
    def measured(who):
        start = time.monotonic()
        yield
        took = time.monotonic() - start
        tell(f"Monday 8.15, {who}: in after {took:.0f} s")
        assert took < LONGEST_SECONDS

    return measured


def in_charge(stage):
    """Whoever is in charge at the centre, at her desk."""
    page = stage.open(**DESK)
    enter(page, "siri")
    return Veileder(stage, page)


def test_a_phone_was_lost_and_the_veileder_is_away(stage, within_a_minute):
    """A colleague in the office gives a new code, and the owner ends the lost phone herself."""
    lost, _desk = bind_phone(stage, "jonas")
    with within_a_minute("a lost phone"):
        hers = stage.phone()
        hers.switches_on(stage.veileder("per").finds("Aune").makes_code(), pin=NEW_PIN)
        hers.page.goto("/innlogging")
        hers.page.locator('a[href$="/fjern"]').last.click()
        hers.page.locator('form[action$="/fjern"] button').click()
        hers.is_at("/innlogging")
    lost.page.goto("/planen-min")
    expect(lost.page.locator('input[name="pin"]')).to_have_count(0)
    hers.opens("/planen-min")


def test_a_pin_was_forgotten_on_the_way_to_the_centre(stage, within_a_minute):
    """Whoever is in charge at the centre knows him, and gives a new code at the door."""
    his, _desk = bind_phone(stage, "mikkel", helper="per")
    his.signs_out()
    with within_a_minute("a forgotten PIN"):
        his.signs_in("111333")
        expect(his.page.locator('input[name="pin"]')).to_have_attribute("aria-invalid", "true")
        his.switches_on(in_charge(stage).finds("Dahle").makes_code(), pin=NEW_PIN)
    his.signs_out()
    his.signs_in(NEW_PIN)
    his.is_at("/")


def test_a_browser_that_knows_nobody_scans_the_code(stage, within_a_minute):
    """On a borrowed phone: the scan waits while she gets in, and nothing of her is left behind."""
    board = stage.board()
    borrowed = stage.phone()
    with within_a_minute("a strange browser"):
        borrowed.page.goto(board.code_screen())
        borrowed.enters_once(in_charge(stage).finds("Fossum").makes_code())
        borrowed.says_here()
        borrowed.is_checked_in()
    board.shows_here("kaja")
    borrowed.signs_out()
    kept = {cookie["name"].removeprefix("__Host-") for cookie in borrowed.page.context.cookies()}
    assert kept <= {"visit"}
    borrowed.page.goto("/logg-inn")
    expect(borrowed.page.locator('input[name="pin"]')).to_have_count(0)


def test_somebody_without_a_phone_is_tapped_in(stage, within_a_minute):
    board = stage.board()
    with within_a_minute("no phone"):
        board.shows_expected("oskar")
        board.taps("oskar")
        board.shows_here("oskar")


def test_those_who_may_not_give_a_code_cannot(stage):
    """Those who work at the centre tap people in; they do not open people's phones."""
    page = stage.open(**DESK)
    enter(page, "kari")
    assert page.goto("/person/demo-jonas/kode").status == 403
    assert page.goto("/sok").status == 403
