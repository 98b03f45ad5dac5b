"""Our own checks of the code and the pages have teeth: for each one line that passes, and some that do not.

What other test files show of themselves is not shown again here.
"""

import pytest
from babel.messages.catalog import Message

from tests.page_rules import faults_in
from tests.test_architecture import ASKS_THE_TIME, BARE_EXEMPTION, HOMES, PORTAL, SAYS_NOTHING, forbidden
from tests.test_page_rules import GOOD
from tests.test_translations import keeps

TOKEN = '<input type="hidden" name="csrf_token" value="x">'
FORM = f'<form method="post" action="/chat">{TOKEN}%s<button>Send</button></form>'


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (
            BARE_EXEMPTION,
            ("x  # noqa: SIM115  closed by end()", "x  # type: ignore[misc]  # carries no types"),
            ("x  # noqa", "x  # noqa: SIM115", "x  # type: ignore", "x  # type: ignore[misc]"),
        ),
        (
            ASKS_THE_TIME,
            ("clock.now_utc()", "time.monotonic()", "datetime(2026, 11, 23)"),
            ("datetime.now(UTC)", "datetime.utcnow()", "date.today()", "time.time()", "func.now()"),
        ),
        (
            HOMES,
            ("/srv/minvei/", "~/minvei"),
            tuple(f"/{home}/minvei" for home in ("root", "home/kari", "Users/kari")),
        ),
        (SAYS_NOTHING, ("board", "helping"), ("utils", "chat_helpers", "common", "board_manager", "misc")),
    ],
    ids=["exemption", "clock", "folder", "name"],
)
def test_a_rule_for_lines_knows_good_from_bad(rule, good, bad):
    assert [line for line in good if rule.search(line)] == []
    assert [line for line in bad if not rule.search(line)] == []


@pytest.mark.parametrize(
    ("file", "imported"),
    [
        ("chat/rules.py", "dataclasses.dataclass"),
        ("chat/service.py", "sqlalchemy.select"),
        ("chat/views.py", "portal.chat.service.send"),
        ("overview/service.py", "portal.chat.service.send"),
        ("chat/service.py", "portal.people.rules.words"),
    ],
)
def test_an_import_the_right_way_is_let_through(file, imported):
    assert forbidden(PORTAL / file, imported) is None


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (FORM % TOKEN, "token twice"),
        ("<style>p { color: red }</style>", "inline style"),
        ('<form method="post" action=" javascript:x">' + TOKEN + "</form>", "not a real address"),
        ("<p>Hei undefined</p>", "a value is missing"),
        ("<p>Det blir en sanksjon.</p>", "never judges"),
        ("<p>Hei `du`</p>", "straight quotes"),
        ("<select name=x></select>", "has no label"),
        ("<details><summary></summary></details>", "has no words"),
        ('<label for="nowhere">Navn</label>', "points at nothing"),
    ],
)
def test_a_page_with_another_fault_is_told_so_too(body, says):
    assert faults_in(GOOD % (FORM % "")) == []
    assert any(says in fault for fault in faults_in(GOOD % body)), faults_in(GOOD % body)


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        ("Hi %(name)s, <b>read</b>.", True),
        ("<b>Read</b>, %(name)s.", True),
        ("Hi, <b>read</b>.", False),
        ("Hi %(nam)s, <b>read</b>.", False),
        ("Hi %(name)s, read.", False),
        ("Hi %(name)s, <i>read</i>.", False),
    ],
)
def test_a_translation_that_loses_a_value_or_a_tag_is_found(form, kept):
    assert keeps(Message("Hei %(name)s, <b>les</b>."), form) is kept
