"""A page that shows a refusal itself takes back what was written before the no: its transaction goes on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.test_architecture import PORTAL, ROOT

COUNTS_WHAT_WAS_WRONG = "TooManyTries"
"""Whoever answers this keeps count: there the no itself is written down, a wrong code counts (design 5)."""
REFUSALS = {"Refused", "Conflict", "PortalError", "NotFound", "NotAllowed"}


def views_in(text: str) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]


def unprotected(view: ast.FunctionDef) -> Iterator[int]:
    """Lines in which a view that writes does something it might refuse, and would keep half of it."""
    told = [ast.unparse(one) for one in view.decorator_list]
    if not any(one.startswith("bp.post(") for one in told) or any("reads=True" in one for one in told):
        return
    for node in ast.walk(view):
        if isinstance(node, ast.Try) and any(catches_refusals(one) for one in node.handlers):
            for step in node.body:
                yield from outside(step)


def catches_refusals(handler: ast.ExceptHandler) -> bool:
    caught = set(re.findall(r"\w+", ast.unparse(handler.type))) if handler.type else set()
    return bool(REFUSALS & caught) and COUNTS_WHAT_WAS_WRONG not in caught


def outside(node: ast.AST) -> Iterator[int]:
    if isinstance(node, ast.With) and ast.unparse(node.items[0].context_expr) == "all_or_nothing(s)":
        return
    if isinstance(node, ast.Call) and node.args and ast.unparse(node.args[0]) == "s":
        yield node.lineno
    for inner in ast.iter_child_nodes(node):
        yield from outside(inner)


def test_what_a_page_refuses_is_taken_back():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in (*PORTAL.glob("*/views.py"), *PORTAL.glob("*/views/*.py"))
        for view in views_in(path.read_text())
        for line in unprotected(view)
    ]
    assert found == [], "put it into `with all_or_nothing(s):` (portal/db.py), inside the try"


VIEW = """
@bp.post('/x')
@page(may=1{more})
def view(s):
    try:
{body}
    except {fault}:
        pass
"""
BARE, KEPT = "        give(s, 1)", "        with all_or_nothing(s):\n            give(s, 1)"


@pytest.mark.parametrize(
    ("body", "more", "fault", "is_found"),
    [
        (BARE, "", "Refused", True),
        (BARE, "", "(Conflict, Refused)", True),
        (KEPT + "\n" + BARE, "", "Refused", True),
        (KEPT, "", "Refused", False),
        (BARE, ", reads=True", "Refused", False),
        (BARE, "", "ValueError", False),
        (BARE, "", "(Refused, TooManyTries)", False),
    ],
)
def test_the_rule_has_teeth(body, more, fault, is_found):
    (view,) = views_in(VIEW.format(body=body, more=more, fault=fault))
    assert bool(list(unprotected(view))) is is_found
