"""What plain Norwegian means here, as rules that can be counted (design 10).

LIX is words per sentence plus the share of words of more than six letters. Names, times, numbers and
paragraphs are left out, because nobody can write them simpler. Hard words stand where they are explained.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

NOTICE_LIX = 30
RIGHTS_AND_DUTIES_LIX = 35
STAFF_LIX = 40
LONGEST_SENTENCE = 20
LEAST_WORDS_FOR_LIX = 50
LONG_WORD = 7

_VALUE = re.compile(r"%\(\w+\)[sd]")
_LEFT_OUT = re.compile(
    r"§§?\s*[\d–-]+(?:\s*[a-z]\b)?"
    r"|\bkl\.(?:\s*\d[\d.–]*\d)?"
    r"|\b\d+\.(?= [a-zæøå])"
    r"|\b\d(?:[\d.: –]*\d)?"
    r"|\bnav\.no\b"
    r"|\b(?:jan|feb|aug|sept?|okt|nov|des)\."
)
_WORD = re.compile(r"[A-Za-zÆØÅæøåéÉ]+(?:-[A-Za-zÆØÅæøåéÉ]+)*")
_SENTENCE_END = re.compile(r"[.!?…:]+(?=\s|$|»)")


@dataclass(frozen=True)
class Rule:
    """One house rule: what must not stand in a text, what to write instead, and an example of each."""

    name: str
    never: re.Pattern[str]
    bad: str
    good: str


def _rule(name: str, never: str, bad: str, good: str, *, exact_case: bool = False) -> Rule:
    return Rule(name, re.compile(never, 0 if exact_case else re.IGNORECASE), bad, good)


def _words(stems: str) -> str:
    """Any of the words, written as stems with spaces between; `_` is a space inside one."""
    return r"\b(?:" + "|".join(stem.replace("_", " ") for stem in stems.split()) + r")\b"


RULES: tuple[Rule, ...] = (
    _rule(
        "no word that judges the person",
        _words(r"brudd\w* sanksjon\w* ugyldig\w* unnlat\w* misligh\w* uteblitt\w* skulk\w*"),
        "Du har brudd på et krav.",
        "Vi vet ikke hva som skjedde. Fortell oss gjerne.",
    ),
    _rule(
        "no threat",
        _words(r"advarsel\w* konsekvens\w* risikerer tvinge\w* trekk_i stanset? straff\w*"),
        "Det får konsekvenser hvis du ikke kommer.",
        "Du kan fortelle det her, på telefon eller når dere møtes.",
    ),
    _rule(
        "no officialese",
        _words(
            r"herunder samt jf jamfør iht i_henhold_til hva_gjelder(?!_det\?) vedrørende angående "
            r"iverksett\w* foreligg\w* medfør\w* fremkom\w* ovennevnt\w* nedenstående dersom såfremt "
            r"eventuel\w* benytt\w* anmod\w* inneha\w* rekvir\w* såkalt\w* gjeldende vederlag\w* "
            r"undertegned\w* besitt\w* påkrev\w* etterkomm\w* oppnevn\w*"
        ),
        "Dersom det foreligger grunner, benytt skjemaet.",
        "Har du en grunn? Skriv den her.",
    ),
    _rule(
        "talks with the person, not about a case",
        _words(r"bruker(?:en|e|ne)? klient\w* stønadsmottaker\w* mottaker(?:en|e|ne)? vedkommende"),
        "Brukeren skal møte mandag.",
        "Du skal møte mandag.",
    ),
    _rule(
        "«trenger ikke», never «må ikke»",
        r"\bdu må ikke\b|\bmå du ikke\b",
        "Du må ikke skrive hvorfor.",
        "Du trenger ikke skrive hvorfor.",
    ),
    _rule(
        "no demand for a reason",
        r"\b(?:må|skal) (?:du )?(?:oppgi|begrunne|dokumentere|grunngi)\w*"
        r"|\bdu må (?:si|skrive|forklare) hvorfor\b",
        "Du må oppgi grunn.",
        "Vil du si hvorfor?",
    ),
    _rule(
        "no amounts, percentages or lengths of a reduction",
        r"\b\d[\d ]*(?:kr|kroner|prosent)\b|\d ?%|\bkr\.? ?\d|\bprosent\b",
        "Du mister 500 kroner.",
        "I vedtaket ditt står det at du kan få mindre penger.",
    ),
    _rule(
        "no promise that the machine or one day changes nothing",
        r"\bmister ikke penge\w*\b|\bgaranter\w*|\balltid få\b",
        "Du mister ikke penger.",
        "Min vei kan ikke stoppe pengene dine.",
    ),
    _rule(
        "nothing that Nav keeps is called deleted",
        r"\bslette[ts]?\b",
        "Meldingen er slettet.",
        "Trukket tilbake. Nav kan fortsatt se teksten i saken.",
    ),
    _rule("Nav is a word, not letters", r"\bNAV\b", "Ring NAV.", "Ring Nav.", exact_case=True),
    _rule("curly quotes", r"[\"“”]", 'Trykk på "Send".', "Trykk på «Send»."),
    _rule("a dash is a dash", r"\s-\s|--", "Mandag - fredag", "Mandag–fredag"),
    _rule("time has a full stop", r"\b\d{1,2}:\d{2}\b", "kl. 14:30", "kl. 14.30"),
    _rule(
        "calm, without shouting",
        r"!!|\?!|\b[A-ZÆØÅ]{4,}\b",
        "VIKTIG! Les nå!!",
        "Les dette først.",
        exact_case=True,
    ),
    _rule(
        "no Latin abbreviations",
        r"\b(?:f\.eks|bl\.a|o\.l|mv|evt|ca|pga|mtp|ifm|vha)\b",
        "Ta med f.eks. CV.",
        "Ta med for eksempel CV.",
    ),
)

HARD_WORDS: dict[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    name: (re.compile(word, re.IGNORECASE), re.compile(explanation, re.IGNORECASE))
    for name, word, explanation in (
        ("vilkår", r"\bvilkår\w*", r"\bvilkår(?:et)? er (?:et )?krav|\bet vilkår\. det er et krav"),
        ("vedtak", r"\bvedtak\w*", r"\bvedtak(?:et)? er brevet (?:med svaret|der nav)"),
        ("unntak", r"\bunntak\w*", r"unntak betyr at du slipper|slipper? kravet|da kan du slippe"),
        ("nødhjelp", r"\bnødhjelp\w*", r"nødhjelp er rask hjelp|rask hjelp\. det heter nødhjelp"),
        ("tolk", r"\btolk(?:en|er)?\b", r"tolk (?:er en person som )?oversetter"),
        ("fullmakt", r"\bfullmakt\w*", r"lov på papir \(fullmakt\)|fullmakt er"),
        ("Statsforvalteren", r"\bstatsforvalter\w*", r"statens kontor i fylket"),
        ("kvalifiseringsprogrammet", r"\bkvalifiseringsprogram\w*", r"program på heltid"),
        ("jobblogg", r"\bjobblogg\w*", r"jobbloggen er en liste"),
        ("PIN", r"\bPIN\b", r"PIN er en kode"),
        ("gjeld", r"\bgjeld\b", r"gjeld er penger du skylder"),
        ("klage", r"\bklagen?\b", r"uenig"),
        ("sosialtjenesteloven in running text", r"(?<!Loven: )\bsosialtjenestelov\w*", r"loven:"),
    )
}  # fmt: skip
"""A hard word, and what must stand on the same page wherever it is used."""


def without_values(text: str) -> str:
    """Leave out what nobody can write simpler: names, times, numbers, paragraphs."""
    return _LEFT_OUT.sub(" ", _VALUE.sub(" ", text))


def words(text: str) -> list[str]:
    """List the words that count."""
    return _WORD.findall(without_values(text))


def sentences(text: str) -> list[str]:
    """Split a text into sentences. A line of its own (a label, a list item) is a sentence too."""
    kept = without_values(text)
    parts = (part for line in kept.splitlines() for part in _SENTENCE_END.split(line))
    return [part for part in parts if _WORD.search(part)]


def lix(texts: Iterable[str]) -> float:
    """Count LIX of a page given as its texts; 0 for a page without words."""
    page = "\n".join(texts)
    counted = words(page)
    if not counted:
        return 0.0
    long_words = sum(len(word.replace("-", "")) >= LONG_WORD for word in counted)
    return len(counted) / len(sentences(page)) + 100 * long_words / len(counted)


def too_long_sentences(text: str) -> list[str]:
    """List the sentences of more than twenty words; a named value counts as one word."""
    filled = _VALUE.sub("Ord", text)
    return [
        part.strip()
        for line in filled.splitlines()
        for part in _SENTENCE_END.split(line)
        if len(_WORD.findall(part)) > LONGEST_SENTENCE
    ]


def broken_rules(text: str) -> list[str]:
    """Name the house rules that a text breaks, with the words that break them."""
    plain = _VALUE.sub(" ", text)
    return [f"{rule.name}: «{found.group()}»" for rule in RULES if (found := rule.never.search(plain))]


def unexplained(texts: Iterable[str]) -> list[str]:
    """Name the hard words on a page that stand there without their explanation."""
    page = " ".join(" ".join(texts).split())
    return [
        name
        for name, (word, explanation) in HARD_WORDS.items()
        if word.search(page) and not explanation.search(page)
    ]
