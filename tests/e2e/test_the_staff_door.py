"""The first admin of a portal: a command, a code, a passphrase, an app, and a passkey on her own machine."""

import re
import subprocess
import sys

import pyotp
from playwright.sync_api import expect

from tests.e2e.stage import DESK, PHONE
from tests.fixtures.portal_server import ROOT, environment

PASSPHRASE = "tre blå hester danser sent"
A_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def code_by_command(server, username):
    """What somebody with a shell on the server does first of all."""
    words = [sys.executable, "-m", "portal", "staff", "add", username, "Mona", "Mo"]
    told = environment(server.database_file, server.port)
    done = subprocess.run(words, cwd=ROOT, env=told, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def by_name(server):
    """The server under the name that passkeys need."""
    return f"http://localhost:{server.port}"


def set_up(page, server, code):
    """Code, passphrase, app: by what stands on the pages. Gives back the app."""
    page.goto(f"{by_name(server)}/aktiver")
    page.locator('input[name="code"]').fill(code)
    page.locator('form[action="/aktiver"] button[type=submit]').click()
    page.locator('input[name="passphrase"]').fill(PASSPHRASE)
    page.locator('input[name="passphrase_again"]').fill(PASSPHRASE)
    page.locator('form[action="/jobb/passfrase"] button[type=submit]').click()
    expect(page.locator(".app-code img")).to_be_visible()
    app = pyotp.TOTP(page.locator("code").inner_text().replace(" ", ""))
    page.locator('input[name="code"]').fill(app.now())
    page.locator('form[action="/jobb/totrinn"] button[type=submit]').click()
    expect(page).to_have_url(re.compile("/administrasjon$"))
    return app


def first_step(page, server):
    """Go to the door from the page that everybody meets, and pass its first step."""
    page.goto(f"{by_name(server)}/logg-inn")
    page.locator('main a[href="/jobb"]').click()
    page.locator('input[name="username"]').fill("mona")
    page.locator('input[name="passphrase"]').fill(PASSPHRASE)
    page.locator('form[action="/jobb"] button[type=submit]').click()
    expect(page).to_have_url(re.compile("/jobb/kode$"))


def sign_out(page):
    """Leave by the menu."""
    page.locator('form[action="/logg-ut"] button').evaluate("button => button.click()")
    expect(page).to_have_url(re.compile("/jobb$"))


def test_the_first_admin_sets_herself_up_and_comes_in_by_a_passkey(stage, server):
    page = stage.open(**DESK)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": A_DEVICE})
    set_up(page, server, code_by_command(server, "mona"))
    page.goto(f"{by_name(server)}/innlogging/passnokler")
    page.locator("#new-passkey").fill("PC-en på kontoret")
    page.locator('form[action="/innlogging/passnokkel"] button[type=submit]').click()
    expect(page.locator(".passkey h3").first).to_have_text("PC-en på kontoret")
    sign_out(page)
    first_step(page, server)
    page.locator("[data-options] button[type=submit]").click()
    expect(page).to_have_url(re.compile("/administrasjon$"))


def test_a_device_that_says_no_leaves_the_digits_as_a_way(stage, server):
    page = stage.open(**DESK)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    added = device.send("WebAuthn.addVirtualAuthenticator", {"options": A_DEVICE})
    set_up(page, server, code_by_command(server, "mona"))
    page.goto(f"{by_name(server)}/innlogging/passnokler")
    page.locator('form[action="/innlogging/passnokkel"] button[type=submit]').click()
    expect(page.locator(".passkey details")).to_have_count(1)
    sign_out(page)
    verified = {"authenticatorId": added["authenticatorId"], "isUserVerified": False}
    device.send("WebAuthn.setUserVerified", verified)
    first_step(page, server)
    page.locator("[data-options] button[type=submit]").click()
    expect(page.locator("[data-options] [data-fault]")).to_be_visible()
    expect(page.locator('input[name="code"]')).to_be_visible()


def test_without_scripts_the_whole_door_is_plain_forms(stage, server):
    page = stage.open(javascript=False, **PHONE)
    set_up(page, server, code_by_command(server, "mona"))
    page.goto(f"{by_name(server)}/innlogging/passnokler")
    expect(page.locator("#new-passkey")).to_be_hidden()
    expect(page.locator("[data-passkey-no]")).to_be_visible()
