"""Everything that takes something from outside: each form, whatever else is posted to, each page, each event.

Forms are found on the pages that people get, so a new one is tried on the day it is made. What no page of the
small world shows (a door of several steps, what a script sends) stands in the access table and in DOORS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

from flask import Flask

from portal import clock
from portal.attendance.service import codes
from portal.db import Database
from portal.people.service import places
from tests.access_rows import EVENTS, ROUTES
from tests.access_table import ANYBODY, owners_of
from tests.calls import READS, Call, address_of, every_call, filled, make
from tests.fixtures.application import browser, sign_in
from tests.fuzz.inputs import WORD
from tests.pages import HOST, CheckingClient
from tests.staff_door import begin, code_for, first_step, set_up
from tests.world import World

PIN = "482917"
TYPED = {
    "date": lambda: (clock.today_oslo() + timedelta(days=9)).isoformat(),
    "time": lambda: "09:30",
    "number": lambda: "15",
    "checkbox": lambda: "on",
}
"""What an honest person types into an empty field of a kind; a word into every other."""
TYPED_IN = {"born_on": "4.3.2002", "opens": "09.00", "closes": "15.00", "username": "elvebyen"}
"""The same by how the field's name begins."""
FORMS_OF_OTHERS = (
    ("people.staff", "mona", "vera"),
    ("people.role", "mona", "vera"),
    ("people.leaving", "mona", "vera"),
    ("people.protection_page", "vera", "petra"),
    ("people.card", "vera", "petra"),
)
"""Pages on which there is more when they are about somebody else: nobody gives herself a role or a code."""


@dataclass(frozen=True)
class Target:
    """Where something can be sent, by whom (nobody: ""), and what is honest there."""

    name: str
    address: str
    who: str
    method: str = "POST"
    fields: dict[str, object] = field(default_factory=dict)


def every_target(app: Flask, world: World) -> list[Target]:
    """Each route once, with what its form and the access table send there."""
    found: dict[tuple[str, str], Target] = {}
    calls = {call.endpoint: call for call in _a_call_each()}
    for call in [*_pages_of_others(), *calls.values()]:
        for form in _forms_on(app, world, call) if call.method in READS else ():
            found.setdefault((form.method, form.name), form).fields.update(form.fields)
    for call in calls.values():
        listed = _from_table(app, world, call)
        known = found.setdefault((listed.method, listed.name), listed)
        known.fields.update({**listed.fields, **known.fields})
    return list(found.values())


def every_event(world: World) -> list[Target]:
    """Each socket event and its honest shape, by somebody who may send it."""
    calls = [Call("EVENT", name, row, "anna", owners_of(row.thing)[0]) for name, row in EVENTS]
    return [Target(call.endpoint, "", "anna", "EVENT", _fields_of(world, call)) for call in calls]


def _a_call_each() -> Iterator[Call]:
    """One call of each route, by somebody who may if there is such a one."""
    best: dict[tuple[str, str], Call] = {}
    for call in every_call():
        known = best.get((call.method, call.endpoint))
        if known is None or (call.is_allowed and not known.is_allowed):
            best[call.method, call.endpoint] = call
    yield from best.values()


def _pages_of_others() -> Iterator[Call]:
    rows = {endpoint: row for method, endpoint, row in ROUTES if method in READS}
    for endpoint, actor, owner in FORMS_OF_OTHERS:
        yield Call("GET", endpoint, rows[endpoint], actor, owner)


def _from_table(app: Flask, world: World, call: Call) -> Target:
    who = "" if call.row.who == ANYBODY else call.actor
    return Target(call.endpoint, address_of(app, world, call), who, call.method, _fields_of(world, call))


def _fields_of(world: World, call: Call) -> dict[str, object]:
    values = {name: filled(world, call, value) for name, value in call.row.fields.items()}
    return {name: "en fil" if isinstance(value, tuple) else value for name, value in values.items()}


def _forms_on(app: Flask, world: World, call: Call) -> Iterator[Target]:
    answer = make(app, world, call)
    if answer.mimetype == "text/html":
        yield from forms_in(app, answer.text, call.actor)


def forms_in(app: Flask, html: str, who: str) -> Iterator[Target]:
    """The forms of a page that somebody got. Raises: werkzeug's NotFound when one of them leads nowhere."""
    reader = _Forms()
    reader.feed(html)
    for method, action, fields in reader.found:
        if method in ("GET", "POST") and action != "#":  # that one is sent by the page's own script
            name, _parts = app.url_map.bind(HOST).match(urlsplit(action).path, method=method)
            yield Target(name, action, who, method, fields)


class _Forms(HTMLParser):
    """Reads each form of a page: method, address, and what an honest person may send in its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, object]]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((told.get("method", "get").upper(), told["action"], {}))
        elif tag == "select":
            self._select = told["name"]
        elif tag == "option" and told.get("value"):
            self._keep(self._select, told["value"])
        elif tag in ("input", "button", "textarea") and told.get("name") not in (None, "csrf_token"):
            self._keep(told["name"], told.get("value") or _typed(told["name"], told.get("type", "")))

    def _keep(self, name: str, value: str) -> None:
        if self.found:
            self.found[-1][2].setdefault(name, value)


def _typed(name: str, kind: str) -> str:
    by_name = (what for begins, what in TYPED_IN.items() if name.startswith(begins))
    return next(by_name, None) or TYPED.get(kind, lambda: WORD)()


# --- Doors: what is taken only in a browser in which a step was done before ---


def _code_typed(app: Flask, database: Database, world: World) -> CheckingClient:
    phone = browser(app)
    phone.submit("/aktiver", code=code_for(database, world, "anna"))
    return phone


def _phone_bound(app: Flask, database: Database, world: World) -> CheckingClient:
    phone = _code_typed(app, database, world)
    phone.submit("/aktiver/pin", pin=PIN, pin_again=PIN)
    phone.submit("/logg-ut", on="/nodhjelp")
    return phone


def _staff_code_typed(app: Flask, database: Database, world: World) -> CheckingClient:
    desk = browser(app)
    desk.submit("/aktiver", code=code_for(database, world, "sara"))
    return desk


def _app_shown(app: Flask, database: Database, world: World) -> CheckingClient:
    desk = browser(app)
    begin(desk, code_for(database, world, "sindre"))
    return desk


def _passphrase_right(app: Flask, database: Database, world: World) -> CheckingClient:
    set_up(browser(app), code_for(database, world, "vidar"))
    desk = browser(app)
    first_step(desk, "vidar")
    return desk


def _digits_typed(app: Flask, database: Database, world: World) -> CheckingClient:
    """Anna has typed the digits that her centre's screen shows, within the last quarter of an hour."""
    phone = browser(app)
    sign_in(phone, world.people["anna"].token)
    with database.transaction(writes=False) as s:
        centre = places.find_centre(s, world.centres["own"])
        assert centre
        shown = codes.code_now(s, centre)
    assert phone.submit("/inn", code=shown.digits).status_code == 303
    return phone


DOORS: dict[str, Callable[[Flask, Database, World], CheckingClient]] = {
    "people.bind_phone": _code_typed,
    "people.borrow_phone": _code_typed,
    "people.sign_in_with_pin": _phone_bound,
    "people.forget_phone": _phone_bound,
    "people.take_passphrase": _staff_code_typed,
    "people.finish_set_up": _app_shown,
    "people.finish_sign_in": _passphrase_right,
    "attendance.check_in": _digits_typed,
}
"""Routes that take something only after a step that this function does."""
