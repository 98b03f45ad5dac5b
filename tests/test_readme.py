"""README tells the truth: every setting, command, permission, table and decision of the code is there."""

import re
from pathlib import Path

import click
import pytest

from portal.cli import portal as commands
from portal.config import PREFIX, Settings
from portal.db import Base
from portal.migrations import tables
from portal.people.rules.access import MAY, Permission
from portal.people.rules.words import Role

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DECISIONS = {int(number) for number in re.findall(r"^(\d+)\. \*\*", README, flags=re.MULTILINE)}
CITED = re.compile(r"\(?decisions? (\d+)(?:(?:,| and) (\d+))*\)?", re.IGNORECASE)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_told_with_its_default(name):
    line = next(
        (line for line in README.splitlines() if line.startswith(f"| `{PREFIX}{name.upper()}`")), None
    )
    assert line, "add it to the table of settings"
    field = Settings.model_fields[name]
    default = "–" if field.is_required() else str(field.default or "none").lower().replace("()", "none")
    assert default in line.split("|")[2].lower() or (default == "none" and "`false`" in line), line


def test_no_setting_is_told_that_is_gone():
    told = {name.lower() for name in re.findall(rf"^\| `{PREFIX}([A-Z_]+)`", README, flags=re.MULTILINE)}
    assert told - set(Settings.model_fields) == set()


def leaves(group: click.Group, above: str = "portal") -> list[str]:
    found = []
    for name, command in group.commands.items():
        found += (
            leaves(command, f"{above} {name}") if isinstance(command, click.Group) else [f"{above} {name}"]
        )
    return found


@pytest.mark.parametrize("command", leaves(commands))
def test_every_command_is_told(command):
    assert f"| `{command}`" in README


@pytest.mark.parametrize(
    "command", re.findall(r"^#   \./dev (\w+)", (ROOT / "dev").read_text(), flags=re.MULTILINE)
)
def test_every_command_of_the_one_script_is_told(command):
    assert f"./dev {command}" in README


@pytest.mark.parametrize("permission", Permission, ids=lambda permission: permission.name)
def test_every_permission_is_told_with_its_roles(permission):
    roles = ", ".join(role.value for role in Role if role in MAY[permission])
    assert f"| `{permission.name}`: {permission.value} | {roles} |" in README


def test_every_table_is_told():
    tables.load()
    told = set(re.findall(r"\w+", README))
    assert sorted(set(Base.metadata.tables) - told) == []


def cited() -> list[tuple[str, int]]:
    files = [
        *(ROOT / "portal").rglob("*.py"),
        *(ROOT / "static" / "js").rglob("*.js"),
        *(ROOT / "tests").rglob("*.py"),
    ]
    return [
        (f"{path.relative_to(ROOT)}", int(number))
        for path in (*files, ROOT / "dev")
        for found in CITED.finditer(path.read_text())
        for number in found.groups()
        if number
    ]


def test_every_decision_that_the_code_cites_exists():
    assert [(where, number) for where, number in cited() if number not in DECISIONS] == []


def test_decisions_are_numbered_without_a_gap():
    assert sorted(DECISIONS) == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("folder", sorted(path.name for path in (ROOT / "portal").iterdir() if path.is_dir()))
def test_every_part_is_on_the_map(folder):
    if folder.startswith("__"):
        return
    assert re.search(rf"\b{folder}\b", README[README.index("## Map of the code") :]), "add it to the map"
