"""The people of a journey and what they do: found by addresses and places, so that every language will do."""

from __future__ import annotations

import re

import segno
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal.attendance.service import codes
from portal.bus import Bus
from portal.db import Database
from portal.people.service import places
from tests.fixtures.portal_server import DATA_KEY, PortalServer

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
PIN = "482913"
EXPECTED_NOISE = re.compile(r"WebSocket|ERR_|Failed to (?:load|fetch)|net::")
"""What a browser says by itself when the server is gone."""


PATIENCE_MS = 30_000
"""A busy computer is slow; only what is measured has a limit of its own."""


class Stage:
    """Opens browsers, and notes every fault that a page's own scripts make."""

    def __init__(self, browser: Browser, server: PortalServer) -> None:
        self.server = server
        self.faults: list[str] = []
        self._browser = browser
        self._opened: list[BrowserContext] = []
        self._without_scripts: list[Page] = []
        expect.set_options(timeout=PATIENCE_MS)

    def open(self, *, javascript: bool = True, language: str = "nb-NO", **size: object) -> Page:
        """Open a browser of somebody's own."""
        context = self._browser.new_context(
            base_url=self.server.url, locale=language, java_script_enabled=javascript, **size
        )
        context.set_default_timeout(PATIENCE_MS)
        self._opened.append(context)
        page = context.new_page()
        if not javascript:
            self._without_scripts.append(page)
        page.on("pageerror", lambda fault: self.faults.append(f"{page.url}: {fault}"))
        page.on("console", lambda said: self._note(page, said))
        return page

    def runs_scripts(self, page: Page) -> bool:
        """Whether a page was opened with JavaScript."""
        return page not in self._without_scripts

    def phone(self, **how: object) -> Phone:
        """Somebody's phone."""
        return Phone(self, self.open(**PHONE, **how))

    def veileder(self, key: str = "ingrid") -> Veileder:
        """A veileder at her desk, signed in."""
        page = self.open(**DESK)
        enter(page, key)
        return Veileder(self, page)

    def board(self, key: str = "kari") -> Board:
        """The board at the centre, with somebody who works there."""
        page = self.open(**DESK)
        enter(page, key)
        page.goto("/tavle")
        return Board(self, page)

    def close(self) -> None:
        """Close every browser; a fault of a script fails the journey."""
        for context in self._opened:
            context.close()
        assert self.faults == [], self.faults

    def _note(self, page: Page, said: object) -> None:
        if said.type == "error" and not EXPECTED_NOISE.search(said.text):
            self.faults.append(f"{page.url}: {said.text}")


def enter(page: Page, key: str) -> None:
    """Sign in by the demonstration's door."""
    page.goto("/demo")
    page.locator(f'form[action="/demo/{key}"] button').click()
    page.wait_for_url(re.compile(r"^[^/]+//[^/]+/(?!demo(?:/|$))"), wait_until="domcontentloaded")


class Actor:
    """Somebody with a browser."""

    def __init__(self, stage: Stage, page: Page) -> None:
        self.stage, self.page = stage, page

    def says(self, text: str) -> None:
        """Write a message and send it; on a busy computer the form stands there well before its script."""
        if self.stage.runs_scripts(self.page):
            expect(self.page.locator("[data-module~=chat] [data-mark-read]")).to_have_count(0)
        self.page.locator("#melding").fill(text)
        self.page.locator("form.composer button[type=submit]").click()

    def has_sent(self) -> None:
        """Wait until the server has everything that was written; a script draws a bubble before that."""
        unsent = ".message[data-state=sending], .message[data-state=waiting]"
        expect(self.page.locator(unsent)).to_have_count(0)

    def sees(self, text: str, *, seconds: float = 20) -> None:
        """Meet a message exactly once."""
        expect(self.bubble(text)).to_have_count(1, timeout=seconds * 1000)

    def bubble(self, text: str):
        """The message with this text."""
        return self.page.locator(".message .bubble", has_text=re.compile(f"^{re.escape(text)}$"))

    def all_messages(self) -> list[str]:
        """Every message on the page, in order."""
        return self.page.locator(".message .bubble").all_inner_texts()


