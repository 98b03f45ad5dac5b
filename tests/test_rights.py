"""The rights pages: open to everybody, with the law, the day it was checked, and one next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal import i18n
from portal.rights.rules import RIGHTS, RightKey
from tests.fixtures.application import let_unchecked_texts_through
from tests.fixtures.databases import on_sqlite
from tests.page_tree import Page, text_of

pytestmark = on_sqlite


if TYPE_CHECKING:
    from tests.fixtures.application import As
    from tests.pages import CheckingClient

ARABIC = {"Accept-Language": "ar"}
DEADLINE = "Fristen er tre uker fra den dagen du fikk vedtaket."


def in_arabic(sentence: str) -> str:
    with i18n.using("ar"):
        return i18n.gettext(sentence)


def links(page: Page) -> dict[str, str]:
    return {element.attrib["href"]: text_of(element) for element in page.all("a")}


def big_buttons(page: Page) -> list[str]:
    return [
        element.attrib["href"] for element in page.all("a") if "ds-button" in element.attrib.get("class", "")
    ]


@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: right.slug)
def test_a_right_names_its_law_and_the_day_it_was_checked(client: CheckingClient, right):
    page = client.page(f"/rett-og-plikt/{right.slug}")
    law = " ".join(text_of(element) for element in page.all("p") if element.attrib.get("class") == "law")
    assert all(basis in law for basis in right.legal_basis)
    assert "22. november 2026" in law


@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: right.slug)
def test_a_right_has_one_next_step(client: CheckingClient, right):
    page = client.page(f"/rett-og-plikt/{right.slug}")
    by_phone = right.key is RightKey.EMERGENCY_HELP
    assert big_buttons(page) == (["tel:+4755553333"] if by_phone else ["/chat"])


def test_emergency_help_is_open_to_all_and_linked_from_every_right(client: CheckingClient):
    assert "med en gang" in client.get("/nodhjelp").text
    for right in RIGHTS[:-1]:
        assert "/nodhjelp" in links(client.page(f"/rett-og-plikt/{right.slug}"))


def test_emergency_help_is_for_those_who_did_not_follow_a_condition_too(client: CheckingClient):
    assert "også hvis du ikke har fulgt et vilkår" in client.get("/nodhjelp").text


def test_a_late_appeal_is_never_turned_away(client: CheckingClient):
    assert "Har det gått lengre tid? Klag likevel" in client.get("/rett-og-plikt/klage").text


def test_an_unknown_right_is_not_found(client: CheckingClient):
    assert client.get("/rett-og-plikt/finnes-ikke").status_code == 404


def test_an_unchecked_translation_shows_the_norwegian_beneath(app, world, client: CheckingClient):
    let_unchecked_texts_through(app.extensions["portal"].database)
    page = client.get("/rett-og-plikt/klage", headers=ARABIC).text
    arabic, norwegian = in_arabic(DEADLINE), page.index(DEADLINE)
    assert page.index(arabic) < page.index('<details class="norwegian"') < norwegian
    assert "Norsk tekst" not in client.get("/rett-og-plikt/klage").text


@pytest.mark.parametrize("address", ["/nodhjelp", *(f"/rett-og-plikt/{right.slug}" for right in RIGHTS)])
def test_where_the_office_has_not_let_it_through_a_right_itself_is_norwegian(client: CheckingClient, address):
    norwegian = Page(client.get(address).text)
    answer = client.get(address, headers=ARABIC).text
    page, told = Page(answer), {text_of(one) for one in norwegian.all("h1", "h2", "li")}
    assert '<html lang="ar" dir="rtl"' in answer
    assert {text_of(one) for one in page.all("h1", "h2", "li")} >= told
    assert '<div class="stack" lang="nb" dir="ltr">' in answer
    assert '<details class="norwegian"' not in answer


def test_the_phone_number_does_not_turn_in_arabic(client: CheckingClient):
    page = client.get("/nodhjelp", headers=ARABIC).text
    assert "55\u00a055\u00a033\u00a033" in page, (
        "plain spaces would turn the number around between Arabic words"
    )


def test_a_recipient_finds_the_way_back_to_her_own_duties(as_: As):
    assert "/rett-og-plikt" in links(as_("anna").page("/rett-og-plikt/tolk"))


def test_somebody_of_the_staff_is_not_sent_to_a_chat_she_does_not_have(as_: As):
    assert "/chat" not in links(as_("vera").page("/rett-og-plikt/tolk"))
