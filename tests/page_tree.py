"""An HTML answer as a tree, with the few questions that the page rules ask of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from xml.etree.ElementTree import Element

import html5lib
from html5lib.constants import E as PARSE_FAULTS

OWN_WORDS = "auto"
"""`dir="auto"` marks words that a person wrote: our rules for text do not bind her."""

NOT_TEXT = {"script", "style", "template", "code", "pre", "svg"}


class Page:
    """One HTML document."""

    def __init__(self, source: str) -> None:
        self.source = source
        parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
        self.root: Element = parser.parse(source)
        self.parse_faults = [
            f"line {place[0]}: {PARSE_FAULTS[code] % facts}" for place, code, facts in parser.errors
        ]
        self.parents = {child: parent for parent in self.root.iter() for child in parent}

    def all(self, *names: str) -> Iterator[Element]:
        """Every element with one of the names, in document order; without a name every element."""
        for element in self.root.iter():
            if isinstance(element.tag, str) and (not names or element.tag in names):
                yield element

    def above(self, element: Element) -> Iterator[Element]:
        """The element's parents, nearest first."""
        while element in self.parents:
            element = self.parents[element]
            yield element

    @cached_property
    def ids(self) -> list[str]:
        """Every id, in document order, twice when it stands twice."""
        return [element.attrib["id"] for element in self.all() if "id" in element.attrib]

    @cached_property
    def texts(self) -> list[str]:
        """What we ourselves say on the page: text and spoken attributes, people's own words left out."""
        return list(self._texts_in(self.root))

    def _texts_in(self, element: Element) -> Iterator[str]:
        if not isinstance(element.tag, str) or element.attrib.get("dir") == OWN_WORDS:
            return
        if element.tag in NOT_TEXT or element.tag.endswith("}svg"):
            return
        for spoken in ("aria-label", "title", "placeholder", "alt"):
            if element.attrib.get(spoken):
                yield element.attrib[spoken]
        if element.text and element.text.strip():
            yield squeezed(element.text)
        for child in element:
            yield from self._texts_in(child)
            if child.tail and child.tail.strip():
                yield squeezed(child.tail)

    def value_of(self, name: str) -> str:
        """The value of the first input with this name. Raises: LookupError when the page has none."""
        for element in self.all("input", "button"):
            if element.attrib.get("name") == name:
                return element.attrib.get("value", "")
        raise LookupError(f"the page has no input called {name}")


def text_of(element: Element) -> str:
    """What the element says, its children and their tails included."""
    return squeezed("".join(element.itertext()))


def spoken_name(page: Page, element: Element) -> str:
    """The name that a screen reader says: labelled by, label, own text, or the words for its picture."""
    labelled = element.attrib.get("aria-labelledby", "").split()
    if labelled:
        named = [other for other in page.all() if other.attrib.get("id") in labelled]
        return " ".join(text_of(other) for other in named)
    if element.attrib.get("aria-label"):
        return element.attrib["aria-label"]
    pictures = " ".join(
        child.attrib.get("alt", "") + child.attrib.get("aria-label", "") for child in element.iter()
    )
    return f"{text_of(element)} {pictures}".strip()


def squeezed(text: str) -> str:
    """Runs of spaces and line ends as one space."""
    return re.sub(r"\s+", " ", text).strip()
