"""Those who work here come in: code, passphrase and app, then two steps each time, and nothing in between."""

from __future__ import annotations

import base64
import os
import threading
from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.cli import portal
from portal.db import Database
from portal.errors import Refused
from portal.people.models import LoginSession, Passkey, Passphrase, Person, StaffRole
from portal.people.service import activation
from portal.web.forms import kept_form
from tests.fixtures.application import As, browser
from tests.fixtures.databases import on_sqlite
from tests.pages import HOST, ORIGIN, TOKEN, CheckingClient
from tests.staff_door import PASSPHRASE, a_minute_later, begin, code_for, first_step, login_token, set_up
from tests.world import World

pytestmark = on_sqlite


OTHER = "fem gule båter seiler sakte"


@pytest.fixture
def code(database: Database, world: World) -> str:
    """A fresh code for Vera."""
    return code_for(database, world, "vera")


def signed_in_sessions(database: Database, person_id: int) -> int:
    with database.transaction(writes=False) as s:
        alive = LoginSession.person_id == person_id, LoginSession.ended_at.is_(None)
        return s.scalars(select(func.count()).where(*alive)).one()


def test_a_code_a_passphrase_and_an_app_let_staff_in_and_so_do_two_steps_later(app: Flask, code: str) -> None:
    desk = browser(app)
    phone = set_up(desk, code)
    assert desk.get("/innboks").status_code == 200
    desk.submit("/logg-ut", on="/innboks")
    assert desk.get("/innboks").status_code == 303
    with a_minute_later():
        first = desk.submit("/jobb", username=" VERA ", passphrase=PASSPHRASE, next="/innboks")
        assert first.location == "/jobb/kode?next=/innboks"
        second = desk.submit("/jobb/kode", on=first.location, code=phone.digits(), next="/innboks")
        assert (second.status_code, second.location) == (303, "/innboks")
        assert desk.get("/innboks").status_code == 200


@pytest.mark.parametrize(
    ("chosen", "again", "sentence"),
    [
        ("kort", "kort", "minst 12 tegn"),
        ("passordpassord", "passordpassord", "lett å gjette"),
        (PASSPHRASE, OTHER, "ikke like"),
    ],
)
def test_a_poor_passphrase_is_told_kindly_and_uses_nothing_up(
    app: Flask, code: str, chosen: str, again: str, sentence: str
) -> None:
    desk = browser(app)
    desk.submit("/aktiver", code=code)
    answer = desk.submit("/jobb/passfrase", passphrase=chosen, passphrase_again=again)
    assert answer.status_code == 422
    assert sentence in answer.text
    set_up(desk, code)


def test_a_code_for_staff_works_once_and_what_another_browser_had_begun_is_void(
    app: Flask, code: str
) -> None:
    desk, other = browser(app), browser(app)
    other_app = begin(other, code, OTHER)
    set_up(desk, code)
    assert browser(app).submit("/aktiver", code=code).status_code == 422
    came_from = {"Referer": f"{ORIGIN}/jobb/totrinn"}
    token = other.page("/jobb").value_of("csrf_token")
    late = other.post(
        "/jobb/totrinn", data={"csrf_token": token, "code": other_app.digits()}, headers=came_from
    )
    assert late.location == "/aktiver"
    assert "Koden virker ikke lenger" in other.get("/aktiver").text
    assert other.get("/jobb/passfrase").location == "/aktiver"


def test_nothing_of_a_set_up_counts_before_its_first_digits_are_right(
    app: Flask, database: Database, world: World, code: str
) -> None:
    phone = set_up(browser(app), code)
    newer = code_for(database, world, "vera")
    desk = browser(app)
    begin(desk, newer, OTHER)
    assert desk.submit("/jobb/totrinn", code="000000").status_code == 422
    assert first_step(browser(app), "vera", OTHER).status_code == 422
    with a_minute_later():
        old = browser(app)
        assert first_step(old, "vera").location == "/jobb/kode"
        assert old.submit("/jobb/kode", code=phone.digits()).status_code == 303


