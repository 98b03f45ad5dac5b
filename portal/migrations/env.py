"""Runs the steps. Used through `portal db upgrade`; the connection comes from there."""

from __future__ import annotations

from typing import Literal

from alembic import context

from portal.db import Base, Utc
from portal.migrations import tables


def _plainly(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own column types as what the database stores, so that a step never needs today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Utc) else False


tables.load()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=_plainly,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
