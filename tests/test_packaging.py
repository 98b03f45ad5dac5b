"""The wheel carries all it needs and runs in an empty environment elsewhere; the locks fit pyproject.toml."""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.fixtures.demo_office import demo_office
from tests.fixtures.room import room

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt", "requirements-node.txt")
UV = (sys.executable, "-m", "uv", "--quiet")
CARRIED = {"templates": "*.html", "static": "dist/*", "translations": "**/*.po"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the tree as it stands."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_pages_assets_and_translations(wheel):
    carried = set(zipfile.ZipFile(wheel).namelist())
    for folder, pattern in CARRIED.items():
        wanted = {
            f"portal/_root/{path.relative_to(ROOT)}"
            for path in (ROOT / folder).rglob(pattern)
            if path.is_file() and not path.name.startswith(".")
        }
        assert wanted, f"there is nothing in {folder}"
        assert wanted <= carried


def test_the_wheel_carries_nothing_of_tests_or_of_the_demo_database(wheel):
    inside = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in inside if not name.endswith(".dist-info")} == {"portal"}


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own is closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="wheel-", dir=room()))
    folder.chmod(0o755)
    yield folder
    for inside, _folders, _files in os.walk(folder):
        Path(inside).chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.real_time
@pytest.mark.timeout(180)
def test_the_wheel_serves_a_plain_user_from_a_read_only_folder(wheel, elsewhere, monkeypatch, tell):
    """An empty environment that she may not write in: only the folder of the database is hers."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    python, who = _install(wheel, elsewhere / "venv"), _plain_user()
    data = elsewhere / "office"
    data.mkdir(mode=0o700)
    if who:
        os.chown(data, who["user"], who["group"])
    for inside, _folders, _files in os.walk(elsewhere / "venv"):
        Path(inside).chmod(0o555)
    before = _files_in(elsewhere / "venv")
    program = (str(python.parent / "portal"),)
    with demo_office(data, program, start_in=elsewhere / "venv", **who) as office:
        page = _get(f"{office.origin}/demo")
        sheet = re.search(r'<link[^>]+href="([^"]+\.css)"', page)
        assert sheet, "the page has no style sheet"
        assert "{" in _get(office.origin + sheet.group(1))
        written = {path.name: path.stat().st_uid for path in data.iterdir()}
    changed = _files_in(elsewhere / "venv") ^ before
    tell(f"wheel: served read-only as user {who.get('user', os.getuid())}, {len(changed)} files changed")
    assert changed == set()
    assert {name.partition("-")[0] for name in written} == {"office.sqlite3"}, "the database and nothing else"
    assert set(written.values()) == {who.get("user", os.getuid())}


def test_every_package_we_name_is_locked_within_its_range_and_with_hashes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    named = project["project"]["dependencies"]
    dev = [need for need in groups["dev"] if isinstance(need, str)] + groups["uv"]
    for lock, wanted in zip(LOCKS, (named, named + dev, groups["uv"], groups["node"]), strict=True):
        pins = _pins(lock)
        for need in map(Requirement, wanted):
            pin = pins.get(canonicalize_name(need.name))
            assert pin, f"{need.name} is not in {lock}; run ./dev lock"
            assert need.specifier.contains(pin), f"{need} does not allow {pin} of {lock}; run ./dev lock"


def test_the_locks_hold_the_same_versions():
    assert _pins("requirements.txt").items() <= _pins("requirements-dev.txt").items()
    assert _pins("requirements-uv.txt").items() <= _pins("requirements-dev.txt").items()


@pytest.mark.parametrize("name", [*LOCKS, ".npmrc", "pyproject.toml"])
def test_no_file_for_a_package_tool_names_a_place_to_download_from(name):
    assert "://" not in (ROOT / name).read_text()


def test_the_lock_for_node_names_no_place_to_download_from():
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def _install(wheel: Path, venv: Path) -> Path:
    """Install the locked packages and the wheel with nothing else, and check that the wheel lacks none."""
    python = venv / "bin" / "python"
    subprocess.run([*UV, "venv", "--python", _python_for_everybody(), str(venv)], check=True)
    install = [*UV, "pip", "install", "--python", str(python)]
    subprocess.run([*install, "--require-hashes", "-r", str(ROOT / "requirements.txt")], check=True)
    subprocess.run([*install, "--no-deps", str(wheel)], check=True)
    subprocess.run([*UV, "pip", "check", "--python", str(python)], check=True)
    return python


def _plain_user() -> dict[str, Any]:
    """Who shall run it: root could write anywhere, so it is nobody then; {} when we are no root ourselves."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _python_for_everybody() -> str:
    """Find our Python where another user can reach it too: root's own may lie in root's closed home."""
    own = Path(sys.executable).resolve()
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (own, *(folder / version for folder in (Path("/usr/local/bin"), Path("/usr/bin")))):
        if os.geteuid() != 0 or (
            found.is_file() and all(one.stat().st_mode & 0o001 for one in found.parents)
        ):
            return str(found)
    pytest.skip(f"no {version} that a plain user can reach")


def _files_in(folder: Path) -> set[tuple[str, int, int]]:
    """Every file and folder with its size and the time of its last change."""
    told = ((path, path.lstat()) for path in folder.rglob("*"))
    return {(str(path), of.st_size, of.st_mtime_ns) for path, of in told}


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310  our own http address
        assert answer.status == 200
        text: str = answer.read().decode()
        return text


def _pins(lock: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([\w.]+)", (ROOT / lock).read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}
