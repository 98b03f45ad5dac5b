"""Nobody is signed in by somebody else's form, and nothing planted in a browser outlives signing in or out.

Login CSRF: a foreign page that sends a sign-in form would let a person write in somebody else's account.
Session fixation: a cookie laid in the browser beforehand would become hers. Both are tried at every door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from flask import Flask

from portal.db import Database
from tests.fixtures.application import browser, new_code, sign_in
from tests.fixtures.databases import Watch, on_sqlite
from tests.pages import HOST, ORIGIN, CheckingClient
from tests.staff_door import PASSPHRASE, a_minute_later, begin, code_for, first_step, login_token, set_up
from tests.world import World

pytestmark = on_sqlite


PIN = "482917"
VISIT, LOGIN, PHONE = "__Host-visit", "__Host-login", "__Host-phone"


@dataclass
class Door:
    """A browser that stands before a form, with what is right to type."""

    browser: CheckingClient
    form: str
    right: dict[str, str]
    stands_on: str = ""
    signs_in: bool = True
    """Whether this form is the last step."""

    def token(self) -> str:
        """The token of the form as it stands open now."""
        return self.browser.page(self.stands_on or self.form).value_of("csrf_token")

    def send(self, token: str | None, came_from: str = "") -> int:
        """Send what is right, with this token; None leaves it out."""
        fields = self.right if token is None else {**self.right, "csrf_token": token}
        referer = came_from or f"{ORIGIN}{self.stands_on or self.form}"
        return self.browser.post(self.form, data=fields, headers={"Referer": referer}).status_code


@dataclass
class House:
    """The application, and how one comes to stand before each of its doors."""

    app: Flask
    database: Database
    world: World
    later: ExitStack = field(default_factory=ExitStack)

    def annas_code(self) -> str:
        """A fresh code for Anna."""
        find = self.app.extensions["portal"].find_viewer
        with self.database.transaction() as s:
            vera = find(s, self.world.people["vera"].token)
            return new_code(s, vera, self.world.people["anna"].public_id)

    def bound_phone(self) -> CheckingClient:
        """A phone that was bound, and signed out again."""
        phone, code = browser(self.app), self.annas_code()
        assert phone.submit("/aktiver", code=code).location == "/aktiver/pin"
        assert phone.submit("/aktiver/pin", pin=PIN, pin_again=PIN).location == "/"
        assert phone.submit("/logg-ut", on="/").status_code == 303
        return phone

    def with_code(self) -> CheckingClient:
        """A browser in which the code was typed, and nothing chosen yet."""
        phone = browser(self.app)
        assert phone.submit("/aktiver", code=self.annas_code()).location == "/aktiver/pin"
        return phone


def by_pin(house: House) -> Door:
    return Door(house.bound_phone(), "/logg-inn", {"pin": PIN})


def by_code(house: House) -> Door:
    return Door(browser(house.app), "/aktiver", {"code": house.annas_code()}, signs_in=False)


def by_new_pin(house: House) -> Door:
    return Door(house.with_code(), "/aktiver/pin", {"pin": PIN, "pin_again": PIN})


def by_borrowing(house: House) -> Door:
    return Door(house.with_code(), "/aktiver/pin/lant", {}, stands_on="/aktiver/pin")


def by_passphrase(house: House) -> Door:
    set_up(browser(house.app), code_for(house.database, house.world, "vera"))
    right = {"username": "vera", "passphrase": PASSPHRASE}
    return Door(browser(house.app), "/jobb", right, signs_in=False)


def by_digits(house: House) -> Door:
    app = set_up(browser(house.app), code_for(house.database, house.world, "vera"))
    house.later.enter_context(a_minute_later())
    desk = browser(house.app)
    assert first_step(desk, "vera").location == "/jobb/kode"
    return Door(desk, "/jobb/kode", {"code": app.digits()})


def by_choosing_a_passphrase(house: House) -> Door:
    desk = browser(house.app)
    assert desk.submit("/aktiver", code=code_for(house.database, house.world, "vera")).status_code == 303
    right = {"passphrase": PASSPHRASE, "passphrase_again": PASSPHRASE}
    return Door(desk, "/jobb/passfrase", right, signs_in=False)


def by_first_digits(house: House) -> Door:
    desk = browser(house.app)
    app = begin(desk, code_for(house.database, house.world, "vera"))
    return Door(desk, "/jobb/totrinn", {"code": app.digits()})


DOORS = (
    by_pin, by_code, by_new_pin, by_borrowing, by_passphrase, by_digits, by_choosing_a_passphrase,
    by_first_digits,
)  # fmt: skip
LAST_STEPS = (by_pin, by_new_pin, by_borrowing, by_digits, by_first_digits)
Way = Callable[[House], Door]


@pytest.fixture
def house(app: Flask, database: Database, world: World) -> Iterator[House]:
    standing = House(app, database, world)
    with standing.later:
        yield standing


def cookie(opened: CheckingClient, name: str) -> str | None:
    found = opened.get_cookie(name, domain=HOST)
    return found.value if found else None


def plant(opened: CheckingClient, name: str, value: str) -> None:
    opened.set_cookie(name, value, domain=HOST, path="/", secure=True, httponly=True, samesite="Lax")


def in_visit(opened: CheckingClient) -> dict[str, object]:
    """What the visit's cookie carries."""
    with opened.session_transaction(base_url=ORIGIN) as visit:
        return dict(visit)


