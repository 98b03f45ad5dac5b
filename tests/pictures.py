"""Pictures of every page, to be judged by eye.

    ./dev pictures              all, into var/pictures/
    ./dev pictures today chat   only these

A page comes in five looks: phones of 320 and 390 px and a desk of 1280 px in every offered language, light
and dark mixed so that each is seen. Staff pages come at the desk and on a small screen.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from portal import i18n
from tests.fixtures.demo_office import DemoOffice, demo_office

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "var" / "pictures"
LEAST_HEIGHT = 844


@dataclass(frozen=True)
class Shot:
    """A page to draw. For a page without a fixed address, `find` is how a link to it begins.

    `name_typed`: what is searched for first.
    """

    name: str
    who: str
    address: str
    find: str = ""
    name_typed: str = ""


@dataclass(frozen=True)
class Look:
    """How it is looked at."""

    width: int
    language: str
    colours: str


ON_A_PHONE = (
    Look(390, "nb", "light"),
    Look(390, "ar", "dark"),
    Look(320, "ar", "light"),
    Look(390, "en", "light"),
    Look(1280, "nb", "dark"),
)
AT_A_DESK = (
    Look(1280, "nb", "light"),
    Look(1280, "ar", "dark"),
    Look(1280, "en", "light"),
    Look(390, "nb", "light"),
)

SHOTS = (
    Shot("sign-in", "", "/logg-inn"),
    Shot("activate", "", "/aktiver"),
    Shot("staff-sign-in", "", "/jobb"),
    Shot("enter-digits", "", "/inn"),
    Shot("emergency-help", "", "/nodhjelp"),
    Shot("right", "", "/rett-og-plikt/klage"),
    Shot("404", "", "/finnes-ikke"),
    Shot("today", "jonas", "/"),
    Shot("today-empty", "ali", "/"),
    Shot("plan", "jonas", "/planen-min"),
    Shot("rights-and-duties", "jonas", "/rett-og-plikt"),
    Shot("duty", "jonas", "/rett-og-plikt", find="/plikt/"),
    Shot("chat", "amina", "/chat"),
    Shot("chat-long", "mikkel", "/chat"),
    Shot("own-access", "jonas", "/innlogging"),
    Shot("my-helpers", "jonas", "/hjelperne"),
    Shot("who-has-seen", "jonas", "/hvem-har-sett"),
    Shot("cannot-come", "jonas", "/oppmote/kan-ikke"),
    Shot("inbox", "ingrid", "/innboks"),
    Shot("person", "ingrid", "/person/demo-jonas"),
    Shot("passkeys", "ingrid", "/innlogging/passnokler"),
    Shot("give-code", "ingrid", "/person/demo-jonas/kode"),
    Shot("card", "ingrid", "/person/demo-vilde/om"),
    Shot("protect", "ingrid", "/person/demo-jonas/beskyttet"),
    Shot("new-person", "ingrid", "/person/ny"),
    Shot("search", "ingrid", "/sok", name_typed="ma"),
    Shot("stand-in", "ingrid", "/stedfortreder"),
    Shot("distribution", "randi", "/fordeling"),
    Shot("403", "ingrid", "/kontoret"),
    Shot("board", "kari", "/tavle/demo-jobbsentralen"),
    Shot("code-screen", "kari", "/skjerm/demo-jobbsentralen"),
    Shot("office", "randi", "/kontoret"),
    Shot("administration", "odd", "/administrasjon"),
)
STAFF = ("ingrid", "kari", "randi", "odd")


def main(wanted: list[str]) -> int:
    """Draw the wanted pages, all when none is named, and tell where the pictures lie."""
    unknown = set(wanted) - {shot.name for shot in SHOTS}
    if unknown:
        print(
            f"There is no page «{', '.join(sorted(unknown))}». There are: {' '.join(s.name for s in SHOTS)}"
        )
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_office(Path(folder)) as office,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        _draw(browser, office, [shot for shot in SHOTS if not wanted or shot.name in wanted])
        browser.close()
    print(FOLDER)
    return 0


def _draw(browser: Browser, office: DemoOffice, shots: list[Shot]) -> None:
    """One language after the other: a person's own language is kept with her, not with the browser."""
    for language in (offered.code for offered in i18n.OFFERED):
        signed_in: dict[str, StorageState] = {}
        for shot in shots:
            if shot.who not in signed_in:
                signed_in[shot.who] = _come_in(browser, office, shot.who, language)
            for look in AT_A_DESK if shot.who in STAFF else ON_A_PHONE:
                if look.language == language:
                    _take(browser, office, shot, look, signed_in[shot.who])
            print(f"· {shot.name} ({language})", file=sys.stderr)


def _take(browser: Browser, office: DemoOffice, shot: Shot, look: Look, state: StorageState) -> None:
    """Draw the page as high as it is, so that what is fixed to an edge stands at the edge."""
    size = {"width": look.width, "height": LEAST_HEIGHT}
    context = browser.new_context(
        base_url=office.origin, storage_state=state, viewport=size, color_scheme=look.colours
    )
    page = context.new_page()
    _open(page, shot)
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({**size, "height": max(LEAST_HEIGHT, height)})
    page.screenshot(path=FOLDER / f"{shot.name}-{look.width}-{look.language}-{look.colours}.png")
    context.close()


def _open(page: Page, shot: Shot) -> None:
    page.goto(shot.address)
    if shot.name_typed:
        page.fill("#name", shot.name_typed)
        page.locator('form[action="/sok"] button').click()
        page.wait_for_load_state()
    if shot.find:
        page.goto(str(page.locator(f'a[href^="{shot.find}"]').first.get_attribute("href")))


def _come_in(browser: Browser, office: DemoOffice, who: str, language: str) -> StorageState:
    context = browser.new_context(base_url=office.origin)
    page = context.new_page()
    if who:
        page.goto("/demo")
        page.locator(f'form[action="/demo/{who}"] button').click()
        page.wait_for_load_state()
    page.goto("/nodhjelp")
    page.locator("details.menu summary").first.click()
    page.locator(f'form[action="/sprak"] button[value="{language}"]').click()
    page.wait_for_load_state()
    state = context.storage_state()
    context.close()
    return state


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
