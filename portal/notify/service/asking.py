"""Asking for a notice: a row in the caller's own transaction, so that cause and notice go together."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.notify.models import Outbox
from portal.notify.rules.notices import Kind
from portal.notify.service import choices


def enqueue(
    s: Session,
    person_ids: Collection[int],
    *,
    kind: Kind,
    about: str,
    cause: str,
    due_at_utc: datetime | None = None,
) -> None:
    """Ask that these recipients are told of something, now or from `due_at_utc` on; each at most once.

    `about` names the thing (a conversation), `cause` what happened to it (a message); neither may hold
    anything personal. Asking again with the same ones changes nothing. Who has not chosen such notices gets
    no row at all: what is written today is not told of when she switches them on next week. Nobody who works
    here gets notices outside the portal, so nobody asks for any on their behalf.
    """
    add_rows(
        s,
        [
            row_for(person_id, kind, about=about, cause=cause, due_at=due_at_utc or now_utc())
            for person_id in choices.who_want(s, kind, person_ids)
        ],
    )


def row_for(
    person_id: int,
    kind: Kind,
    *,
    about: str,
    cause: str,
    due_at: datetime,
    good_until: datetime | None = None,
    starts_at: datetime | None = None,
) -> dict[str, object]:
    """Put one row together."""
    return {
        "person_id": person_id, "kind": kind, "about": about, "cause": cause, "due_at": due_at,
        "good_until": good_until, "starts_at": starts_at, "asked_at": now_utc(), "attempts": 0,
    }  # fmt: skip


def add_rows(s: Session, rows: Iterable[dict[str, object]]) -> None:
    """Write rows that are not there yet."""
    written = list(rows)
    if written:
        insert = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
        s.execute(insert(Outbox).on_conflict_do_nothing(), written)


def causes_known(
    s: Session, kinds: Collection[Kind], about: Collection[str]
) -> set[tuple[int, Kind, str, str]]:
    """Tell which rows about some things there are already: person, kind, about and cause."""
    rows = s.execute(
        select(Outbox.person_id, Outbox.kind, Outbox.about, Outbox.cause).where(
            Outbox.kind.in_(kinds), Outbox.about.in_(about)
        )
    )
    return {(person_id, kind, what, cause) for person_id, kind, what, cause in rows}
