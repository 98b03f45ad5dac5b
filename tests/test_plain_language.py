"""The words of the portal are plain: counted over every sentence, and over the pages as they are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

import pytest
from babel.messages.pofile import read_po

from portal.rights.rules import RIGHTS
from tests.fixtures.databases import on_sqlite
from tests.page_tree import text_of
from tests.plain_language import (
    HARD_WORDS,
    LEAST_WORDS_FOR_LIX,
    LONGEST_SENTENCE,
    NOTICE_LIX,
    RIGHTS_AND_DUTIES_LIX,
    RULES,
    STAFF_LIX,
    Rule,
    broken_rules,
    lix,
    sentences,
    too_long_sentences,
    unexplained,
    words,
)

if TYPE_CHECKING:
    from tests.fixtures.application import As
    from tests.page_tree import Page
    from tests.pages import CheckingClient
    from tests.world import World

ROOT = Path(__file__).parent.parent
RIGHTS_AND_DUTIES = ("templates/rights/", "templates/duties/", "portal/rights/", "portal/duties/")
FOR_STAFF = ("inbox", "person", "board", "screen", "office", "admin", "leader")


def said() -> dict[str, list[str]]:
    """Every source sentence, by the file it is said in."""
    pages: dict[str, list[str]] = defaultdict(list)
    with (ROOT / "translations" / "messages.pot").open("rb") as file:
        for message in read_po(file):
            forms = message.id if isinstance(message.id, tuple) else (message.id,)
            for place, _line in message.locations if message.id else ():
                pages[place] += forms
    return dict(pages)


def is_for_staff(place: str) -> bool:
    return place.startswith("templates/") and Path(place).stem.strip("_").split("_")[0] in FOR_STAFF


def limit_for(place: str) -> int:
    if is_for_staff(place):
        return STAFF_LIX
    return RIGHTS_AND_DUTIES_LIX if place.startswith(RIGHTS_AND_DUTIES) else NOTICE_LIX


def is_countable(texts: list[str]) -> bool:
    return len(words("\n".join(texts))) >= LEAST_WORDS_FOR_LIX


def joined_until_countable() -> dict[tuple[str, int], list[str]]:
    """Pages of at least fifty words; what is shorter is joined with its folder, then with all short ones."""
    pages = {(place, limit_for(place)): texts for place, texts in said().items()}
    for wider in (lambda place: f"{Path(place).parent}/", lambda _place: "all the short ones"):
        joined: dict[tuple[str, int], list[str]] = defaultdict(list)
        for (place, limit), texts in pages.items():
            joined[place if is_countable(texts) else wider(place), limit] += texts
        pages = dict(joined)
    return {page: texts for page, texts in pages.items() if is_countable(texts)}


def test_every_page_and_message_is_easy_to_read():
    heavy = [
        f"{place}: LIX {found:.0f}, at most {limit}"
        for (place, limit), texts in joined_until_countable().items()
        if (found := lix(texts)) > limit
    ]
    assert heavy == [], "use shorter words and shorter sentences"


def test_no_sentence_has_more_than_twenty_words():
    assert [long for texts in said().values() for text in texts for long in too_long_sentences(text)] == []


def test_every_sentence_keeps_the_house_rules():
    faults = {fault: text for texts in said().values() for text in texts for fault in broken_rules(text)}
    assert faults == {}, "see the good example of the rule in tests/plain_language.py"


def shown_on(page: Page) -> list[str]:
    """What the page itself says: the frame around it and the Norwegian copy under a translation left out."""
    return [text_of(part) for main in page.all("main") for part in page_parts(main)]


def page_parts(element: Element) -> Iterator[Element]:
    """The paragraphs, items and headings of a page, each of them once; people's own words are not ours."""
    for part in element.iter():
        if part.tag in ("p", "li", "dt", "dd", "h1", "h2", "h3", "label", "legend", "button", "a"):
            inner = {child.tag for child in part.iter() if child is not part}
            if part.attrib.get("dir") != "auto" and not inner & {"p", "li"}:
                yield part


@on_sqlite
@pytest.mark.parametrize("slug", [right.slug for right in RIGHTS])
def test_a_rights_page_is_easy_and_explains_its_hard_words(client: CheckingClient, slug: str):
    texts = shown_on(client.page(f"/rett-og-plikt/{slug}"))
    assert len(words("\n".join(texts))) >= LEAST_WORDS_FOR_LIX
    assert lix(texts) <= RIGHTS_AND_DUTIES_LIX
    assert unexplained(texts) == []
    assert [long for text in texts for long in too_long_sentences(text)] == []
    assert [fault for text in texts for fault in broken_rules(text)] == []


@on_sqlite
def test_a_duty_page_is_easy_and_explains_its_hard_words(as_: As, world: World):
    texts = shown_on(as_("anna").page(f"/plikt/{world.thing('duty', 'anna')}"))
    assert lix(texts) <= RIGHTS_AND_DUTIES_LIX
    assert unexplained(texts) == []
    assert [fault for text in texts for fault in broken_rules(text)] == []


@on_sqlite
@pytest.mark.parametrize("address", ["/", "/planen-min", "/rett-og-plikt", "/chat"])
def test_the_main_pages_explain_their_hard_words(as_: As, address: str):
    texts = shown_on(as_("anna").page(address))
    assert unexplained(texts) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_house_rule_knows_bad_from_good(rule: Rule):
    assert rule.never.search(rule.bad), "the bad example must be caught"
    assert broken_rules(rule.good) == [], "the good example breaks no rule at all"


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        (
            "Les vilkåret ditt.",
            "Dette er et vilkår. Det er et krav som står i planen din. Les vilkåret ditt.",
        ),
        (
            "Du kan klage på vedtaket.",
            "Vedtak er brevet der Nav svarer deg. Er du uenig i vedtaket, kan du klage.",
        ),
        ("Du har unntak.", "Du har unntak. Unntak betyr at du slipper kravet om aktivitet."),
        ("Be om nødhjelp.", "Nødhjelp er rask hjelp når du mangler det viktigste. Be om nødhjelp."),
        ("Velg PIN.", "Velg en PIN. En PIN er en kode med tall som bare du vet om."),
        ("Be om tolk.", "Be om tolk. En tolk oversetter det som blir sagt."),
    ],
)
def test_a_hard_word_needs_its_explanation_beside_it(bad: str, good: str):
    assert unexplained([bad]) != []
    assert unexplained([good]) == []


def test_lix_is_counted_as_in_the_textbook():
    # 10 words in 2 sentences, 2 of them long: 5 + 20
    assert lix(["Nav hjelper deg med planen. Veilederen ringer i dag senest."]) == pytest.approx(25)
    assert lix([""]) == 0


def test_names_times_numbers_and_paragraphs_do_not_count():
    assert words("Kom til %(place)s kl. 09.00–14.00, se § 20 a.") == ["Kom", "til", "se"]
    assert len(sentences("Kom kl. 09.00. Ring 55 55 33 33.")) == 2


def test_a_sentence_of_twenty_one_words_is_too_long():
    assert too_long_sentences(" ".join(["ord"] * LONGEST_SENTENCE) + ".") == []
    assert len(too_long_sentences(" ".join(["ord"] * (LONGEST_SENTENCE + 1)) + ".")) == 1


def test_every_hard_word_is_told_apart_from_its_explanation():
    assert all(word.search(name.split()[0]) for name, (word, _explanation) in HARD_WORDS.items())
    assert len(RIGHTS) == 6
