"""The open board and the screen at the door, as those who work at the centre have them all day."""

import re

from playwright.sync_api import expect

from tests.e2e.stage import enter

NOT_HERE = "tr[id^=p-]:not(:has(form[action$='/angre']))"


def test_two_open_boards_follow_each_other_and_keep_the_finger_s_place(stage):
    first, second = stage.board(), stage.board()
    for board in (first, second):
        expect(board.page.locator("[data-status]")).not_to_have_text("")  # the live connection is up
    key = first.page.locator(NOT_HERE).first.get_attribute("id").removeprefix("p-demo-")
    here = int(second.page.locator("[data-stat=here]").inner_text())
    first.taps(key)
    first.shows_here(key)
    second.shows_here(key, seconds=5)
    expect(second.page.locator("[data-stat=here]")).to_have_text(str(here + 1))
    focused = "document.activeElement.closest('tr')?.id"
    assert first.page.evaluate(focused) == f"p-demo-{key}"
    second.taps(key)
    first.shows_expected(key)
    assert "#" not in first.page.url  # no page was loaded anew


def test_without_scripts_a_tap_on_the_board_is_a_plain_form(stage):
    page = stage.open(javascript=False)
    enter(page, "kari")
    page.goto("/tavle")
    row = page.locator(NOT_HERE).first
    name = row.get_attribute("id")
    row.locator("button").click()
    expect(page).to_have_url(re.compile(f"/tavle/.+#{name}$"))
    expect(page.locator(f"#{name} form[action$='/angre']")).to_have_count(1)


def test_a_screen_that_was_signed_out_shows_no_code_and_says_why(stage):
    board = stage.board()
    centre, screen = board.centre, board.page.context.new_page()
    screen.goto(f"/skjerm/{centre}")
    expect(screen.locator(".screen-digits")).to_have_text(re.compile(r"^\d{3} \d{3}$"))
    board.page.locator('form[action="/logg-ut"] button').evaluate("button => button.click()")
    expect(board.page).to_have_url(re.compile("/logg-inn"))
    expect(screen.locator("[data-signed-out]")).to_be_visible(timeout=60_000)
    assert screen.locator(".screen-digits").text_content() == ""
    assert screen.locator(".screen-qr img").get_attribute("src") is None
