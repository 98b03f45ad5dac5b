"""Comfortable on the narrowest phone: in every language, with letters twice as big, in forced colours."""

import pytest

from portal import i18n
from tests.e2e.stage import enter
from tests.e2e.test_axe import listed
from tests.pictures import Shot, each_shot, open_shot

NARROW = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}
LONG_NAME = [Shot("today-long-name", "maximilian", "/"), Shot("chat-long-name", "maximilian", "/chat")]
STICKS_OUT = """() => {
  const wide = document.documentElement.clientWidth, whole = document.documentElement.scrollWidth;
  const out = whole > wide ? [`the page is ${whole} wide`] : [];
  const clipped = (element) => element.parentElement
    && (getComputedStyle(element.parentElement).overflowX !== "visible" || clipped(element.parentElement));
  for (const element of document.querySelectorAll("body *")) {
    if (!element.checkVisibility() || element.closest(".ds-sr-only, .ds-skip-link, svg")) continue;
    const box = element.getBoundingClientRect();
    if (!box.width || (box.left >= -1 && box.right <= wide + 1) || clipped(element)) continue;
    out.push(`${element.tagName}.${element.className}: ${box.left}–${box.right}`);
  }
  return out.slice(0, 5);
}"""
IS_CUT_OFF = """() => [...document.querySelectorAll("body *")].filter((element) => {
  const style = getComputedStyle(element);
  const meant = ".ds-sr-only, .ds-skip-link, .preview, .menu-name, .board thead, .stacks thead";
  return element.checkVisibility() && !element.closest(meant)
    && ["hidden", "clip"].includes(style.overflowX) && element.textContent.trim()
    && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
}).map((element) => `${element.tagName}.${element.className} hides some of itself`)"""
LINES_OF_NUMBERS = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), broken = [];
  while (texts.nextNode()) {
    for (const found of texts.currentNode.data.matchAll(/\\d\\d[\\s ]\\d\\d[\\s ]\\d\\d[\\s ]\\d\\d/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, found.index);
      range.setEnd(texts.currentNode, found.index + found[0].length);
      const tops = [...range.getClientRects()].map((box) => Math.round(box.top));
      if (new Set(tops).size > 1) broken.push(found[0]);
    }
  }
  return broken;
}"""
WITHOUT_EDGE = """() => [...document.querySelectorAll(
  "button, a.ds-button, label.ds-button, input:not([type=hidden]), textarea, select, summary",
)].filter((element) => {
  const style = getComputedStyle(element);
  const seen = (colour) => !/^rgba.*, 0\\)$|transparent/.test(colour);
  const edges = ["Top", "Right", "Bottom", "Left"].map((side) => style[`border${side}Style`] !== "none"
    && parseFloat(style[`border${side}Width`]) >= 0.5 && seen(style[`border${side}Color`]));
  const underlined = style.textDecorationLine.includes("underline") || style.display === "list-item";
  const isSeen = element.checkVisibility() && style.opacity !== "0";
  return isSeen && !element.closest(".menu-box, .nav-list, .tick") && !underlined
    && style.appearance !== "auto" && !edges.every(Boolean);
}).map((element) => element.outerHTML.slice(0, 120))"""
MOVES = """() => document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 10)
  .map((one) => `${one.effect.target.className} moves`)"""


def twice_as_big(page, yes):
    """Set the letter size that the person chose in her browser."""
    devtools = page.context.new_cdp_session(page)
    size = 32 if yes else 16
    devtools.send("Page.setFontSizes", {"fontSizes": {"standard": size, "fixed": size}})
    devtools.detach()


def faults_in(page):
    yield from page.evaluate(STICKS_OUT)
    yield from page.evaluate(LINES_OF_NUMBERS)
    for menu in page.locator("details.menu summary").all():
        menu.click()
        yield from (f"menu open: {fault}" for fault in page.evaluate(STICKS_OUT))
        menu.click()
    twice_as_big(page, yes=True)
    for check in (STICKS_OUT, IS_CUT_OFF):
        yield from (f"letters twice as big: {fault}" for fault in page.evaluate(check))
    twice_as_big(page, yes=False)
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    yield from (f"no edge in forced colours: {fault}" for fault in page.evaluate(WITHOUT_EDGE))
    yield from page.evaluate(MOVES)
    page.emulate_media(forced_colors="none", reduced_motion="no-preference")


@pytest.mark.parametrize("code", [language.code for language in i18n.OFFERED])
@pytest.mark.timeout(300)
def test_every_page_is_comfortable_on_the_narrowest_phone(chromium, server, code, tell):
    faults, looked = [], 0
    for shot, page in each_shot(chromium, server.url, code, [*listed(code), *LONG_NAME], **NARROW):
        open_shot(page, shot)
        assert page.locator("html").get_attribute("dir") == i18n.direction(code)
        looked += 1
        faults += [f"{shot.name}: {fault}" for fault in faults_in(page)]
    tell(f"320 px in {code}: {looked} pages, {len(faults)} faults")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def test_small_targets_are_big_enough_for_a_thumb(stage):
    """Each button and tab is at least 44 px high and wide (links inside sentences are not)."""
    page = stage.open(**NARROW)
    enter(page, "jonas")
    small = []
    for place in ("/", "/planen-min", "/rett-og-plikt", "/chat", "/inn"):
        page.goto(place)
        for target in page.locator(
            "button:visible, a.ds-button:visible, nav.tabs a:visible, summary:visible"
        ).all():
            box = target.bounding_box()
            if box and (box["height"] < 44 or box["width"] < 44):
                small.append(
                    f"{place}: {target.inner_text()[:30]!r} is {box['width']:.0f}×{box['height']:.0f}"
                )
    assert small == []
