"""Days when things go wrong: nothing written is lost, nothing happens twice, and we say so kindly."""

import re

import pytest
from playwright.sync_api import expect

from portal import clock
from tests.e2e.stage import DESK, PIN, bind_phone, enter
from tests.fixtures.room import wait_until

LONG = "Dette har jeg tenkt på lenge, og nå skriver jeg det ned."


def signed_in(stage, key="jonas", **how):
    phone = stage.phone(**how)
    enter(phone.page, key)
    return phone


def sign_out_elsewhere(phone):
    """The session ends in another tab: the page at hand does not know it yet."""
    other = phone.page.context.new_page()
    other.goto("/")
    other.locator("details.menu summary").last.click()
    other.locator('form[action="/logg-ut"] button').click()
    other.wait_for_url("**/logg-inn**")
    other.close()


STANDS_SOMEWHERE = """text => document.querySelector("#melding").value.includes(text)
  || [...document.querySelectorAll(".message .bubble")].some((bubble) => bubble.textContent.includes(text))"""
"""In the field, or in a bubble as soon as the phone has stored it."""


def test_text_written_when_the_session_ended_is_still_there(stage, newest):
    phone = signed_in(stage)
    phone.opens("/chat")
    with newest() as login:
        login.ended_at = clock.now_utc()
    phone.says(LONG)
    expect(phone.page.locator("[data-signed-out]")).to_be_visible()
    wait_until(lambda: phone.page.evaluate(STANDS_SOMEWHERE, LONG), "keeping the text", seconds=30)


def test_text_sent_when_the_session_ended_is_carried_through_the_sign_in(stage):
    """Without JavaScript: the answer keeps the text, she signs in with her PIN, and one tap sends it."""
    hers, desk = bind_phone(stage, "jonas", javascript=False)
    hers.opens("/chat")
    hers.page.context.clear_cookies(name=re.compile("login"))
    hers.says(LONG)
    expect(hers.page.locator("main blockquote")).to_have_text(LONG)
    hers.page.locator('main form[action="/logg-inn"] button').click()
    hers.page.locator('input[name="pin"]').fill(PIN)
    hers.page.locator('main form[action="/logg-inn"] button').click()
    expect(hers.page.locator("main")).to_contain_text(LONG)
    hers.page.locator('main form[action$="/melding"] button').click()
    hers.page.goto("/chat")
    hers.sees(LONG)
    desk.sees(LONG)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_double_tap_sends_one_message(stage, javascript):
    """Without JavaScript both taps reach the server, with the same id."""
    phone = signed_in(stage, javascript=javascript)
    phone.opens("/chat")
    phone.page.locator("#melding").fill("Bare én gang.")
    phone.page.locator("form.composer button[type=submit]").dblclick()
    phone.sees("Bare én gang.")
    phone.page.reload()
    phone.sees("Bare én gang.")


def test_going_back_after_sending_sends_nothing_again(stage):
    phone = signed_in(stage, javascript=False)
    phone.opens("/chat")
    phone.says("Sendt én gang.")
    phone.sees("Sendt én gang.")
    phone.page.go_back()
    phone.page.go_forward()
    phone.page.goto("/chat")
    phone.sees("Sendt én gang.")


def test_two_tabs_show_the_same_talk(stage):
    first = signed_in(stage)
    first.opens("/chat")
    second = type(first)(stage, first.page.context.new_page())
    second.page.goto("/chat")
    first.says("Fra den første fanen.")
    second.sees("Fra den første fanen.")
    second.says("Fra den andre fanen.")
    first.sees("Fra den andre fanen.")
    assert first.all_messages() == second.all_messages()


def test_what_came_while_the_phone_had_no_network_is_there_when_it_comes_back(stage):
    phone, desk = signed_in(stage), stage.veileder()
    phone.opens("/chat")
    desk.opens("jonas")
    phone.page.context.set_offline(True)
    desk.says("Skrevet mens du var borte.")
    desk.sees("Skrevet mens du var borte.")
    phone.says("Skrevet uten nett.")
    phone.sees("Skrevet uten nett.")
    expect(phone.page.locator("[data-offline]")).to_be_visible()
    phone.page.context.set_offline(False)
    phone.sees("Skrevet mens du var borte.", seconds=40)
    desk.sees("Skrevet uten nett.", seconds=40)
    phone.page.reload()
    phone.sees("Skrevet uten nett.")
    phone.sees("Skrevet mens du var borte.")


