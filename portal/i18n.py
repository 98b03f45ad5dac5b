"""Languages: which are offered, which one a person gets, and how dates and times are said in it.

Source strings are bokmål. Catalogues are read from `translations/<locale>/LC_MESSAGES/messages.po` at start
and compiled in memory. Knows nothing of the web: the language in force is a context variable.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from portal.clock import to_oslo

SOURCE = "nb"
_TOGETHER = "\u2060"  # word joiner: no line breaks here
_LEFT_TO_RIGHT, _END = "\u2066", "\u2069"  # what stands between keeps its direction in any text
_PHONE_NUMBER = re.compile(r"(?<!\d)(?<!\d )(?:\+\d{2} )?\d{2} \d{2} \d{2} \d{2}(?!\d)")


@dataclass(frozen=True)
class Language:
    """One language as the person meets it: its code in addresses and HTML, and its name in itself."""

    code: str
    name: str
    checked_by_professional: bool

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, from Babel."""
        return str(Locale.parse(self.code).text_direction)


OFFERED: tuple[Language, ...] = (
    Language("nb", "Norsk bokmål", checked_by_professional=True),
    Language("en", "English", checked_by_professional=False),
    Language("ar", "العربية", checked_by_professional=False),
)
"""A language stands here only when its catalogue is complete (a test checks)."""

_BY_CODE = {language.code: language for language in OFFERED}
_BABEL = {"en": "en_GB"}
"""Babel's own name where ours is too wide: plain «en» is American («Monday, Wednesday, and Thursday»)."""

_SAME_AS = {"no": "nb", "nn": "nb"}
"""Plain «Norwegian» matches nothing in Babel, so `no` is mapped by hand.

Nynorsk readers get bokmål until nn is here.
"""


@lru_cache(maxsize=4096)
def with_whole_numbers(text: str) -> str:
    """Hold the groups of each phone number in a text together: «55 55 33 33» is one line, in this order.

    With plain spaces a line may break in it, and among Arabic words its groups stand in the opposite order,
    so that somebody would call a wrong number. A no-break space belongs to the number it stands in.
    """
    return _PHONE_NUMBER.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)


class _Source(NullTranslations):
    """The sentences as they stand in the code."""

    def gettext(self, message: str) -> str:
        return with_whole_numbers(message)


_catalogues: dict[str, NullTranslations] = {SOURCE: _Source()}
_current: ContextVar[str] = ContextVar("language", default=SOURCE)


def load_catalogues(folder: Path) -> None:
    """Read every offered language's .po file. Raises: FileNotFoundError when one is missing."""
    for language in OFFERED:
        if language.code != SOURCE:
            _catalogues[language.code] = _read_catalogue(folder, language.code)


@cache  # reading takes longer than all the rest of a start, and a process may start several applications
def _read_catalogue(folder: Path, language: str) -> Translations:
    with (folder / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        read = read_po(source, locale=language)
    for message in read:
        if isinstance(message.string, str):
            message.string = with_whole_numbers(message.string)
    compiled = io.BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled)


def choose(*wishes: str | None) -> str:
    """Choose the first offered language among wishes, most wanted first; bokmål if none is offered.

    A wish is a code or a whole Accept-Language header; `no` and `nn` give `nb`, `ar-SY` gives `ar`.
    """
    for wish in wishes:
        for part in _by_weight(wish or ""):
            code = part.replace("_", "-").split("-")[0].lower()
            code = _SAME_AS.get(code, code)
            if code in _BY_CODE:
                return code
    return SOURCE


def _by_weight(header: str) -> list[str]:
    weighted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")):
        code, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), place, code))
        except ValueError:
            continue  # a broken weight is a broken wish, not an error for the person
    return [code for _weight, _place, code in sorted(weighted) if code]


def current() -> Language:
    """Tell the language in force."""
    return _BY_CODE[_current.get()]


def current_language() -> str:
    """Tell the code of the language in force, such as `nb`."""
    return _current.get()


def _babel_locale() -> str:
    code = _current.get()
    return _BABEL.get(code, code)


def language(code: str) -> Language:
    """Tell about an offered language. Raises: KeyError when it is not offered."""
    return _BY_CODE[code]


