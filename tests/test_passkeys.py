"""A passkey is the second step on a device that can: good for one question, and only its owner's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.db import Database
from portal.people.models import Passkey
from tests.authenticator import PRESENT, Authenticator
from tests.fixtures.application import As, browser
from tests.fixtures.databases import on_sqlite
from tests.page_tree import Page
from tests.pages import HOST, ORIGIN, CheckingClient
from tests.staff_door import a_minute_later, code_for, first_step, set_up
from tests.world import World

pytestmark = on_sqlite


PAGE = "/innlogging/passnokler"


@pytest.fixture
def desk(app: Flask, database: Database, world: World) -> CheckingClient:
    """Lise at her desk, set up and signed in; she has no passkey yet."""
    opened = browser(app)
    set_up(opened, code_for(database, world, "lise"))
    return opened


def post(desk: CheckingClient, address: str, **told: Any) -> TestResponse:
    headers = {"X-CSRFToken": desk.page(PAGE).value_of("csrf_token"), "Accept": "application/json"}
    return desk.post(address, json=told, headers=headers)


def add(desk: CheckingClient, device: Authenticator, name: str = "PC-en") -> TestResponse:
    options = post(desk, "/innlogging/passnokkel/start").json
    assert options is not None
    return post(desk, "/innlogging/passnokkel", name=name, credential=device.make(options))


def question(desk: CheckingClient, username: str = "lise") -> tuple[str, dict[str, Any]]:
    """Pass the first step, and read what the page asks a passkey."""
    first_step(desk, username)
    page = Page(desk.get("/jobb/kode").text)
    asked = next(part for part in page.all("section") if "data-options" in part.attrib)
    return page.value_of("csrf_token"), json.loads(asked.attrib["data-options"])


def answer(desk: CheckingClient, token: str, said: dict[str, Any]) -> TestResponse:
    fields = {"csrf_token": token, "passkey": json.dumps(said)}
    return desk.post("/jobb/kode", data=fields, headers={"Referer": f"{ORIGIN}/jobb/kode"})


def test_a_passkey_is_the_second_step_of_its_owner(app: Flask, desk: CheckingClient) -> None:
    device = Authenticator()
    assert add(desk, device).status_code == 201
    assert "PC-en" in desk.get(PAGE).text
    with a_minute_later():
        other = browser(app)
        token, options = question(other)
        assert answer(other, token, device.use(options)).location == "/"
        assert other.get("/kontoret").status_code == 200
        assert "Sist brukt" in other.get(PAGE).text


def test_an_answer_is_good_once_even_in_the_browser_that_gave_it(app: Flask, desk: CheckingClient) -> None:
    """A passkey that is kept in a cloud never counts, so the question itself must be used up."""
    device = Authenticator()
    add(desk, device)
    with a_minute_later():
        other = browser(app)
        token, options = question(other)
        device.count = -1  # answers with 0, as those in a cloud do
        said = device.use(options)
        with other.session_transaction(base_url=ORIGIN) as visit:
            carried = dict(visit)
        assert answer(other, token, said).location == "/"
        with other.session_transaction(base_url=ORIGIN) as visit:
            visit.clear()
            visit.update(carried)
        other.delete_cookie("__Host-login", domain=HOST)
        assert answer(other, token, said).status_code == 422


@pytest.mark.parametrize(
    "bent",
    [
        {"flags": PRESENT},
        {"origin": "https://evil.test"},
        {"key": Authenticator().key},
        {"id": b"another"},
        {"count": 0},
    ],
    ids=["nobody was verified", "another site", "another key", "unknown key", "a copied key"],
)
def test_an_answer_that_does_not_hold_lets_nobody_in_and_is_counted(
    app: Flask, desk: CheckingClient, bent: dict[str, Any]
) -> None:
    device = Authenticator(count=3)
    add(desk, device)
    for name, value in bent.items():
        setattr(device, name, value)
    with a_minute_later():
        other = browser(app)
        for _number in range(4):
            token, options = question(other)
            assert "Passnøkkelen virket ikke" in answer(other, token, device.use(options)).text
            device.count -= 1
        token, options = question(other)
        assert "Vent 15 minutter" in answer(other, token, device.use(options)).text
        assert other.get("/kontoret").status_code == 303


def test_a_passkey_opens_for_nobody_but_its_owner(
    app: Flask, database: Database, world: World, desk: CheckingClient
) -> None:
    device = Authenticator()
    add(desk, device)
    mona = browser(app)
    set_up(mona, code_for(database, world, "mona"))
    add(mona, Authenticator())
    with a_minute_later():
        other = browser(app)
        token, options = question(other, "mona")
        assert answer(other, token, device.use(options)).status_code == 422


@pytest.mark.parametrize("said", ["{}", "[]", "null", "x", "1", "[" * 5000, '{"id": 1, "rawId": []}'])
def test_rubbish_is_a_wrong_try_and_no_fault(app: Flask, desk: CheckingClient, said: str) -> None:
    add(desk, Authenticator())
    with a_minute_later():
        other = browser(app)
        token, _options = question(other)
        fields = {"csrf_token": token, "passkey": said}
        assert other.post("/jobb/kode", data=fields).status_code == 422


@pytest.mark.parametrize("bent", [{"flags": PRESENT}, {"origin": "https://evil.test"}])
def test_a_passkey_that_was_not_made_here_by_her_is_not_kept(
    desk: CheckingClient, database: Database, bent: dict[str, Any]
) -> None:
    assert add(desk, Authenticator(**bent)).status_code == 422
    assert "Du har ingen passnøkkel" in desk.get(PAGE).text


def test_the_question_for_a_new_passkey_is_used_up(desk: CheckingClient) -> None:
    options = post(desk, "/innlogging/passnokkel/start").json
    assert options is not None
    assert (
        post(desk, "/innlogging/passnokkel", name="", credential=Authenticator().make(options)).status_code
        == 201
    )
    assert (
        post(desk, "/innlogging/passnokkel", name="", credential=Authenticator().make(options)).status_code
        == 422
    )


def test_a_passkey_can_be_named_and_removed_and_then_asks_no_more(
    app: Flask, desk: CheckingClient, database: Database, world: World
) -> None:
    add(desk, Authenticator(), name="Gammel\x00 PC")
    with database.transaction(writes=False) as s:
        mine = Passkey.person_id == world.people["lise"].id
        public_id = s.scalars(select(Passkey.public_id).where(mine)).one()
    assert "Gammel PC" in desk.get(PAGE).text
    desk.submit(f"/innlogging/passnokkel/{public_id}/navn", on=PAGE, name="Ny PC")
    assert "Ny PC" in desk.get(PAGE).text
    desk.submit(f"/innlogging/passnokkel/{public_id}/fjern", on=PAGE)
    assert "Ny PC" not in desk.get(PAGE).text
    with a_minute_later():
        other = browser(app)
        first_step(other, "lise")
        assert "data-options" not in other.get("/jobb/kode").text


def test_a_recipient_has_no_passkeys(as_: As) -> None:
    assert as_("anna").get(PAGE).status_code == 403