def without_a_way_out(phone):
    """Nothing written on this phone reaches the server: a request does once the context is unrouted, the live
    connection carries no message at all.
    """

    def all_but_messages(line):
        server = line.connect_to_server()
        line.on_message(lambda said: None if '"chat:send"' in said else server.send(said))

    phone.page.context.route_web_socket("**/socket.io/**", all_but_messages)
    phone.page.context.route("**/melding", lambda route: route.abort())
    phone.opens("/chat")


def test_what_the_server_never_got_outlives_the_tab_and_goes_from_any_page(stage):
    phone, desk = signed_in(stage), stage.veileder()
    without_a_way_out(phone)
    for text in ("Først.", "Så dette."):
        phone.says(text)
        phone.sees(text)
    context, field = phone.page.context, "#melding"
    phone.page.locator(field).fill("Påbegynt")
    phone.page.close()
    phone.page = context.new_page()
    phone.page.goto("/chat")
    expect(phone.page.locator(field)).to_have_value("Påbegynt")
    phone.page.locator(field).fill("")
    phone.sees("Først.")
    phone.sees("Så dette.")
    context.unroute("**/melding")
    phone.page.goto("/")
    desk.opens("jonas")
    desk.sees("Så dette.")
    desk.sees("Først.")
    phone.opens("/chat")
    assert phone.all_messages()[-2:] == ["Først.", "Så dette."]
    assert phone.page.evaluate("Object.keys(localStorage).filter((key) => /^(outbox|draft)/.test(key))") == []


def test_signing_out_says_that_something_is_not_sent_and_takes_it_off_the_phone(stage):
    phone = signed_in(stage)
    without_a_way_out(phone)
    phone.says("Bare på telefonen.")
    phone.sees("Bare på telefonen.")
    answers = [lambda asked: asked.dismiss(), lambda asked: asked.accept()]
    phone.page.on("dialog", lambda asked: answers.pop(0)(asked))
    sign_out = phone.page.locator("details.menu form[action$=logg-ut] button")
    phone.page.locator("details.menu summary").last.click()
    with phone.page.expect_event("dialog") as asked:
        sign_out.click()
    assert "ikke er sendt" in asked.value.message
    phone.sees("Bare på telefonen.")
    assert phone.page.evaluate(STILL_KEPT) == 1
    with phone.page.expect_event("dialog"):
        sign_out.click()
    phone.page.wait_for_url(re.compile("/logg-inn"))
    assert phone.page.evaluate(STILL_KEPT) == 0


STILL_KEPT = """() => new Promise((told) => {
  const opening = indexedDB.open("min-vei");
  opening.onsuccess = () => {
    const counted = opening.result.transaction("outbox").objectStore("outbox").count();
    counted.onsuccess = () => told(counted.result);
  };
})"""


def test_going_back_after_signing_out_shows_nothing_of_hers(stage):
    phone = signed_in(stage)
    phone.opens("/planen-min")
    phone.page.locator("details.menu summary").last.click()
    phone.page.locator('form[action="/logg-ut"] button').click()
    phone.page.wait_for_url("**/logg-inn**")
    phone.page.go_back()
    expect(phone.page).to_have_url(re.compile("/logg-inn"))
    assert "Jonas" not in phone.page.inner_text("body")


def test_a_code_that_was_left_on_a_screen_yesterday_lets_nobody_in(stage):
    board = stage.board()
    address = board.code_screen()
    old = address[:-6] + ("aaaaaa" if not address.endswith("aaaaaa") else "bbbbbb")
    phone = signed_in(stage)
    answer = phone.page.goto(old)
    assert answer.status == 422
    expect(phone.page.locator("h1")).to_be_visible()
    assert phone.page.locator('form[action="/oppmote/her"]').count() == 0


def test_the_code_screen_tells_that_it_has_lost_contact(stage, server):
    """A screen that stands there with a dead code is worse than one that says so."""
    page = stage.open(**DESK)
    enter(page, "skjerm")
    expect(page.locator("[data-code]")).to_be_visible()
    server.kill()
    expect(page.locator("[data-lost]")).to_be_visible(timeout=75_000)
    expect(page.locator("[data-code]")).to_be_hidden()
    server.start()
    expect(page.locator("[data-code]")).to_be_visible(timeout=75_000)