def is_in(opened: CheckingClient) -> bool:
    """Whether somebody is signed in: her own sign-ins are a page for everybody who is, for nobody else."""
    return opened.get("/innlogging").status_code == 200


def foreign_tokens(house: House) -> dict[str, tuple[str | None, str]]:
    """What somebody else could send along: a token, and the page it says it comes from."""
    signed_in = browser(house.app)
    sign_in(signed_in, house.world.people["birk"].token)
    return {
        "no token": (None, ""),
        "an empty one": ("", ""),
        "an invented one": ("ImZvcmdlZCI.aSOMEf.c2lnbmF0dXJl", ""),
        "another visit's": (browser(house.app).page("/logg-inn").value_of("csrf_token"), ""),
        "another person's": (signed_in.page("/nodhjelp").value_of("csrf_token"), ""),
    }


@pytest.mark.parametrize("way", DOORS, ids=lambda way: way.__name__)
def test_a_sign_in_form_without_its_own_token_signs_nobody_in(
    house: House, database_url: str, way: Way, tell
) -> None:
    door = way(house)
    own = door.token()
    before, visit = login_token(door.browser), in_visit(door.browser)
    watch = Watch(database_url)
    try:
        tried = foreign_tokens(house) | {"its own, sent from elsewhere": (own, "https://evil.test/")}
        answers = {what: door.send(*sent) for what, sent in tried.items()}
        assert answers == dict.fromkeys(tried, 400)
        assert watch.written() == []
    finally:
        watch.close()
    assert (login_token(door.browser), in_visit(door.browser)) == (before, visit)
    assert not is_in(door.browser)
    assert door.send(own) == 303, "what was typed was right: the token alone made the difference"
    assert is_in(door.browser) == door.signs_in
    tell(f"login csrf: {door.form} ({way.__name__}) refused {len(tried)} of {len(tried)} foreign posts")


@pytest.mark.parametrize("way", LAST_STEPS, ids=lambda way: way.__name__)
def test_a_token_from_before_signing_in_or_out_is_worthless_after_it(house: House, way: Way) -> None:
    door = way(house)
    before = door.token()
    assert door.send(before) == 303
    out = Door(door.browser, "/logg-ut", {}, stands_on="/nodhjelp")
    assert out.send(before) == 400
    assert is_in(door.browser), "nobody was signed out by the old token"
    inside = out.token()
    assert out.send(inside) == 303
    for old in (before, inside):
        assert Door(door.browser, "/sprak", {"language": "ar"}, stands_on="/nodhjelp").send(old) == 400


