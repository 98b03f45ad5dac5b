"""Standard sentences from desk to phone and back: each reads her own language, and a bad net loses none."""

import re

from playwright.sync_api import expect

from tests.e2e.stage import PHONE, enter


def test_a_sentence_goes_out_in_norwegian_is_read_in_arabic_and_sick_today_reaches_the_board(stage):
    hers = stage.open(**PHONE)
    enter(hers, "amina")
    hers.goto("/chat")
    hers.locator('form[action="/sprak"] button[value="ar"]').evaluate("button => button.click()")
    expect(hers.locator("html")).to_have_attribute("dir", "rtl")
    desk = stage.veileder().page
    desk.goto("/person/demo-amina")

    # By keyboard alone: «/» in the empty field, a few letters, Enter.
    desk.locator("[data-composer] textarea").press("/")
    box = desk.locator("dialog.pick[open]")
    box.locator("[type=search]").type("vi møtes")
    expect(box.locator("li:visible a").first).to_contain_text("Kan vi møtes")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowDown")
    box.locator('a[href*="/meet_at_place"]').focus()
    desk.keyboard.press("Enter")
    box.locator("[name=day]").fill("2026-12-04")
    box.locator("[name=time]").fill("09:30")
    box.locator("[name=place]").fill("Kafé Torget")
    box.locator("[name=place]").press("Enter")
    said = "Vi møtes fredag 4. desember kl. 09.30. Stedet er: Kafé Torget."
    expect(box.locator("blockquote")).to_contain_text("4 ديسمبر")
    expect(box).to_contain_text(said)
    box.locator("[data-phrase] button").click()
    expect(desk.locator(".message[data-own][data-seq] .bubble").last).to_have_text(said)
    message = hers.locator(".message:not([data-own])").last
    expect(message.locator(".bubble")).to_have_text(re.compile("4 ديسمبر.*09:30"))
    expect(message.locator('.note[lang="nb"]')).to_have_text(said)

    # Without a net her answer waits like any message, and comes once with what belongs to it.
    board = stage.board()
    phone = stage.open(**PHONE)
    enter(phone, "thea")
    phone.goto("/chat")
    with phone.expect_response(re.compile("raske-svar")):
        phone.locator("#melding").focus()
    phone.wait_for_load_state("networkidle")
    phone.context.set_offline(True)
    phone.locator("[data-opens]").click()
    sick = phone.locator("dialog.pick details", has_text="Jeg er syk i dag.")
    sick.locator("summary").click()
    expect(sick.locator("[value=yes]")).to_be_checked()
    sick.locator("button").click()
    expect(phone.locator(".message[data-state=waiting] .bubble")).to_have_text("Jeg er syk i dag.")
    phone.context.set_offline(False)
    expect(phone.locator(".message[data-own] [data-beneath]")).to_contain_text(
        "Jobbsentralen har fått beskjed"
    )
    expect(board.row("thea")).to_contain_text("sagt fra")
