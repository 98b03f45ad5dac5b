"""What staff may know about a notice: whether somebody was told outside the portal, and when."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.notify.models import Outbox
from portal.notify.rules import notices
from portal.notify.rules.notices import NOT_TOLD, Kind, Told


def told_of(s: Session, kind: Kind, causes: Mapping[int, tuple[str, str]]) -> dict[int, Told]:
    """Tell for each person whether she was told of one thing that happened: one query, however many.

    `causes`: by person, what it is about and its cause, as asked for in `asking.enqueue`. Whom nobody asked
    to tell was not told. Checks nothing: the caller knows whose they are.
    """
    if not causes:
        return {}
    now = now_utc()
    about = {what for what, _cause in causes.values()}
    rows = s.execute(
        select(Outbox).where(
            and_(Outbox.kind == kind, Outbox.person_id.in_(causes), Outbox.about.in_(about)),
            Outbox.cause.in_({cause for _what, cause in causes.values()}),
        )
    ).scalars()
    found = {
        row.person_id: notices.told(row.outcome, due_at=row.due_at, attempted_at=row.attempted_at, now=now)
        for row in rows
        if causes[row.person_id] == (row.about, row.cause)
    }
    return {person_id: found.get(person_id, NOT_TOLD) for person_id in causes}
