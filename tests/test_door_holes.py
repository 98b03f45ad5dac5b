"""Holes in the doors, each found once and closed: nobody is shut out by another, nothing odd is a fault."""

from __future__ import annotations

import hashlib
from datetime import date

import cbor2
import pytest
from sqlalchemy import select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from portal.people.models import AccessLog, Helper, StaffRole
from portal.people.rules import keys
from portal.people.rules.words import IdentityCheck, Opened, Role
from portal.people.service import activation
from tests.authenticator import Authenticator
from tests.fixtures.application import browser
from tests.fixtures.databases import on_sqlite
from tests.pages import HOST
from tests.staff_door import a_minute_later, code_for, first_step, set_up
from tests.test_administration import CENTRES, NEW_CENTRE, NEW_OFFICE, OFFICES
from tests.test_passkeys import answer, post, question
from tests.test_people import PIN, bind
from tests.test_persons import NEW
from tests.test_staff_roles import give, page_of, role_of

HOST_HASH = hashlib.sha256(HOST.encode()).digest()
FAR_OFF = "9999-12-31"
TEN_YEARS = "Velg en dag innen ti år."


@pytest.fixture
def code(database, world):
    return new_code(database, world, "anna")


def new_code(database, world, name):
    with database.transaction() as s:
        known = {"made_by_id": world.people["vera"].id, "check": IdentityCheck.KNOWN}
        return activation.new_code_for(s, world.people[name].id, hours=48, **known).code


@on_sqlite
def test_fifty_people_at_one_address_may_each_be_wrong_once(app, code):
    phone = browser(app)
    for _number in range(50):
        assert phone.submit("/aktiver", code="ABCDEFGH").status_code == 422
    bind(phone, code)


@on_sqlite
def test_a_picture_on_a_foreign_page_uses_no_try_and_leaves_no_code(app, code):
    phone = browser(app)
    for _number in range(101):
        sent = phone.get("/aktiver/AAAAAAA3", headers={"Sec-Fetch-Mode": "no-cors"})
        assert sent.status_code == 404
    assert phone.get("/aktiver/pin").headers["Location"] == "/aktiver"
    link = f"/aktiver/{code.replace(' ', '')}"
    assert phone.get(link, headers={"Sec-Fetch-Mode": "navigate"}).headers["Location"] == "/aktiver/pin"


@on_sqlite
def test_one_locked_name_does_not_close_the_address_for_the_others(app):
    desk = browser(app)
    for _number in range(5):
        assert first_step(desk, "lise", "x").status_code == 422
    for _number in range(100):
        assert first_step(desk, "lise", "x").status_code == 429
    assert first_step(desk, "vera", "x").status_code == 422


@on_sqlite
def test_who_is_let_in_reads_what_happened_on_the_next_page(app, database, world, code):
    phone = browser(app)
    bind(phone, code)
    assert "Telefonen din er klar." in phone.get("/", follow_redirects=True).text
    borrowed = browser(app)
    borrowed.submit("/aktiver", code=new_code(database, world, "anna"))
    borrowed.submit("/aktiver/pin/lant", on="/aktiver/pin")
    assert "Logg ut når du er ferdig." in borrowed.get("/", follow_redirects=True).text
    desk = browser(app)
    set_up(desk, code_for(database, world, "lise"))
    assert "Alt er klart." in desk.get("/", follow_redirects=True).text


KINDS = ["android-safetynet", "android-key", "packed", "tpm", "apple", "fido-u2f", "none", "", 5]
STATEMENTS = [
    {"ver": "1", "response": 5},
    {"response": b"W10.e30.x"},
    {"x5c": [5], "sig": 5, "alg": 5},
    5,
]


def _broken_attestations(whole):
    """The real one of a device, made wrong in every part that the library takes apart."""
    good = cbor2.loads(whole)
    for kind in KINDS:
        yield from (cbor2.dumps({**good, "fmt": kind, "attStmt": told}) for told in STATEMENTS)
    for data in (b"", 5, good["authData"][:37], good["authData"][:60], good["authData"][:-5]):
        yield cbor2.dumps({**good, "authData": data})
    yield from (cbor2.dumps([1]), b"\x05", b"", whole[:-9])


@on_sqlite
def test_a_broken_new_passkey_is_refused_kindly(app, database, world):
    desk = browser(app)
    set_up(desk, code_for(database, world, "lise"))
    made = Authenticator().make(post(desk, "/innlogging/passnokkel/start").json)
    whole = base64url_to_bytes(made["response"]["attestationObject"])
    for broken in _broken_attestations(whole):
        told = Authenticator().make(post(desk, "/innlogging/passnokkel/start").json)
        told["response"]["attestationObject"] = bytes_to_base64url(broken)
        sent = post(desk, "/innlogging/passnokkel", name="PC", credential=told)
        assert (sent.status_code, "ble ikke laget" in sent.text) == (422, True), broken


