"""English that a tired person with little English can read: short, British, kind, and for everybody."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from portal import i18n
from portal.clock import now_utc, to_oslo

if TYPE_CHECKING:
    from tests.fixtures.application import As

CATALOGUE = Path(__file__).parent.parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
LONGEST_SENTENCE = 20
VALUE = re.compile(r"%\(\w+\)[sd]")
WORD = re.compile(r"[A-Za-zÆØÅæøåé]+(?:[-’][A-Za-z]+)*")
SENTENCE_END = re.compile(r"[.!?…:]+(?=\s|$|”)")
RULES = {
    "British spelling": (
        r"\b(?:centers?|colors?|programs?|favorite|organiz\w+|recogniz\w+|apologiz\w+|canceled|labor|license)\b",
        "Come to the center.",
        "Come to the centre.",
    ),
    "fits everybody": (
        r"\b(?:he|she|him|her|his|hers|himself|herself)\b",
        "Staff check him in.",
        "Staff check them in.",
    ),
    "no officialese": (
        r"\b(?:shall|pursuant|herein|hereby|regarding|concerning|commence\w*|utili[sz]e\w*|prior to"
        r"|in order to|failure to|obtain\w*|terminate\w*|aforementioned|beneficiar\w+|claimants?)\b",
        "You shall commence the activity.",
        "You start the activity.",
    ),
    "no threat and no judging word": (
        r"\b(?:sanction\w*|breach\w*|violat\w*|penalt\w+|punish\w*|warning|consequences?|non-?compliance)\b",
        "This has consequences.",
        "Tell us what happened.",
    ),
    "no short forms": (
        r"\b\w+(?:n['’]t|['’](?:ll|re|ve|m|d))\b",
        "You don’t have to.",
        "You do not have to.",
    ),
    "curly quotes": (r"[\"'«»]", 'Press "I am here".', "Press “I am here”."),
    "a 24-hour clock": (r"\d\s?(?:am|pm|a\.m|p\.m)\b|o’clock", "Come at 9 pm.", "Come at 21:00."),
}
SAME_IN_NORWEGIAN = {
    "%(done)s",
    "%(kind)s, %(size)s",
    "%(minutes)s min",
    "%(num)s person.",
    "%(place)s, %(day)s",
    "Min vei",
    "PDF",
    "PIN",
    "Administrator",
    "Database",
    "Status",
    "Plan",
    "Chat",
    "Send",
}


def messages() -> list[Message]:
    with CATALOGUE.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def said() -> list[str]:
    return [form for message in messages() for form in forms(message)]


def broken_rules(text: str) -> list[str]:
    plain = VALUE.sub(" ", text)
    return [name for name, (never, _bad, _good) in RULES.items() if re.search(never, plain, re.IGNORECASE)]


def too_long(text: str) -> list[str]:
    parts = SENTENCE_END.split(VALUE.sub("Word", text))
    return [part.strip() for part in parts if len(WORD.findall(part)) > LONGEST_SENTENCE]


def test_every_sentence_keeps_the_rules_of_plain_english():
    assert {text: faults for text in said() if (faults := broken_rules(text))} == {}


def test_no_sentence_has_more_than_twenty_words():
    assert [long for text in said() for long in too_long(text)] == []
    assert too_long(" ".join(["word"] * (LONGEST_SENTENCE + 1)) + ".") != []


def test_english_is_written_in_english():
    """A sentence that is the same in both languages was forgotten, but for a few names and words."""
    left = [
        form
        for message in messages()
        for form in forms(message)
        if form in (message.id if isinstance(message.id, tuple) else (message.id,))
    ]
    assert sorted(set(left) - SAME_IN_NORWEGIAN) == []


def test_norwegian_letters_stand_only_where_the_norwegian_word_is_shown():
    """«emergency help (nødhjelp)»: the word that the person meets on paper, in brackets."""
    shown = (re.sub(r"\([^)]*\)", "", text) for text in said())
    assert [text for text in shown if re.search(r"[æøåÆØÅ]", text)] == []


@pytest.mark.parametrize("name", list(RULES))
def test_a_rule_knows_bad_from_good(name: str):
    never, bad, good = RULES[name]
    assert re.search(never, bad, re.IGNORECASE)
    assert broken_rules(good) == []


def test_days_and_times_are_said_as_in_britain_on_the_24_hour_clock():
    """Plain «en» in Babel is American: a comma before «and», the month first."""
    with i18n.using("en"):
        assert i18n.format_day(date(2026, 11, 23)) == "Monday 23 November"
        assert i18n.as_heading("tirsdag 24. november i Nav") == "Tirsdag 24. november i Nav"
        assert i18n.format_day_and_year(date(2026, 10, 28)) == "28 October 2026"
        assert i18n.format_weekdays([0, 2, 3]) == "Monday, Wednesday and Thursday"
        assert i18n.format_time(time(14, 5)) == "14:05"
        assert i18n.format_hours(time(9), time(14)).replace("\u2060", "") == "09:00–14:00"
        assert i18n.language_name("nb") == "Norwegian Bokmål"


def test_the_day_above_the_greeting_keeps_the_capital_of_its_month(as_: As):
    browser = as_("anna")
    browser.submit("/sprak", on="/", language="en")
    shown = browser.get("/").text
    with i18n.using("en"):
        assert i18n.format_day(to_oslo(now_utc()).date()) in shown
