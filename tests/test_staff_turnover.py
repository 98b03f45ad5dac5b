"""Staff turnover: a veileder leaves at noon, and at 12.00.05 nothing of hers answers, in any process."""

import time as stopwatch
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.people.models import LoginSession
from portal.people.rules.words import Level
from portal.people.service import activation, sessions
from tests.fixtures.application import browser, sign_in
from tests.fixtures.room import wait_until
from tests.staff_door import code_for, first_step, login_token, set_up

NOON = datetime(2026, 11, 23, 12, tzinfo=clock.OSLO)
HERS = (
    "/innboks",
    "/sok",
    "/person/ny",
    "/stedfortreder",
    "/person/{anna}",
    "/person/{petra}",
    "/person/{anna}/om",
    "/chat/hoder",
    "/chat/{thread}/endringer?since=0",
)


def at(seconds):
    return clock.stop_at(NOON + timedelta(seconds=seconds))


def start(database, person_id):
    with database.transaction() as s:
        return sessions.start_session(s, person_id, Level.TWO_FACTORS)


def open_sessions(database, person_id):
    alive = LoginSession.person_id == person_id, LoginSession.ended_at.is_(None)
    with database.transaction(writes=False) as s:
        return s.scalar(select(func.count()).where(*alive))


def hers(world):
    told = {name: world.people[name].public_id for name in ("anna", "petra")}
    return [address.format(thread=world.thing("thread", "anna"), **told) for address in HERS]


def live_line(app, token):
    return app.extensions["live"].socketio.test_client(app, headers={"Cookie": f"__Host-login={token}"})


def signed_in(app, token):
    opened = browser(app)
    sign_in(opened, token)
    return opened


def asks(line, world):
    sent = {"conversation": world.thing("thread", "anna"), "since": 0}
    return line.emit("chat:since", sent, callback=True)


def test_staff_turnover_a_veileder_leaves_at_noon_and_five_seconds_later_nothing_of_hers_answers(
    app, database, world
):
    vera = world.people["vera"]
    with at(-600):
        phone = set_up(browser(app), code_for(database, world, "vera"))
        unused = code_for(database, world, "vera")
    with at(-1):
        tokens = {name: start(database, world.people[name].id) for name in ("vera", "mona", "lise")}
        desk, mona, lise = (signed_in(app, tokens[name]) for name in ("vera", "mona", "lise"))
        desk.get("/innboks")
        line = live_line(app, tokens["vera"])
        shut = [address for address in hers(world) if desk.get(address).status_code != 200]
        assert shut == [], "before noon all her pages answer"
        assert asks(line, world)["ok"]
        assert "Anna" not in lise.get("/fordeling").text
    leaving = f"/administrasjon/ansatt/{vera.public_id}/slutter"
    with at(0):
        told = mona.get(leaving).text
        assert "1 person får hjelp" in told, "a number, and one with a protected address is in no count"
        assert secret_of(world, "lise.given") in told
        assert mona.submit(leaving).status_code == 303
    with at(5):
        _nothing_of_hers_answers(app, database, world, tokens["vera"], line)
        _no_sign_in_of_hers_works(app, database, phone, unused)
        shown = lise.get("/fordeling").text
        assert secret_of(world, "anna.given") in shown
        assert f"/fordeling/{world.people['petra'].public_id}" in shown, (
            "the protected one too, without a name"
        )
        assert secret_of(world, "petra.given") not in shown
        assert as_nobody(app, leaving).status_code in (303, 401)


def secret_of(world, what):
    return next(word for word, told in world.secrets.items() if told == what)


def as_nobody(app, address):
    return browser(app).get(address)


def _nothing_of_hers_answers(app, database, world, token, line):
    assert open_sessions(database, world.people["vera"].id) == 0
    assert asks(line, world)["error"] == "session.needed", "her open line is closed by the next test"
    assert not live_line(app, token).is_connected(), "and no new one opens"
    desk = signed_in(app, token)
    for address in hers(world):
        assert desk.get(address).status_code == 303, address
        answer = desk.get(address, headers={"Accept": "application/json"})
        assert answer.status_code in (303, 401), address
        assert not [word for word in world.secrets if word in answer.text]
    anna = world.people["anna"].public_id
    for address in (f"/person/{anna}/kode", f"/chat/{world.thing('thread', 'anna')}/melding"):
        assert desk.post(address, data={"text": "Hei"}).status_code in (303, 400, 401)


def _no_sign_in_of_hers_works(app, database, phone, unused):
    with clock.stop_at(clock.now_utc() + timedelta(minutes=1)):
        door = browser(app)
        assert first_step(door, "vera").location == "/jobb/kode", "the passphrase is still right"
        door.post("/jobb/kode", data={"code": phone.digits(), "csrf_token": token_on(door)})
        assert login_token(door) is None, "and so are the digits, but no role is held"
        assert door.get("/innboks").status_code == 303
    with database.transaction(writes=False) as s:
        assert not activation.code_works(s, unused)


def token_on(door):
    import re

    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', door.get("/jobb/kode").text)[1]


@pytest.mark.real_time
@pytest.mark.timeout(180)
def test_staff_turnover_closes_her_pages_and_sockets_in_every_process(start_portal, sign_in_now, world, tell):
    one, other = start_portal(), start_portal()
    vera, mona, vidar = (sign_in_now(name) for name in ("vera", "mona", "vidar"))
    here, there, of_vidar = one.phone(vera).join(), other.phone(vera).join(), other.phone(vidar).join()
    assert other.browser(vera).open("GET", "/innboks")[0] == 200

    leaving = f"/administrasjon/ansatt/{world.people['vera'].public_id}/slutter"
    assert one.browser(mona).post(leaving, {})[0] == 303
    began = stopwatch.monotonic()
    wait_until(here.is_cut, "her line in the same process is closed", seconds=5)
    near = stopwatch.monotonic() - began
    wait_until(there.is_cut, "her line in the other process is closed", seconds=5)
    far = stopwatch.monotonic() - began
    tell(f"turnover: her socket closed after {near:.2f} s, in the other process after {far:.2f} s")

    assert not of_vidar.is_cut(), "a colleague goes on"
    for portal in (one, other):
        assert portal.browser(vera).open("GET", "/innboks")[0] == 303
        assert portal.phone(vera).status == 401
