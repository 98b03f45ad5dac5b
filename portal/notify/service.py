"""Asking for a notice: a row in the caller's own transaction, so that cause and notice go together.

Sending is somebody else's work.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.notify.models import Outbox


def enqueue(
    s: Session, person_ids: Collection[int], *, kind: str, dedupe_key: str, due_at_utc: datetime | None = None
) -> None:
    """Ask that these persons are told of something, now or from `due_at_utc` on; each at most once.

    `kind` is a stable word, `dedupe_key` names the cause; neither may hold anything personal. Asking
    again with the same kind and key changes nothing.
    """
    if not person_ids:
        return
    due = due_at_utc or now_utc()
    rows = [
        {"person_id": person_id, "kind": kind, "dedupe_key": dedupe_key, "due_at": due, "attempts": 0}
        for person_id in sorted(person_ids)
    ]
    insert = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
    s.execute(insert(Outbox).values(rows).on_conflict_do_nothing())
