"""What Nav says it will do: somebody takes the urgent question by name, a call is kept, and one is not."""

import sqlite3
from contextlib import closing

from playwright.sync_api import expect

from tests.e2e.stage import enter

OWN_CALL = "/chat/ring-meg"


def asks_to_be_rung(stage, key):
    phone = stage.phone()
    enter(phone.page, key)
    phone.page.goto(OWN_CALL)
    phone.page.locator(f'form[action="{OWN_CALL}"] button').click()
    expect(phone.page.locator('form[action$="/avlys"]')).to_be_visible()
    return phone


def promises(desk):
    """Promise to ring today, whatever the time is."""
    desk.page.goto("/innboks")
    desk.page.locator("#samtaler li", has_text="Jonas").locator("a").click()
    desk.page.locator("#first").fill("0.00")
    desk.page.locator("#last").fill("23.59")
    desk.page.locator('form[action$="/lov"] button').click()
    desk.page.wait_for_url("**/innboks")


def let_the_time_pass(server):
    """Put the promised window into the past, as if nobody had rung meanwhile."""
    with closing(sqlite3.connect(server.database_file, timeout=20)) as database, database:
        told = "UPDATE callback SET promised_from = asked_at, promised_to = asked_at"
        database.execute(f"{told} WHERE promised_from IS NOT NULL")


def test_an_urgent_question_comes_live_to_a_colleague_who_takes_it_by_name(stage):
    """Ali's veileder is Per; Ingrid is at work and takes it. His phone runs no scripts."""
    desk = stage.veileder("ingrid")
    desk.page.goto("/innboks")
    phone = stage.phone(javascript=False)
    enter(phone.page, "ali")
    phone.page.goto("/chat/nodhjelp")
    expect(phone.page.locator('#ring a[href^="tel:"]').first).to_be_visible()
    phone.page.locator('#send button[type="submit"]').click()
    desk.page.locator("#haster li", has_text="Ali").locator("button").click()
    desk.page.wait_for_url("**/person/demo-ali")
    phone.page.reload()
    expect(phone.page.locator("[role=status]")).to_contain_text("Ingrid har tatt imot spørsmålet ditt")
    desk.page.goto("/innboks")
    expect(desk.page.locator("#haster")).to_have_count(0)


def test_one_promised_call_is_kept_and_one_is_not(stage):
    phone = asks_to_be_rung(stage, "jonas")
    desk = stage.veileder("ingrid")
    promises(desk)
    phone.page.goto("/")
    expect(phone.page.locator("#samtale")).to_contain_text("mellom kl. 00.00 og 23.59")
    let_the_time_pass(stage.server)
    desk.page.goto("/innboks")
    expect(desk.page.locator("#samtaler li").first).to_contain_text("Lovet, ikke ringt")
    phone.page.goto(OWN_CALL)
    phone.page.locator('form[action$="/ikke-ringt"] button').click()
    desk.page.goto("/innboks")
    his = desk.page.locator("#samtaler li", has_text="Jonas")
    expect(his).to_contain_text("Nav ringte ikke som lovet: 1.")
    promises(desk)
    his.locator("a").click()
    desk.page.locator('form[action$="/snakket"] button').click()
    desk.page.wait_for_url("**/innboks")
    expect(his).to_have_count(0)
    phone.page.goto("/chat")
    phone.sees("Vi har snakket sammen på telefon.")
