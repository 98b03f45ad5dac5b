"""The system never writes «brudd», «sanksjon» or «ugyldig», nor their kin, in any language (design 3.2).

Read are templates, scripts, sheets, catalogues, and every text in the code, demo and steps of the database
included. Comments and docstrings are for whoever builds, and the glossary says which words are never used. No
official KOSTRA field is called by such a word today; one that is must be let through here by its whole name.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from portal import i18n

ROOT = Path(__file__).parent.parent
HARMLESS = "avbrudd|gjennombrudd|sammenbrudd|utbrudd|oppbrudd|strømbrudd"
NORWEGIAN = re.compile(
    rf"(?!\b(?:{HARMLESS}))\b\w*brudd(?:et|ene|a|s|ets|enes)?\b|\bbrudd\w*|\b(?:vilkårs|plikt|regel)brot\w*|\bbrot(?:et|a)?\b"
    r"|\bbrutt\w*|\bbryt(?:er|e|ende|ar)?\b(?!\()"
    r"|\w*sanksjon\w*|\bugyldi[gc]\w*|\b(?:ikke|ikkje|uten|utan) gyldig\w*"
    r"|\bmisligh[oe]ld\w*|\bmisligholdt\w*|\bovertred\w*|\bovertr[åa]dt\w*|\bforsøm\w*|\butebl[ie]\w*"
    r"|\bunnlat\w*|\bunnlot\b|\bskulk\w*|\bskoft\w*|\b(?:av)?straff\w*"
    r"|\bulegitimert\w*|\bulovlig\w* fravær\w*",
    re.IGNORECASE,
)
ENGLISH_ANYWHERE = r"\b(?:breach|sanction|violat|infring|truan)\w*"
"""«invalid» is what HTML calls a field and Python a value: only what people read is held to that."""
ENGLISH = re.compile(
    ENGLISH_ANYWHERE + r"|\binvalid\w*|\bnot valid\b|\bpenal\w*|\bpunish\w*|\bnon-?complian\w*|\bunexcused\b"
    r"|\bunauthori[sz]ed\b"
    r"|\bbroke (?:a|the|your) (?:rule|condition|duty|requirement)s?\b|\b(?:fail|neglect)ed to\b",
    re.IGNORECASE,
)
ARABIC_STEMS = (
    "خرق خروق خروقات اخلال انتهاك انتهك مخالف مخالفه مخالفات خالف عقوبه عقوبات عقاب معاقبه يعاقب تعاقب "
    "جزاء جزاءات باطل باطله لاغ لاغي لاغيه ملغي تقاعس تغيب"
).replace(" ", "|")
ARABIC = re.compile(
    r"(?<!\w)[وف]?[بكل]?(?:ال|ل)?(?:"
    + ARABIC_STEMS
    + r")(?:ه|ات|ين|ون|ك|كم|ها|هم|ي|ا|ت)?(?!\w)"
    + r"|(?<!\w)(?:ال)?غير (?:ال)?(?:صالح|مبرر|شرعي|قانوني|نظامي|ساري)(?:ه|ين|ات)?(?!\w)"
)
"""Letters as `_bare_arabic` leaves them: no vowel signs, one alef, ه for ة."""
NEVER = {"nb": NORWEGIAN, "en": ENGLISH, "ar": ARABIC}


def judging_in(text: str, language: str) -> list[str]:
    """The words of a text in a language that judge somebody."""
    plain = _bare_arabic(text) if language == "ar" else text
    return [found[0] for found in NEVER[language].finditer(plain)]


def _bare_arabic(text: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) != "Mn")
    return re.sub("[أإآٱ]", "ا", plain).replace("ـ", "").replace("ة", "ه").replace("ى", "ي")


def judging_anywhere_in(text: str) -> list[str]:
    """The same for what may be in any language: a page, a script, a text in the code."""
    found = [word for language in ("nb", "ar") for word in judging_in(text, language)]
    return found + re.findall(ENGLISH_ANYWHERE, text, re.IGNORECASE)


def texts_in(path: Path) -> Iterator[str]:
    """What a file writes, without what is said to whoever builds."""
    text = path.read_text()
    if path.suffix == ".py":
        yield from _texts_of_code(ast.parse(text))
    elif path.suffix == ".html":
        yield re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    else:
        yield re.sub(r"/\*.*?\*/|^\s*//.*$|\s// .*$", "", text, flags=re.DOTALL | re.MULTILINE)


def _texts_of_code(tree: ast.Module) -> Iterator[str]:
    said_to_builders = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in said_to_builders
        ):
            yield node.value


def files() -> list[Path]:
    """Everything that the system writes from."""
    kinds = (("templates", "*"), ("portal", "*.py"), ("static/js", "*.js"), ("static/css", "*.css"))
    found = [path for folder, kind in kinds for path in (ROOT / folder).rglob(kind) if path.is_file()]
    assert len(found) > 400, "some folder was not found"
    return found


def translated() -> Iterator[tuple[str, str]]:
    """Every sentence of every catalogue, with its language; the source's are Norwegian."""
    for language in (offered.code for offered in i18n.OFFERED):
        catalogue = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
        source = ROOT / "translations" / "messages.pot"
        with (catalogue if catalogue.exists() else source).open("rb") as file:
            for message in read_po(file):
                forms = message.string if catalogue.exists() else message.id
                for form in forms if isinstance(forms, tuple | list) else (forms,):
                    yield language, form


def test_no_page_script_or_text_in_the_code_judges_anybody():
    found = {
        str(path.relative_to(ROOT)): words
        for path in files()
        if (words := [word for text in texts_in(path) for word in judging_anywhere_in(text)])
    }
    assert found == {}, "only a named person judges, after the other was heard (design 3.2)"


def test_no_sentence_in_any_language_judges_anybody():
    sentences = list(translated())
    assert {language for language, _form in sentences} == set(NEVER), "name each language's words"
    found = [(language, form) for language, form in sentences if judging_in(form, language)]
    assert found == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "nb",
            "brudd bruddet vilkårsbrudd pliktbruddene sanksjon sanksjonert ugyldig ugyldige",
        ),
        (
            "nb",
            "Ugyldighet mislighold overtredelse forsømmelse uteblivelse skulket straffet brutt",
        ),
        ("en", "breach breached sanctions sanctioned invalid invalidated violation penalty punished truancy"),
        (
            "ar",
            "خرق الخرق وخرقت مخالفة المخالفات بالمخالفة للمخالفة انتهاك العقوبات والعقاب باطلة",
        ),
    ],
)
def test_every_form_of_such_a_word_is_found(language: str, words: str):
    assert [word for word in words.split() if not judging_in(f"({word}).", language)] == []


def test_it_is_found_wherever_it_is_written(tmp_path: Path):
    planted = {
        "page.html": "<p>Ugyldig fravær</p>",
        "code.py": 'SAID = f"Det er {1} brudd"',
        "board.js": 'say("sanksjon");',
        "sheet.css": 'p::after { content: "brudd"; }',
    }
    for name, text in planted.items():
        (tmp_path / name).write_text(text)
        assert [word for text in texts_in(tmp_path / name) for word in judging_anywhere_in(text)] != [], name
    harmless = {
        "page.html": "{# brudd #}<p>Avbrudd i nettet</p>",
        "code.py": '"""No brudd."""\n# sanksjon\nSAID = 1',
        "board.js": "// never «brudd»\nsay(1);",
    }
    for name, text in harmless.items():
        (tmp_path / name).write_text(text)
        assert [word for text in texts_in(tmp_path / name) for word in judging_anywhere_in(text)] == [], name
    assert judging_in("لا توجد غرفة.", "ar") == []
