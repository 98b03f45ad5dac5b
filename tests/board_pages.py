"""The board as a browser without scripts has it: its rows, its buttons, its ticks."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tests.page_tree import Page
from tests.pages import CheckingClient, TestResponse

AS_JSON = {"Accept": "application/json"}


@dataclass
class BoardPage:
    """A board that was opened in a browser."""

    browser: CheckingClient
    address: str

    def open(self, **asked: str) -> BoardPage:
        """Open it, or open it anew."""
        self.shown = self.browser.get(self.address, query_string=asked)
        assert self.shown.status_code == 200
        self.page = Page(self.shown.text)
        return self

    def names(self) -> list[str]:
        """The names that are shown, in order."""
        return [self.words(row.find("th/a")) for row in self.page.all("tr") if row.attrib.get("id")]

    def row(self, person: str) -> str:
        """Everything that stands in somebody's row."""
        return self.words(next(row for row in self.page.all("tr") if row.attrib.get("id") == f"p-{person}"))

    @staticmethod
    def words(element: Element | None) -> str:
        return "" if element is None else " ".join("".join(element.itertext()).split())

    def press(self, button: str, /, *people: str, said_by: str | None = None, **more: str) -> TestResponse:
        """Press a button by its address, with these people ticked; `more` stands in for what scripts send."""
        form = "together" if "/sammen/" in button else "tap"
        fields = {one.attrib["name"]: one.attrib.get("value", "") for one in self.form(form).iter("input")}
        body = {**fields, **more, **({"person": list(people)} if people else {})}
        headers = AS_JSON if said_by == "script" else {}
        return self.browser.post(f"{self.address}{button}", data=body, headers=headers)

    def form(self, name: str) -> Element:
        """One of the board's two forms."""
        return next(form for form in self.page.all("form") if form.attrib.get("id") == name)

    def receipt(self, answer: TestResponse) -> str:
        """Follow where a press leads, and read the receipt that stands there."""
        self.shown = self.browser.get(answer.location)
        self.page = Page(self.shown.text)
        box = next(one for one in self.page.all("div") if "data-receipt" in one.attrib)
        return self.words(box)
