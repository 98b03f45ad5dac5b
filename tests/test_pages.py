"""Every page that somebody can open, in every offered language, read by the checking client."""

import pytest
from sqlalchemy import update

from portal import i18n
from portal.people.models import Person
from tests.access_table import RECIPIENT, role_of
from tests.calls import every_page, make
from tests.fixtures.databases import on_sqlite
from tests.pages import is_part

LANGUAGES = [language.code for language in i18n.OFFERED]


@on_sqlite
@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.timeout(180)
def test_every_page_is_well_made_in_every_language(app, world, database, code, tell):
    with database.transaction() as s:
        s.execute(update(Person).values(language=code))  # a person's own language wins over the browser's
    opened, faults = 0, []
    for call in every_page():
        try:
            answer = make(app, world, call, language=code)
        except AssertionError as fault:
            faults.append(str(fault))
            continue
        opened += 1
        is_page = answer.mimetype == "text/html" and answer.status_code == 200 and not is_part(answer)
        if is_page and call.endpoint != "shell.without_net":  # its language stands in its address
            html = f'<html lang="{code}" dir="{i18n.direction(code)}"'
            if html not in answer.text:
                faults.append(f"{call}: is not in {code}")
    tell(f"pages in {code}: {opened} opened, {len(faults)} faults")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@pytest.mark.parametrize("code", LANGUAGES)
def test_error_pages_are_well_made_too(client, code):
    for address in ("/finnes-ikke", "/plikt/finnes-ikke", "/rett-og-plikt/finnes-ikke"):
        client.get(address, headers={"Accept-Language": code})


def test_a_browser_set_to_plain_norwegian_gets_bokmal(client):
    assert '<html lang="nb"' in client.get("/logg-inn", headers={"Accept-Language": "no"}).text


@on_sqlite
def test_emergency_help_is_one_tap_from_every_page(app, world):
    without = []
    for call in every_page():
        answer = make(app, world, call)
        shown = answer.mimetype == "text/html" and answer.status_code == 200
        shown = shown and role_of(call.actor) in {RECIPIENT, None}
        if shown and 'href="/nodhjelp"' not in answer.text and call.endpoint not in NO_WAY_ON:
            without.append(str(call))
    assert "\n".join(without) == ""


NO_WAY_ON = {"rights.emergency_help", "attendance.screen", "shell.without_net"}
"""Whose own page it is; a screen for all to see; and a page that has the numbers to ring on it."""
"""The page itself, and the screen at the centre's door that nobody touches."""
