"""The rush as it looks in the room: everything that can be open is, and everybody comes at once."""

import re

from playwright.sync_api import expect

from tests.axe import ASK, AXE_SCRIPT, told
from tests.e2e.stage import DESK, PHONE, PIN, address_in_code, bind_phone, enter

PLAIN = "nora"
NUMBERS = {"thea": "109", "jonas": "101"}


def test_at_a_quarter_past_eight_everybody_comes_at_once_each_in_her_own_way(stage, server):
    """Screen, board, shared tablet, an Arabic phone, one without scripts and a browser that knows nobody."""
    for key in NUMBERS:  # each gets a PIN of her own; both leave their phones at home
        bind_phone(stage, key)
    board, screen, tablet = stage.board(), stage.open(**DESK), stage.open(**DESK)
    enter(screen, "skjerm")
    enter(tablet, "nettbrett")
    expect(board.page.locator("[data-status]")).not_to_have_text("")  # the live connection is up
    here = int(board.page.locator("[data-stat=here]").inner_text())
    camera, plain = stage.phone(language="ar"), stage.phone(javascript=False)
    enter(camera.page, "amina")
    enter(plain.page, PLAIN)
    stranger = stage.open(**PHONE)

    camera.scans(address_in_code(server, board.centre))
    expect(camera.page.locator("html")).to_have_attribute("dir", "rtl")
    no_axe_faults(camera.page)
    camera.page.context.set_offline(True)  # the net goes just as she taps
    camera.says_here()
    expect(camera.page.locator("form[action='/oppmote/her'] [data-waiting]")).not_to_be_empty()

    plain.page.goto("/inn")
    plain.page.locator("[name=code]").fill(screen.locator(".screen-digits").inner_text())
    plain.page.locator("form[action='/inn'] button[type=submit]").click()
    plain.says_here()
    plain.is_checked_in()

    stranger.goto(address_in_code(server, board.centre))
    stranger.locator("a[href='/inn/nummer']").click()
    type_number(stranger, "/inn/nummer", NUMBERS["thea"])
    stranger.wait_for_url("**/inn/velkommen")
    type_number(tablet, "/nettbrett", NUMBERS["jonas"])
    tablet.wait_for_url("**/inn/velkommen")
    no_axe_faults(tablet)

    for key in (PLAIN, "thea", "jonas"):
        board.shows_here(key)
    board.shows_expected("amina")
    camera.page.context.set_offline(False)
    board.shows_here("amina")
    camera.is_checked_in()
    expect(board.page.locator("[data-stat=here]")).to_have_text(str(here + 4))
    expect(screen.locator(".screen-digits")).to_have_text(re.compile(r"^\d{3} \d{3}$"))
    for page in (board.page, screen, camera.page, stranger):
        no_axe_faults(page)
    stranger.goto("/")
    expect(stranger).to_have_url(re.compile("/logg-inn"))  # nobody was signed in there


def type_number(page, action: str, number: str) -> None:
    """Type a short number and a PIN."""
    page.locator("[name=number]").fill(number)
    page.locator("[name=pin]").fill(PIN)
    page.locator(f"form[action='{action}'] button[type=submit]").click()


def no_axe_faults(page) -> None:
    """Let axe look at a page as it stands."""
    page.evaluate(AXE_SCRIPT)
    assert told(page.evaluate(ASK, {})) == []