def test_a_passphrase_without_an_app_opens_nothing(app: Flask, database: Database, code: str) -> None:
    desk = browser(app)
    begin(desk, code)
    told = " ".join(desk.get("/jobb/totrinn").text.split())
    assert "Passfrasen gjelder først når appen er koblet til." in told  # before she tries it
    assert "den du har fra før. Har du ingen?" in told
    assert first_step(browser(app), "vera").status_code == 422
    assert desk.get("/innboks").status_code == 303
    with database.transaction(writes=False) as s:
        assert s.scalars(select(Passphrase)).all() == []


def test_neither_passphrase_nor_secret_can_be_read_in_cookie_or_database(
    app: Flask, database: Database, code: str
) -> None:
    desk = browser(app)
    phone = begin(desk, code)
    with desk.session_transaction(base_url=ORIGIN) as visit:
        carried = str(dict(visit))
    for secret in (PASSPHRASE, phone.secret, "argon2", code.replace(" ", "")):
        assert secret not in carried
    desk.submit("/jobb/totrinn", code=phone.digits())
    with database.transaction(writes=False) as s:
        kept = s.scalars(select(Passphrase)).one()
    assert kept.totp_sealed is not None
    assert phone.secret.encode() not in kept.totp_sealed
    assert PASSPHRASE not in kept.hash


def test_a_new_set_up_ends_earlier_sign_ins_and_passkeys(
    app: Flask, database: Database, world: World, as_: As, code: str
) -> None:
    before = as_("vera")
    assert before.get("/innboks").status_code == 200
    set_up(browser(app), code)
    assert before.get("/innboks").status_code == 303
    assert signed_in_sessions(database, world.people["vera"].id) == 1
    with database.transaction(writes=False) as s:
        open_keys = select(Passkey).where(
            Passkey.person_id == world.people["vera"].id, Passkey.ended_at.is_(None)
        )
        assert s.scalars(open_keys).all() == []


def test_a_code_for_staff_binds_no_phone(database: Database, code: str) -> None:
    with database.transaction() as s, pytest.raises(Refused):
        activation.bind_phone(s, code, "482917")


def test_a_code_for_staff_in_a_link_leaves_the_address_and_wrong_links_are_counted(
    app: Flask, code: str
) -> None:
    desk = browser(app)
    assert desk.get(f"/aktiver/{code.replace(' ', '')}").location == "/jobb/passfrase"
    for _number in range(100):
        assert desk.get("/aktiver/ABCDEFGH").location == "/aktiver"
    assert desk.get(f"/aktiver/{code.replace(' ', '')}").location == "/aktiver"
    assert "Det kom mange feil koder" in desk.get("/aktiver").text


@pytest.mark.parametrize("begins_in_days", [1, 0])
def test_who_begins_tomorrow_is_ready_but_not_in(
    app: Flask, database: Database, world: World, code: str, begins_in_days: int
) -> None:
    with database.transaction() as s:
        role = s.scalars(select(StaffRole).where(StaffRole.person_id == world.people["vera"].id)).one()
        role.from_on = clock.today_oslo() + timedelta(days=begins_in_days)
    desk = browser(app)
    phone = begin(desk, code)
    answer = desk.submit("/jobb/totrinn", code=phone.digits())
    assert answer.location == ("/jobb" if begins_in_days else "/")
    with a_minute_later():
        first_step(desk, "vera")
        answer = desk.submit("/jobb/kode", code=phone.digits())
        assert answer.location == ("/jobb" if begins_in_days else "/")
        assert desk.get("/innboks").status_code == (303 if begins_in_days else 200)