@pytest.mark.parametrize("way", LAST_STEPS, ids=lambda way: way.__name__)
def test_what_was_planted_in_the_browser_is_replaced_at_sign_in(house: House, way: Way, tell) -> None:
    """Whoever laid the cookies there has copies of all of them: none of the copies lets her in afterwards."""
    door = way(house)
    theirs = house.world.people["sindre"].token
    plant(door.browser, LOGIN, theirs)
    token = door.token()
    if way in {by_digits, by_first_digits}:  # a scan before belongs to a recipient, not to whoever works here
        with door.browser.session_transaction(base_url=ORIGIN) as visit_before:
            visit_before["claim"] = "scanned"
    copies = {name: cookie(door.browser, name) for name in (VISIT, LOGIN)}
    marks = in_visit(door.browser)
    assert copies[VISIT], "there was a visit"
    assert marks["csrf_token"]
    assert door.send(token) == 303
    after = {name: cookie(door.browser, name) for name in (VISIT, LOGIN)}
    assert after[LOGIN] not in {None, theirs}
    assert after[VISIT] != copies[VISIT]
    visit = in_visit(door.browser)
    assert visit.pop("csrf_token") != marks["csrf_token"]
    assert set(visit) <= {"language", "_flashes", "at_work"}, "nothing from before but the language"
    attacker = browser(house.app)
    for name, value in copies.items():
        plant(attacker, name, str(value))
    assert not is_in(attacker)
    tell(f"fixation: {way.__name__}: 2 of 2 planted cookies replaced")


def test_a_page_left_open_works_again_when_the_same_person_is_back_and_for_nobody_else(house: House) -> None:
    phone = house.bound_phone()
    assert phone.submit("/logg-inn", pin=PIN).status_code == 303
    open_page = Door(phone, "/sprak", {"language": "nb"}, stands_on="/nodhjelp")
    token = open_page.token()
    phone.delete_cookie(LOGIN, domain=HOST)  # her sign-in is over, and nobody signed out
    assert phone.submit("/logg-inn", pin=PIN).status_code == 303
    assert open_page.send(token) == 303
    phone.delete_cookie(LOGIN, domain=HOST)
    plant(phone, LOGIN, house.world.people["sindre"].token)
    assert open_page.send(token) == 400
    phone.delete_cookie(LOGIN, domain=HOST)
    assert phone.submit("/logg-inn", pin=PIN).status_code == 303
    assert open_page.send(token) == 400, "somebody else was here: all of hers is drawn anew"


def test_a_phone_planted_before_the_code_is_not_the_one_that_is_bound(house: House) -> None:
    theirs, victim = house.bound_phone(), house.with_code()
    planted = str(cookie(theirs, PHONE))
    plant(victim, PHONE, planted)
    assert victim.submit("/aktiver/pin", pin=PIN, pin_again=PIN).status_code == 303
    assert cookie(victim, PHONE) not in {None, planted}


def test_every_sign_in_makes_a_session_of_its_own_and_signing_out_ends_it(house: House, tell) -> None:
    phone, seen = house.bound_phone(), set()
    visits, rounds = set(), 4
    for _number in range(rounds):
        assert phone.submit("/logg-inn", pin=PIN).status_code == 303
        assert is_in(phone)
        inside = phone.page("/nodhjelp").value_of("csrf_token")
        login, visit = str(login_token(phone)), str(cookie(phone, VISIT))
        assert phone.submit("/logg-ut", on="/nodhjelp").status_code == 303
        assert login_token(phone) is None
        assert set(in_visit(phone)) <= {"language", "_flashes"}
        assert cookie(phone, VISIT) != visit
        seen.add(login)
        visits |= {visit, inside}
        replay = browser(house.app)
        plant(replay, LOGIN, login)
        plant(replay, VISIT, visit)
        assert not is_in(replay), "a copy of the cookies is worth nothing after signing out"
    assert len(seen) == rounds
    assert len(visits) == 2 * rounds
    tell(f"sign-in and out: {rounds} rounds, {len(seen)} different sessions, 0 copies alive afterwards")


def test_half_signed_in_opens_no_page_of_staff(house: House, tell) -> None:
    desk = by_digits(house).browser
    assert login_token(desk) is None
    needs_nothing_in_the_address = [
        rule.rule
        for rule in house.app.url_map.iter_rules()
        if not rule.arguments and "GET" in (rule.methods or ())
        and getattr(house.app.view_functions[rule.endpoint], "access", None) is not None
        and house.app.view_functions[rule.endpoint].access.level == "staff"
    ]  # fmt: skip
    assert len(needs_nothing_in_the_address) >= 5
    answers = {address: desk.get(address).location for address in needs_nothing_in_the_address}
    assert answers == {address: f"/jobb?next={address}" for address in needs_nothing_in_the_address}
    assert desk.get(f"/person/{house.world.people['anna'].public_id}").status_code == 303
    tell(f"half signed in: {len(answers) + 1} pages of staff asked, 0 opened")
