"""What each main page costs: kilobytes with an empty and a filled cache, requests, queries, time to paint.

    ./dev bench pages

A recipient's pages are also opened on a slow phone with an empty cache (tests/paint.py), and at last I dag is
asked for as often as one core can (tests/bench/throughput.py).
One JSON object a line. `over` names the budgets of the page that do not hold; then the exit code is 1.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright
from sqlalchemy import Engine, event

from portal.app import create_app
from portal.config import from_environment
from tests.bench import throughput
from tests.fixtures.demo_office import DemoOffice, demo_office
from tests.paint import Paint, paint

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
FIRST_VIEW_KB = 60
REQUESTS = 8
CSS_KB = 15
CSS_KB_STAFF = 21
JS_KB = 12
JS_KB_LIVE = 25
LCP_MS = 1500
CLS = 0.02


@dataclass(frozen=True)
class Visit:
    """A page to measure. For a page without a fixed address, `find` is how a link to it begins."""

    page: str
    who: str
    address: str
    find: str = ""
    live: bool = False


RECIPIENT = "jonas"
LONG_THREAD = "mikkel"
VEILEDER = "per"
CENTRE_STAFF = "kari"
LEADER = "randi"
ADMIN = "odd"
SCREEN = "skjerm"
ON_A_PHONE = ("", RECIPIENT, LONG_THREAD)

VISITS = (
    Visit("sign-in", "", "/logg-inn"),
    Visit("today", RECIPIENT, "/"),
    Visit("plan", RECIPIENT, "/planen-min"),
    Visit("rights and duties", RECIPIENT, "/rett-og-plikt"),
    Visit("right", RECIPIENT, "/rett-og-plikt", find="/rett-og-plikt/"),
    Visit("duty", RECIPIENT, "/rett-og-plikt", find="/plikt/"),
    Visit("chat", LONG_THREAD, "/chat", live=True),
    Visit("emergency help", RECIPIENT, "/nodhjelp"),
    Visit("cannot come", RECIPIENT, "/oppmote/kan-ikke"),
    Visit("helpers", RECIPIENT, "/hjelperne"),
    Visit("who has seen", RECIPIENT, "/hvem-har-sett"),
    Visit("own access", RECIPIENT, "/innlogging"),
    Visit("inbox", VEILEDER, "/innboks", live=True),
    Visit("person", VEILEDER, "/innboks", find="/person/", live=True),
    Visit("board", CENTRE_STAFF, "/tavle/demo-jobbsentralen", live=True),
    Visit("code screen", SCREEN, "/skjerm"),
    Visit("office", LEADER, "/kontoret"),
    Visit("administration", ADMIN, "/administrasjon"),
)


@dataclass
class Wire:
    """What came over the wire for one view, in bytes by kind of content."""

    asked: list[str] = field(default_factory=list)
    by_kind: dict[str, int] = field(default_factory=dict)

    def kilobytes(self, kind: str = "") -> float:
        """Kilobytes of one kind, or of all."""
        return round(sum(size for name, size in self.by_kind.items() if kind in ("", name)) / 1000, 1)


@dataclass(frozen=True)
class Figures:
    """The line for one page. `lcp_ms`, `cls`: None for staff, who sit at a desk."""

    page: str
    first_view_kb: float
    repeat_view_kb: float
    requests: int
    queries: int
    css_kb: float
    js_kb: float
    lcp_ms: int | None
    cls: float | None
    over: list[str]


def main() -> int:
    """Measure every page, print its line, and tell whether all budgets hold."""
    holds = True
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_office(Path(folder)) as office,
        sync_playwright() as playwright,
    ):
        options = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox"]}
        browser = playwright.chromium.launch(**options)
        for line in _measure(browser, office):
            print(json.dumps(asdict(line)), flush=True)
            holds = holds and not line.over
        browser.close()
    speed = throughput.measure()
    print(json.dumps(asdict(speed)), flush=True)
    holds = holds and not speed.over
    return 0 if holds else 1


def _measure(browser: Browser, office: DemoOffice) -> Iterator[Figures]:
    signed_in: dict[str, StorageState] = {}
    for visit in VISITS:
        print(f"· {visit.page}", file=sys.stderr)
        if visit.who and visit.who not in signed_in:
            signed_in[visit.who] = _sign_in(browser, office, visit.who)
        state = signed_in.get(visit.who)
        address = _address(browser, office, visit, state)
        context = _open(browser, visit, office, state)
        first, again = _view(context, address), _view(context, address)
        context.close()
        print(*(f"    {asked}" for asked in first.asked), first.by_kind, sep="\n", file=sys.stderr)
        painted = None
        if visit.who in ON_A_PHONE:
            painted = paint(partial(_open, browser, visit, office, state), address)
            print(f"    {painted}", file=sys.stderr)
        yield _figures(visit, first, again, _queries(office, address, state), painted)


def _open(browser: Browser, visit: Visit, office: DemoOffice, state: StorageState | None) -> BrowserContext:
    """Open a browser with an empty cache, in which the person is signed in."""
    size = PHONE if visit.who in ON_A_PHONE else DESK
    return browser.new_context(base_url=office.origin, storage_state=state, viewport=size, locale="nb-NO")


def _sign_in(browser: Browser, office: DemoOffice, who: str) -> StorageState:
    with browser.new_context(base_url=office.origin, locale="nb-NO") as context:
        page = context.new_page()
        page.goto("/demo")
        page.locator(f'form[action="/demo/{who}"] button').click()
        page.wait_for_url(lambda url: not url.endswith("/demo"), wait_until="commit")
        return context.storage_state()


def _address(browser: Browser, office: DemoOffice, visit: Visit, state: StorageState | None) -> str:
    if not visit.find:
        return visit.address
    with _open(browser, visit, office, state) as context:
        page = context.new_page()
        page.goto(visit.address)
        found = page.locator(f'a[href^="{visit.find}"]').first.get_attribute("href", timeout=5000)
        return str(found).partition("#")[0]


def _view(context: BrowserContext, address: str) -> Wire:
    page = context.new_page()
    wire = Wire()
    with _watching(page, wire):
        answer = page.goto(address, wait_until="networkidle")
    if answer is None or answer.status != 200:
        raise SystemExit(f"{address} answered {answer and answer.status}")
    page.close()
    return wire


@contextmanager
def _watching(page: Page, wire: Wire) -> Iterator[None]:
    """Count what the browser itself says came over the wire: headers and compressed bodies."""
    kinds: dict[str, str] = {}
    devtools = page.context.new_cdp_session(page)

    def on_request(told: dict[str, object]) -> None:
        if str(told["request"]["url"]).startswith("http"):  # type: ignore[index]  # not data: or blob:
            kinds[str(told["requestId"])] = str(told.get("type", "Other"))
            wire.asked.append(str(told["request"]["url"]))  # type: ignore[index]  # CDP gives plain dicts

    def on_socket(told: dict[str, object]) -> None:
        wire.asked.append(str(told["url"]))

    def on_end(told: dict[str, object]) -> None:
        kind = kinds.get(str(told["requestId"]))
        if kind:
            wire.by_kind[kind] = wire.by_kind.get(kind, 0) + int(str(told["encodedDataLength"]).split(".")[0])

    devtools.on("Network.requestWillBeSent", on_request)
    devtools.on("Network.webSocketCreated", on_socket)
    devtools.on("Network.loadingFinished", on_end)
    devtools.send("Network.enable")
    yield
    devtools.detach()


def _queries(office: DemoOffice, address: str, state: StorageState | None) -> int:
    """Count the statements that one view sends to the database: in this process, with her cookies."""
    app = create_app(from_environment(office.environment))
    client = app.test_client(use_cookies=False)  # those of the browser instead
    told: list[str] = []

    def on_statement(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.split()[0].upper() in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            told.append(statement)

    headers = {"Cookie": "; ".join(f"{c['name']}={c['value']}" for c in state["cookies"])} if state else {}
    event.listen(Engine, "before_cursor_execute", on_statement)
    try:
        answer = client.get(address, base_url=office.origin, headers=headers)
    finally:
        event.remove(Engine, "before_cursor_execute", on_statement)
        app.extensions["portal"].database.close()
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code} while counting queries")
    return len(told)


def _figures(visit: Visit, first: Wire, again: Wire, queries: int, painted: Paint | None) -> Figures:
    staff = visit.who not in ON_A_PHONE
    css, js = first.kilobytes("Stylesheet"), first.kilobytes("Script")
    budgets = {
        "css_kb": (css, CSS_KB_STAFF if staff else CSS_KB),
        "js_kb": (js, JS_KB_LIVE if visit.live else JS_KB),
    }
    if not staff:
        budgets |= {
            "first_view_kb": (first.kilobytes(), FIRST_VIEW_KB),
            "requests": (len(first.asked), REQUESTS),
        }
    if painted:
        budgets |= {"lcp_ms": (painted.lcp_ms, LCP_MS), "cls": (painted.cls, CLS)}
    over = [f"{name} {value} > {limit}" for name, (value, limit) in budgets.items() if value > limit]
    return Figures(
        page=visit.page,
        first_view_kb=first.kilobytes(),
        repeat_view_kb=again.kilobytes(),
        requests=len(first.asked),
        queries=queries,
        css_kb=css,
        js_kb=js,
        lcp_ms=painted.lcp_ms if painted else None,
        cls=painted.cls if painted else None,
        over=over,
    )


if __name__ == "__main__":
    sys.exit(main())