@on_sqlite
@pytest.mark.parametrize("broken", [b"", b"\x05", bytes(37), HOST_HASH + b"\xc5" + bytes(4)])
def test_a_broken_answer_from_a_passkey_is_a_wrong_try(app, database, world, broken):
    desk, device = browser(app), Authenticator()
    set_up(desk, code_for(database, world, "lise"))
    options = post(desk, "/innlogging/passnokkel/start").json
    assert post(desk, "/innlogging/passnokkel", name="PC", credential=device.make(options)).status_code == 201
    with a_minute_later():
        other = browser(app)
        token, asked = question(other)
        said = device.use(asked)
        said["response"]["authenticatorData"] = bytes_to_base64url(broken)
        assert answer(other, token, said).status_code == 422


@on_sqlite
def test_ticks_that_nobody_could_have_made_are_left_out(as_):
    mona = as_("mona")
    office = {**NEW_OFFICE, "languages": ["a\x00r"], "centres": ["a\x00b"]}
    assert mona.submit(f"{OFFICES}/ny", **office).status_code == 303
    assert mona.submit(f"{CENTRES}/ny", **NEW_CENTRE, offices=["a\x00b"]).status_code == 303


@on_sqlite
@pytest.mark.parametrize("days", [{"to_on": FAR_OFF}, {"from_on": FAR_OFF}])
def test_days_of_help_lie_within_ten_years(as_, database, world, days):
    address = f"/person/{world.people['anna'].public_id}"
    told = {"who": world.people["vidar"].public_id, "purpose": "plan", "from_on": "2026-11-23"}
    sent = as_("vera").submit(f"{address}/hjelper", on=f"{address}/om", **{**told, **days})
    assert (sent.status_code, TEN_YEARS in sent.text) == (422, True)
    with database.transaction(writes=False) as s:
        assert s.scalars(select(Helper).where(Helper.from_on > date(2027, 1, 1))).all() == []


@on_sqlite
def test_days_of_a_role_lie_within_ten_years(as_, world):
    mona, page, role = as_("mona"), page_of(world, "vera"), role_of(world, "vera")
    for days in ({"to_on": FAR_OFF}, {"from_on": FAR_OFF}):
        assert TEN_YEARS in give(mona, page, role="admin", **days).text
    assert TEN_YEARS in mona.submit(f"{role}/siste-dag", on=role, last_day=FAR_OFF).text


@on_sqlite
def test_asking_whether_a_name_is_known_stands_in_the_log(as_, database):
    as_("vera").submit("/person/ny", **NEW)
    with database.transaction(writes=False) as s:
        opened = s.scalars(select(AccessLog.opened).where(AccessLog.person_id.is_(None))).all()
    assert opened == [Opened.SEARCH]


@on_sqlite
def test_a_code_made_void_meanwhile_is_not_used_up(database, world, code):
    """Two transactions: one has found the code, the other makes it void before it is used."""
    with database.transaction(writes=False) as s:
        found = activation._find_code(s, code)
    with database.transaction() as s:
        activation.void_codes_of(s, world.people["anna"].id)
    with database.transaction() as s:
        assert not activation.use_up(s, found.id)


@on_sqlite
def test_a_role_that_is_over_is_not_taken_up_again(as_, database, world):
    mona, role = as_("mona"), role_of(world, "vera")
    form = mona.page(role)
    assert mona.submit(f"{role}/slutt", on=role).status_code == 303
    fields = {"csrf_token": form.value_of("csrf_token"), "last_day": "2026-12-24"}
    assert mona.post(f"{role}/siste-dag", data=fields).status_code == 404


@on_sqlite
def test_the_days_of_a_coming_admin_are_covered_too(as_, database, world):
    mona, role = as_("mona"), role_of(world, "mona")
    give(mona, page_of(world, "sara"), role="admin", from_on="2026-12-25")
    assert mona.submit(f"{role}/siste-dag", on=role, last_day="2026-12-24").status_code == 303
    with database.transaction(writes=False) as s:
        saras = s.scalars(
            select(StaffRole).where(StaffRole.role == Role.ADMIN, StaffRole.from_on > date(2026, 12, 1))
        )
        coming = f"/administrasjon/rolle/{saras.one().public_id}"
    said = "Min vei trenger alltid en administrator."
    assert said in mona.submit(f"{coming}/slutt", on=coming).text
    assert said in mona.submit(f"{coming}/siste-dag", on=coming, last_day="2027-01-01").text
    give(mona, page_of(world, "lise"), role="admin", from_on="2026-12-20")
    assert mona.submit(f"{coming}/slutt", on=coming).status_code == 303


@pytest.mark.parametrize("pin", ["121212", "112211", "900009", "555556"])
def test_a_pin_of_two_digits_is_easy(pin):
    assert keys.pin_is_easy(pin)


@on_sqlite
def test_a_pin_is_not_ones_own_date_of_birth(app, code):
    phone = browser(app)
    phone.submit("/aktiver", code=code)
    for pin in ("040302", "020304"):
        sent = phone.submit("/aktiver/pin", pin=pin, pin_again=pin)
        assert (sent.status_code, "lett å gjette" in sent.text) == (422, True)
    assert phone.submit("/aktiver/pin", pin=PIN, pin_again=PIN).status_code == 303