def test_signing_out_closes_the_open_connection_too(stage):
    """The other tab is signed out at once: what comes now is not shown there."""
    phone, desk = signed_in(stage), stage.veileder()
    phone.opens("/chat")
    desk.opens("jonas")
    desk.says("Før du logget ut.")
    phone.sees("Før du logget ut.")
    sign_out_elsewhere(phone)
    desk.says("Etter at du logget ut.")
    desk.sees("Etter at du logget ut.")
    expect(phone.page.locator("[data-signed-out]")).to_be_visible(timeout=40_000)
    expect(phone.bubble("Etter at du logget ut.")).to_have_count(0)


def test_nothing_of_hers_stays_on_a_shared_phone(stage):
    """Signed out, and somebody else signed in, in another tab: only her own unsent text waits for her."""
    phone = signed_in(stage)
    phone.opens("/chat")
    phone.says("Bare for veilederen min.")
    phone.sees("Bare for veilederen min.")
    everything = phone.all_messages()
    phone.page.locator("#melding").fill("Ikke sendt.")
    sign_out_elsewhere(phone)
    expect(phone.page.locator("[data-signed-out]")).to_be_visible()
    expect(phone.page.locator(".message")).to_have_count(0)
    other = phone.page.context.new_page()
    enter(other, "amina")
    comes_back_to(phone)
    expect(phone.page.locator("[data-signed-out]")).to_be_visible()
    expect(phone.page.locator(".message, .day")).to_have_count(0)
    expect(phone.page.locator(".chat-head")).to_be_hidden()
    assert phone.page.locator("#melding").input_value() == "Ikke sendt."
    enter(other, "jonas")
    comes_back_to(phone)
    phone.sees("Bare for veilederen min.")
    expect(phone.page.locator("[data-signed-out]")).to_be_hidden()
    assert phone.all_messages() == everything
    phone.page.locator("form.composer button[type=submit]").click()
    phone.sees("Ikke sendt.")
    phone.page.reload()
    phone.sees("Ikke sendt.")


def test_another_person_in_the_same_browser_takes_the_talk_off_the_screen(stage):
    """Nobody signed out by hand: somebody else simply signed in over her."""
    phone = signed_in(stage)
    phone.opens("/chat")
    expect(phone.page.locator(".message").first).to_be_visible()
    enter(phone.page.context.new_page(), "amina")
    expect(phone.page.locator("[data-signed-out]")).to_be_visible()
    expect(phone.page.locator(".message")).to_have_count(0)


@pytest.mark.parametrize("address", ["/innboks", "/person/demo-jonas"])
def test_staff_pages_lead_to_the_sign_in_when_signed_out_elsewhere(stage, address):
    desk = stage.veileder()
    desk.page.goto(address)
    other = desk.page.context.new_page()
    other.goto("/innboks")
    other.locator('form[action="/logg-ut"] button').evaluate("button => button.click()")
    expect(desk.page).to_have_url(re.compile("/jobb"))


def comes_back_to(phone):
    """She looks at the page again; a browser without a screen does not tell it by itself."""
    with phone.page.expect_response(lambda answer: answer.url.endswith("/chat")):
        phone.page.evaluate("window.dispatchEvent(new Event('focus'))")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("👩🏽‍🚒 ok 🎉", "👩🏽‍🚒 ok 🎉"),
        ("\u202eomvendt\u202c tekst", "\u202eomvendt\u202c tekst"),
        ("første linje\nandre linje", "første linje\nandre linje"),
    ],
    ids=["markup", "script address", "emoji", "right-to-left marks", "two lines"],
)
def test_what_people_write_is_shown_as_they_wrote_it(stage, text, shown):
    phone = signed_in(stage)
    phone.opens("/chat")
    phone.says(text)
    bubble = phone.page.locator(".message[data-own] .bubble").last
    expect(bubble).to_have_text(shown)
    phone.page.reload()
    expect(phone.page.locator(".message[data-own] .bubble").last).to_have_text(shown)
    assert phone.page.locator('.bubble a[href^="javascript"]').count() == 0


def test_a_message_that_is_too_long_or_empty_is_refused_kindly_and_kept(stage):
    phone = signed_in(stage)
    phone.opens("/chat")
    before = phone.all_messages()
    phone.says("a" * 4001)
    expect(phone.page.locator("#melding-feil")).to_be_visible()
    assert len(phone.page.locator("#melding").input_value()) == 4001
    phone.says("   ")
    phone.page.reload()
    assert phone.all_messages() == before
