"""The pages of screens and tablets: what they show, when they stop, and that they open nothing personal."""

import re
from datetime import datetime

import pytest

from portal import clock
from portal.attendance.rules import windows
from portal.attendance.rules.devices import DeviceKind
from portal.attendance.service import codes, keys
from portal.errors import Refused
from tests.attendance_door import later, opened
from tests.calls import every_call, make
from tests.fixtures.application import browser, code_on
from tests.fixtures.databases import on_sqlite
from tests.pages import HOST

pytestmark = on_sqlite

ENDED = "er tatt ut av bruk"


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as found:
        yield found


@pytest.fixture
def standing(app, door):
    """A screen or a tablet that stands at the centre, as a browser of its own."""

    def stands(kind=DeviceKind.SCREEN, centre="own"):
        visitor = browser(app)
        visitor.set_cookie("__Host-device", door.device(kind, centre=centre), domain=HOST, secure=True)
        return visitor

    return stands


@pytest.fixture
def run(world):
    """Where a centre's devices are run."""
    return f"/senter/{world.centres['own']}/enheter"


def at(year, month, day, hour, minute, second=0, *, fold=0):
    return clock.stop_at(datetime(year, month, day, hour, minute, second, tzinfo=clock.OSLO, fold=fold))


def digits_of(screen):
    return screen.get("/skjerm/kode").json["digits"]


def press(browser, address, button, beside=""):
    """Press the first button of this name on a page, after what it stands beside."""
    page = browser.get(address).text.partition(beside)[2] if beside else browser.get(address).text
    forms = re.findall(r"<form[^>]*action=\"([^\"]+)\"[^>]*>(.*?)</form>", page, re.DOTALL)
    action = next(action for action, inside in forms if button in inside)
    return browser.submit(action, on=address)


def inside(page, mark):
    """What stands in the element with this class."""
    return re.search(rf'class="{mark}[^"]*">([^<]+)<', page)[1]


def add(lead, run, kind="screen", name="Skjermen ved døra"):
    """Add a device on the page, as whoever is in charge does; the code that she then reads."""
    made = lead.submit(run, kind=kind, name=name)
    assert made.status_code == 303, made.text
    return inside(lead.get(made.location).text, "slip-letters"), made.location


def test_a_screen_is_added_coupled_shown_and_taken_out_of_use(as_, app, run):
    synne, tv = as_("synne"), browser(app)
    code, waiting = add(synne, run)
    assert "Venter på at koden blir skrevet" in synne.get(run).text
    assert synne.get(waiting).status_code == 200, "a reload makes no new one"
    assert tv.submit("/enhet", on="/skjerm", kind="screen", code="AAAA AAAA").status_code == 422
    coupled = tv.submit("/enhet", on="/skjerm", kind="screen", code=code)
    assert (coupled.status_code, coupled.location) == (303, "/skjerm")
    cookie = next(one for one in coupled.headers.getlist("Set-Cookie") if one.startswith("__Host-device"))
    assert {"Secure", "HttpOnly", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}
    assert synne.get(waiting).location == run, "nothing to type any more"
    shown = synne.get(run).text
    assert "Skjermen ved døra er i bruk nå." in shown
    assert "Sist sett mandag 23. november kl. 08.30." in shown
    assert inside(tv.get("/skjerm").text, "screen-digits").replace(" ", "") == digits_of(tv)
    assert press(synne, run, "Ta ut av bruk", beside="ved døra").location == run
    assert tv.get("/skjerm/kode", headers={"Accept": "application/json"}).status_code == 410
    assert ENDED in tv.get("/skjerm").text, "the open page loads itself again, and says why"
    assert "av SynneGivenkanari" in synne.get(run).text


def test_a_device_that_was_taken_out_is_told_so_once_and_forgets_that_it_was_one(as_, run, standing):
    tablet = standing(DeviceKind.TABLET)
    assert tablet.get("/nettbrett").status_code == 200
    press(as_("mona"), run, "Ta ut av bruk", beside="ved døra")
    told = tablet.get("/nettbrett")
    assert ENDED in told.text
    assert "__Host-device=;" in told.headers["Set-Cookie"]
    assert ENDED not in tablet.get("/nettbrett").text


def test_coupling_signs_out_whoever_was_signed_in_there(as_, app, run):
    """A screen or a tablet stands alone among people; no desk may lie open on it."""
    synne, other = as_("synne"), as_("sara")
    code, _waiting = add(synne, run, kind="tablet")
    assert other.submit("/enhet", on="/nettbrett", code=code).location == "/nettbrett"
    assert other.get("/tavle").status_code == 303
    assert "/jobb" in other.get("/tavle").location


