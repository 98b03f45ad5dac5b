"""The paper with a one-time code: what is printed can be lost in a bus and tell nobody anything."""

from tests.e2e.stage import DESK, enter


def test_nothing_but_the_slip_is_printed_and_it_names_nobody(stage):
    page = stage.open(**DESK)
    enter(page, "ingrid")
    page.goto("/person/demo-jonas/kode")
    page.locator('input[value="known"]').check()
    page.locator('form[action$="/kode"] button').click()
    assert "Jonas" in page.locator("main").inner_text()
    page.emulate_media(media="print", color_scheme="dark")
    printed = page.locator("body").inner_text()
    assert page.locator(".slip-letters").inner_text() in printed
    for word in ("Jonas", "Aune", "Ingrid", "Nav", "Min vei", "Engangskode"):
        assert word not in printed, word
    assert "Jonas" not in page.title()
    assert page.locator(".slip").evaluate("slip => getComputedStyle(slip).color") == "rgb(0, 0, 0)"


def test_the_button_that_prints_is_there_only_when_it_can(stage):
    page = stage.open(javascript=False, **DESK)
    enter(page, "ingrid")
    page.goto("/person/demo-jonas/kode")
    page.locator('input[value="known"]').check()
    page.locator('form[action$="/kode"] button').click()
    assert page.locator(".slip-letters").is_visible()
    assert not page.locator('[data-module="print-page"]').is_visible()