def test_half_signed_in_opens_nothing_and_lasts_five_minutes(app: Flask, code: str) -> None:
    phone = set_up(browser(app), code)
    desk = browser(app)
    with a_minute_later():
        first_step(desk, "vera")
        assert desk.get("/innboks").location == "/jobb?next=/innboks"
        assert desk.get("/innlogging/passnokler").status_code == 303
        assert desk.get("/").status_code == 303
        assert login_token(desk) is None
    with a_minute_later(6):
        assert desk.get("/jobb/kode").location == "/jobb"
        came_from = {"Referer": f"{ORIGIN}/jobb/kode"}
        fields = {"csrf_token": desk.page("/jobb").value_of("csrf_token"), "code": phone.digits()}
        assert desk.post("/jobb/kode", data=fields, headers=came_from).location == "/jobb"
        assert login_token(desk) is None


def test_a_new_passphrase_makes_a_half_sign_in_void(
    app: Flask, database: Database, world: World, code: str
) -> None:
    set_up(browser(app), code)
    with a_minute_later():
        half = browser(app)
        first_step(half, "vera")
        phone = set_up(browser(app), code_for(database, world, "vera"), OTHER)
        with a_minute_later():
            assert half.submit("/jobb/kode", code=phone.digits()).location == "/jobb"


def test_the_fifth_wrong_digits_make_one_wait_and_the_right_ones_wait_too(app: Flask, code: str) -> None:
    phone = set_up(browser(app), code)
    desk = browser(app)
    with a_minute_later():
        first_step(desk, "vera")
        for _number in range(4):
            answer = desk.submit("/jobb/kode", code="000000")
            assert (answer.status_code, "Tallene stemmer ikke" in answer.text) == (422, True)
        assert "Vent 15 minutter" in desk.submit("/jobb/kode", code="000000").text
        assert "Vent 15 minutter" in desk.submit("/jobb/kode", code=phone.digits()).text
    with a_minute_later(16):
        first_step(desk, "vera")
        assert desk.submit("/jobb/kode", code=phone.digits()).location == "/"


def test_digits_that_somebody_saw_are_worth_nothing(app: Flask, code: str) -> None:
    phone = set_up(browser(app), code)
    with a_minute_later():
        for answered in (303, 422):
            desk = browser(app)
            first_step(desk, "vera")
            assert desk.submit("/jobb/kode", code=phone.digits()).status_code == answered


def test_the_digits_of_the_set_up_sign_nobody_in_again(app: Flask, code: str) -> None:
    phone = set_up(browser(app), code)
    desk = browser(app)
    first_step(desk, "vera")
    assert desk.submit("/jobb/kode", code=phone.digits()).status_code == 422


