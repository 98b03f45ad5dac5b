"""The access log, who changed whose help and roles, attendance and the chat's journal are only added to.

Step 0002, after 0001, written 2026-11-24.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "access_log",
    "person_change",
    "role_change",
    "attendance_event",
    "attendance_head",
    "day_choice",
    "journal",
)
REFUSE = "this table is only ever added to"


def upgrade() -> None:
    """Let the database itself refuse to change or remove what was written (design 5)."""
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{REFUSE}'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION only_ever_added_to() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSE}'; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION only_ever_added_to()"
        )


def downgrade() -> None:
    """Steps only go forward; a backup is the way back (decision 9)."""
    raise NotImplementedError
