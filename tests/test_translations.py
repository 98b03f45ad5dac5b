"""Every offered language says everything, with the same values and tags; the list of sentences is fresh."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from portal import i18n

ROOT = Path(__file__).parent.parent
TRANSLATIONS = ROOT / "translations"
OTHERS = [language.code for language in i18n.OFFERED if language.code != i18n.SOURCE]
PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]")
TAG = re.compile(r"</?([a-z][a-z0-9]*)")


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def translated(code: str) -> Catalog:
    return catalogue(TRANSLATIONS / code / "LC_MESSAGES" / "messages.po")


def sentences(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def names_of(found: Catalog) -> set[tuple[str | None, tuple[str, ...]]]:
    return {(message.context, sentences(message)) for message in found if message.id}


def test_the_list_of_sentences_is_fresh(tmp_path):
    """After changing a sentence: ./dev i18n."""
    fresh = tmp_path / "messages.pot"
    babel = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "pyproject.toml"]
    subprocess.run([*babel, "-o", fresh, "portal", "templates"], cwd=ROOT, check=True, capture_output=True)
    now, kept = names_of(catalogue(fresh)), names_of(catalogue(TRANSLATIONS / "messages.pot"))
    assert sorted(map(str, now - kept)) == [], "these are not in messages.pot: run ./dev i18n"
    assert sorted(map(str, kept - now)) == [], "nobody says these any more: run ./dev i18n"


@pytest.mark.parametrize("code", OTHERS)
def test_an_offered_language_says_everything(code):
    listed, have = names_of(catalogue(TRANSLATIONS / "messages.pot")), translated(code)
    said = {
        (message.context, sentences(message))
        for message in have
        if message.id and all(forms(message)) and not message.fuzzy
    }
    assert sorted(map(str, listed - said)) == [], (
        f"{code} is offered, so it says all of it; or take it off the list"
    )


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_keeps_every_value_and_tag(code):
    faults = [
        f"{form!r} does not keep what stands in {sentences(message)[-1]!r}"
        for message in translated(code)
        if message.id
        for form in forms(message)
        if form and not keeps(message, form)
    ]
    assert faults == []


def keeps(message: Message, form: str) -> bool:
    """The same values (a plural form may leave out its number) and the same tags."""
    one, many = sentences(message)[0], sentences(message)[-1]
    needed, known = set(PLACE.findall(one)) & set(PLACE.findall(many)) - {"num"}, set(PLACE.findall(many))
    return needed <= set(PLACE.findall(form)) <= known and sorted(TAG.findall(form)) == sorted(
        TAG.findall(many)
    )


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_has_all_its_plural_forms(code):
    have = translated(code)
    few = [
        sentences(message)[0]
        for message in have
        if isinstance(message.id, tuple) and len(forms(message)) != have.num_plurals
    ]
    assert few == []
    assert have.num_plurals == len(plural_numbers(code)), "the header's Plural-Forms is another language's"


def plural_numbers(code: str) -> set[str]:
    from babel import Locale

    return {*Locale.parse(code).plural_form.rules, "other"}


@pytest.mark.parametrize("code", OTHERS)
def test_an_unchecked_translation_says_so_in_the_file(code):
    """No professional has read it: the reader of the file must know (design 10)."""
    if i18n.language(code).checked_by_professional:
        return
    head = (TRANSLATIONS / code / "LC_MESSAGES" / "messages.po").read_text()[:2000].lower()
    assert "not checked by a professional translator" in head


def test_source_sentences_are_whole_and_written_for_print():
    """No hyphen as a dash, no straight quotes, no three full stops, no place without a name."""
    faults = [
        sentence
        for message in catalogue(TRANSLATIONS / "messages.pot")
        if message.id
        for sentence in sentences(message)
        if re.search(r"\s-\s|\.\.\.|\"|(?<!%)%[sd]", re.sub(r"<[^>]*>", "", sentence))
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ("no", "nb"),
        ("no-NO,no;q=0.9", "nb"),
        ("nb-NO", "nb"),
        ("nn", "nb"),
        ("ar", "ar"),
        ("ar-SY,en;q=0.5", "ar"),
        ("xx,ar;q=0.4,no;q=0.9", "nb"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("en-US,en;q=0.9,no;q=0.3", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.5", "en"),
        ("fr-FR,fr;q=0.9", "nb"),
        ("", "nb"),
        (";;q=,,*", "nb"),
        ("xx", "nb"),
    ],
)
def test_a_browser_gets_the_language_it_asks_for(wish, code):
    assert i18n.choose(wish) == code


def test_offered_languages_know_their_direction():
    assert [(language.code, language.direction) for language in i18n.OFFERED] == [
        ("nb", "ltr"),
        ("en", "ltr"),
        ("ar", "rtl"),
    ]


def words_of_another_script(code: str) -> Iterator[str]:
    script = {"ar": re.compile(r"[\u0600-\u06ff]")}[code]
    for message in translated(code):
        for form in forms(message) if message.id else ():
            if re.search(r"[^\W\d_]{3,}", PLACE.sub("", TAG.sub("", form))) and not script.search(form):
                yield form


def test_arabic_is_written_in_arabic():
    untranslated = [
        form for form in words_of_another_script("ar") if form not in {"Min vei", "PIN", "Nav", "QR"}
    ]
    assert untranslated == []


@pytest.mark.parametrize("code", [language.code for language in i18n.OFFERED])
@pytest.mark.parametrize(
    "sentence", ["Ring Nav på 55 55 33 33", "Har du ikke kode? Ring Nav på 55 55 33 33."]
)
def test_a_phone_number_is_never_broken_or_turned_around(code, sentence):
    i18n.load_catalogues(TRANSLATIONS)
    with i18n.using(code):
        assert "55\N{NO-BREAK SPACE}55\N{NO-BREAK SPACE}33\N{NO-BREAK SPACE}33" in i18n.gettext(sentence)


@pytest.mark.parametrize("text", ["12 av 14 kom", "2026 11 24 08 15", "1234 56 78 90", "kl. 09 10"])
def test_other_numbers_may_stand_on_two_lines(text):
    assert i18n.with_whole_numbers(text) == text