def test_the_same_digits_sent_at_the_same_moment_let_one_in(
    app: Flask, database: Database, world: World, code: str
) -> None:
    phone = set_up(browser(app), code)
    before = signed_in_sessions(database, world.people["vera"].id)
    with a_minute_later():
        desks = [browser(app) for _number in range(4)]
        tokens = []
        for desk in desks:
            first_step(desk, "vera")
            tokens.append(desk.page("/jobb/kode").value_of("csrf_token"))
        ready, answers = threading.Barrier(len(desks)), []

        def send(desk: CheckingClient, token: str) -> None:
            ready.wait()
            answers.append(
                desk.post("/jobb/kode", data={"csrf_token": token, "code": phone.digits()}).status_code
            )

        threads = [threading.Thread(target=send, args=pair) for pair in zip(desks, tokens, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers) == [303, 422, 422, 422]
    assert signed_in_sessions(database, world.people["vera"].id) == before + 1


def without_what_was_typed(text: str, username: str) -> str:
    return TOKEN.sub(r"\1…", text).replace(f'value="{username}"', 'value="…"')


def test_unknown_and_known_names_get_the_same_bytes_from_the_first_try_to_the_wait(
    app: Flask, database: Database, code: str
) -> None:
    """Vera has a passphrase, Sara works here and has none, Anna gets help, and nobody is called «nobody»."""
    set_up(browser(app), code)
    with database.transaction() as s:
        s.scalars(select(Person).where(Person.number == 1001)).one().username = "anna"
    told = {}
    for name in ("vera", "sara", "anna", "nobody", "no\x00body"):
        desk = browser(app)
        answers = [first_step(desk, name, OTHER) for _number in range(6)]
        told[name] = [
            (
                one.status_code,
                one.headers.get("Retry-After"),
                without_what_was_typed(one.text, name.replace("\x00", "")),
            )
            for one in answers
        ]
    assert [status for status, _wait, _text in told["vera"]] == [422] * 5 + [429]
    assert all(told[name] == told["vera"] for name in told), "a name can be told from another"


@pytest.mark.real_hashes
@pytest.mark.timeout(180)
def test_unknown_and_known_names_take_the_same_time(app: Flask, code: str, tell) -> None:
    set_up(browser(app), code)
    took = {"vera": [], "nobody": []}
    for pair in range(31):
        with clock.stop_at(clock.now_utc() + timedelta(minutes=16 * pair)):  # a new window for every pair
            names = ("vera", "nobody") if pair % 2 else ("nobody", "vera")
            for name in names:
                desk = browser(app)
                token = desk.page("/jobb").value_of("csrf_token")
                fields = {"csrf_token": token, "username": name, "passphrase": OTHER}
                started = perf_counter()
                answer = desk.post("/jobb", data=fields)
                took[name].append(perf_counter() - started)
                assert answer.status_code == 422
    known, unknown = median(took["vera"]), median(took["nobody"])
    apart = median(one - other for one, other in zip(took["vera"], took["nobody"], strict=True))
    tell(f"wrong passphrase: known name {known * 1000:.0f} ms, unknown {unknown * 1000:.0f} ms, "
         f"median difference {apart * 1000:.1f} ms")  # fmt: skip
    assert abs(apart) < 0.25 * known


def test_wrong_passphrases_count_for_the_network_address_too(app: Flask) -> None:
    desk = browser(app)
    for number in range(100):
        assert first_step(desk, f"name{number}", "x").status_code == 422
    assert first_step(desk, "another", "x").status_code == 429
    assert first_step(browser(app), "another", "x").status_code == 422


def test_a_planted_session_is_not_the_one_that_is_signed_in(app: Flask, as_: As, code: str) -> None:
    phone = set_up(browser(app), code)
    with a_minute_later():
        desk = as_("sara")  # somebody else's session lies in the browser
        planted = login_token(desk)
        first_step(desk, "vera")
        assert login_token(desk) == planted
        desk.submit("/jobb/kode", code=phone.digits())
        assert login_token(desk) not in {planted, None}
        old = browser(app)
        old.set_cookie("__Host-login", str(planted), domain=HOST, secure=True)
        assert old.get("/tavle").location == "/jobb?next=/tavle"


@pytest.mark.parametrize(
    "address", ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)", "/\tevil", "evil"]
)
def test_neither_step_leads_out_of_the_portal(app: Flask, code: str, address: str) -> None:
    phone = set_up(browser(app), code)
    desk = browser(app)
    with a_minute_later():
        first = desk.submit("/jobb", username="vera", passphrase=PASSPHRASE, next=address)
        assert first.location == "/jobb/kode"
        assert desk.submit("/jobb/kode", code=phone.digits(), next=address).location == "/"


