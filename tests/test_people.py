"""Getting in: the one-time code, the PIN on this phone, and what happens to wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.db import Database
from portal.people.models import ActivationCode, Credential, LoginSession
from portal.people.rules.access import Viewer
from portal.people.service import recipients, sessions
from tests.fixtures.application import browser, new_code
from tests.page_tree import Page
from tests.pages import HOST, ORIGIN, CheckingClient
from tests.world import World

PIN = "482917"
As = Callable[[str], CheckingClient]


@pytest.fixture
def code(database: Database, world: World, app: Flask) -> str:
    """A fresh code for Anna, made by her veileder."""
    with database.transaction() as s:
        vera = viewer_of(app, s, world, "vera")
        return new_code(s, vera, world.people["anna"].public_id)


def viewer_of(app: Flask, s: Any, world: World, name: str) -> Viewer:
    found = app.extensions["portal"].find_viewer(s, world.people[name].token)
    assert isinstance(found, Viewer)
    return found


def newest_phone(s: Any) -> Credential:
    """The phone that was bound last."""
    found = s.scalars(select(Credential).order_by(Credential.id.desc()).limit(1)).one()
    assert isinstance(found, Credential)
    return found


def bind(phone: CheckingClient, code: str, pin: str = PIN) -> None:
    """Type a code and choose a PIN, as a person does."""
    assert phone.submit("/aktiver", code=code).headers["Location"] == "/aktiver/pin"
    answer = phone.submit("/aktiver/pin", pin=pin, pin_again=pin)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_code_and_a_pin_let_a_person_in_and_the_phone_remembers_her(app: Flask, code: str) -> None:
    phone = browser(app)
    bind(phone, code)
    assert phone.get("/planen-min").status_code == 200
    phone.submit("/logg-ut", on="/")
    assert phone.get("/planen-min").status_code == 303
    answer = phone.submit("/logg-inn", pin=PIN, next="/planen-min")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/planen-min")
    assert phone.get("/planen-min").status_code == 200


def test_a_code_works_once(app: Flask, code: str) -> None:
    bind(browser(app), code)
    answer = browser(app).submit("/aktiver", code=code)
    assert answer.status_code == 422
    assert "Koden virker ikke" in answer.text


def test_a_code_is_not_used_up_by_two_different_pins(app: Flask, code: str) -> None:
    phone = browser(app)
    phone.submit("/aktiver", code=code)
    answer = phone.submit("/aktiver/pin", pin=PIN, pin_again="482918")
    assert answer.status_code == 422
    assert "ikke like" in answer.text
    assert phone.submit("/aktiver/pin", pin=PIN, pin_again=PIN).status_code == 303


@pytest.mark.parametrize("pin", ["12345", "123456", "abcdef"])
def test_a_poor_pin_is_explained_and_uses_nothing_up(app: Flask, code: str, pin: str) -> None:
    phone = browser(app)
    phone.submit("/aktiver", code=code)
    assert phone.submit("/aktiver/pin", pin=pin, pin_again=pin).status_code == 422
    assert phone.submit("/aktiver/pin", pin=PIN, pin_again=PIN).status_code == 303


def test_an_expired_code_answers_like_a_wrong_one(app: Flask, code: str) -> None:
    with clock.stop_at(clock.now_utc() + timedelta(hours=48)):
        late = browser(app).submit("/aktiver", code=code)
        wrong = browser(app).submit("/aktiver", code="ABCD EFGH")
    assert late.status_code == wrong.status_code == 422
    assert "Koden virker ikke" in late.text
    assert "Koden virker ikke" in wrong.text


def test_a_new_code_ends_the_one_before(app: Flask, database: Database, world: World, code: str) -> None:
    with database.transaction() as s:
        vera = viewer_of(app, s, world, "vera")
        newer = new_code(s, vera, world.people["anna"].public_id)
    assert browser(app).submit("/aktiver", code=code).status_code == 422
    bind(browser(app), newer)


def test_a_code_in_a_link_leaves_the_address_at_once(app: Flask, code: str) -> None:
    phone = browser(app)
    answer = phone.get(f"/aktiver/{code.replace(' ', '')}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/aktiver/pin")
    with phone.session_transaction(base_url=ORIGIN) as visit:
        assert code.replace(" ", "") not in str(dict(visit)).replace(" ", "")
    page = phone.get("/aktiver/pin").text
    assert "en som har et fornavn på A." in page
    assert "AnnaGiven" not in page
    assert phone.submit("/aktiver/pin", pin=PIN, pin_again=PIN).status_code == 303


def test_a_wrong_code_in_a_link_is_told_before_anybody_chooses_a_pin(app: Flask, code: str) -> None:
    phone = browser(app)
    for _number in range(100):
        assert phone.get("/aktiver/ABCDEFGH").location == "/aktiver"
    assert "Koden virker ikke" in phone.get("/aktiver").text
    assert phone.get("/aktiver/pin").location == "/aktiver"
    assert phone.get(f"/aktiver/{code.replace(' ', '')}").location == "/aktiver", "the address is left"
    assert "Prøv igjen kl. 08.45." in phone.get("/aktiver").text
    with clock.stop_at(clock.now_utc() + timedelta(minutes=15)):
        assert phone.get(f"/aktiver/{code.replace(' ', '')}").location == "/aktiver/pin"


def test_a_code_that_was_replaced_meanwhile_is_told_before_anybody_chooses_a_pin(
    app: Flask, database: Database, world: World, code: str
) -> None:
    phone = browser(app)
    phone.submit("/aktiver", code=code)
    with database.transaction() as s:
        new_code(s, viewer_of(app, s, world, "vera"), world.people["anna"].public_id)
    assert phone.get("/aktiver/pin").location == "/aktiver"
    assert "Koden virker ikke" in phone.get("/aktiver").text


def test_after_a_hundred_wrong_codes_even_the_right_one_waits(app: Flask, code: str) -> None:
    phone = browser(app)
    for _number in range(100):
        assert phone.submit("/aktiver", code="ABCDEFGH").status_code == 422
    answer = phone.submit("/aktiver", code=code)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    with clock.stop_at(clock.now_utc() + timedelta(minutes=15)):
        assert phone.submit("/aktiver", code=code).status_code == 303


def test_the_fifth_wrong_pin_makes_one_wait_and_the_right_one_waits_too(app: Flask, code: str) -> None:
    phone = browser(app)
    bind(phone, code)
    phone.submit("/logg-ut", on="/")
    said = (
        "Prøv en gang til.",
        "Prøv en gang til.",
        "to forsøk igjen før",
        "ett forsøk igjen før",
        "kl. 08.45",
    )
    for part in said:
        wrong = phone.submit("/logg-inn", pin="000001").text
        assert "PIN-en stemmer ikke." in wrong
        assert part in wrong
    waits = phone.submit("/logg-inn", pin=PIN)
    assert waits.status_code == 422
    assert "PIN-en stemmer ikke" not in waits.text
    assert "PIN-en ble ikke sjekket. Prøv igjen kl. 08.45." in waits.text
    with clock.stop_at(clock.now_utc() + timedelta(minutes=15)):
        assert phone.submit("/logg-inn", pin=PIN).status_code == 303


def test_the_right_pin_forgets_the_wrong_ones(app: Flask, database: Database, code: str) -> None:
    phone = browser(app)
    bind(phone, code)
    phone.submit("/logg-inn", pin="000001")
    phone.submit("/logg-inn", pin=PIN)
    with database.transaction(writes=False) as s:
        assert newest_phone(s).tries == 0


def test_the_fifteenth_wrong_pin_ends_the_binding(app: Flask, database: Database, code: str) -> None:
    phone = browser(app)
    bind(phone, code)
    phone.submit("/logg-ut", on="/")
    with database.transaction() as s:
        newest_phone(s).tries = 14
    assert "ikke koblet til deg lenger" in phone.submit("/logg-inn", pin="000001").text
    assert phone.submit("/logg-inn", pin=PIN).status_code == 422


def test_neither_code_nor_pin_nor_token_stands_in_the_database(
    app: Flask, database: Database, code: str
) -> None:
    phone = browser(app)
    bind(phone, code)
    token = phone.get_cookie("__Host-login", domain=HOST)
    assert token is not None
    with database.transaction(writes=False) as s:
        stored = [*s.scalars(select(ActivationCode.code_hash)), *s.scalars(select(LoginSession.token_hash))]
        stored += [hashed.encode() for hashed in s.scalars(select(Credential.pin_hash))]
    for secret in (code.replace(" ", ""), PIN, token.value):
        assert all(secret.encode() not in found for found in stored)


@pytest.mark.parametrize(
    ("by", "whom", "status"),
    [
        ("vera", "anna", 303),
        ("vera", "birk", 303),
        ("vera", "celine", 404),
        ("vera", "petra", 303),
        ("vidar", "petra", 404),
        ("synne", "anna", 303),
        ("synne", "petra", 404),
        ("synne", "celine", 404),
        ("sara", "anna", 403),
    ],
    ids=[
        "her own recipient", "a colleague's", "another office's", "her own with a protected address",
        "a colleague's with a protected address", "in charge at the centre", "in charge, protected address",
        "in charge at another centre", "works at the centre",
    ],
)  # fmt: skip
def test_who_may_give_a_code(as_: As, world: World, by: str, whom: str, status: int) -> None:
    made = as_(by).submit(f"/person/{world.people[whom].public_id}/kode", on="/nodhjelp", check="known")
    assert made.status_code == status


def test_signing_in_gives_a_new_session_each_time(app: Flask, code: str) -> None:
    phone = browser(app)
    phone.set_cookie("__Host-login", "planted-by-somebody-else", domain=HOST, secure=True)
    bind(phone, code)
    first = phone.get_cookie("__Host-login", domain=HOST)
    phone.submit("/logg-inn", pin=PIN)
    second = phone.get_cookie("__Host-login", domain=HOST)
    assert first is not None
    assert second is not None
    assert len({first.value, second.value, "planted-by-somebody-else"}) == 3


def test_a_session_that_was_signed_out_is_over_everywhere(database: Database, as_: As, world: World) -> None:
    one, other = as_("anna"), as_("anna")
    one.submit("/logg-ut", on="/")
    assert other.get("/planen-min").status_code == 303
    with database.transaction(writes=False) as s:
        ended = s.scalar(select(func.count()).where(LoginSession.ended_at.is_not(None)))
    assert ended is not None
    assert ended >= 1


def test_a_session_without_use_is_over_and_leads_back(as_: As) -> None:
    veileder = as_("vera")
    with clock.stop_at(clock.now_utc() + timedelta(minutes=31)):
        answer = veileder.get("/innboks")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobb?next=/innboks")


def test_somebody_whose_last_role_has_ended_is_out(
    app: Flask, database: Database, as_: As, world: World
) -> None:
    from portal.people.models import StaffRole

    veileder = as_("vera")
    assert veileder.get("/innboks").status_code == 200
    with database.transaction() as s:
        role = s.scalars(select(StaffRole).where(StaffRole.person_id == world.people["vera"].id)).one()
        role.to_on = clock.today_oslo() - timedelta(days=1)
    assert veileder.get("/innboks").status_code == 303


def test_text_typed_into_an_ended_session_comes_back_after_the_pin(
    app: Flask, database: Database, world: World, code: str
) -> None:
    phone = browser(app)
    bind(phone, code)
    thread = world.thing("thread", "anna")
    token = phone.page("/chat").value_of("csrf_token")
    client_id = "6f1d3c2a-0000-4000-8000-00000000beef"
    written = "Dette skrev jeg lenge på"
    form = {"csrf_token": token, "client_id": client_id, "text": written}
    with clock.stop_at(clock.now_utc() + timedelta(hours=13)):
        refused = phone.post(f"/chat/{thread}/melding", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        assert refused.status_code == 401
        assert written in refused.text
        pin_page = phone.follow_form(refused, "/logg-inn")
        again = phone.follow_form(pin_page, "/logg-inn", pin=PIN)
        assert written in again.text
        assert phone.follow_form(again, f"/chat/{thread}/melding").status_code == 303
        assert written in phone.get("/chat").text


@pytest.mark.parametrize("how", ["she signs in on the same phone", "she has signed in in another tab"])
def test_whoever_signs_in_next_neither_sees_nor_sends_what_another_wrote(
    app: Flask, database: Database, world: World, code: str, how: str
) -> None:
    phone = browser(app)
    bind(phone, code)
    thread, written = world.thing("thread", "anna"), "Dette skrev jeg lenge på"
    token = phone.page("/chat").value_of("csrf_token")
    form = {"csrf_token": token, "client_id": "6f1d3c2a-0000-4000-8000-00000000beef", "text": written}
    same_site = {"Sec-Fetch-Site": "same-origin"}
    with database.transaction() as s:
        vidar = viewer_of(app, s, world, "vidar")
        birks = new_code(s, vidar, world.people["birk"].public_id)
    phone.submit("/logg-ut", on="/")
    if how == "she has signed in in another tab":
        bind(phone, birks)
        answer = phone.post(f"/chat/{thread}/melding", data=form, headers=same_site)
        assert answer.status_code == 400
        assert "ingenting ble sendt" in answer.text
    else:
        refused = phone.post(f"/chat/{thread}/melding", data=form, headers=same_site)
        kept = Page(refused.text).value_of("kept")
        bind(phone, birks)
        answer = phone.submit("/logg-inn", on="/nodhjelp", pin=PIN, kept=kept)
        assert (answer.status_code, answer.location) == (303, "/")
        answer = phone.submit("/logg-inn", on="/nodhjelp", kept=kept)
    assert written not in answer.text


def test_a_foreign_page_cannot_plant_text_to_be_sent(app: Flask, code: str, world: World) -> None:
    phone = browser(app)
    bind(phone, code)
    thread = world.thing("thread", "anna")
    with clock.stop_at(clock.now_utc() + timedelta(hours=13)):
        answer = phone.post(
            f"/chat/{thread}/melding",
            data={"text": "Send meg pengene dine"},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
    assert answer.status_code == 400
    assert "Send meg" not in answer.text


@pytest.mark.parametrize(
    "address",
    ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)", "/\tevil", "evil", ""],
)
def test_signing_in_never_leads_out_of_the_portal(app: Flask, code: str, address: str) -> None:
    phone = browser(app)
    bind(phone, code)
    assert phone.submit("/logg-inn", pin=PIN, next=address).headers["Location"] == "/"


def test_a_chosen_language_follows_the_person_to_the_next_phone(
    as_: As, database: Database, world: World
) -> None:
    phone = as_("anna")
    phone.submit("/sprak", on="/", language="ar", next="/")
    assert 'lang="ar" dir="rtl"' in phone.get("/").text
    with database.transaction(writes=False) as s:
        assert recipients.get_person(s, world.people["anna"].id).language == "ar"


def test_a_session_is_noted_as_seen_at_most_once_a_minute(database: Database, as_: As, world: World) -> None:
    phone = as_("anna")

    def seen() -> Any:
        with database.transaction(writes=False) as s:
            hashed = sessions.token_hash(world.people["anna"].token)
            return s.scalar(select(LoginSession.seen_at).where(LoginSession.token_hash == hashed))

    first = seen()
    with clock.stop_at(clock.now_utc() + timedelta(seconds=59)):
        phone.get("/")
        assert seen() == first
    with clock.stop_at(clock.now_utc() + timedelta(seconds=61)):
        phone.get("/")
        assert seen() > first


def test_a_page_that_asks_by_itself_does_not_keep_an_empty_desk_signed_in(as_: As) -> None:
    veileder = as_("vera")
    for minutes in (10, 20):
        with clock.stop_at(clock.now_utc() + timedelta(minutes=minutes)):
            assert veileder.get("/chat/hoder").status_code == 200
    with clock.stop_at(clock.now_utc() + timedelta(minutes=31)):
        assert veileder.get("/chat/hoder", headers={"Accept": "application/json"}).status_code == 401


def test_the_sign_in_page_goes_on_in_the_language_of_whoever_signed_out(as_: As, database: Database) -> None:
    phone = as_("anna")
    phone.submit("/sprak", on="/", language="ar", next="/")
    phone.submit("/logg-ut", on="/")
    assert '<html lang="ar" dir="rtl"' in phone.get("/logg-inn", headers={"Accept-Language": "nb"}).text
