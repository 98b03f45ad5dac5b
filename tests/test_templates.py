"""Templates: nothing unused, nothing unrendered, and no word that cannot be translated."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from jinja2 import Environment, nodes
from jinja2.ext import InternationalizationExtension

from portal import i18n

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
FOR_THE_ARCHIVE = TEMPLATES / "chat/export.html"
"""A file for the municipality's archive, whose language is Norwegian."""
SAYS_IT_IN_EVERY_LANGUAGE = {TEMPLATES / "failed.html"}
"""Shown when anything may be broken, the catalogues too: every offered language stands in it."""
SAYS_SOMETHING = re.compile(r"[^\W\d_]{2,}")
SPOKEN_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "aria-description")
SAME_IN_EVERY_LANGUAGE = {"Min vei", "PIN", "Nav", "QR", "BankID", "MinID", "Language"}

environment = Environment(
    extensions=[InternationalizationExtension, "jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True
)


def files() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def parsed(path: Path) -> nodes.Template:
    return environment.parse(path.read_text(), filename=str(path))


def named_in(tree: nodes.Template) -> set[str]:
    """Templates that this one extends, includes or imports from."""
    found = set()
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        found |= {const.value for const in node.template.find_all(nodes.Const)} | (
            {node.template.value} if isinstance(node.template, nodes.Const) else set()
        )
    return found


def rendered_by_code() -> set[str]:
    """Every string in the code that names a template, so that a table of templates counts too."""
    return {
        node.value
        for path in (ROOT / "portal").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html")
    }


def test_every_template_is_rendered_by_somebody():
    used = rendered_by_code() | set().union(*(named_in(parsed(path)) for path in files()))
    alone = [name for path in files() if (name := str(path.relative_to(TEMPLATES))) not in used]
    assert alone == [], "delete it, or render it"


def test_every_named_template_exists():
    used = rendered_by_code() | set().union(*(named_in(parsed(path)) for path in files()))
    assert [name for name in sorted(used) if not (TEMPLATES / name).is_file()] == []


def test_no_macro_is_imported_for_nothing():
    unused = []
    for path in files():
        tree = parsed(path)
        names = [
            alias if isinstance(alias, str) else alias[1]
            for node in tree.find_all(nodes.FromImport)
            for alias in node.names
        ] + [node.target for node in tree.find_all(nodes.Import)]
        read = [node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"]
        unused += [f"{path.relative_to(ROOT)}: {name}" for name in names if name not in read]
    assert unused == []


def test_no_macro_is_written_for_nothing():
    read = {
        name
        for path in files()
        for node in parsed(path).find_all((nodes.Name, nodes.Getattr, nodes.FromImport))
        for name in names_of(node)
    }
    unused = [
        f"{path.relative_to(ROOT)}: {macro.name}"
        for path in files()
        for macro in parsed(path).find_all(nodes.Macro)
        if macro.name not in read
    ]
    assert unused == []


def names_of(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.FromImport):
        return [name if isinstance(name, str) else name[0] for name in node.names]
    return (
        [node.attr if isinstance(node, nodes.Getattr) else node.name]
        if getattr(node, "ctx", "load") == "load"
        else []
    )


def words_outside_translation(source: str) -> Iterator[str]:
    """Text and spoken attributes that stand in the template itself."""
    bare = re.sub(
        r"\{%-?\s*trans\b.*?\{%-?\s*endtrans\s*-?%\}|\{#.*?#\}|\{%.*?%\}", " ", source, flags=re.DOTALL
    )
    bare = re.sub(r"\{\{.*?\}\}", "", bare, flags=re.DOTALL)
    for element in html5lib.parseFragment(bare, namespaceHTMLElements=False).iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style"} or "svg" in element.tag:
            continue
        said = [element.text, *(child.tail for child in element)]
        said += [element.attrib.get(name) for name in SPOKEN_ATTRIBUTES]
        if "placeholder" in element.attrib and not element.attrib.get("id"):
            continue
        yield from (
            text.strip() for text in said if text and '="' not in text and SAYS_SOMETHING.search(text)
        )


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_word_can_be_translated(path):
    if path in SAYS_IT_IN_EVERY_LANGUAGE:
        assert all(f'lang="{offered.code}"' in path.read_text() for offered in i18n.OFFERED)
        return
    if path == FOR_THE_ARCHIVE:
        return
    left = [
        text for text in words_outside_translation(path.read_text()) if text not in SAME_IN_EVERY_LANGUAGE
    ]
    assert left == [], "put it in {% trans %} or _()"


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_only_shows(path):
    """No query behind an attribute, no `|safe`: dataclasses in, escaped text out."""
    source = path.read_text()
    assert "|safe" not in source.replace(" ", ""), (
        "escape it; a picture comes as Markup from the code that drew it"
    )
    assert not re.search(r"\.query\b|\.execute\(|session\.", source)
    assert "autoescape false" not in source


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_value_in_a_sentence_is_filled_in(path):
    """Inside a trans block a value is written {{ name }}; %(name)s would stand there as it is."""
    blocks = re.findall(r"\{%-?\s*trans\b.*?\{%-?\s*endtrans", path.read_text(), flags=re.DOTALL)
    assert [block for block in blocks if "%(" in block] == []


def test_the_check_for_words_has_teeth():
    assert list(words_outside_translation("<p>Hei {{ name }}</p>")) == ["Hei"]
    assert list(words_outside_translation('<button aria-label="Lukk">x</button>')) == ["Lukk"]
    assert list(words_outside_translation("<p>{% trans %}Hei{% endtrans %}: {{ _('du') }}</p>")) == []


def test_every_module_named_in_a_template_exists_and_the_other_way_round():
    named = {
        name
        for path in files()
        for found in re.findall(r'data-module="([^"{]+)"', path.read_text())
        for name in found.split()
    }
    scripts = {path.stem for path in (ROOT / "static" / "js").glob("*.js")}
    assert sorted(named - scripts) == [], "no such file in static/js"
