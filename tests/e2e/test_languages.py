"""Every page fits the narrowest phone, in every offered language: nothing sticks out, nothing is cut off."""

import pytest

from portal import i18n
from tests.e2e.stage import enter
from tests.e2e.test_axe import PAGES, address_of, choose_language

NARROW = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}
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
TARGETS = ("button", "a.ds-button", "nav.tabs a", "summary")
LONG_NAME = "maximilian"


@pytest.mark.parametrize("code", [language.code for language in i18n.OFFERED])
@pytest.mark.timeout(240)
def test_nothing_sticks_out_on_the_narrowest_phone(stage, code, tell):
    faults, looked = [], 0
    for who, places in {**PAGES, LONG_NAME: ["/", "/chat"]}.items():
        page = stage.open(**NARROW)
        if who:
            enter(page, who)
        choose_language(page, code)
        for place in places:
            page.goto(address_of(page, place))
            assert page.locator("html").get_attribute("dir") == i18n.direction(code)
            looked += 1
            faults += [f"{who} {place}: {fault}" for fault in page.evaluate(STICKS_OUT)]
        for menu in page.locator("details.menu summary").all():
            menu.click()
            faults += [f"{who} {place}, menu open: {fault}" for fault in page.evaluate(STICKS_OUT)]
            menu.click()
        page.context.close()
    tell(f"320 px in {code}: {looked} pages, {len(faults)} stick out")
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
