"""The warning before a sign-in ends: it asks the server first, can be put off, and takes no written word."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from portal import clock
from tests.e2e.stage import DESK, PHONE, enter

WRITTEN = "Dette tok lang tid å skrive"
SHOWN = "dialog.ask[open]"
STAFF_IDLE = 30


@pytest.fixture
def desk(stage):
    """A veileder's page with a clock that the test moves."""
    page = stage.open(**DESK)
    page.clock.install()
    enter(page, "ingrid")
    page.goto("/person/demo-jonas/kode")
    page.locator('input[value="showed_id"]').check()
    return page


def lie_unused(newest, page, minutes):
    """Nobody has touched anything for so long."""
    with newest() as login:
        login.seen_at -= timedelta(minutes=minutes)
    page.clock.fast_forward(timedelta(minutes=minutes).seconds * 1000)


def test_the_warning_comes_and_one_goes_on_or_signs_out(desk, newest):
    lie_unused(newest, desk, STAFF_IDLE - 3)
    dialog = desk.locator(SHOWN)
    expect(dialog).to_be_visible()
    assert desk.evaluate("document.activeElement.id") == "session-end-title"
    desk.keyboard.press("Space")  # somebody was writing: no key may answer for her
    expect(dialog).to_be_visible()
    dialog.locator("button:visible").first.click()
    expect(dialog).to_have_count(0)
    expect(desk.locator('input[value="showed_id"]')).to_be_checked()
    with newest() as login:
        assert clock.now_utc() - login.seen_at < timedelta(minutes=1)
    lie_unused(newest, desk, STAFF_IDLE - 3)
    dialog.locator('button[formaction="/logg-ut"]').click()
    expect(desk).to_have_url(re.compile("/jobb$"))


def test_no_warning_when_another_tab_was_used(desk):
    with desk.expect_response("**/innlogging/tid") as asked:
        desk.clock.fast_forward((STAFF_IDLE - 2) * 60_000)
    assert asked.value.json()["seconds_left"] > 1700
    expect(desk.locator(SHOWN)).to_have_count(0)


def test_who_writes_is_using_the_page_and_says_so_at_most_once_a_minute(stage, newest):
    page = stage.phone().page
    page.clock.install()
    enter(page, "jonas")
    with newest() as login:
        login.is_borrowed = True
    page.goto("/chat")
    told = []
    page.on("request", lambda request: told.append(request) if "fortsett" in request.url else None)
    box = page.locator("#melding")
    box.press_sequentially("Jeg skriver")
    assert told == []
    lie_unused(newest, page, 5)
    with page.expect_response("**/innlogging/fortsett") as answer:
        box.press_sequentially(" og skriver")
    assert answer.value.json()["seconds_left"] > 595
    box.press_sequentially(" litt til")
    assert len(told) == 1
    expect(box).to_have_value("Jeg skriver og skriver litt til")


def test_the_last_stretch_says_that_what_is_written_comes_along(stage, newest):
    page = stage.open(**PHONE)
    page.clock.install()
    enter(page, "jonas")
    with newest() as login:
        login.created_at -= timedelta(hours=11, minutes=50)
    page.goto("/chat")
    page.locator("#melding").fill(WRITTEN)
    with newest() as login:
        login.created_at -= timedelta(minutes=8)
    page.clock.fast_forward(8 * 60_000)
    dialog = page.locator(SHOWN)
    expect(dialog.locator('[data-when="last"]')).to_be_visible()
    dialog.locator("button:visible").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#melding")).to_have_value(WRITTEN)
    assert page.evaluate("document.activeElement.id") == "melding"


def test_a_page_that_nobody_used_is_left_for_the_door(stage, newest):
    page = stage.open(**DESK)
    page.clock.install()
    enter(page, "ingrid")
    page.goto("/innlogging")
    lie_unused(newest, page, STAFF_IDLE + 1)
    expect(page).to_have_url(re.compile(r"/jobb\?next=%2Finnlogging$"))


