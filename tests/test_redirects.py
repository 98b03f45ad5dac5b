"""Whatever an address or a form says about where to go next, nobody is led out of the portal."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

import pytest

from portal.people.rules.words import IdentityCheck
from portal.people.service import activation
from tests.fixtures.application import browser
from tests.fixtures.databases import on_sqlite
from tests.pages import HOST, ORIGIN, Browser, is_own_address

EVIL = "elsewhere.example"
WAYS_OUT = (
    f"https://{EVIL}",
    f"http://{EVIL}/",
    f"//{EVIL}",
    f"///{EVIL}",
    f"////{EVIL}",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"\\/{EVIL}",
    f"/\t/{EVIL}",
    f"/\n/{EVIL}",
    f"/\r\n/{EVIL}",
    f"\t//{EVIL}",
    f" //{EVIL}",
    f"//{EVIL}\\@{HOST}",
    f"/ /{EVIL}",
    f"/\x00/{EVIL}",
    f"/\x0b/{EVIL}",
    f"http:{EVIL}",
    f"https:/{EVIL}",
    f"https:\\\\{EVIL}",
    f"//{HOST}@{EVIL}",
    f"https://{HOST}@{EVIL}",
    f"https://{HOST}.{EVIL}",
    f"//{EVIL}#@{HOST}",
    f"//{EVIL}?{HOST}",
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    f"/\u2028/{EVIL}",
    f"／／{EVIL}",
    f"/／{EVIL}",
    "//%65lsewhere.example",
    f"/%09/{EVIL}",
    f"/%5c{EVIL}",
    f"/.//{EVIL}",
    f"/..//{EVIL}",
    f"/;@{EVIL}",
    f"?next=//{EVIL}",
    f"#//{EVIL}",
    f"@{EVIL}",
    f".{EVIL}",
    EVIL,
    f"/\r\nLocation: https://{EVIL}",
    "/\r\nSet-Cookie: a=b",
    f"{ORIGIN}//{EVIL}",
    "//[::1]",
    "//127.0.0.2",
    "\\",
    "/\\/",
    "",
    "\x00",
    "//",
    "///",
    "/" * 300 + EVIL,
)
pytestmark = [pytest.mark.timeout(300), on_sqlite]

PIN, A_UUID = "482917", "00000000-0000-4000-a000-000000000001"


@pytest.fixture(autouse=True)
def without_token(app):
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Browser


@pytest.fixture
def phone(app, database, world):
    """Anna's own phone; the PIN lets her in."""
    with database.transaction() as s:
        made = activation.new_code_for(
            s, world.people["anna"].id, hours=48, made_by_id=None, check=IdentityCheck.KNOWN
        )
    with database.transaction() as s:
        secret = activation.bind_phone(s, made.code, PIN).device_token
    opened = browser(app)
    opened.set_cookie("__Host-phone", secret, domain=HOST, secure=True)
    return opened


def leads_out(answer):
    """Whether a browser would leave the portal: by the header, a link, a form, or a header of its own."""
    where = answer.headers.get("Location")
    if where is not None and (not is_own_address(where) or urlsplit(urljoin(ORIGIN, where)).hostname != HOST):
        return True
    said = [value for name, value in answer.headers if name not in ("Location",)]
    return any(EVIL in value for value in said) or any(
        f'{attribute}="{way}' in answer.text
        for attribute in ("href", "action", "src")
        for way in (
            f"https://{EVIL}",
            f"http://{EVIL}",
            f"//{EVIL}",
            f"/\\{EVIL}",
            "javascript:",
            "data:text",
        )
    )


def test_no_parameter_leads_out_of_the_portal(app, phone, as_, world, tell):
    anna, vera = as_("anna"), as_("vera")
    thread = world.thing("thread", "anna")
    calls, out = 0, []
    for where in WAYS_OUT:
        quoted = quote(where, safe="")
        tries = {
            "sign in": lambda w=where: phone.post("/logg-inn", data={"pin": PIN, "next": w}),
            "sign-in page": lambda q=quoted: browser(app).get(f"/logg-inn?next={q}"),
            "sign-in form again": lambda w=where: browser(app).post("/logg-inn", data={"next": w}),
            "language": lambda w=where: anna.post("/sprak", data={"language": "nb", "next": w}),
            "back of a message": lambda w=where: vera.post(
                f"/chat/{thread}/melding", data={"client_id": A_UUID, "text": "Hei", "back": w}
            ),
            "back of a refused message": lambda w=where: vera.post(
                f"/chat/{thread}/melding", data={"client_id": "x", "text": "", "back": w}
            ),
            "back of what was read": lambda w=where: vera.post(
                f"/chat/{thread}/lest", data={"read": 1, "back": w}
            ),
            "a kept form": lambda w=where: phone.post("/logg-inn", data={"pin": PIN, "kept": w, "next": w}),
            "a page that asks to sign in": lambda q=quoted: browser(app).get(f"/planen-min?next={q}"),
            "an address of its own": lambda q=quoted: browser(app).get(f"/{q}"),
            "a code in a link": lambda q=quoted: browser(app).get(f"/aktiver/{q}"),
        }  # fmt: skip
        for what, attempt in tries.items():
            answer = attempt()
            calls += 1
            if leads_out(answer):
                out.append(f"{what} {where!r}: {answer.status_code} {answer.headers.get('Location')}")
    tell(f"redirects: {calls} calls with {len(WAYS_OUT)} payloads, {len(out)} leave the host")
    assert out == []


def test_the_way_on_inside_the_portal_is_kept(phone):
    answer = phone.post("/logg-inn", data={"pin": PIN, "next": "/planen-min?x=1#y"})
    assert answer.headers["Location"] == "/planen-min?x=1#y"