def test_each_device_stays_what_it_is(standing):
    assert standing(DeviceKind.TABLET).get("/skjerm").location == "/nettbrett"
    assert standing(DeviceKind.SCREEN).get("/nettbrett").location == "/skjerm"
    assert standing(DeviceKind.TABLET).get("/skjerm/kode").status_code == 410


def test_a_device_opens_no_page_that_a_stranger_does_not(app, world, door, standing):
    """It is nobody: each route answers it as it answers somebody who never signed in."""
    secrets = [door.device(kind) for kind in DeviceKind]
    for call in every_call(actors=("anonymous",)):
        if call.method == "GET" and not call.endpoint.startswith(("attendance.screen", "attendance.tablet")):
            for secret in secrets:
                answer = make(app, world, call, device=secret)
                assert answer.status_code in call.expected, call


def test_a_new_key_ends_old_codes_at_once_and_the_screen_goes_on(as_, client, door, run, standing):
    screen, synne = standing(), as_("synne")
    old = screen.get("/skjerm/kode").json
    scanned = door.code().token
    assert "Laget 23. november 2026 kl. 08.30." in synne.get(run).text
    assert press(synne, run, "Lag ny nøkkel").location == run
    assert "Laget 23. november 2026 kl. 08.30 av SynneGivenkanari" in synne.get(run).text
    new = screen.get(f"/skjerm/kode?shown={old['version']}").json
    assert new["digits"] != old["digits"], "in the same half-minute, and without a reload"
    assert client.get(f"/inn/{scanned}").status_code == 422
    assert client.submit("/inn", code=old["digits"]).status_code == 422
    assert client.submit("/inn", code=new["digits"]).location == "/oppmote"


def test_what_a_phone_kept_before_a_new_key_still_counts_and_is_looked_at(as_, door, run):
    """Her scan was good when she made it; she knows nothing of keys. A code made afterwards is forged."""
    scanned, centre = door.code().token, door.world.centres["own"]
    with later(minutes=1), door.database.transaction(writes=False) as s:
        old = keys.keys_of(s, [1])[1].secret
        too_late = windows.token(old, centre, windows.window_of(clock.now_utc()))
    press(as_("synne"), run, "Lag ny nøkkel")
    with later(minutes=1), door.database.transaction(writes=False) as s:
        claim = codes.claim_from_kept(s, scanned, scanned_at=clock.now_utc(), nonce="kept-by-her-phone-01")
        assert claim.to_look_at
        with pytest.raises(Refused):
            codes.claim_from_kept(s, too_late, scanned_at=clock.now_utc(), nonce="kept-by-nobody-0001")


def test_an_open_screen_gets_a_new_code_each_half_minute_and_else_only_the_time(client, standing):
    screen = standing()
    page = screen.get("/skjerm").text
    version = re.search(r'data-shown="([^"]+)"', page)[1]
    assert ">minvei.test/inn</bdi>" in page
    with later(seconds=29):
        assert screen.get(f"/skjerm/kode?shown={version}").json == {
            "version": version, "clock": "08.30", "left_ms": 1000, "open": True,
        }  # fmt: skip
    with later(seconds=30):
        fresh = screen.get(f"/skjerm/kode?shown={version}").json
        assert fresh["qr"].startswith("data:image/svg+xml")
        assert fresh["left_ms"] == 30_000
        assert client.submit("/inn", code=fresh["digits"]).location == "/oppmote"


def test_the_screen_and_the_row_say_so_when_the_centre_is_closed_today(as_, door, world, standing):
    screen, where = standing(), f"/senter/{world.centres['own']}"
    door.come("anna", door.scan())
    closed = as_("synne").submit(f"{where}/stengte-dager", on=where, day="23.11.2026")
    assert closed.status_code == 303
    assert screen.get("/skjerm/kode").json["open"] is False
    assert "Stengt i dag." in screen.get("/skjerm").text
    board = as_("sara").get(f"/tavle/{world.centres['own']}").text
    assert "Ikke på lista" not in board
    assert '<span class="meta">Stengt i dag.</span>' in board
    assert '<td class="blank">08.30</td>' in as_("sara").get(f"/tavle/{world.centres['own']}/liste").text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (at(2026, 11, 23, 17, 0), at(2026, 11, 24, 8, 15)),
        (at(2026, 11, 23, 23, 59, 59), at(2026, 11, 24, 0, 0, 1)),
        (at(2026, 3, 29, 1, 59, 59), at(2026, 3, 29, 3, 0, 1)),
        (at(2026, 10, 25, 2, 59, 59), at(2026, 10, 25, 2, 0, 1, fold=1)),
        (at(2026, 12, 31, 23, 59, 59), at(2027, 1, 1, 0, 0, 1)),
    ],
    ids=["left on over night", "midnight", "summer begins", "summer ends", "new year"],
)
def test_a_screen_goes_on_over_night_and_over_clock_changes(app, door, standing, before, after):
    """The key of the day changes by itself; a code scanned just before still counts just after."""
    screen = standing()
    with before:
        old, version = digits_of(screen), screen.get("/skjerm/kode").json["version"]
        scanned, left = door.code().token, screen.get("/skjerm/kode").json["left_ms"]
    assert 0 < left <= 30_000
    with after:
        new = screen.get(f"/skjerm/kode?shown={version}").json
        assert new["digits"] != old
        phone = browser(app)
        assert phone.submit("/inn", code=new["digits"]).status_code == 303
        fresh_enough = left <= 1_000
        assert phone.get(f"/inn/{scanned}").status_code == (303 if fresh_enough else 422)