def test_what_was_written_on_a_page_stays_there_when_the_time_is_over(stage, newest, desk):
    lie_unused(newest, desk, STAFF_IDLE + 1)
    dialog = desk.locator(SHOWN)
    expect(dialog.locator('[data-when="over"]')).to_be_visible()
    expect(dialog.locator("h2")).to_have_text("Du er logget ut")
    assert desk.title() == "Min vei", "nor does the tab say whose page it is"
    desk.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    other = desk.context.new_page()
    enter(other, "ingrid")  # the page hears that she is back
    expect(dialog).to_have_count(0)
    expect(desk.locator('input[value="showed_id"]')).to_be_checked()
    other.close()
    with newest() as login:
        login.ended_at = clock.now_utc()
    desk.clock.fast_forward(60_000)  # it goes on asking once a minute
    expect(dialog.locator('[data-when="over"]')).to_be_visible()


def test_a_page_of_hers_is_left_when_her_sign_in_has_ended_elsewhere(stage, newest):
    phone = stage.phone()
    enter(phone.page, "jonas")
    phone.page.goto("/innlogging")
    other = phone.page.context.new_page()
    enter(other, "amina")
    expect(phone.page).to_have_url(re.compile("/$"))
    expect(phone.page.locator("h1")).to_contain_text("Amina")
    phone.page.goto("/planen-min")
    other.locator('form[action="/logg-ut"] button').evaluate("button => button.click()")
    expect(phone.page).to_have_url(re.compile(r"/logg-inn\?next=%2Fplanen-min$"))


BACK_IN_HISTORY = "window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
NOTE_WHAT_IS_SHOWN = """() => {
  const page = document.documentElement;
  const left = document.querySelector("[data-signed-out]");
  new MutationObserver(() => {
    if (!("unsure" in page.dataset)) window.wasPutAway ??= !left.hidden;
  }).observe(page, { attributes: true });
}"""


def test_back_in_history_nothing_of_hers_is_shown_before_the_server_says_that_she_is_in(stage, newest):
    page = stage.phone().page
    enter(page, "jonas")
    page.goto("/innlogging")
    heading = page.locator("h1")
    whose = heading.inner_text()
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    stage.server.kill()
    page.evaluate(BACK_IN_HISTORY)
    expect(page.locator("[data-again]")).to_be_visible()  # the page that a phone keeps for this
    expect(heading).not_to_have_text(whose)
    stage.server.start()
    expect(heading).to_have_text(whose)
    page.goto("/chat")
    expect(page.locator('[data-module="chat"] [data-mark-read]')).to_have_count(0)
    with newest() as login:
        login.ended_at = clock.now_utc()
    page.evaluate(NOTE_WHAT_IS_SHOWN)
    page.evaluate(BACK_IN_HISTORY)
    expect(page.locator("html:not([data-unsure]) [data-signed-out]:not([hidden])")).to_be_attached()
    assert page.evaluate("window.wasPutAway"), "the conversation was put away before the page was shown"
    enter(page, "jonas")
    page.goto("/innlogging")
    with newest() as login:
        login.ended_at = clock.now_utc()
    page.evaluate(BACK_IN_HISTORY)
    expect(page).to_have_url(re.compile(r"/logg-inn\?next=%2Finnlogging$"))
    expect(heading).to_be_visible()


def test_a_form_that_never_left_the_page_does_not_stop_it_from_looking(stage, newest):
    page = stage.phone().page
    page.clock.install()
    enter(page, "jonas")
    page.goto("/innlogging")
    page.route("**/sprak", lambda route: route.fulfill(status=204))
    with page.expect_response("**/sprak"):
        page.locator('form[action="/sprak"] button').first.evaluate("button => button.click()")
    with newest() as login:
        login.ended_at = clock.now_utc()
    page.clock.fast_forward(60_000)
    expect(page).to_have_url(re.compile(r"/logg-inn\?next=%2Finnlogging$"))