def use(code: str) -> None:
    """Let everything from here on in this request or event be said in one language."""
    _current.set(choose(code))


@contextmanager
def using(code: str) -> Iterator[None]:
    """Let everything inside be said in one language."""
    token = _current.set(choose(code))
    try:
        yield
    finally:
        _current.reset(token)


def catalogue() -> NullTranslations:
    """Give the catalogue of the language in force, for templates, which put the values in themselves."""
    return _catalogues[_current.get()]


def gettext(sentence: str, **facts: object) -> str:
    """Say a marked sentence in the language in force, with its values in place; an instant as clock time."""
    said = catalogue().gettext(sentence)
    told = {name: format_time(fact) if isinstance(fact, datetime) else fact for name, fact in facts.items()}
    return said % told if told else said


def ngettext(one: str, many: str, num: int, **facts: object) -> str:
    """Say a sentence that depends on a number; `%(num)s` is always among its values."""
    return catalogue().ngettext(one, many, num) % {"num": num, **facts}


def pgettext(context: str, sentence: str, **facts: object) -> str:
    """Say a sentence whose meaning depends on where it stands."""
    said = str(catalogue().pgettext(context, sentence))
    return said % facts if facts else said


def npgettext(context: str, one: str, many: str, num: int, **facts: object) -> str:
    """Say a sentence that depends on a number and on where it stands."""
    return str(catalogue().npgettext(context, one, many, num)) % {"num": num, **facts}


def direction(code: str) -> str:
    """Tell the writing direction of any language, offered or not: `ltr` or `rtl`."""
    return str(Locale.parse(code, sep="-" if "-" in code else "_").text_direction)


def language_name(code: str) -> str:
    """Name a language in the language in force, such as «arabisk»."""
    return Locale.parse(code).get_language_name(_babel_locale()) or code


def format_day(on: date) -> str:
    """Say a day in full: «mandag 23. november»."""
    return format_date(
        on, "EEEE d. MMMM" if _current.get() == "nb" else "EEEE d MMMM", locale=_babel_locale()
    )


def as_heading(said: str) -> str:
    """Begin with a capital and leave the rest: «Mandag 23. november», «Monday 23 November»."""
    return said[:1].upper() + said[1:]


def format_day_and_year(on: date) -> str:
    """Say a date that may be far off: «28. oktober 2026»."""
    pattern = "d. MMMM y" if _current.get() == SOURCE else "d MMMM y"
    return format_date(on, pattern, locale=_babel_locale())


def format_month(on: date) -> str:
    """Say the month of a day: «november 2026»."""
    return format_date(on, "LLLL y", locale=_babel_locale())


def format_day_in_norwegian(on: date, *, with_year: bool = False) -> str:
    """Say a day as it stands on Norwegian paper, shown beneath a translated one (design 10)."""
    with using(SOURCE):
        return format_day_and_year(on) if with_year else format_day(on)


def format_time(at: datetime | time) -> str:
    """Say a time of day on the 24-hour clock.

    «09.00» in bokmål, «09:00» elsewhere. Instants are shown in Oslo.
    """
    shown = to_oslo(at).time() if isinstance(at, datetime) else at
    return f"{shown:%H.%M}" if _current.get() == SOURCE else f"{shown:%H:%M}"


def format_hours(start: time, end: time) -> str:
    """Say a stretch of hours: «09.00–14.00». It neither breaks across lines nor turns around in Arabic."""
    said = f"{format_time(start)}{_TOGETHER}–{_TOGETHER}{format_time(end)}"
    return f"{_LEFT_TO_RIGHT}{said}{_END}" if current().direction == "rtl" else said


def format_weekday(weekday: int) -> str:
    """Name a weekday, 0 = Monday."""
    return format_datetime(datetime(2024, 1, 1 + weekday), "EEEE", locale=_babel_locale())  # noqa: DTZ001 - only a name


def format_weekdays(weekdays: Iterable[int]) -> str:
    """Name several weekdays as one says them: «mandag, onsdag og torsdag»."""
    return format_list([format_weekday(weekday) for weekday in weekdays], locale=_babel_locale())


def format_names(names: Iterable[str]) -> str:
    """Say several names in one breath: «Jobbsentralen og Brygga»."""
    return format_list(list(names), locale=_babel_locale())
