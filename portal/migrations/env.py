"""Runs the steps. Used through `portal db upgrade`; the connection comes from there."""

from __future__ import annotations

from alembic import context

from portal.db import Base
from portal.migrations import tables

tables.load()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