def test_text_typed_into_an_ended_session_comes_back_after_both_steps(
    app: Flask, world: World, code: str
) -> None:
    desk = browser(app)
    phone = set_up(desk, code)
    thread, written = world.thing("thread", "anna"), "Dette skrev jeg lenge på"
    token = desk.page(f"/person/{world.people['anna'].public_id}").value_of("csrf_token")
    form = {"csrf_token": token, "client_id": "6f1d3c2a-0000-4000-8000-00000000beef", "text": written}
    with a_minute_later(31):
        refused = desk.post(f"/chat/{thread}/melding", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        assert refused.status_code == 401
        door = desk.follow_form(refused, "/jobb")
        wrong = desk.follow_form(door, "/jobb", username="vera", passphrase=OTHER)
        second = desk.follow_form(wrong, "/jobb", username="vera", passphrase=PASSPHRASE)
        wrong = desk.follow_form(second, "/jobb/kode", code="000000")
        again = desk.follow_form(wrong, "/jobb/kode", code=phone.digits())
        assert written in again.text
        assert desk.follow_form(again, f"/chat/{thread}/melding").status_code == 303
        assert written in desk.get(f"/person/{world.people['anna'].public_id}").text


def test_staff_whose_sign_in_is_over_come_to_their_own_door(as_: As, world: World) -> None:
    desk = as_("vera")
    assert 'data-sign-in="/jobb"' in desk.get("/innboks").text
    asked = f"/person/{world.people['anna'].public_id}/kode"
    filled_in = {"csrf_token": desk.page(asked).value_of("csrf_token"), "check": "known"}
    with a_minute_later(31):
        refused = desk.post(asked, data=filled_in, headers={"Sec-Fetch-Site": "same-origin"})
        assert "det du fylte ut, er ikke borte" in refused.text
        ended = {address: desk.get(address).location for address in ("/innboks", "/innlogging", "/")}
    assert ended == {"/innboks": "/jobb?next=/innboks", "/innlogging": "/jobb?next=/innlogging", "/": "/jobb"}
    out = desk.submit("/logg-ut", on="/innboks")
    assert out.location == "/jobb"
    assert "Du er logget ut" in desk.get("/jobb").text
    assert desk.get("/planen-min").location == "/logg-inn?next=/planen-min"


def test_what_opens_a_door_is_never_wrapped_up_and_shown_again(app: Flask) -> None:
    desk = browser(app)
    typed = {"username": "vera", "passphrase": PASSPHRASE, "passphrase_again": PASSPHRASE, "text": "Hei"}
    answer = desk.post("/jobb", data=typed, headers={"Sec-Fetch-Site": "same-origin"})  # without a token
    assert answer.status_code == 400
    assert PASSPHRASE not in answer.text
    from tests.page_tree import Page

    with app.test_request_context(base_url=ORIGIN):
        found = kept_form(Page(answer.text).value_of("kept"))
    assert found is not None
    assert set(found[1]) == {"text"}


def run(url: str, *words: str):
    """A command as an administrator of the server types it."""
    clean = {name: None for name in os.environ if name.startswith("PORTAL_")}
    told = {
        "PORTAL_DATABASE_URL": url,
        "PORTAL_SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
        "PORTAL_DATA_KEYS": base64.b64encode(b"\x07" * 32).decode(),
        "PORTAL_ORIGINS": ORIGIN,
    }
    return CliRunner().invoke(portal, words, env={**clean, **told})


def test_a_command_makes_the_first_admin_whose_code_lets_her_in(app: Flask, database_url: str) -> None:
    made = run(database_url, "staff", "add", "Mona", "Mona", "Mo")
    assert made.exit_code == 0, made.output
    assert "48 hours" in made.stderr
    assert f"{ORIGIN}/aktiver" in made.stderr
    desk = browser(app)
    set_up(desk, made.stdout.strip())
    assert "Slik kommer du i gang" in desk.get("/administrasjon").text


def test_the_command_refuses_a_taken_username_kindly(app: Flask, database_url: str) -> None:
    assert run(database_url, "staff", "add", "mona", "Mona", "Mo").exit_code == 0
    again = run(database_url, "staff", "add", " MONA ", "Mons", "Moe")
    assert again.exit_code == 2
    assert "username already" in again.stderr
    assert again.stdout == ""
    for name in (" ", "mons moe", "m"):
        assert "letters and digits" in run(database_url, "staff", "add", name, "Mons", "Moe").stderr
