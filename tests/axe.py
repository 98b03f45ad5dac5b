"""axe, put into a page once and asked as often as the page changes its look.

It needs the page's scripts: without them it never answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.pictures import Shot, open_shot

WIDTHS = (320, 1280)
COLOURS = ("light", "dark")
ONLY_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
ASK = """async (options) => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  return (await axe.run(document, {...options, resultTypes: ["violations"]})).violations;
}"""
"""A look that was just changed is asked about when it is drawn, not half-way between."""


@dataclass(frozen=True)
class Finding:
    """One look at one page, and what axe says of it."""

    page: str
    language: str
    colours: str
    width: int
    found: list[str]


def look(page: Page, shot: Shot, language: str, *, whole: bool = True) -> list[Finding]:
    """Look at one page, narrow and wide, by day and by night.

    Unless `whole`, the dark page is only asked about its colours: all else was asked of the light one.
    """
    open_shot(page, shot)
    page.evaluate(AXE_SCRIPT)
    findings = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700 if width < 600 else 900})
        for colours in COLOURS:
            page.emulate_media(color_scheme=colours, reduced_motion="reduce")
            options = {} if whole or colours == "light" else ONLY_COLOURS
            found = told(page.evaluate(ASK, options))
            findings.append(Finding(shot.name, language, colours, width, found))
    return findings


def told(violations: list[dict[str, Any]]) -> list[str]:
    """Say what axe found, each fault with the place where it is."""
    return [
        f"{found['id']}: {found['help']}: {node['html'][:150]}"
        for found in violations
        for node in found["nodes"]
    ]
