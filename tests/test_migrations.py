"""The steps from an empty database give exactly the tables of the models, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from portal.bus import Bus
from portal.db import Base, Database
from portal.migrations import steps, tables


@pytest.fixture
def migrated(database_url):
    database = Database(database_url, facts=Bus(), data_keys=())
    yield database
    database.close()


def test_the_steps_give_the_tables_of_the_models(migrated):
    tables.load()
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == [], "run: portal db new-step"


def test_checks_and_foreign_keys_stand_in_the_database_too(migrated):
    """Comparing by Alembic leaves these out."""
    tables.load()
    found = inspect(migrated.engine)
    for table in Base.metadata.sorted_tables:
        kept = {
            (tuple(key["constrained_columns"]), key["referred_table"])
            for key in found.get_foreign_keys(table.name)
        }
        wanted = {
            (tuple(column.name for column in key.columns), key.referred_table.name)
            for key in table.foreign_key_constraints
        }
        assert kept == wanted, table.name


def test_a_migrated_database_is_current_and_upgrading_it_again_changes_nothing(migrated):
    assert steps.is_current(migrated)
    steps.upgrade(migrated)
    assert steps.is_current(migrated)


def test_half_a_step_is_no_step(migrated):
    """A step that fails in the middle leaves nothing behind."""

    def half_a_step():
        with migrated.engine.execution_options(writes=True).begin() as connection:
            connection.execute(text("CREATE TABLE half (id INTEGER)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_a_step()
    assert "half" not in inspect(migrated.engine).get_table_names()


def test_every_constraint_has_a_name():
    """A later step can only change what it can name."""
    tables.load()
    nameless = [
        f"{table.name}: {constraint}"
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert nameless == []
