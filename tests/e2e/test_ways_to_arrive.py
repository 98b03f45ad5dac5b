"""Coming in without a net, and without a phone that knows one: in a real browser, all at once."""

import re

from playwright.sync_api import expect

from tests.e2e.stage import DESK, PIN, address_in_code, bind_phone, enter

IS_READY = "() => navigator.serviceWorker.ready.then(() => true)"
KEPT = "() => JSON.parse(localStorage.getItem('kept arrivals') ?? '[]').length"
THEAS_NUMBER = "109"


def test_a_scan_and_a_tap_without_a_net_are_kept_on_the_phone_and_arrive_later(stage, server):
    board, scans, taps, closed = stage.board(), stage.phone(), stage.phone(), stage.phone()
    nobodys = stage.phone()
    for phone, key in ((scans, "jonas"), (taps, "amina"), (closed, "thea"), (nobodys, "jonas")):
        enter(phone.page, key)
        phone.page.evaluate(IS_READY)
    nobodys.page.locator("details.menu summary").last.click()
    nobodys.page.locator('header form[action="/logg-ut"] button').click()
    nobodys.is_at("/logg-inn")
    address = address_in_code(server, board.centre)
    taps.scans(address)
    server.kill()

    scans.page.goto(address)
    expect(scans.page.locator("[data-scan]")).to_be_visible()
    taps.says_here()
    expect(taps.page.locator("form[action='/oppmote/her'] [data-waiting]")).not_to_be_empty()
    closed.page.goto(address)
    expect(closed.page.locator("[data-scan]")).to_be_visible()
    nobodys.page.goto(address)
    expect(nobodys.page.locator("[data-nobodys-scan]")).to_be_visible()
    expect(nobodys.page.locator("[data-scan]")).to_be_hidden()
    phone_of_nobody = nobodys.page.context
    nobodys.page.close()
    context = closed.page.context
    closed.page.close()  # put away, and opened again another time
    assert [phone.page.evaluate(KEPT) for phone in (scans, taps)] == [1, 1]

    server.start()
    nobodys.page = phone_of_nobody.new_page()
    nobodys.page.goto("/logg-inn")
    expect(nobodys.page.locator("[data-told-kept]")).to_contain_text("Logg inn og trykk")
    closed.page = context.new_page()
    closed.page.goto("/")
    for key in ("jonas", "amina", "thea"):
        board.shows_here(key, seconds=40)
    for phone in (scans, taps):
        phone.is_checked_in()
    closed.page.goto("/oppmote")
    closed.is_checked_in()
    assert [phone.page.evaluate(KEPT) for phone in (scans, taps, closed)] == [0, 0, 0]


def test_the_tablet_clears_itself_and_a_phone_that_knows_nobody_shows_letters(stage, server):
    bind_phone(stage, "thea")
    board, tablet = stage.board(), stage.open(**DESK)
    enter(tablet, "nettbrett")

    def type_in(number: str, pin: str) -> None:
        tablet.locator("[name=number]").fill(number)
        tablet.locator("[name=pin]").fill(pin)
        tablet.locator("form[action='/nettbrett'] button").click()

    type_in("9999", PIN)
    expect(tablet.locator("[data-wrong]")).to_be_visible()
    expect(tablet.locator("[name=number]")).to_have_value("")
    tablet.context.set_offline(True)
    type_in(THEAS_NUMBER, PIN)
    expect(tablet.locator("[data-kept]")).to_be_visible()
    assert tablet.evaluate("JSON.stringify([localStorage, sessionStorage])").count(PIN) == 0
    tablet.context.set_offline(False)
    board.shows_here("thea")
    expect(tablet.locator("[data-kept]")).to_be_hidden()
    type_in(THEAS_NUMBER, PIN)  # again, to be sure: one arrival, and a kind answer
    tablet.wait_for_url("**/inn/velkommen")
    expect(tablet.locator("main h1")).to_have_text(re.compile("T!"))
    tablet.wait_for_url("**/nettbrett")
    tablet.go_back()
    expect(tablet.locator("main")).not_to_contain_text("T!")

    stranger = stage.open(javascript=False, language="ar")
    stranger.goto(address_in_code(server, board.centre))
    stranger.locator("form[action='/inn/bokstaver'] button").click()
    letters = stranger.locator(".big-letters").inner_text()
    waiting = board.page.locator("[data-letters] a", has_text=letters)
    waiting.click()
    board.page.locator("form[action$='/demo-jonas'] button").click()
    board.shows_here("jonas")
    expect(waiting).to_have_count(0)
    expect(stranger.locator(".big-mark")).to_be_visible()
    expect(stranger.locator("main")).not_to_contain_text("Jonas")
