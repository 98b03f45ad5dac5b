"""Without a net: what is written is kept and arrives once, and the phone keeps nothing personal of ours."""

import re

from playwright.sync_api import expect

from tests.e2e.stage import enter

KEPT = """async () => {
  const kept = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const asked of await cache.keys()) {
      const answer = await cache.match(asked, { ignoreVary: true });
      kept.push([new URL(asked.url).pathname, await answer.text()]);
    }
  }
  return kept;
}"""
IS_READY = "() => navigator.serviceWorker.ready.then(() => true)"
WORKERS = "async () => (await navigator.serviceWorker.getRegistrations()).length"
WAITING = "[data-waiting] .bubble"


def test_what_is_written_without_a_net_arrives_once_and_in_order(stage, server):
    phone, desk = stage.phone(), stage.veileder()
    enter(phone.page, "jonas")
    phone.page.evaluate(IS_READY)
    for address in ("/", "/planen-min", "/rett-og-plikt", "/hjelperne", "/innlogging", "/chat"):
        phone.page.goto(address, wait_until="networkidle")
    desk.opens("jonas")
    desk.says("Hilsen fra Nav.")
    phone.sees("Hilsen fra Nav.")
    kept = phone.page.evaluate(KEPT)
    assert [path for path, _text in kept if not re.match("/static/.|/uten-nett/nb$", path)] == []
    assert len(kept) == 6
    assert [
        path
        for path, text in kept
        if path.startswith("/uten") and re.search("Jonas|Ingrid|Hilsen|csrf_token|data-who|demo-", text)
    ] == []
    assert desk.page.evaluate(WORKERS) == 0

    server.kill()
    phone.says("Først.")
    phone.sees("Først.")
    phone.page.once("dialog", lambda dialog: dialog.dismiss())
    phone.page.locator("details.menu summary").last.click()
    with phone.page.expect_event("dialog"):  # she is told that it would be gone, also without a net
        phone.page.locator('header form[action="/logg-ut"] button').click()
    expect(phone.page.locator("#melding")).to_be_visible()
    context = phone.page.context
    phone.page.close()
    phone.page = context.new_page()
    phone.page.goto("/planen-min")
    expect(phone.page.locator(WAITING)).to_have_text(["Først."])
    phone.page.locator("#melding").fill("Så dette.")
    phone.page.locator("form.composer button").click()
    expect(phone.page.locator(WAITING)).to_have_text(["Først.", "Så dette."])
    phone.page.locator("#melding").fill("Ikke")
    server.start()
    expect(phone.page.locator("[data-back]")).to_be_visible()
    phone.page.locator("[data-again]").click()
    phone.is_at("/planen-min")
    desk.sees("Så dette.")
    desk.sees("Først.")
    phone.opens("/chat")
    expect(phone.page.locator("#melding")).to_have_value("Ikke")
    assert phone.all_messages()[-2:] == desk.all_messages()[-2:] == ["Først.", "Så dette."]

    server.kill()
    phone.page.locator("details.menu summary").last.click()
    phone.page.locator('header form[action="/logg-ut"] button').click()
    expect(phone.page.locator("[data-leaving]")).to_be_visible()
    expect(phone.page.locator("form.composer")).to_be_hidden()
    server.start()
    phone.is_at("/logg-inn")
    phone.page.goto("/chat")
    phone.is_at("/logg-inn")
    server.kill()
    phone.page.goto("/chat")
    expect(phone.page.locator("[data-again]")).to_be_visible()
    expect(phone.page.locator("form.composer")).to_be_hidden()


def test_a_borrowed_phone_without_a_net_says_that_it_is_not_signed_out_and_does_it_later(stage, server):
    desk = stage.veileder()
    desk.opens("jonas")
    code = desk.makes_code()
    phone = stage.phone()
    phone.enters_once(code)
    phone.page.goto("/chat", wait_until="networkidle")
    assert phone.page.evaluate(WORKERS) == 0
    server.kill()
    phone.page.locator(".borrowed form button").click()
    expect(phone.page.locator(".borrowed dialog")).to_be_visible()
    phone.page.keyboard.press("Escape")
    expect(phone.page.locator(".borrowed dialog")).to_be_visible()
    server.start()
    phone.is_at("/logg-inn")
    phone.page.goto("/chat")
    phone.is_at("/logg-inn")
