"""What a phone keeps for when it has no net: the same for everybody, on recipients' own phones alone."""

from __future__ import annotations

import re

import pytest

from portal.app import create_app
from portal.chat.rules.files import MOST_FILES
from tests.fixtures.application import browser, settings_for
from tests.fixtures.databases import on_sqlite

pytestmark = on_sqlite


@pytest.mark.parametrize("language", ["nb", "en", "ar"])
def test_the_page_without_a_net_is_the_same_whoever_asks(client, as_, language):
    address = f"/uten-nett/{language}"
    hers, nobodys = as_("anna").get(address), client.get(address)
    assert hers.text == nobodys.text
    assert nobodys.headers.getlist("Set-Cookie") == []
    assert f'<html lang="{language}"' in hers.text
    assert f'data-most="{MOST_FILES}"' in hers.text, "refused when chosen as when sent"
    for number in ("+4755553333", "116117", "112"):
        assert f'href="tel:{number}"' in hers.text
    assert "/nodhjelp" not in hers.text, "without a net that link leads back to this page"


def test_a_language_that_is_not_offered_has_none(client):
    assert client.get("/uten-nett/xx").status_code == 404


def test_only_a_recipients_own_phone_is_asked_to_keep_it(as_):
    assert 'data-worker="/sw.js?sprak=nb"' in as_("anna").get("/").text
    assert "data-worker" not in as_("vera").get("/innboks").text


def test_the_worker_lists_built_files_alone(client):
    worker = client.get("/sw.js")
    assert worker.mimetype == "text/javascript"
    assert "no-store" in worker.headers["Cache-Control"]
    kept = re.findall(r'"(/[^"]+)"', worker.text)
    assert len([path for path in kept if path.startswith("/static/")]) == 5
    assert {path for path in kept if not path.startswith("/static/")} == {"/logg-ut"}


def test_switched_off_the_worker_takes_itself_off_and_no_page_asks_for_it(database_url):
    app = create_app(settings_for(database_url, offline_page=False))
    worker = browser(app).get("/sw.js").text
    assert "unregister" in worker
    assert "/static/" not in worker
    app.extensions["portal"].database.close()