class Phone(Actor):
    """A recipient and her phone."""

    def switches_on(self, code: str, pin: str = PIN) -> None:
        """Bind the phone with the one-time code, and choose a PIN."""
        self.page.goto("/")
        self.page.locator('a[href="/aktiver"]').click()
        self.page.locator('input[name="code"]').fill(code)
        self.page.locator('form[action="/aktiver"] button[type=submit]').click()
        self.page.locator('input[name="pin"]').fill(pin)
        self.page.locator('input[name="pin_again"]').fill(pin)
        self.page.locator('form[action="/aktiver/pin"] button[type=submit]').click()
        self.is_at("/")

    def enters_once(self, code: str) -> None:
        """Use the one-time code on a phone that is not her own."""
        self.page.goto("/aktiver")
        self.page.locator('input[name="code"]').fill(code)
        self.page.locator('form[action="/aktiver"] button[type=submit]').click()
        self.page.locator('form[action="/aktiver/pin/lant"] button').click()

    def signs_in(self, pin: str) -> None:
        """Type the PIN on a phone that is bound."""
        self.page.goto("/logg-inn")
        self.page.locator('input[name="pin"]').fill(pin)
        self.page.locator('form[action="/logg-inn"] button[type=submit]').click()

    def signs_out(self) -> None:
        """Sign out by the menu."""
        self.page.locator("details.menu summary").last.click()
        self.page.locator('header form[action="/logg-ut"] button').click()
        self.is_at("/logg-inn")

    def is_at(self, path: str) -> None:
        """Have arrived at one of our pages."""
        expect(self.page).to_have_url(re.compile(f"^{re.escape(self.stage.server.url + path)}(?:[#?].*)?$"))

    def opens(self, tab: str) -> None:
        """Go to one of the four places by its tab."""
        self.page.locator(f'nav.tabs a[href="{tab}"]').click()
        self.is_at(tab)

    def reads_the_new_duty(self) -> None:
        """Open the duty that waits on I dag, and say that it was read."""
        self.opens("/")
        self.page.locator('main a[href^="/plikt/"]').first.click()
        self.page.locator('form[action$="/lest"] button').click()
        expect(self.page.locator("#svar [role=status]")).to_be_visible()

    def scans(self, address: str) -> None:
        """Point the camera at the code: the phone opens its address and its scripts."""
        self.page.goto(address, wait_until="networkidle")
        self.is_at("/oppmote")

    def says_here(self) -> None:
        """Tap «Jeg er her»."""
        self.page.locator('form[action="/oppmote/her"] button').click()

    def is_checked_in(self) -> None:
        """See the receipt."""
        self.is_at("/oppmote")
        expect(self.page.locator('form[action="/oppmote/her"]')).to_have_count(0)
        expect(self.page.locator("main h1")).to_be_visible()


class Veileder(Actor):
    """A veileder at her desk."""

    def opens(self, key: str) -> None:
        """Open the page of one of her recipients."""
        self.page.goto(f"/person/demo-{key}")

    def finds(self, name: str) -> Veileder:
        """Find somebody by name; the one hit leads to the page where a code is given."""
        self.page.goto("/sok")
        self.page.locator('main input[name="name"]').fill(name)
        self.page.locator('form[action="/sok"] button[type=submit]').click()
        return self

    def makes_code(self) -> str:
        """Make a one-time code for the person whose page is open."""
        self.page.locator('a[href$="/kode"]').click()
        self.page.locator('input[name="check"][value="known"]').check()
        self.page.locator('form[action$="/kode"] button').click()
        return self.page.locator(".slip-letters").inner_text().strip()

    def sees_as_read(self) -> None:
        """Find a duty of the person marked as read."""
        self.page.reload()
        expect(self.page.locator("#krav .ds-tag[data-color=success]").first).to_be_visible()


class Board(Actor):
    """The board at the centre."""

    @property
    def centre(self) -> str:
        """The public id of the centre."""
        return self.page.url.split("/tavle/")[1].split("#")[0]

    def row(self, key: str):
        """Somebody's row."""
        return self.page.locator(f"#p-demo-{key}")

    def shows_here(self, key: str, *, seconds: float = 20) -> None:
        """Show somebody as being here: what can be done is to take it back."""
        expect(self.row(key).locator("[data-undo]")).to_have_count(1, timeout=seconds * 1000)

    def shows_expected(self, key: str) -> None:
        """Show somebody as not here yet."""
        expect(self.row(key).locator("[data-undo]")).to_have_count(0)
        expect(self.row(key)).to_have_count(1)

    def taps(self, key: str) -> None:
        """Tap somebody in who stands there without a phone."""
        self.row(key).locator(".actions button").click()

    def code_screen(self) -> str:
        """Show the screen with the code, and tell the address that its picture holds.

        The picture is compared with a fresh drawing of the address that the server would take right now.
        """
        screen = self.page.context.new_page()
        enter(screen, "skjerm")
        for _try in range(3):
            address = address_in_code(self.stage.server, self.centre)
            if screen.locator(".screen-qr img").get_attribute("src") == drawing(address):
                screen.close()
                return address
            screen.reload()  # the half-minute ended between the two looks
        raise AssertionError("the picture on the screen is not the code that the server takes")


def bind_phone(stage: Stage, key: str, *, helper: str = "ingrid", **phone: object) -> tuple[Phone, Veileder]:
    """The veileder makes a code for the person, who switches her phone on with it."""
    desk = stage.veileder(helper)
    desk.opens(key)
    code = desk.makes_code()
    hers = stage.phone(**phone)
    hers.switches_on(code)
    desk.opens(key)
    return hers, desk


def address_in_code(server: PortalServer, centre: str) -> str:
    """The address that the centre's code holds right now."""
    database = Database(f"sqlite:///{server.database_file}", facts=Bus(), data_keys=(DATA_KEY,))
    with database.transaction(writes=False) as s:
        place = places.find_centre(s, centre)
        code = codes.code_now(s, place)
    database.close()
    return f"{server.url}/inn/{code.token}"


def drawing(address: str) -> str:
    """The picture that holds an address."""
    return segno.make(address, error="m", micro=False).svg_data_uri(border=4, light="white", omitsize=True)
