"""Who gave and who ended help and roles is written down for ever, and shown where it belongs."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from tests.fixtures.databases import on_sqlite
from tests.page_tree import text_of

pytestmark = on_sqlite

MONDAY = "2026-11-23"


def words_of(opened, address):
    return text_of(opened.page(address).root)


def link_of(opened, address, begins):
    """The first link on a page that leads to such an address."""
    links = (link.attrib.get("href", "") for link in opened.page(address).all("a"))
    return next(link for link in links if link.startswith(begins))


def named(name):
    return f"{name.capitalize()}Givenkanari {name.capitalize()}Familykanari"


@pytest.fixture
def card(world):
    return f"/person/{world.people['anna'].public_id}"


@pytest.fixture
def give_help(as_, card, world):
    def given(who="vidar"):
        told = {"who": world.people[who].public_id, "purpose": "job", "from_on": MONDAY}
        assert as_("vera").submit(f"{card}/hjelper", on=f"{card}/om", **told).status_code == 303

    return given


@pytest.fixture
def change_roles(as_, world):
    """Let Mona give Lise a role, say which day is its last, end it, and make a code."""

    def changed():
        mona, page = as_("mona"), f"/administrasjon/ansatt/{world.people['lise'].public_id}"
        told = {"role": "veileder", "place": world.thing("office", "own"), "from_on": MONDAY}
        assert mona.submit(f"{page}/rolle", on=page, **told).status_code == 303
        role = link_of(mona, page, "/administrasjon/rolle/")
        assert mona.submit(f"{role}/siste-dag", on=role, last_day="2026-12-24").status_code == 303
        assert mona.submit(f"{role}/slutt", on=role).status_code == 303
        assert mona.submit(f"{page}/kode", on=page).status_code == 303
        return words_of(mona, page)

    return changed


def test_the_card_tells_who_added_and_who_ended_a_helper(as_, card, give_help):
    give_help()
    vera, vidar = as_("vera"), as_("vidar")
    line = link_of(vidar, f"{card}/om", "/hjelper/")
    shown = words_of(vera, f"{card}/om")
    assert f"{named('vera')} la til {named('vidar')} (jobb) 23. november 2026." in shown
    assert "avsluttet hjelpen" not in shown
    assert vidar.submit(line, sure="yes").status_code == 303
    assert f"{named('vidar')} avsluttet hjelpen fra {named('vera')} (plan)" in words_of(vidar, f"{card}/om")


def test_a_stand_in_is_written_down_for_each_person(as_, card, world):
    told = {"who": world.people["vidar"].public_id, "from_on": MONDAY, "to_on": "2026-11-27"}
    vera = as_("vera")
    vera.submit("/stedfortreder", **told)
    assert f"la til {named('vidar')} (plan)" in words_of(vera, f"{card}/om")


def test_the_page_of_somebody_who_works_here_tells_who_did_what_to_her_roles(change_roles):
    shown = change_roles()
    for sentence in (
        f"Gitt av {named('mona')} 23. november 2026.",
        f"{named('mona')} satte siste dag til 24. desember 2026.",
        f"Avsluttet av {named('mona')} 23. november 2026.",
        f"Laget av {named('mona')} 23. november 2026.",
    ):
        assert sentence in shown


@pytest.mark.parametrize("table", ["person_change", "role_change"])
@pytest.mark.parametrize("change", ["UPDATE {} SET by_id = NULL", "DELETE FROM {}"])
def test_the_database_refuses_to_change_or_remove_what_was_written(
    database, give_help, change_roles, table, change
):
    give_help()
    change_roles()
    with pytest.raises(DatabaseError, match="only ever added to"), database.transaction() as s:
        s.execute(text(change.format(table)))
