"""Loads every feature's tables, so that they can be compared and made."""

from __future__ import annotations

from importlib import import_module

FEATURES = ("people", "plan", "duties", "attendance", "chat", "notify")


def load() -> None:
    """Import the tables of every feature that has any."""
    for feature in FEATURES:
        import_module(f"portal.{feature}.models")
