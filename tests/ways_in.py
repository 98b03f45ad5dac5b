"""How to come to a page that no plain address leads to: by what a person would do before it.

Each way gets a page in which the person of the shot is signed in, and leaves it where it should be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

import pyotp
from flask import render_template
from playwright.sync_api import Page

from portal.app import create_app
from portal.config import from_environment
from tests.fixtures.portal_server import environment
from tests.photos import PDF, photo

PIN = "482913"
THEAS_NUMBER = "109"
PASSPHRASE = "tre blå hester danser sent"
Way = Callable[[Page], None]
NO_DATABASE = Path(gettempdir()) / "min-vei-that-is-not-there.sqlite3"
"""Never opened: the page of the worst case asks no database."""


def first_link(start: str) -> Way:
    """Follow the first link whose address begins so."""

    def go(page: Page) -> None:
        page.goto(str(page.locator(f'a[href^="{start}"]:not([href$="/ny"])').first.get_attribute("href")))

    return go


def link_within(part: str) -> Way:
    """Follow the first link with this in its address."""

    def go(page: Page) -> None:
        page.goto(str(page.locator(f'a[href*="{part}"]').first.get_attribute("href")))

    return go


def day_before(part: str, *, link: int = 1, presses: str = "") -> Way:
    """Open the day before the newest in a list of days (by the link's number), and press a button there."""

    def go(page: Page) -> None:
        page.goto(str(page.locator(f'a[href*="{part}"]').nth(link).get_attribute("href")))
        if presses:
            with page.expect_navigation():
                page.locator(f"main ul.people {presses}").first.click()

    return go


def phrase_of(code: str) -> Way:
    """Choose a sentence from the list of staff."""

    def go(page: Page) -> None:
        link_within("/setninger")(page)
        link_within(f"/setninger/{code}")(page)

    return go


def phrase_filled(page: Page) -> None:
    """Fill in a sentence and see how it is read."""
    phrase_of("meet_at_place")(page)
    filled(day="2026-12-04", time="09:30", place="Kafé Torget")(page)


def filled(**fields: str) -> Way:
    """Fill in the form of the page and send it. A field with the value «x» is ticked."""

    def go(page: Page) -> None:
        for name, value in fields.items():
            field = page.locator(f'main [name="{name}"]').first
            if value == "x":
                field.check()
            else:
                field.fill(value)
        form = page.locator(f'main form:has([name="{next(iter(fields))}"])').first
        with page.expect_navigation():
            form.locator("button[type=submit]").first.click()

    return go


def wrote(text: str) -> Way:
    """Write a message, and go to where it can be changed."""

    def go(page: Page) -> None:
        page.locator("[data-composer] textarea").fill(text)
        page.locator("[data-composer] button").click()
        page.locator(".message", has_text=text).last.locator("a.change").click()
        page.wait_for_url("**/melding/**")

    return go


def lost_the_net(*texts: str) -> Way:
    """Write something that never gets through, and meet the page that a phone without a net shows."""

    def go(page: Page) -> None:
        page.route("**/melding", lambda route: route.abort())
        for text in texts:
            page.locator("[data-composer] textarea").fill(text)
            page.locator("[data-composer] button").click()
            page.locator(".message[data-state=waiting]", has_text=text).wait_for()
        page.goto(f"/uten-nett/{page.locator('html').get_attribute('lang')}")
        page.locator("form.composer").wait_for()

    return go


def scanned_without_a_net(page: Page) -> None:
    """Scan a code where no net is, and meet the page that keeps it."""
    address = "**/inn/a-centre.1f2e.its-proof"
    kept = page.request.get(f"/uten-nett/{_language_of(page)}").text()
    page.route(address, lambda route: route.fulfill(body=kept, content_type="text/html"))
    page.route("**/live", lambda route: route.abort())
    page.goto(address.removeprefix("**"))
    page.locator("[data-scan]").wait_for()


def corrected_and_withdrew(page: Page) -> None:
    """Write two messages; correct the first, and take the second back."""
    wrote("Jeg kommer kl. 19")(page)
    page.locator("main textarea").fill("Jeg kommer kl. 9")
    page.locator("main form button").first.click()
    wrote("Denne var til en annen")(page)
    page.locator("main form button").last.click()
    page.locator("[data-composer]").wait_for()


def sent_files_and_chose_more(page: Page) -> None:
    """Send a photo and a PDF without a word, then choose two more that wait in the form."""
    letter = {"name": "brev.pdf", "mimeType": "application/pdf", "buffer": PDF}
    seen = [{"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": photo()} for number in range(2)]
    files = page.locator(".message[data-seq] .file a[href]")
    before = files.count()
    page.locator("#filer").set_input_files([seen[0], letter])
    page.locator("[data-files] li").nth(1).wait_for()
    page.locator("[data-composer] button[type=submit]").click()
    files.nth(before + 1).wait_for()
    page.locator("#filer").set_input_files(seen)
    page.locator("[data-files] li").nth(1).wait_for()


def sent_empty(page: Page) -> None:
    """Send the first form of the page as it stands."""
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()


def sent_once(page: Page) -> None:
    """Send the form of the page, unless that was done for an earlier picture: then it is not there."""
    button = page.locator("main form button[type=submit]")
    if button.count():
        with page.expect_navigation():
            button.first.click()


def with_a_code(page: Page) -> None:
    """Type a one-time code that a veileder just made."""
    with _somebody_else(page, "ingrid") as desk:
        desk.goto("/person/demo-thea/kode")
        code_made(desk)
        code = desk.locator(".slip-letters").first.inner_text()
    filled(code=code)(page)


def code_made(page: Page) -> None:
    """Make a one-time code on the page that asks how one knows who stands there."""
    page.locator('[name="check"]').first.check()
    page.locator('form[action$="/kode"] button').first.click()
    page.locator(".slip-letters").first.wait_for()


def device_added(page: Page) -> None:
    """Add a screen to a centre, so that its code is shown."""
    page.locator('[name="kind"]').first.check()
    page.locator('[name="name"]').fill("Skjermen i andre etasje")
    page.locator('form[action$="/enheter"] button').click()
    page.locator(".slip-letters").wait_for()


def with_a_phone(then: Way | None = None) -> Way:
    """Bind the phone with a code and a PIN, and go on from I dag."""

    def go(page: Page) -> None:
        language = _language_of(page)
        with_a_code(page)
        filled(pin=PIN, pin_again=PIN)(page)
        _choose(page, language)
        if then:
            then(page)

    return go


def with_a_staff_code(page: Page) -> None:
    """Type a one-time code that the administrator just made for somebody who works here."""
    with _somebody_else(page, "odd") as desk:
        desk.goto("/administrasjon/ansatt/demo-per")
        desk.locator('form[action$="/kode"] button').click()
        code = desk.locator(".slip-letters").first.inner_text()
    filled(code=code)(page)


def with_a_passphrase(page: Page) -> None:
    """Choose a passphrase with that code; the app is next."""
    with_a_staff_code(page)
    filled(passphrase=PASSPHRASE, passphrase_again=PASSPHRASE)(page)


def with_an_app(page: Page) -> None:
    """Finish the set-up, sign out, and pass the first step of the door of those who work here."""
    language = _language_of(page)
    with_a_passphrase(page)
    app = pyotp.TOTP(page.locator("main code").inner_text().replace(" ", ""))
    filled(code=app.now())(page)
    _choose(page, language)
    _sign_out(page)
    page.goto("/jobb")
    filled(username="per", passphrase=PASSPHRASE)(page)


def with_a_stale_token(page: Page) -> None:
    """Send a form from a page that was open for so long that its token is worth nothing."""
    page.locator('[name="late_minutes"]').first.check()
    with page.expect_navigation():
        page.locator('main form:has([name="late_minutes"])').evaluate(
            "form => { form.elements.csrf_token.value = 'old'; form.submit(); }"
        )


def end_of_phone(page: Page) -> None:
    """Ask to end the phone that one has in hand."""
    page.goto("/innlogging")
    first_link("/innlogging/telefon/")(page)


def wrong_pin(page: Page) -> None:
    """Sign out, and try a PIN that is not hers."""
    signed_out(page)
    filled(pin="000000")(page)


def signed_out(page: Page) -> None:
    """Sign out; the phone stays bound."""
    _sign_out(page)
    page.goto("/logg-inn")


def _sign_out(page: Page) -> None:
    with page.expect_navigation():
        page.locator('form[action="/logg-ut"] button').evaluate("button => button.click()")


def forgotten(page: Page) -> None:
    """Say that this phone is somebody else's."""
    signed_out(page)
    page.goto("/glem-telefonen")


def with_the_digits(page: Page) -> None:
    """Type the six digits that the centre's screen shows now."""
    with _somebody_else(page, "skjerm") as screen:
        screen.goto("/skjerm")
        digits = screen.locator(".screen-digits").inner_text()
    filled(code=re.sub(r"\D", "", digits))(page)


def with_digits_then(address: str = "", button: str = "") -> Way:
    """Type the digits on a phone that knows nobody, and go one of the ways beside the sign-in."""

    def go(page: Page) -> None:
        with_the_digits(page)
        if button:
            with page.expect_navigation():
                page.locator(f'form[action="{button}"] button').click()
        else:
            page.goto(address)

    return go


def typed_on_the_tablet(page: Page) -> None:
    """Type a number and a PIN on the shared tablet; Thea has chosen hers on her own phone."""
    with _somebody_else(page, "") as phone:
        phone.goto("/aktiver")
        with_a_phone()(phone)
    filled(number=THEAS_NUMBER, pin=PIN)(page)
    page.wait_for_url("**/inn/velkommen")


def code_read(page: Page) -> None:
    """Read the code on Jonas' phone, by typing its letters."""
    with _somebody_else(page, "jonas") as phone:
        phone.goto("/oppmote/min-kode")
        code = phone.locator(".big-letters").inner_text()
    page.locator("#code").fill(code)
    with page.expect_navigation():
        page.locator("#code").press("Enter")


def searched(name: str) -> Way:
    """Search for somebody by name on the page where staff find who stands there."""

    def go(page: Page) -> None:
        page.locator("#name").fill(name)
        with page.expect_navigation():
            page.locator("#name").press("Enter")

    return go


def letters_asked_about(page: Page) -> None:
    """Tap the letters that somebody shows, on the board."""
    with _somebody_else(page, "") as phone:
        phone.goto("/inn")
        with_digits_then(button="/inn/bokstaver")(phone)
    page.reload()
    link_within("venter=")(page)


def something_broke(page: Page) -> None:
    """Show the page of the worst case, drawn by our own code: no address of ours leads to it."""
    origin = "/".join(page.url.split("/")[:3])
    app = create_app(from_environment(environment(NO_DATABASE, 8000)))
    with app.test_request_context():
        html = render_template("failed.html", event_id="5f1c0d2e")
    app.extensions["portal"].database.close()
    page.route("**/gikk-galt", lambda route: route.fulfill(status=500, body=html, content_type="text/html"))
    page.goto(f"{origin}/gikk-galt")


@contextmanager
def _somebody_else(page: Page, key: str) -> Iterator[Page]:
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(base_url="/".join(page.url.split("/")[:3]))
    other = context.new_page()
    come_in(other, key, "nb")
    yield other
    context.close()


def come_in(page: Page, who: str, language: str) -> None:
    """Sign in by the demonstration's door, or stay a stranger, and choose a language."""
    if who:
        page.goto("/demo")
        page.locator(f'form[action="/demo/{who}"] button').click()
        page.wait_for_url(re.compile(r"^[^/]+//[^/]+/(?!demo(?:/|$))"), wait_until="domcontentloaded")
    page.goto("/nodhjelp")
    _choose(page, language)


def _language_of(page: Page) -> str:
    return str(page.locator("html").get_attribute("lang"))


def _choose(page: Page, language: str) -> None:
    """Choose a language in the menu. Whoever signs in meets her own first, not the one of the browser."""
    page.locator("details.menu summary").first.click()
    with page.expect_navigation():
        page.locator(f'form[action="/sprak"] button[value="{language}"]').click()
