"""axe finds nothing on a listed set of pages: light and dark, every offered language, phone and desk."""

import pytest

from portal import i18n
from tests.e2e.stage import DESK, PHONE, enter

PAGES = {
    None: ["/logg-inn", "/aktiver", "/inn", "/nodhjelp", "/rett-og-plikt/klage"],
    "jonas": ["/", "/planen-min", "/rett-og-plikt", "/chat", "/oppmote/kan-ikke", "<duty>"],
    "ingrid": ["/innboks", "/person/demo-jonas"],
    "kari": ["<board>", "<screen>"],
    "randi": ["/kontoret"],
    "odd": ["/administrasjon"],
}
LOOKS = [(offered.code, colours) for offered in i18n.OFFERED for colours in ("light", "dark")]


def address_of(page, place):
    if place == "<duty>":
        page.goto("/rett-og-plikt")
        return page.locator('a[href^="/plikt/"]').first.get_attribute("href")
    if place in {"<board>", "<screen>"}:
        page.goto("/tavle")
        board = page.url.split("#")[0]
        return board if place == "<board>" else board.replace("/tavle/", "/skjerm/")
    return place


def choose_language(page, code):
    page.goto("/nodhjelp")
    page.locator("details.menu summary").first.click()
    page.locator(f'form[action="/sprak"] button[value="{code}"]').click()
    page.wait_for_load_state()


@pytest.mark.parametrize(("language", "colours"), LOOKS)
@pytest.mark.timeout(300)
def test_axe_finds_nothing(stage, language, colours, tell):
    from axe_playwright_python.sync_playwright import Axe

    axe, faults, looked = Axe(), [], 0
    for who, places in PAGES.items():
        page = stage.open(**PHONE, color_scheme=colours)
        if who:
            enter(page, who)
        choose_language(page, language)
        for place in places:
            page.goto(address_of(page, place))
            for size in (PHONE["viewport"], DESK["viewport"]):
                page.set_viewport_size(size)
                looked += 1
                faults += told(axe.run(page).response["violations"], f"{place} {size['width']} px")
        page.context.close()
    tell(f"axe, {language} {colours}: {looked} looks, {len(faults)} faults")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def told(violations, where):
    return [
        f"{where}: {found['id']}: {found['help']}: {node['html'][:150]}"
        for found in violations
        for node in found["nodes"]
    ]
