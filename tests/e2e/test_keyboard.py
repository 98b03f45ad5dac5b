"""With a keyboard alone: every step can be reached, is seen to be reached, and leads on."""

import re
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import expect

from portal import clock
from tests.e2e.stage import DESK, PIN, enter

MOST_STEPS = 80
PASSPHRASE = "tre blå hester danser sent"
FOCUS_IS_SEEN = """() => {
  const style = getComputedStyle(document.activeElement);
  return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
}"""
HAS_FOCUS = "element => element === document.activeElement"


def tab_to(page, selector):
    """Go on with Tab until the first such element has the focus; each stop on the way must be seen."""
    wanted = page.locator(selector).first
    expect(wanted).to_be_attached()
    for _step in range(MOST_STEPS):
        if wanted.evaluate(HAS_FOCUS):
            assert page.evaluate(FOCUS_IS_SEEN), f"{page.url}: the focus on {selector} is not seen"
            return
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement !== document.body"):
            assert page.evaluate(FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML")[:200]
    pytest.fail(f"{page.url}: Tab does not lead to {selector}")


def press(page, selector, key="Enter"):
    tab_to(page, selector)
    page.keyboard.press(key)


def write(page, selector, text):
    tab_to(page, selector)
    page.keyboard.type(text)


def is_at(page, path):
    expect(page).to_have_url(re.compile(rf"^[^/]+//[^/]+{path}(?:[#?].*)?$"))


def test_a_person_comes_in_with_her_code_reads_writes_and_leaves(stage):
    desk = stage.veileder()
    desk.opens("thea")
    code = desk.makes_code()
    page = stage.open(**DESK)
    page.goto("/logg-inn")
    press(page, 'a[href="/aktiver"]')
    is_at(page, "/aktiver")
    write(page, "#code", code)
    page.keyboard.press("Enter")
    is_at(page, "/aktiver/pin")
    write(page, "#pin", PIN)
    write(page, "#pin_again", PIN)
    page.keyboard.press("Enter")
    is_at(page, "/")
    press(page, 'nav.tabs a[href="/planen-min"]')
    is_at(page, "/planen-min")
    press(page, 'nav.tabs a[href="/chat"]')
    is_at(page, "/chat")
    write(page, "#melding", "Hei fra tastaturet")
    press(page, "form.composer button[type=submit]")
    expect(page.locator(".message .bubble", has_text="Hei fra tastaturet")).to_have_count(1)
    press(page, "details.menu:has(form[action='/logg-ut']) summary")
    press(page, 'form[action="/logg-ut"] button')
    is_at(page, "/logg-inn")
    write(page, "#pin", PIN)
    page.keyboard.press("Enter")
    is_at(page, "/")


def test_a_duty_is_read_and_an_absence_told(stage):
    page = stage.open(**DESK)
    enter(page, "jonas")
    press(page, 'main a[href^="/plikt/"]')
    is_at(page, "/plikt/.+")
    press(page, 'form[action$="/lest"] button')
    expect(page.locator("#svar [role=status]")).to_be_visible()
    press(page, 'nav.tabs a[href="/"]')
    is_at(page, "/")
    press(page, 'main a[href^="/oppmote/kan-ikke"]')
    is_at(page, "/oppmote/kan-ikke")
    press(page, '[name="days"]:not(:checked)', "Space")
    press(page, 'form[action="/oppmote/kan-ikke"] button[type=submit]')
    is_at(page, "/oppmote/beskjed/.+")


def test_the_skip_link_the_language_menu_and_escape(stage):
    page = stage.open(**DESK)
    page.goto("/nodhjelp")
    press(page, ".ds-skip-link")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto("/nodhjelp")
    press(page, "details.menu summary")
    expect(page.locator("details.menu").first).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("details.menu").first).not_to_have_attribute("open", "")
    assert page.locator("details.menu summary").first.evaluate(HAS_FOCUS)
    page.keyboard.press("Enter")
    press(page, 'form[action="/sprak"] button[value="en"]')
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_veileder_answers_and_the_centre_taps_somebody_in(stage):
    page = stage.open(**DESK)
    enter(page, "ingrid")
    people = page.locator(".inbox-item")
    tab_to(page, ".inbox-item")
    for key, place in (("j", 1), ("ArrowDown", 2), ("k", 1), ("End", people.count() - 1), ("Home", 0)):
        page.keyboard.press(key)
        assert people.nth(place).evaluate(HAS_FOCUS), key
    assert page.evaluate(FOCUS_IS_SEEN)
    press(page, 'main a[href^="/person/demo-jonas"]')
    is_at(page, "/person/demo-jonas")
    with page.expect_response(lambda answer: answer.url.endswith("/utkast")):
        write(page, "#melding", "Svar fra")
    page.reload()
    expect(page.locator("#melding")).to_have_value("Svar fra")  # any machine goes on from here
    tab_to(page, "#melding")
    page.keyboard.press("Control+End")
    page.keyboard.type(" tastaturet")
    press(page, "form.composer button[type=submit]")
    expect(page.locator(".message .bubble", has_text="Svar fra tastaturet")).to_have_count(1)
    press(page, 'a[href="/sok"]')
    write(page, "#name", "jonas")
    page.keyboard.press("Enter")
    expect(page.locator("#treff .people li")).to_have_count(1)
    page.goto("/person/demo-vilde/om")
    press(page, '[name="facts"]:not(:checked)', "Space")
    press(page, 'form[action$="/om"] button[type=submit]')
    expect(page.locator(".ds-alert[role=status]")).to_be_visible()
    board = stage.board()
    row = board.page.locator("tr[id^=p-]:not(:has([data-undo]))").first.get_attribute("id")
    press(board.page, f"#{row} .actions button")
    expect(board.page.locator(f"#{row} [data-undo]")).to_have_count(1)


