"""The checking client: every answer that any test opens is looked at, and a fault says what to do about it.

Use it as Flask's own test client. `client.get("/")` fails the test when the page has a form without a token,
an input without a label, a header too few … A test that opens a page checks the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from tests.page_rules import faults_in
from tests.page_tree import Page

ON_EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
IN_THE_POLICY = ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'")
NEVER_IN_THE_POLICY = ("unsafe-inline", "unsafe-eval", "*", "http:")
TOKEN = re.compile(r'(name="csrf_token"[^>]*value=")[^"]*')
OF_A_BUILT_FILE = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Access-Control-Allow-Origin": None,
}


HOST = "minvei.test"
ORIGIN = f"https://{HOST}"


class Browser(FlaskClient):
    """A browser on the portal's own https address."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, as a browser that has been on the portal before."""
        headers = Headers(kwargs.pop("headers", None))
        headers.setdefault("Referer", f"{ORIGIN}/")
        kwargs.setdefault("base_url", ORIGIN)
        return super().open(*args, headers=headers, **kwargs)


class CheckingClient(Browser):
    """Flask's test client that reads every answer as a strict browser and a screen reader would."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, check the answer, give it back."""
        answer = super().open(*args, **kwargs)
        for one in (*answer.history, answer):
            check(one)
        return answer

    def page(self, address: str) -> Page:
        """Open a page that must be there, as a tree."""
        answer = self.get(address)
        assert answer.status_code == 200, f"GET {address} answered {answer.status_code}"
        return Page(answer.text)

    def submit(self, address: str, /, *, on: str | None = None, **fields: object) -> TestResponse:
        """Post a form as a browser does: with the token of the page it stands on."""
        token = self.page(on or address).value_of("csrf_token")
        came_from = {"Referer": f"{ORIGIN}{on or address}"}
        return self.post(address, data={"csrf_token": token, **fields}, headers=came_from)

    def follow_form(self, shown: TestResponse, action: str, /, **typed: object) -> TestResponse:
        """Send the form of a page that is already open, hidden fields and all, with what is typed into it."""
        page = Page(shown.text)
        form = next(found for found in page.all("form") if found.attrib.get("action") == action)
        fields = {one.attrib["name"]: one.attrib.get("value", "") for one in form.iter("input")}
        came_from = {"Referer": f"{ORIGIN}{shown.request.path}"}
        return self.post(action, data={**fields, **typed}, headers=came_from)


def check(answer: TestResponse) -> None:
    """Raise with every fault of an answer at once."""
    faults = [*faults_of_headers(answer)]
    is_html = answer.mimetype == "text/html" and answer.data and answer.location is None
    if is_html and not is_part(answer):
        faults += faults_in(TOKEN.sub(r"\1…", answer.text))
    if faults:
        asked = f"{answer.request.method} {answer.request.path} → {answer.status_code}"
        raise AssertionError("\n- ".join([f"{asked} has {len(faults)} faults:", *faults]))


def is_part(answer: TestResponse) -> bool:
    """Whether it is the lines about who waits alone, which an open thread puts in their place."""
    return answer.status_code == 200 and answer.request.path.endswith("/venter")


def is_built_file(answer: TestResponse) -> bool:
    """Whether it is a style sheet, a script or a drawing; what does not exist there is answered by a page."""
    return answer.status_code == 200 and answer.request.path.startswith("/static/")


def faults_of_headers(answer: TestResponse) -> Iterator[str]:
    is_built = is_built_file(answer)
    for name, value in (OF_A_BUILT_FILE if is_built else ON_EVERY_ANSWER).items():
        if answer.headers.get(name) != value:
            yield f"header {name} is {answer.headers.get(name)!r}, not {value!r}: see portal/web/headers.py"
    if is_built:
        return
    policy = answer.headers.get("Content-Security-Policy", "")
    for part in IN_THE_POLICY:
        if part not in policy:
            yield f"the content policy lacks «{part}»"
    for part in NEVER_IN_THE_POLICY:
        if part in policy:
            yield f"the content policy says «{part}»"
    if "no-store" not in answer.headers.get("Cache-Control", ""):
        kept = answer.headers.get("Cache-Control")
        yield f"Cache-Control is {kept!r}: a shared phone must not keep it, say no-store"
    yield from _faults_of_cookies(answer)
    where = answer.headers.get("Location")
    if where is not None and not is_own_address(where):
        yield f"redirects to {where}: only our own addresses"


def _faults_of_cookies(answer: TestResponse) -> Iterator[str]:
    for cookie in answer.headers.getlist("Set-Cookie"):
        name, parts = cookie.split("=", 1)[0], {part.strip().lower() for part in cookie.split(";")[1:]}
        needed = {"secure", "httponly", "path=/"}
        if (
            not name.startswith("__Host-")
            or not needed <= parts
            or not parts & {"samesite=lax", "samesite=strict"}
        ):
            yield f"cookie «{cookie}»: __Host- name, Secure, HttpOnly, SameSite and Path=/ all belong there"
        if any(part.startswith("domain=") for part in parts):
            yield f"cookie {name} has a domain: leave it out"


def is_own_address(where: str) -> bool:
    """Say whether a redirect stays in the portal: a path of our own that no browser reads otherwise."""
    parts = urlsplit(where)
    own = not parts.scheme and not parts.netloc and where.startswith("/")
    return own and not where.startswith(("//", "/\\")) and not re.search(r"[\x00-\x20\\]", where)
