"""The shape of the code: which part may know which, which files exist, how long they may be (design 5)."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PORTAL = ROOT / "portal"
FEATURES = ("people", "content", "notify", "plan", "attendance", "duties", "rights", "chat", "overview")
FEATURE_FILES = ("rules", "models", "service", "views", "events")
STEPS = {
    name: step
    for step, names in enumerate(
        (
            "addresses keys", "config errors clock", "bus", "db", "resealing files", "migrations", "i18n",
            "web realtime", "people content", "notify", "plan", "attendance", "chat duties rights",
            "overview", "demo", "app", "cli", "__main__",
        )
    )
    for name in names.split()
}  # fmt: skip
"""The order of design 5: a part may import from lower steps only."""

WEB = {"flask", "flask_socketio", "flask_wtf", "flask_limiter", "werkzeug"}
NOT_FOR_RULES = WEB | {"sqlalchemy", "babel", "structlog"}
SAYS_NOTHING = re.compile(r"util|helper|common|misc|manager|stuff", re.IGNORECASE)

BARE_EXEMPTION = re.compile(
    r"#\s*(?:noqa(?!: [A-Z]+\d+(?:, ?[A-Z]+\d+)*\s+\S)|type: ignore(?!\[[\w, -]+\]\s+\S))"
)
ASKS_THE_TIME = re.compile(
    r"datetime\.(?:now|utcnow|today)\(|date\.today\(|\btime\.time\(|func\.now\(\)|CURRENT_TIMESTAMP"
)
HOMES = re.compile(r"/(?:root|home/\w+|Users/\w+)/")
NAME_THE_RULES = (Path(__file__).name, "test_lint_rules.py")

MODULE_LINES, FUNCTION_LINES, TEMPLATE_LINES, SCRIPT_LINES, TEST_LINES = 300, 40, 120, 250, 500


def modules() -> list[Path]:
    return sorted(PORTAL.rglob("*.py"))


def written_by_hand() -> list[Path]:
    """A migration step is written by a tool, once, and never changed: it may be as long as it is."""
    return [path for path in modules() if PORTAL / "migrations" / "versions" not in path.parents]


def part_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imports_in(path: Path) -> Iterator[tuple[int, str]]:
    """Every import but those that only the type checker sees."""
    tree = ast.parse(path.read_text())
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write the whole name of the module"
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def kind_of(path: Path) -> str:
    """`rules`, `service` … inside a feature, also for the files of a service package; else nothing."""
    parts = path.relative_to(PORTAL).with_suffix("").parts
    return parts[1] if len(parts) > 1 and parts[0] in FEATURES else ""


def forbidden(path: Path, imported: str) -> str | None:
    """Why this file may not import that name, None when it may."""
    own, kind, outside = (
        path.relative_to(PORTAL).parts[0].removesuffix(".py"),
        kind_of(path),
        imported.split(".")[0],
    )
    if kind == "rules" and outside in NOT_FOR_RULES:
        return "rules are plain Python"
    if (kind in {"service", "models"} or own in {"db", "bus", "i18n"}) and outside in WEB:
        return "services, tables and the database know no web"
    if kind in {"views", "events"} and outside == "sqlalchemy":
        return "pages and events write no SQL: ask the service"
    if outside != "portal" or own == "__init__":
        return None
    other = part_of(imported)
    if own == other or other not in STEPS:
        return inside_a_feature(kind, imported) if own in FEATURES else None
    if STEPS[other] >= STEPS[own]:
        return f"{own} stands below {other}: publish a fact instead"
    their_kind = [*imported.split("."), "", ""][2]
    if (
        other in FEATURES
        and own not in {"app", "demo", "migrations"}
        and their_kind not in {"service", "rules"}
    ):
        return "of another feature only its service or its rules"
    return None


def inside_a_feature(kind: str, imported: str) -> str | None:
    order = {"rules": 0, "models": 1, "service": 2, "views": 3, "events": 3}
    theirs = [*imported.split("."), "", ""][2]
    if kind in order and theirs in order and theirs != kind and order[theirs] >= order[kind]:
        return f"{kind} stands below {theirs}"
    return None


@pytest.mark.timeout(120)
def test_the_import_contracts_are_kept():
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:]


def test_the_twin_of_the_contracts_finds_no_import_the_wrong_way():
    faults = [
        f"{path.relative_to(ROOT)}:{line} imports {imported}: {why}"
        for path in modules()
        for line, imported in imports_in(path)
        if (why := forbidden(path, imported))
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("file", "imported"),
    [
        ("chat/rules.py", "sqlalchemy.select"),
        ("chat/service.py", "flask.request"),
        ("chat/views.py", "sqlalchemy.select"),
        ("chat/service.py", "portal.attendance.models.Event"),
        ("attendance/service.py", "portal.chat.service.send"),
        ("chat/service.py", "portal.duties.service.read"),
        ("chat/models.py", "portal.chat.service.send"),
        ("web/page.py", "portal.people.service.may"),
        ("db.py", "flask.g"),
    ],
)
def test_the_twin_has_teeth(file, imported):
    assert forbidden(PORTAL / file, imported)


def test_a_feature_has_only_the_five_files():
    strange = [
        str(path.relative_to(ROOT))
        for feature in FEATURES
        for path in (PORTAL / feature).iterdir()
        if path.name
        not in {"__init__.py", "__pycache__", *FEATURE_FILES} | {f"{name}.py" for name in FEATURE_FILES}
    ]
    assert strange == [], "a feature has rules, models, service, views and events; which of them is this?"


def test_no_file_is_called_nothing():
    named = [*modules(), *(ROOT / "static").rglob("*.js"), *(ROOT / "tests").rglob("*.py")]
    vague = [str(path.relative_to(ROOT)) for path in named if SAYS_NOTHING.search(path.stem)]
    assert vague == [], "name the file after what it does for whom"


def test_packages_are_folders_and_nothing_more():
    """A module that exists only to be imported from hides where things live."""
    code = [
        str(path.relative_to(ROOT))
        for path in (*PORTAL.rglob("__init__.py"), *(ROOT / "tests").rglob("__init__.py"))
        if path.parent.name != "models"  # a feature's tables are one list to everybody else
        if len(ast.parse(path.read_text()).body) != 1 or not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert code == [], "one docstring and no code"


def test_everything_fits_on_a_few_screens():
    budgets = [
        *((path, MODULE_LINES) for path in written_by_hand()),
        *((path, TEMPLATE_LINES) for path in (ROOT / "templates").rglob("*.html")),
        *((path, SCRIPT_LINES) for path in (ROOT / "static" / "js").rglob("*.js")),
        *((path, TEST_LINES) for path in (ROOT / "tests").rglob("*.py")),
    ]
    long = [
        f"{path.relative_to(ROOT)} has {lines} lines, {most} is the most"
        for path, most in budgets
        if (lines := len(path.read_text().splitlines())) > most
    ]
    assert long == [], "split by what a person does, not by layer"


def test_no_function_is_long():
    long = []
    for path in written_by_hand():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1 - docstring_lines(node)
                if lines > FUNCTION_LINES:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {lines} lines")
    assert long == [], f"{FUNCTION_LINES} lines without the docstring is the most"


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if ast.get_docstring(node) is None:
        return 0
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1


def test_every_exemption_from_a_check_says_why():
    """`noqa` and `type: ignore` name the rule and carry a reason on the line."""
    silent = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (*modules(), *(ROOT / "tests").rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if BARE_EXEMPTION.search(line) and path.name not in NAME_THE_RULES
    ]
    assert silent == [], "write which rule, two spaces, and the reason"


def test_only_the_clock_asks_what_time_it_is():
    elsewhere = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if ASKS_THE_TIME.search(line) and path != PORTAL / "clock.py"
    ]
    assert elsewhere == [], "ask portal.clock, so that tests can stop the time"


def test_lock_files_carry_no_address():
    """Where packages come from is the installer's business; a hash says that they are the right ones."""
    npm = (ROOT / "package-lock.json").read_text()
    python = "".join(path.read_text() for path in ROOT.glob("requirements*.txt"))
    assert '"resolved":' not in npm
    assert not re.search(r"https?://|--(?:extra-)?index-url", python)


def test_no_file_names_a_folder_of_one_machine():
    kept = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    found = [
        f"{name}:{number}"
        for name in kept
        if (ROOT / name).is_file()
        and Path(name).name not in NAME_THE_RULES
        and Path(name).suffix in {".py", ".md", ".toml", ".txt", ".html", ".js", ".css", ".po", ""}
        for number, line in enumerate((ROOT / name).read_text(errors="replace").splitlines(), 1)
        if HOMES.search(line)
    ]
    assert found == []
