"""Pictures of every page, to be judged by eye.

    ./dev pictures              all, into var/pictures/
    ./dev pictures today chat   only these

A page comes in four looks: a phone of 320 and of 390 px and a desk of 1280 px in bokmål and Arabic, light and
dark mixed so that each is seen. Staff pages come at the desk and on a small screen. A third language is seen
on a phone. What is printed comes on paper too.

Everything that looks at pages (axe, 200 % text, forced colours) looks at these, so a page belongs here on the
day it is made: tests/test_every_page_is_looked_at.py asks for it.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from portal import i18n
from tests.fixtures.demo_office import DemoOffice, demo_office
from tests.ways_in import (
    Way,
    code_made,
    code_read,
    come_in,
    corrected_and_withdrew,
    day_before,
    device_added,
    end_of_phone,
    filled,
    first_link,
    forgotten,
    letters_asked_about,
    link_within,
    lost_the_net,
    phrase_filled,
    phrase_of,
    scanned_without_a_net,
    searched,
    sent_empty,
    sent_files_and_chose_more,
    sent_once,
    something_broke,
    typed_on_the_tablet,
    with_a_code,
    with_a_passphrase,
    with_a_phone,
    with_a_staff_code,
    with_a_stale_token,
    with_an_app,
    with_digits_then,
    with_the_digits,
    wrong_pin,
    wrote,
)

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "var" / "pictures"
LEAST_HEIGHT = 844
DEVICES = "/senter/demo-jobbsentralen/enheter"


@dataclass(frozen=True)
class Shot:
    """A page to look at.

    `how` is what is done when the address is open, before one looks. `opens` names the route that then shows
    the page, when it is not the one of the address. A page of a fault says with which status it comes.
    """

    name: str
    who: str
    address: str
    how: Way | None = None
    opens: str = ""
    status: int = 200
    on_paper: bool = False


@dataclass(frozen=True)
class Look:
    """How it is looked at."""

    width: int
    language: str
    colours: str = "light"
    on_paper: bool = False


ON_A_PHONE = (
    Look(390, "nb", "light"),
    Look(390, "ar", "dark"),
    Look(320, "ar", "light"),
    Look(1280, "nb", "dark"),
    Look(320, "en", "light"),
)
AT_A_DESK = (
    Look(1280, "nb", "light"),
    Look(1280, "ar", "dark"),
    Look(390, "nb", "light"),
    Look(390, "en", "dark"),
)
ON_PAPER = (Look(794, "nb", on_paper=True), Look(794, "ar", on_paper=True))

FIND = "/tavle/demo-jobbsentralen/finn"
SHOTS = (
    Shot("sign-in", "", "/logg-inn"),
    Shot("demo", "", "/demo"),
    Shot("activate", "", "/aktiver"),
    Shot("activate-wrong", "", "/aktiver", how=filled(code="2345 6789")),
    Shot("choose-pin", "", "/aktiver", how=with_a_code, opens="people.choose_pin"),
    Shot("staff-sign-in", "", "/jobb"),
    Shot("choose-passphrase", "", "/aktiver", how=with_a_staff_code, opens="people.choose_passphrase"),
    Shot("set-up-app", "", "/aktiver", how=with_a_passphrase, opens="people.set_up_app"),
    Shot("second-step", "", "/aktiver", how=with_an_app, opens="people.second_step"),
    Shot("end-phone", "", "/aktiver", how=with_a_phone(end_of_phone), opens="people.ask_end_phone"),
    Shot("pin-wrong", "", "/aktiver", how=with_a_phone(wrong_pin), opens="people.sign_in"),
    Shot("forget-phone", "", "/aktiver", how=with_a_phone(forgotten), opens="people.ask_forget_phone"),
    Shot("enter-digits", "", "/inn"),
    Shot("enter-digits-wrong", "", "/inn", how=filled(code="12")),
    Shot("emergency-help", "", "/nodhjelp"),
    Shot("right", "", "/rett-og-plikt/klage", on_paper=True),
    Shot("404", "", "/finnes-ikke", status=404),
    Shot("500", "", "/logg-inn", how=something_broke),
    Shot("today", "jonas", "/"),
    Shot("today-empty", "ali", "/"),
    Shot("plan", "jonas", "/planen-min", on_paper=True),
    Shot("plan-empty", "ali", "/planen-min"),
    Shot("plan-changed", "mikkel", "/planen-min"),
    Shot("own-changes", "mikkel", "/planen-min/endringer"),
    Shot("rights-and-duties", "jonas", "/rett-og-plikt"),
    Shot("rights-and-duties-empty", "ali", "/rett-og-plikt"),
    Shot("duty", "jonas", "/rett-og-plikt", how=first_link("/plikt/"), opens="duties.duty", on_paper=True),
    Shot("chat", "amina", "/chat"),
    Shot("chat-long", "mikkel", "/chat"),
    Shot("chat-topics", "vilde", "/chat"),
    Shot("chat-centre", "thea", "/chat"),
    Shot("chat-empty", "ali", "/chat"),
    Shot("chat-change", "ali", "/chat", how=wrote("Jeg kommer kl. 19"), opens="chat.change_message"),
    Shot("chat-files", "mikkel", "/chat", how=sent_files_and_chose_more),
    Shot("emergency", "jonas", "/chat/nodhjelp"),
    Shot("emergency-sent", "ali", "/chat/nodhjelp", how=sent_once, opens="chat.emergency"),
    Shot("ask-for-call", "jonas", "/chat/ring-meg"),
    Shot("call", "ingrid", "/innboks", how=first_link("/samtaler/"), opens="chat.call"),
    Shot("chat-changed", "jonas", "/chat", how=corrected_and_withdrew),
    Shot("quick-replies", "thea", "/chat", how=link_within("/raske-svar"), opens="chat.quick_replies"),
    Shot("proposal", "rolf", "/chat", how=link_within("/videre"), opens="chat.follow"),
    Shot(
        "offline",
        "jonas",
        "/chat",
        how=lost_the_net("Jeg er på vei.", "Bussen står, jeg blir ti minutter sen."),
        opens="shell.without_net",
    ),
    Shot("offline-scan", "", "/inn", how=scanned_without_a_net, opens="shell.without_net"),
    Shot("own-access", "jonas", "/innlogging"),
    Shot("notices", "jonas", "/varsler"),
    Shot("first-day", "thea", "/forste-dag/demo-jobbsentralen", on_paper=True),
    Shot("first-day-words", "siri", "/senter/demo-jobbsentralen/forste-dag"),
    Shot("notices-none", "ali", "/varsler"),
    Shot("notices-of", "ingrid", "/person/demo-jonas/varsler"),
    Shot("weeks-of", "ingrid", "/person/demo-jonas/uka"),
    Shot("new-activity", "ingrid", "/person/demo-jonas/uka/ny"),
    Shot("week", "ingrid", "/person/demo-jonas/uka", how=link_within("/uka/"), opens="plan.week"),
    Shot("one-day", "ingrid", "/person/demo-jonas/uka", how=link_within("/dag"), opens="plan.one_day"),
    Shot("led-centre", "siri", "/senter/demo-jobbsentralen"),
    Shot("before-closing", "siri", "/senter/demo-jobbsentralen/steng"),
    Shot("my-helpers", "jonas", "/hjelperne"),
    Shot("who-has-seen", "jonas", "/hvem-har-sett"),
    Shot("late", "jonas", "/oppmote/sen"),
    Shot("late-too-long-open", "jonas", "/oppmote/sen", how=with_a_stale_token),
    Shot("cannot-come", "jonas", "/oppmote/kan-ikke"),
    Shot("cannot-come-empty", "ali", "/oppmote/kan-ikke"),
    Shot("cannot-come-told", "rolf", "/oppmote/kan-ikke", how=filled(days="x"), opens="attendance.told"),
    Shot("here", "thea", "/inn", how=with_the_digits, opens="attendance.here"),
    Shot("own-days", "jonas", "/oppmote/registrert"),
    Shot(
        "own-day",
        "jonas",
        "/oppmote/registrert",
        how=link_within("/oppmote/registrert/"),
        opens="attendance.own_day",
    ),
    Shot(
        "own-day-wrong",
        "jonas",
        "/oppmote/registrert",
        how=day_before("/oppmote/registrert/", presses="button"),
        opens="attendance.own_day",
    ),
    Shot(
        "day-of-wrong",
        "ingrid",
        "/person/demo-jonas/oppmote",
        how=day_before("/demo-jonas/oppmote/", link=2),
        opens="attendance.day_of",
    ),
    Shot("days-of", "ingrid", "/person/demo-jonas/oppmote"),
    Shot(
        "day-of",
        "ingrid",
        "/person/demo-jonas/oppmote",
        how=link_within("/demo-jonas/oppmote/"),
        opens="attendance.day_of",
    ),
    Shot("inbox", "ingrid", "/innboks"),
    Shot(
        "thread-print",
        "ingrid",
        "/person/demo-jonas",
        how=link_within("/utskrift?"),
        opens="chat.print_thread",
    ),
    Shot(
        "thread-find",
        "ingrid",
        "/person/demo-jonas",
        how=link_within("/finn?"),
        opens="chat.find_page",
    ),
    Shot(
        "thread-archive",
        "ingrid",
        "/person/demo-jonas",
        how=link_within("/arkiv?"),
        opens="chat.archive_page",
    ),
    Shot("team-inbox", "ingrid", "/innboks/teamet"),
    Shot("inbox-keys", "ingrid", "/innboks/hurtigtaster"),
    Shot("person", "ingrid", "/person/demo-jonas"),
    Shot("phrases", "ingrid", "/person/demo-amina", how=link_within("/setninger"), opens="chat.phrases"),
    Shot("phrase", "ingrid", "/person/demo-amina", how=phrase_of("meet_at_place"), opens="chat.phrase"),
    Shot("phrase-preview", "ingrid", "/person/demo-amina", how=phrase_filled, opens="chat.phrase"),
    Shot("made-phrases", "ingrid", "/setninger"),
    Shot("made-phrases-wrong", "ingrid", "/setninger", how=sent_empty),
    Shot("nav-no", "ingrid", "/person/demo-jonas", how=link_within("/videre"), opens="chat.follow"),
    Shot("card", "ingrid", "/person/demo-vilde/om"),
    Shot(
        "helper-ends", "ingrid", "/person/demo-vilde/om", how=first_link("/hjelper/"), opens="people.ending"
    ),
    Shot("protect", "ingrid", "/person/demo-jonas/beskyttet"),
    Shot("new-person", "ingrid", "/person/ny"),
    Shot("new-person-wrong", "ingrid", "/person/ny", how=sent_empty),
    Shot("search", "ingrid", "/sok"),
    Shot("search-hits", "ingrid", "/sok", how=filled(name="ma")),
    Shot("stand-in", "ingrid", "/stedfortreder"),
    Shot(
        "stand-in-ends",
        "ingrid",
        "/stedfortreder",
        how=first_link("/stedfortreder/"),
        opens="people.ending_stand_in",
    ),
    Shot("passkeys", "ingrid", "/innlogging/passnokler"),
    Shot("give-code", "ingrid", "/person/demo-jonas/kode"),
    Shot("give-code-wrong", "ingrid", "/person/demo-jonas/kode", how=sent_empty),
    Shot(
        "new-code", "ingrid", "/person/demo-thea/kode", how=code_made, opens="people.show_code", on_paper=True
    ),
    Shot("403", "ingrid", "/kontoret", status=403),
    Shot("board", "kari", "/tavle/demo-jobbsentralen"),
    Shot("board-person", "kari", "/tavle/demo-jobbsentralen/person/demo-mikkel"),
    Shot("board-paper", "kari", "/tavle/demo-jobbsentralen/liste", on_paper=True),
    Shot("board-activities", "kari", "/tavle/demo-jobbsentralen/aktiviteter"),
    Shot("own-people", "kari", "/personene-dine"),
    Shot("centre-inbox", "kari", "/innboks"),
    Shot("centre-talk", "kari", "/innboks", how=first_link("/samtale/"), opens="chat.talk"),
    Shot("centre-note", "kari", "/tavle/demo-jobbsentralen/beskjed/demo-jonas"),
    Shot("code-screen", "skjerm", "/skjerm"),
    Shot("tablet", "nettbrett", "/nettbrett"),
    Shot("thanked", "nettbrett", "/nettbrett", how=typed_on_the_tablet, opens="attendance.thanked"),
    Shot("sign-in-after-code", "", "/inn", how=with_the_digits, opens="people.sign_in"),
    Shot("by-number", "", "/inn", how=with_digits_then("/inn/nummer"), opens="attendance.ask_number"),
    Shot(
        "letters",
        "",
        "/inn",
        how=with_digits_then(button="/inn/bokstaver"),
        opens="attendance.show_letters",
    ),
    Shot("own-code", "jonas", "/oppmote/min-kode"),
    Shot("find", "kari", FIND),
    Shot("find-hits", "kari", FIND, how=searched("jo")),
    Shot(
        "find-letters", "kari", "/tavle/demo-jobbsentralen", how=letters_asked_about, opens="attendance.find"
    ),
    Shot("is-it-her", "kari", FIND, how=code_read, opens="attendance.find_by_code"),
    Shot("couple-screen", "", "/skjerm"),
    Shot("devices", "siri", DEVICES),
    Shot("devices-wrong", "siri", DEVICES, how=filled(name="")),
    Shot("device-code", "siri", DEVICES, how=device_added, opens="attendance.device_code"),
    Shot("couple-tablet", "", "/nettbrett"),
    Shot("attendance-numbers", "randi", "/kontoret/oppmote"),
    Shot("centre-week", "kari", "/tavle/demo-jobbsentralen/uke"),
    Shot("to-clarify", "ingrid", "/oppmote/avklare"),
    Shot("reach-out", "ingrid", "/innboks/ta-kontakt"),
    Shot("office", "randi", "/kontoret"),
    Shot("distribution", "randi", "/fordeling"),
    Shot("administration", "odd", "/administrasjon"),
    Shot("admin-new-office", "odd", "/administrasjon/kontor/ny"),
    Shot(
        "admin-office",
        "odd",
        "/administrasjon",
        how=first_link("/administrasjon/kontor/"),
        opens="people.place",
    ),
    Shot("admin-new-centre", "odd", "/administrasjon/senter/ny"),
    Shot(
        "admin-centre",
        "odd",
        "/administrasjon",
        how=first_link("/administrasjon/senter/"),
        opens="people.place",
    ),
    Shot("admin-staff-list", "odd", "/administrasjon/ansatte"),
    Shot("admin-new-staff", "odd", "/administrasjon/ansatt/ny"),
    Shot("admin-staff", "odd", "/administrasjon/ansatt/demo-ingrid"),
    Shot(
        "admin-role",
        "odd",
        "/administrasjon/ansatt/demo-ingrid",
        how=first_link("/administrasjon/rolle/"),
        opens="people.role",
    ),
    Shot("admin-leaving", "odd", "/administrasjon/ansatt/demo-ingrid/slutter"),
    Shot("admin-settings", "odd", "/administrasjon/innstillinger"),
)
STAFF = ("ingrid", "kari", "siri", "randi", "odd")


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
    for language in (language.code for language in i18n.OFFERED):
        signed_in: dict[str, StorageState] = {}
        for shot in shots:
            if shot.who not in signed_in:
                signed_in[shot.who] = state_of(browser, office.origin, shot.who, language)
            looks = (*(AT_A_DESK if shot.who in STAFF else ON_A_PHONE), *(ON_PAPER if shot.on_paper else ()))
            for look in looks:
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
    open_shot(page, shot)
    if look.on_paper:
        page.emulate_media(media="print")
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({**size, "height": max(LEAST_HEIGHT, height)})
    kind = "paper" if look.on_paper else look.colours
    page.screenshot(path=FOLDER / f"{shot.name}-{look.width}-{look.language}-{kind}.png")
    context.close()


def open_shot(page: Page, shot: Shot) -> None:
    """Open the page of a shot. Raises: AssertionError when another answer comes than the shot says."""
    answer = page.goto(shot.address)
    assert answer is not None, shot.name
    assert answer.status == shot.status, f"{shot.name}: {shot.address} answered {answer.status}"
    if shot.how:
        shot.how(page)


def state_of(browser: Browser, origin: str, who: str, language: str) -> StorageState:
    """Sign somebody in, in her language, and give what her browser then keeps."""
    context = browser.new_context(base_url=origin)
    come_in(context.new_page(), who, language)
    state = context.storage_state()
    context.close()
    return state


def each_shot(
    browser: Browser, origin: str, language: str, shots: Iterable[Shot], **context: object
) -> Iterator[tuple[Shot, Page]]:
    """Give each shot with a page in which to open it; everybody keeps one browser for all of hers."""
    mine: dict[str, BrowserContext] = {}
    for shot in shots:
        if shot.who not in mine:
            mine[shot.who] = browser.new_context(base_url=origin, **context)  # type: ignore[arg-type]  # as it takes
            come_in(mine[shot.who].new_page(), shot.who, language)
        hers = mine[shot.who]
        yield shot, hers.pages[0]
        if shot.how:  # what was done there may have changed who she is to the portal: next time a new browser
            hers.close()
            del mine[shot.who]
    for left in mine.values():
        left.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
