"""Other ways in, as a browser without scripts meets them: number and PIN, letters, her own code, by name."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.attendance.models import CentreDevice, LettersClaim
from portal.attendance.rules.devices import DeviceKind
from portal.attendance.rules.registered import Channel, Status
from portal.attendance.service import devices, running_devices
from portal.db import new_public_id
from portal.people.models import Centre, Credential, Person
from portal.people.service import sessions
from portal.people.service.phones import HASHER, NOBODYS
from tests.attendance_door import later, opened
from tests.fixtures.application import browser
from tests.fixtures.databases import on_sqlite
from tests.pages import ORIGIN, CheckingClient
from tests.test_attendance_pages import press, scan

pytestmark = on_sqlite
PIN, NUMBER = "482913", "1234"
_LEAVE_IN_ARABIC = "المغادرة الآن"


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        with door.database.transaction() as s:
            s.execute(update(Credential).values(pin_hash=NOBODYS))
            anna = s.get_one(Person, door.id("anna"))
            anna.number, anna.language = int(NUMBER), "ar"
            phone = Credential(
                person_id=anna.id, device_hash=sessions.token_hash("x"), created_at=clock.now_utc()
            )
            phone.used_at, phone.pin_hash = clock.now_utc(), HASHER.hash(PIN)
            s.add(phone)
        yield door


@pytest.fixture
def tablet(app, door) -> CheckingClient:
    with door.database.transaction() as s:
        added = running_devices.new_device(
            s, 1, kind=DeviceKind.TABLET, name="Ved kaffen", by_id=door.id("synne")
        )
    opened_here = browser(app)
    asked = opened_here.get("/nettbrett")
    assert press(opened_here, asked, 'name="code"', code=added.code).request.path == "/nettbrett"
    return opened_here


def own(door) -> str:
    return door.world.centres["own"]


def test_a_scan_on_a_phone_that_knows_nobody_offers_number_and_pin_and_signs_nobody_in(door, client):
    offered = scan(client, door, follow_redirects=True)
    assert re.search(r'data-variant="primary"[^>]*><span>Skriv nummer og PIN', offered.text)
    assert re.search(r'data-variant="secondary"[^>]*><span>Jeg har en engangskode fra Nav', offered.text)
    lost = press(client, client.get("/aktiver"), 'name="code"', code="482 913")
    assert "De seks tallene fra skjermen skriver du her." in lost.text
    assert lost.request.path == "/inn"
    asked = client.get("/inn/nummer")
    with later(minutes=3):
        wrong = press(client, asked, "Sjekk inn", number=NUMBER, pin="000000")
        assert wrong.status_code == 422
        assert "Nummeret eller PIN-en stemmer ikke" in wrong.text
        unknown = press(client, asked, "Sjekk inn", number="9999", pin=PIN)
        assert wrong.text.count("ds-alert") == unknown.text.count("ds-alert") == 1
        done = press(client, asked, "Sjekk inn", number=NUMBER, pin=PIN)
    assert done.request.path == "/inn/velkommen"
    assert 'lang="ar"' in done.text
    assert 'http-equiv="refresh" content="8; url=/inn"' in done.text
    assert "A!" in done.text.replace("\u2068", "").replace("\u2069", "")
    assert "Anna" not in done.text
    assert "08:30" in done.text or "08.30" in done.text  # when she scanned, not when she typed
    assert client.get("/inn/velkommen").status_code == 303  # shown once
    assert client.get("/oppmote").location.startswith("/logg-inn")  # nobody is signed in
    assert client.get("/inn/nummer").location == "/inn"  # and the code is used up
    assert door.row("anna").channel is Channel.QR


def test_nobody_waits_to_write_while_a_pin_is_compared(app, door, tablet, client, monkeypatch):
    database, waits, real = app.extensions["portal"].database, [], type(HASHER).verify

    def noted(self, known, pin):
        waits.append(database._write_lock.locked())
        return real(self, known, pin)

    monkeypatch.setattr(type(HASHER), "verify", noted)
    scan(client, door)
    for here, where, button in ((client, "/inn/nummer", "Sjekk inn"), (tablet, "/nettbrett", "Jeg er her")):
        asked = here.get(where)
        for pin in ("000000", PIN):
            press(here, asked, button, number=NUMBER, pin=pin)
    assert waits == [False] * 8  # two phones for each of four tries
    assert door.row("anna").arrived_at is not None


def test_the_tablet_greets_with_one_letter_and_nothing_stays_for_the_next(door, tablet):
    first = tablet.get("/nettbrett")
    assert 'name="number"' in first.text
    assert 'href="/"' not in first.text  # no way from here to anywhere
    done = press(tablet, first, "Jeg er her", number=NUMBER, pin=PIN)
    assert "url=/nettbrett" in done.text
    assert "no-store" in done.headers["Cache-Control"]
    again = tablet.get("/nettbrett")
    for page in (tablet.get("/inn/velkommen", follow_redirects=True), again):
        assert "Anna" not in page.text
        assert NUMBER not in page.text
        assert 'lang="nb"' in page.text
    assert door.row("anna").channel is Channel.TABLET
    wrong = press(tablet, again, "Jeg er her", number="77", pin="1")
    assert wrong.status_code == 422
    assert "77" not in re.sub(r'"[^"]*"|[0-9a-f-]{20,}', "", wrong.text)


def test_a_tablet_that_was_taken_out_of_use_checks_nobody_in(door, tablet):
    page = tablet.get("/nettbrett")
    with door.database.transaction() as s:
        s.execute(update(CentreDevice).values(revoked_at=clock.now_utc()))
    refused = press(tablet, page, "Jeg er her", number=NUMBER, pin=PIN)
    assert refused.status_code == 410
    assert door.events() == []


def test_what_the_tablet_kept_comes_with_its_time_and_shows_no_receipt_to_the_next(door, tablet):
    page = tablet.get("/nettbrett")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    told = {
        "csrf_token": token,
        "number": NUMBER,
        "pin": PIN,
        "nonce": new_public_id(),
        "waited_seconds": "500",
    }
    with later(minutes=9):
        kept = tablet.post("/nettbrett", data=told, headers={"Accept": "application/json"})
        assert kept.json == {"kept": True}
        assert tablet.get("/inn/velkommen").location == "/inn"
        wrong = {**told, "pin": "1", "nonce": new_public_id()}
        said = tablet.post("/nettbrett", data=wrong, headers={"Accept": "application/json"})
        assert said.status_code == 422
        assert list(said.json) == ["error"]
        assert clock.now_utc() - door.row("anna").arrived_at == timedelta(seconds=500)


def test_letters_are_shown_to_staff_who_say_who_it_is(door, client, as_):
    offered = scan(client, door, follow_redirects=True)
    shown = press(client, offered, "Vis tre bokstaver")
    letters = re.search(r"big-letters[^>]*><b>([A-Z]{3})</b>", shown.text)[1]
    assert 'http-equiv="refresh"' in shown.text
    sara = as_("sara")
    board = sara.get(f"/tavle/{own(door)}")
    assert f"Noen står her med {letters}" in board.text
    choose = sara.get(re.search(r'href="(/tavle/[^"]+venter=[^"]+)"', board.text)[1])
    assert "Petra" not in choose.text
    with later(minutes=6):
        done = press(sara, choose, "Anna")
        assert done.request.path == f"/tavle/{own(door)}"
        assert letters not in done.text
        assert door.row("anna").channel is Channel.LETTERS
        assert door.row("anna").arrived_at < clock.now_utc() - timedelta(minutes=5)
        told = client.get("/inn/bokstaver")
        assert "Du er sjekket inn" in told.text
        assert "Anna" not in told.text
        assert "Du er sjekket inn" in client.get("/inn/bokstaver").text  # a reload shows it again
        assert "Du er sjekket inn på" in client.get("/inn").text
    with later(minutes=16):
        assert client.get("/inn/bokstaver").location == "/inn"
        assert "Du er sjekket inn" not in client.get("/inn").text


def test_who_is_expected_elsewhere_is_told_before_she_taps_and_let_in_by_letters(door, as_):
    celine, sara = as_("celine"), as_("sara")
    asked = scan(celine, door, follow_redirects=True)
    assert "Du er ventet på" in asked.text
    assert 'action="/oppmote/her"' not in asked.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', asked.text)[1]
    again = celine.post("/oppmote/her", data={"csrf_token": token}, follow_redirects=True)
    assert "Du er ventet på" in again.text  # whoever taps an old page meets the same, not an error
    assert door.events() == []
    letters = re.search(r"<b>([A-Z]{3})</b>", press(celine, asked, "Vis tre bokstaver").text)[1]
    assert f"Noen står her med {letters}" in sara.get(f"/tavle/{own(door)}").text
    door.come("celine", door.scan(door.code("other").token))
    assert "Du er sjekket inn" in celine.get("/oppmote").text, "she came where she is expected"


def test_a_tablet_goes_back_to_its_own_language_when_nobody_stands_there(tablet):
    page = tablet.get("/nettbrett")
    assert "data-language-url" not in page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    told = {"csrf_token": token, "next": "/nettbrett"}
    arabic = tablet.post("/sprak", data={**told, "language": "ar"}, follow_redirects=True)
    assert 'lang="ar"' in arabic.text
    assert 'data-language-url="/sprak"' in arabic.text
    cleared = tablet.post("/sprak", data={**told, "language": ""}, follow_redirects=True)
    assert 'lang="ar" dir="rtl" data' not in cleared.text
    assert "data-language-url" not in cleared.text


def test_an_open_board_hears_of_letters_and_says_nothing_of_who_it_is(door, client, as_):
    sara = as_("sara")
    seen = sara.get(f"/tavle/{own(door)}/endringer").json
    press(client, scan(client, door, follow_redirects=True), "Vis tre bokstaver")
    news = sara.get(f"/tavle/{own(door)}/endringer?since={seen['version']}").json
    assert news["changed"]
    assert "Noen står her med" in news["letters"]
    with later(minutes=16):
        assert "Noen" not in sara.get(f"/tavle/{own(door)}/endringer").json["letters"]
        assert "Det gikk for lang tid" in client.get("/inn/bokstaver").text


def test_without_a_code_there_are_neither_letters_nor_a_number_to_type(door, client):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/inn").text)[1]
    for address in ("/inn/bokstaver", "/inn/nummer"):
        assert client.get(address).location == "/inn"
        client.post(address, data={"csrf_token": token, "number": NUMBER, "pin": PIN})
    with door.database.transaction(writes=False) as s:
        assert s.query(LettersClaim).count() == 0
    assert door.events() == []


def test_her_own_code_is_read_asked_about_and_checked_in(door, as_):
    code_page = as_("anna").get("/oppmote/min-kode")
    code = re.search(r"big-letters[^>]*><b>([A-Z0-9 ]{7})</b>", code_page.text)[1]
    assert re.search(r'http-equiv="refresh" content="\d+"', code_page.text)
    sara = as_("sara")
    find = sara.get(f"/tavle/{own(door)}/finn")
    assert "camera=(self)" in find.headers["Permissions-Policy"]
    assert "camera=()" in sara.get("/tavle", follow_redirects=True).headers["Permissions-Policy"]
    asked = press(sara, find, 'name="code"', code=code.replace(" ", ""))
    assert "Anna" in asked.text
    assert door.events() == []
    press(sara, asked, "Sjekk inn")
    assert door.row("anna").channel is Channel.OWN_QR
    made_up = press(sara, find, 'name="code"', code="AAAAAA")
    assert made_up.status_code == 422
    assert "Koden er ukjent eller for gammel" in made_up.text
    assert as_("petra").get("/oppmote/min-kode").location == "/inn"


def test_staff_find_by_name_and_a_protected_person_answers_like_an_unknown_one(door, as_):
    sara = as_("sara")
    find = sara.get(f"/tavle/{own(door)}/finn")
    answers = [press(sara, find, 'name="name"', name=name) for name in ("Petra", "Qwerty")]
    bare = [re.sub(r'value="[^"]*"', "", one.text) for one in answers]
    assert bare[0] == bare[1]
    assert "Finner du ikke personen? Ring kontoret." in bare[0]
    with door.database.transaction() as s:
        s.execute(update(Person).where(Person.id == door.id("birk")).values(is_paused=True))
    press(sara, press(sara, find, 'name="name"', name="birk"), "Birk")
    assert door.row("birk").channel is Channel.WALK_IN
    short = press(as_("sara"), find, 'name="name"', name="a")
    assert short.status_code in (400, 422)


def test_leaving_is_offered_only_where_the_centre_asks(door, as_):
    anna = as_("anna")
    receipt = press(anna, scan(anna, door, follow_redirects=True), "هنا")
    assert "/oppmote/ga/" not in receipt.text
    with door.database.transaction() as s:
        s.execute(update(Centre).values(wants_check_out=True))
    receipt = anna.get("/oppmote")
    gone = press(anna, receipt, _LEAVE_IN_ARABIC)
    assert "/oppmote/ga/" not in gone.text
    assert door.row("anna").status is Status.HERE


def kept(browser, page, **told):
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    item = {"nonce": new_public_id(), "at": clock.now_utc().isoformat(), **told}
    return browser.post("/lagret-innsjekk", json=item, headers={"X-CSRFToken": token})


def test_a_kept_scan_is_hers_alone_and_never_too_late(door, as_, client):
    code, who, at = door.code().token, door.public_id("anna"), clock.now_utc().isoformat()
    with later(minutes=50):
        birk, anna = as_("birk"), as_("anna")
        scanned = {"code": code, "at": at, "who": who, "nonce": "a" * 22}
        assert kept(birk, birk.get("/inn"), **scanned).json == {"state": "not_yours"}
        for _again in range(2):  # the answer was lost, and it is sent again
            answer = kept(anna, anna.get("/inn"), **scanned).json
            assert (answer["state"], answer["next"]) == ("received", "/oppmote")
        forged = code[:-1] + ("Q" if code.endswith("A") else "A")
        assert kept(anna, anna.get("/inn"), code=forged, who=who).status_code == 422
    assert len(door.events()) == 1
    assert door.row("anna").arrived_at.isoformat() == at
    door.undo("anna")
    with later(minutes=51):
        with door.database.transaction() as s:
            s.get_one(Person, door.id("anna")).language = "nb"
        anna = as_("anna")
        told = kept(anna, anna.get("/inn"), **scanned).json
        assert told["state"] == "taken_back"
        assert "har tatt dette tilbake" in told["text"]


def test_a_scan_that_nobody_s_phone_kept_waits_for_whoever_signs_in(door, client, as_):
    code, at = door.code().token, clock.now_utc().isoformat()
    assert kept(client, client.get("/inn"), code=code, at=at).json["state"] == "sign_in"
    with later(minutes=50):
        scanned = {"code": code, "at": at, "nonce": "a" * 22}
        told = kept(client, client.get("/inn"), **scanned).json
        assert (told["state"], told["next"]) == ("wait", "/oppmote")
        assert "Logg inn" in told["text"]
        assert "Skriv nummer og PIN" not in client.get("/oppmote", follow_redirects=True).text
        asked = client.get("/inn")
        press(client, asked, 'name="code"', code=door.code().digits)
        assert kept(client, asked, **scanned).json["state"] == "wait"
        offered = client.get("/oppmote", follow_redirects=True)  # what she used now is worth more
        assert "Skriv nummer og PIN" in offered.text
        birk = as_("birk")
        assert kept(birk, birk.get("/inn"), **scanned).json["state"] == "ask"
        press(birk, birk.get("/oppmote"), "Jeg er her")
    assert door.row("birk").arrived_at.isoformat() == at
    assert door.row("birk").to_look_at


def test_nobody_is_welcomed_by_a_tap_that_staff_took_back(door, client, tablet, as_):
    typed = {"number": NUMBER, "pin": PIN}
    page = tablet.get("/nettbrett")
    press(tablet, page, "Jeg er her", **typed)
    door.undo("anna")
    again = press(tablet, page, "Jeg er her", **typed)
    assert (again.status_code, again.request.path) == (422, "/nettbrett")
    assert "har tatt dette tilbake" in again.text
    scan(client, door)
    with client.session_transaction(base_url=ORIGIN) as visit:
        claim = visit["claim"]
    press(client, client.get("/inn/nummer"), "Sjekk inn", **typed)
    door.undo("anna")
    with client.session_transaction(base_url=ORIGIN) as visit:
        visit["claim"] = claim
    asked = client.get("/inn/nummer")
    again = press(client, asked, "Sjekk inn", **typed)
    assert again.request.path == "/inn"
    assert "har tatt dette tilbake" in again.text


def test_letters_say_so_when_staff_take_the_arrival_back(door, client, as_):
    press(client, scan(client, door, follow_redirects=True), "Vis tre bokstaver")
    sara = as_("sara")
    board = sara.get(f"/tavle/{own(door)}")
    choose = sara.get(re.search(r'href="(/tavle/[^"]+venter=[^"]+)"', board.text)[1])
    press(sara, choose, "Anna")
    door.undo("anna")
    told = client.get("/inn/bokstaver", follow_redirects=True)
    assert "har tatt dette tilbake" in told.text


@pytest.mark.parametrize("waited", ["9" * 5000, "٣", "-1", "1e9"])
def test_odd_waiting_times_from_a_tablet_lose_nobody(door, tablet, waited):
    press(tablet, tablet.get("/nettbrett"), "Jeg er her", number=NUMBER, pin=PIN, waited_seconds=waited)
    assert door.row("anna").arrived_at == clock.now_utc()


def test_a_device_is_answered_when_its_being_seen_cannot_be_written(door, tablet, monkeypatch):
    def broken(*_told):
        raise OperationalError("", None, Exception())

    monkeypatch.setattr(devices, "note_seen", broken)
    with later(minutes=5):
        assert tablet.get("/nettbrett").status_code == 200


def test_a_kept_tap_carries_the_time_of_the_scan(door, as_):
    anna = as_("anna")
    asked = scan(anna, door, follow_redirects=True)
    claim, at = re.search(r'data-claim="([^"]+)"', asked.text)[1], clock.now_utc()
    with later(minutes=45):
        anna = as_("anna")
        answer = kept(anna, anna.get("/inn"), claim=claim, who=door.public_id("anna"))
        assert answer.json["state"] == "received"
        forged = kept(anna, anna.get("/inn"), claim=claim[:-2] + "xx", who=door.public_id("anna"))
        assert forged.status_code == 422
    assert door.row("anna").arrived_at == at


def test_fifty_people_in_one_minute_on_one_address_are_never_stopped(door, app, client):
    for number in range(50):
        phone = browser(app)
        phone.environ_base["REMOTE_ADDR"] = "198.51.100.7"
        offered = scan(phone, door, follow_redirects=True)
        way = (
            press(phone, offered, "Vis tre bokstaver")
            if number % 2
            else press(phone, phone.get("/inn/nummer"), "Sjekk inn", number=NUMBER, pin=PIN)
        )
        assert way.status_code == 200
