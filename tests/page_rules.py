"""What every page must be. Each rule yields sentences: what is wrong, and what to do."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from babel import Locale

from tests.page_tree import Page, spoken_name, squeezed, text_of

Rule = Callable[[Page], Iterator[str]]

HEAVIEST_HTML_KB = 20
"""Packed as it is sent. Design 11 gives 60 KB for a first view; sheets, icons and modules take the rest."""

SILENT_INPUTS = {"hidden", "submit", "button", "reset", "image"}
NEVER_SAID = re.compile(r"\b(brudd\w*|sanksjon\w*|ugyldig fravær)\b", re.IGNORECASE)
"""Design 3.2."""
LEFT_OVERS = re.compile(
    r"%\(|\{\{|\{%|%s\b|\bNone\b|\bundefined\b|\bNaN\b|<[A-Z]\w+ object|&(?:amp|lt|quot|#\d+);"
)
HYPHEN_AS_DASH = re.compile(r"(?:^|\s)-{1,2}(?:\s|$)|\d-\d\d[.:]|[.:]\d\d-\d")
STRAIGHT_QUOTES = re.compile(r"[\"`]|(?:^|\s)'\w|\w'(?:\s|$)")


def is_good_html(page: Page) -> Iterator[str]:
    """A strict parser finds nothing to repair."""
    yield from (f"bad HTML, {fault}: mend the template" for fault in page.parse_faults)


def has_one_heading_that_starts_the_title(page: Page) -> Iterator[str]:
    """A tab and a screen reader say the same thing first."""
    headings = [text_of(heading) for heading in page.all("h1")]
    titles = [
        text_of(title) for title in page.all("title") if not any("svg" in up.tag for up in page.above(title))
    ]
    if len(headings) != 1:
        yield f"{len(headings)} h1 {headings}: a page has exactly one"
        return
    if len(titles) != 1 or not titles[0].startswith(headings[0]):
        yield f"title {titles} does not start with the h1 «{headings[0]}»: use the same words"


def names_things_once(page: Page) -> Iterator[str]:
    """Ids are unique, and what points at one finds it."""
    for name, times in Counter(page.ids).items():
        if times > 1:
            yield f"id «{name}» stands {times} times: add the row's public id to it"
    known = set(page.ids)
    for element in page.all():
        for pointer in (
            "for",
            "aria-labelledby",
            "aria-describedby",
            "aria-controls",
            "list",
            "popovertarget",
        ):
            for name in element.attrib.get(pointer, "").split():
                if name not in known:
                    yield f"<{element.tag} {pointer}={name}> points at nothing: give the target that id"
        target = element.attrib.get("href", "") if element.tag == "a" else ""
        if target.startswith("#") and target[1:] not in known:
            yield f"<a href={target}> leads nowhere on the page: give the target that id"


def tells_what_each_control_is(page: Page) -> Iterator[str]:
    """Every input has a label, every button and link has words, every picture says or hides itself."""
    labelled = {label.attrib.get("for") for label in page.all("label")}
    for element in page.all("input", "select", "textarea"):
        if element.attrib.get("type") in SILENT_INPUTS:
            continue
        wrapped = any(up.tag == "label" for up in page.above(element))
        named = element.attrib.get("aria-label") or element.attrib.get("aria-labelledby")
        if not (wrapped or named or element.attrib.get("id") in labelled):
            yield f"<{element.tag} name={element.attrib.get('name')}> has no label: use the field macro"
    for element in page.all("a", "button", "summary"):
        if not spoken_name(page, element):
            yield f"<{element.tag} {element.attrib}> has no words: an icon never stands alone"
    for element in page.all("img"):
        if "alt" not in element.attrib:
            yield f'<img src={element.attrib.get("src")}> has no alt: write it, or alt="" for decoration'
    for element in page.all():
        drawn = element.tag.endswith("}svg") or element.tag == "svg"
        if drawn and element.attrib.get("aria-hidden") != "true" and element.attrib.get("role") != "img":
            yield "an svg is neither hidden nor a picture with a name: use the icon macro"


def has_safe_forms(page: Page) -> Iterator[str]:
    """Every form says how and where, and a form that changes something carries the token."""
    for form in page.all("form"):
        where = form.attrib.get("action")
        if form.attrib.get("method", "").lower() not in {"get", "post", "dialog"} or not where:
            yield f"<form action={where} method={form.attrib.get('method')}>: write both"
        elif form.attrib["method"].lower() == "post":
            names = [element.attrib.get("name") for element in form.iter("input")]
            if "csrf_token" not in names:
                yield f"<form action={where}> has no csrf_token: use the form macro"
            if names.count("csrf_token") > 1:
                yield f"<form action={where}> has the token twice: once is enough"
        if any(up.tag == "form" for up in page.above(form)):
            yield f"<form action={where}> stands inside a form: take it out"


def carries_no_code(page: Page) -> Iterator[str]:
    """Nothing inline (our policy forbids it, so it would not work), nothing from anybody else."""
    for element in page.all():
        if element.tag == "script" and "src" not in element.attrib:
            yield "an inline script: make it a module in static/js and name it with data-module"
        if element.tag == "style" or "style" in element.attrib:
            yield f"inline style on <{element.tag}>: make it a class"
        for name, value in element.attrib.items():
            if name.startswith("on"):
                yield f"<{element.tag} {name}=…>: bind it in a module with data-module"
            if name in {"href", "src", "action", "formaction"} and squeezed(value).lower().startswith(
                "javascript:"
            ):
                yield f"<{element.tag} {name}={value}>: not a real address"
        outside = element.attrib.get("src") or (
            element.attrib.get("href", "") if element.tag == "link" else ""
        )
        if urlsplit(outside).netloc:
            yield f"<{element.tag}> asks {outside}: no request leaves the portal (design 3.4), bundle it"


def knows_its_language(page: Page) -> Iterator[str]:
    """`lang` and `dir` on the document and on every stretch in another language."""
    html = page.root
    if not html.attrib.get("lang") or html.attrib.get("dir") not in {"ltr", "rtl"}:
        yield f"<html {html.attrib}>: lang and dir must both stand there"
    for element in page.all():
        code = element.attrib.get("lang")
        if not code or element.attrib.get("dir") == "auto":
            continue
        right = str(Locale.parse(code.replace("-", "_")).text_direction)
        nearest = next((e.attrib["dir"] for e in (element, *page.above(element)) if "dir" in e.attrib), "ltr")
        if nearest not in {right, "auto"}:
            yield f"<{element.tag} lang={code}> is written {nearest}: set dir={right}"


def says_whole_clean_sentences(page: Page) -> Iterator[str]:
    """No left-over of a template, no typewriter punctuation, no word that judges."""
    for text in page.texts:
        if found := LEFT_OVERS.search(text):
            yield f"«{text}» shows «{found[0]}»: a value is missing or escaped twice"
        if HYPHEN_AS_DASH.search(text):
            yield f"«{text}» uses a hyphen as a dash: write –"
        if STRAIGHT_QUOTES.search(text):
            yield f"«{text}» has straight quotes: write « » (or the language's own)"
        if "..." in text:
            yield f"«{text}» has three full stops: write …"
        if found := NEVER_SAID.search(text):
            yield f"«{text}» says «{found[0]}»: the portal never judges (design 3.2)"


def is_light(page: Page) -> Iterator[str]:
    """A prepaid phone can afford it."""
    weight = len(gzip.compress(page.source.encode(), 6)) / 1024
    if weight > HEAVIEST_HTML_KB:
        yield f"the page weighs {weight:.0f} KB packed, {HEAVIEST_HTML_KB} is the most: show fewer rows"


PAGE_RULES: tuple[Rule, ...] = (
    is_good_html,
    has_one_heading_that_starts_the_title,
    names_things_once,
    tells_what_each_control_is,
    has_safe_forms,
    carries_no_code,
    knows_its_language,
    says_whole_clean_sentences,
    is_light,
)


@lru_cache(maxsize=2000)  # many tests open the same page, and reading one takes longer than making it
def faults_in(source: str) -> list[str]:
    """Read a document and list what is wrong with it, [] for a good page."""
    page = Page(source)
    return [fault for rule in PAGE_RULES for fault in rule(page)]
