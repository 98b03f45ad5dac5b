"""What tests stand on: a stopped clock, a database per test on both engines, the app, and a small made-up world."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from portal import clock
from portal.config import Settings

# In this order: each stands on the ones before it, and pytest must meet a file before another imports it.
pytest_plugins = [
    "tests.fixtures.room",
    "tests.fixtures.servers",
    "tests.fixtures.databases",
    "tests.fixtures.closing",
]

MONDAY_MORNING = datetime(2026, 11, 23, 8, 30, tzinfo=clock.OSLO)
"""When every test happens that does not say otherwise: an ordinary working day, before the centre opens."""

ORIGIN = "https://minvei.test"


@pytest.fixture(autouse=True)
def stopped_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the clock stand still, except where a real server runs beside the test."""
    if request.node.get_closest_marker("real_time"):
        yield
        return
    with clock.stop_at(MONDAY_MORNING):
        yield


def settings_for(database_url: str, **changed: object) -> Settings:
    """Settings as in production, on one database, with made-up secrets."""
    told = {
        "database_url": database_url,
        "secret_key": "only-for-tests-only-for-tests-only-for-tests",
        "data_keys": (b"\x07" * 32,),
        "origins": (ORIGIN,),
    }
    return Settings.model_validate({**told, **changed})


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings as in production, on this test's own database."""
    return settings_for(database_url)
