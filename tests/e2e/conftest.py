"""A real browser before a real server. Without Debian's Chromium these tests are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.bus import Bus
from portal.db import Database
from portal.people.models import LoginSession
from tests.fixtures.portal_server import DATA_KEY, PortalServer, new_server

HERE = Path(__file__).parent
QUIET = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",  # where the memory for sharing is small, a page crashes when it is full
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every journey happens in real time and needs the browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.real_time)
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, started once per worker."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed")
    flags = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else [*QUIET]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PortalServer]:
    """A portal of this test's own, with the made-up office."""
    made = new_server(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def stage(chromium, server):
    """Open as many browsers as the journey has people; they are closed, and their faults told, at the end."""
    from tests.e2e.stage import Stage

    opened = Stage(chromium, server)
    yield opened
    opened.close()


@pytest.fixture
def newest(server):
    """Change the sign-in that was made last, as time would, so that no test waits for half an hour."""

    @contextmanager
    def opened():
        database = Database(f"sqlite:///{server.database_file}", facts=Bus(), data_keys=(DATA_KEY,))
        with database.transaction() as s:
            yield s.scalars(select(LoginSession).order_by(LoginSession.id.desc()).limit(1)).one()
        database.close()

    return opened