def test_somebody_types_the_digits_of_the_screen_and_checks_in(stage):
    screen = stage.open(**DESK)
    enter(screen, "skjerm")
    page = stage.open(**DESK)
    enter(page, "thea")
    page.goto("/inn")  # the address that the screen shows; I dag leads on to the next day when hers is over
    write(page, "#code", screen.locator(".screen-digits").inner_text())
    page.keyboard.press("Enter")
    is_at(page, "/oppmote")
    press(page, 'form[action="/oppmote/her"] button')
    expect(page.locator('form[action="/oppmote/her"]')).to_have_count(0)


def test_an_admin_adds_somebody_who_sets_herself_up_and_signs_in(stage):
    admin = stage.open(**DESK)
    enter(admin, "odd")
    press(admin, 'main a[href="/administrasjon/ansatt/ny"]')
    for field, typed in {
        "given_name": "Mia", "family_name": "Moe", "username": "mia", "role": "Veileder", "place": "Nav"
    }.items():  # fmt: skip
        write(admin, f"#{field}", typed)
    press(admin, 'form[action$="/ny"] button[type=submit]')
    press(admin, 'form[action$="/kode"] button')
    code = admin.locator(".slip-letters").inner_text()
    page = stage.open(**DESK)
    page.goto("/jobb")
    press(page, 'main a[href="/aktiver"]')
    write(page, "#code", code)
    page.keyboard.press("Enter")
    write(page, "#passphrase", PASSPHRASE)
    write(page, "#passphrase_again", PASSPHRASE)
    page.keyboard.press("Enter")
    is_at(page, "/jobb/totrinn")
    app = pyotp.TOTP(page.locator("main code").inner_text().replace(" ", ""))
    write(page, "#code", app.now())
    page.keyboard.press("Enter")
    is_at(page, "/innboks")
    press(page, "details.menu:has(form[action='/logg-ut']) summary")
    press(page, 'form[action="/logg-ut"] button')
    is_at(page, "/jobb")
    write(page, "#username", "mia")
    write(page, "#passphrase", PASSPHRASE)
    page.keyboard.press("Enter")
    is_at(page, "/jobb/kode")
    write(page, "#code", app.at(clock.now_utc() + timedelta(seconds=30)))  # the same digits do not work twice
    page.keyboard.press("Enter")
    is_at(page, "/innboks")


def test_shift_and_tab_lead_back_the_same_way(stage):
    """No trap: what Tab passed on the way down, Shift+Tab passes on the way up."""
    page = stage.open(**DESK)
    enter(page, "jonas")
    where = "document.activeElement.outerHTML.slice(0, 200)"
    page.goto("/rett-og-plikt")
    down = []
    for _step in range(12):
        page.keyboard.press("Tab")
        down.append(page.evaluate(where))
    up = [down[-1]]
    for _step in range(11):
        page.keyboard.press("Shift+Tab")
        up.append(page.evaluate(where))
    assert up == down[::-1]
