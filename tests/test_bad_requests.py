"""Broken, late and oversized requests get a kind answer to the right person; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.application import browser, new_code, settings_for
from tests.fixtures.databases import on_sqlite
from tests.pages import CheckingClient

pytestmark = on_sqlite

if TYPE_CHECKING:
    from flask import Flask

    from tests.world import World

As = Callable[[str], CheckingClient]
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


def test_a_stale_token_is_told_to_the_person_herself_in_her_language(as_: As, world: World) -> None:
    as_("birk").submit("/sprak", on="/", language="ar", next="/")  # the same thread spoke Arabic just now
    phone = as_("anna")
    text = "Jeg er syk i dag"
    answer = phone.post(
        f"/chat/{world.thing('thread', 'anna')}/melding",
        data={"csrf_token": as_("anna").page("/chat").value_of("csrf_token"), "client_id": "x", "text": text},
        headers=OWN_PAGE,
    )
    assert answer.status_code == 400
    assert '<html lang="nb"' in answer.text
    assert text in answer.text
    assert "Du ble logget ut" not in answer.text
    again = phone.follow_form(answer, f"/chat/{world.thing('thread', 'anna')}/melding")
    assert again.status_code in (303, 422)


def test_a_form_that_is_far_too_large_gets_a_kind_page(as_: As, world: World) -> None:
    answer = as_("anna").post(
        f"/chat/{world.thing('thread', 'anna')}/melding", data={"text": "a" * 300_000}, headers=OWN_PAGE
    )
    assert answer.status_code == 413
    assert "for stort" in answer.text


@pytest.mark.parametrize("number", ["99999999999999999999", "2147483648", "-5", "x", "1e9", "٣"])
def test_a_number_beyond_reason_in_an_address_is_no_fault_of_ours(as_: As, world: World, number: str) -> None:
    phone, thread = as_("anna"), world.thing("thread", "anna")
    assert phone.get(f"/chat?for={number}").status_code == 200
    assert phone.get(f"/chat/{thread}/endringer?since={number}").status_code == 200
    person = world.people["anna"].public_id
    assert as_("vera").get(f"/person/{person}?for={number}").status_code == 200


def test_brackets_within_brackets_are_refused(as_: As, world: World) -> None:
    phone = as_("anna")
    token = phone.page("/chat").value_of("csrf_token")
    answer = phone.post(
        f"/chat/{world.thing('thread', 'anna')}/melding",
        data="[" * 100_000,
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 422
    assert answer.get_json()["error"] == "input.shape"


def test_only_a_trusted_proxy_is_believed_about_who_asks(database_url: str) -> None:
    from portal.app import create_app

    app = create_app(settings_for(database_url, trusted_proxies=("10.9.9.9",)))
    seen: list[str] = []
    app.before_request(lambda: seen.append(_asker()))
    told = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https"}
    for peer in ("10.9.9.9", "203.0.113.9"):
        app.test_client().get("/live", headers=told, environ_base={"REMOTE_ADDR": peer})
    app.extensions["portal"].database.close()
    assert seen == ["6.6.6.6", "203.0.113.9"]


def _asker() -> str:
    from flask import request

    return request.remote_addr or ""


def test_signing_in_over_somebody_ends_her_session(app: Flask, as_: As, world: World) -> None:

    portal = app.extensions["portal"]
    with portal.database.transaction() as s:
        vera = portal.find_viewer(s, world.people["vera"].token)
        code = new_code(s, vera, world.people["anna"].public_id)
    shared, elsewhere = as_("birk"), as_("birk")
    shared.submit("/aktiver", code=code)
    assert shared.submit("/aktiver/pin", pin="482917", pin_again="482917").status_code == 303
    assert elsewhere.get("/planen-min").status_code == 303


def test_a_code_scanned_before_signing_in_leads_on_to_the_check_in(app: Flask, world: World) -> None:
    from portal.attendance.service import codes
    from portal.people.service import places

    portal = app.extensions["portal"]
    with portal.database.transaction() as s:
        vera = portal.find_viewer(s, world.people["vera"].token)
        centre = places.find_centre(s, world.centres["own"])
        assert centre
        code = new_code(s, vera, world.people["anna"].public_id)
        shown = codes.code_now(s, centre)
    phone = browser(app)
    phone.get(f"/inn/{shown.token}")
    phone.submit("/aktiver", code=code)
    answer = phone.submit("/aktiver/pin", pin="482917", pin_again="482917")
    assert answer.headers["Location"] == "/oppmote"
    arrived = phone.submit("/oppmote/her", on="/oppmote")
    assert arrived.headers["Location"] == "/oppmote"
