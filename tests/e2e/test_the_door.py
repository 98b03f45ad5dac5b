"""The open board and the screen at the door, as those who work at the centre have them all day."""

import re

from playwright.sync_api import expect

from tests.e2e.stage import enter

WORDS = ("data-live-text", "data-kept-text")
NOT_HERE = "tr[id^=p-]:not(:has([data-undo]))"


def test_two_open_boards_follow_each_other_and_keep_the_finger_s_place(stage):
    first, second = stage.board(), stage.board()
    for board in (first, second):
        expect(board.page.locator("[data-status]")).not_to_have_text("")  # the live connection is up
    key = first.page.locator(NOT_HERE).first.get_attribute("id").removeprefix("p-demo-")
    here = int(second.page.locator("[data-stat=here]").inner_text())
    first.taps(key)
    first.shows_here(key)
    first.row(key).locator(".actions button").click(force=True)  # «Angre» came under the finger, and rests
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
    row.locator(".actions button").click()
    expect(page).to_have_url(re.compile(f"/tavle/.+#{name}$"))
    expect(page.locator(f"#{name} [data-undo]")).to_have_count(1)


def test_a_screen_shows_a_new_key_and_its_end_within_seconds(stage):
    """Whoever is in charge does both from her desk; nobody touches the screen."""
    screen, lead = stage.open(), stage.open()
    enter(screen, "skjerm")
    digits = screen.locator(".screen-digits")
    expect(digits).to_have_text(re.compile(r"^\d{3} \d{3}$"))
    old = digits.text_content()
    enter(lead, "siri")
    lead.goto("/senter/demo-jobbsentralen/enheter")
    lead.locator('form[action$="/ny-nokkel"] button').click()
    expect(digits).not_to_have_text(old, timeout=6_000)
    for button in range(lead.locator('form[action$="/ut"] button').count()):
        lead.locator('form[action$="/ut"] button').first.click()
        expect(lead.locator("#ute li")).to_have_count(button + 1)
    expect(screen.locator("#code")).to_be_visible(timeout=6_000)
    expect(screen.locator(".ds-alert")).to_contain_text("Skjermen er tatt ut av bruk")


def test_taps_made_while_the_server_is_down_are_kept_over_a_new_page_and_sent_when_it_is_back(stage, server):
    board = stage.board()
    page, status = board.page, board.page.locator("[data-status]")
    expect(status).not_to_have_text("")
    live_text, kept_text = (page.locator("[data-live-text]").get_attribute(name) for name in WORDS)
    keys = [row.get_attribute("id").removeprefix("p-demo-") for row in page.locator(NOT_HERE).all()[:3]]
    server.kill()
    expect(status).to_have_text(re.compile(r"Ikke oppdatert siden \d\d\.\d\d\."), timeout=3_000)
    for _ in range(2):
        board.taps(keys[0])  # a second tap on the same button is the same tap
    for key in keys[1:]:
        board.row(key).locator("[name=person]").check()
    expect(page.locator("[data-picked]")).to_have_text("2 valgt")
    page.locator("#together button").first.click()
    for key in keys:
        expect(board.row(key).locator("[data-tap=kept]")).to_have_text(kept_text)
    other = page.context.new_page()  # the tablet was started anew; the first page is left as it is
    server.start()
    other.goto("/tavle")
    for key in keys:
        board.shows_here(key)
    expect(page.locator("[data-tap=kept]")).to_have_count(0)
    expect(page.locator("[data-receipt]")).to_contain_text("Sjekket inn (2):")
    expect(status).to_have_text(live_text)
    page.locator("[data-receipt] button").click()
    for key in keys[1:]:
        board.shows_expected(key)
    board.shows_here(keys[0])


def test_a_letter_in_the_list_finds_a_name_and_the_focus_stays(stage):
    board, second = stage.board(), stage.board()
    page, field = board.page, board.page.locator("#find")
    expect(page.locator("[data-status]")).not_to_have_text("")
    page.locator("[data-list]").focus()
    page.keyboard.press("o")
    expect(field).to_be_focused()
    expect(page.locator("tbody tr:visible")).to_have_count(1)
    second.taps("amina")
    expect(page.locator("[data-stat=here]")).to_have_text(
        second.page.locator("[data-stat=here]").inner_text()
    )
    expect(field).to_be_focused()  # the board was drawn anew
    page.keyboard.press("Enter")
    expect(board.row("oskar").locator(".actions button")).to_be_focused()
    page.keyboard.press("Enter")
    board.shows_here("oskar")
    assert page.evaluate("document.activeElement.closest('tr')?.id") == "p-demo-oskar"
    field.fill("zz")
    expect(page.locator("[data-found]")).to_contain_text("Ring kontoret.")
    field.press("Escape")
    expect(page.locator("tbody tr:visible")).to_have_count(page.locator("tbody tr").count())
    for board_of in (board, second):
        board_of.page.close()


def test_a_tap_that_is_refused_says_so_in_its_row_and_can_be_made_again(stage):
    board = stage.board()
    expect(board.page.locator("[data-status]")).not_to_have_text("")
    key = board.page.locator(NOT_HERE).first.get_attribute("id").removeprefix("p-demo-")
    board.page.route("**/her/**", lambda route: route.fulfill(status=422, json={}), times=1)
    board.taps(key)
    expect(board.row(key).locator("[data-tap=refused]")).to_be_visible()
    board.taps(key)
    board.shows_here(key)
    expect(board.page.locator("[data-tap]")).to_have_count(0)


def test_a_board_that_was_signed_out_elsewhere_shows_no_names(stage):
    board = stage.board()
    other = board.page.context.new_page()
    other.goto("/tavle")
    other.locator('form[action="/logg-ut"] button').evaluate("button => button.click()")
    expect(board.page).to_have_url(re.compile("/jobb"))


def test_i_am_here_waits_for_the_server_and_says_that_the_time_is_kept(stage, server):
    board, phone = stage.board(), stage.phone()
    enter(phone.page, "jonas")
    phone.scans(board.code_screen())
    server.kill()
    phone.says_here()
    expect(phone.page.locator("[data-waiting]")).not_to_be_empty()
    server.start()
    phone.is_checked_in()
    board.shows_here("jonas")