def test_a_screen_tells_no_instant_that_its_own_clock_could_be_held_against(standing):
    """Its clock may be wrong by years: it is told how long a code lasts, never until when."""
    told = standing().get("/skjerm/kode").json
    assert set(told) == {"version", "clock", "left_ms", "qr", "digits", "open"}
    assert "2026" not in str({name: value for name, value in told.items() if name != "qr"})


def test_without_scripts_the_screen_renews_itself_when_the_code_ends(standing):
    screen = standing()
    with later(seconds=12):
        assert '<noscript><meta http-equiv="refresh" content="19"></noscript>' in screen.get("/skjerm").text


def test_a_screen_that_is_not_heard_from_is_said_to_be_silent(as_, run, standing):
    screen, synne = standing(), as_("synne")
    silent = "Vi hører ikke fra den nå"
    assert silent not in synne.get(run).text
    with later(minutes=6):
        assert silent in as_("synne").get(run).text
        screen.get("/skjerm/kode")
        assert silent not in as_("synne").get(run).text


def test_a_device_in_use_keeps_its_cookie_alive(watch, standing):
    """A browser forgets after 400 days; being seen is written once a minute, and renews it."""
    screen = standing()
    watch.written()
    assert "__Host-device" not in screen.get("/skjerm/kode").headers.get("Set-Cookie", "")
    assert watch.written() == []
    with later(minutes=1):
        renewed = screen.get("/skjerm/kode").headers["Set-Cookie"]
        assert {row.split()[0] for row in watch.written()} == {"centre_device"}
    assert "Max-Age=34560000" in renewed


def test_a_lead_reaches_her_own_centre_s_devices_from_the_board_and_staff_do_not(as_, run, world):
    board = f"/tavle/{world.centres['own']}"
    assert run in as_("synne").get(board).text
    assert run not in as_("sara").get(board).text
    assert run in as_("mona").get(f"/administrasjon/senter/{world.centres['own']}").text


def test_a_name_or_a_kind_that_is_missing_is_said_at_its_field(as_, run):
    synne = as_("synne")
    assert "Skriv hvor den står." in synne.submit(run, kind="screen", name=" ").text
    answer = synne.submit(run, kind="printer", name="Skriveren")
    assert answer.status_code == 422
    assert "Velg skjerm eller nettbrett." in answer.text
    assert "Skriveren" in answer.text, "what was typed stays"


def test_a_pin_that_was_forgotten_at_the_door_costs_no_arrival(as_, client, door, world):
    """Anna has scanned and cannot sign in. Whoever is in charge gives her a code; her time stays."""
    anna, board = world.people["anna"].public_id, f"/tavle/{world.centres['own']}/person"
    way = f"/person/{anna}/kode"
    assert way in as_("synne").get(f"{board}/{anna}").text
    assert way not in as_("sara").get(f"{board}/{anna}").text
    client.get(f"/inn/{door.code().token}")
    with later(minutes=6):
        synne = as_("synne")
        code = code_on(synne.get(synne.submit(way, check="showed_id").location).text)
        assert client.submit("/aktiver", code=code).status_code == 303
        bound = client.submit("/aktiver/pin", pin="582914", pin_again="582914")
        assert bound.location == "/oppmote"
        client.submit("/oppmote/her", on="/oppmote")
        row = door.row("anna")
        assert "SynneGivenkanari" in as_("anna").get("/hvem-har-sett").text
    assert row.arrived_at == clock.now_utc(), "when she scanned, not when she had her PIN again"


def test_nobody_but_her_helpers_gives_a_protected_person_a_code(as_, world):
    petra = world.people["petra"].public_id
    assert as_("synne").get(f"/person/{petra}/kode").status_code == 404
