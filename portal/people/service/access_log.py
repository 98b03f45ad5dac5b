"""Who has opened what about whom: written when something is shown, and shown to the person herself.

The rows are only ever added to; the database refuses to change or remove one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.people.models import AccessLog, Person
from portal.people.rules.access import Viewer
from portal.people.rules.words import LOG_ONCE_WITHIN, Opened, Role
from portal.people.service.roles import roles_held

_KEPT = "looks"


@dataclass(frozen=True)
class Look:
    """Something that somebody who works here may just have been shown.

    `recipient_id` is None for a list or a board.
    """

    opened: Opened
    recipient_id: int | None = None


@dataclass(frozen=True)
class LookLine:
    """One line on the person's own page: who opened what, and when."""

    name: str
    role: Role | None
    opened: Opened
    at: datetime


def look(s: Session, opened: Opened, recipient_id: int | None = None) -> None:
    """Tell that something is being shown; called where a thing is opened, so no page or event can forget it.

    `recipient_id` is None for a list or a board. It is written when the page or the event has its answer.
    """
    s.info.setdefault(_KEPT, []).append(Look(opened, recipient_id))


def looks_to_note(s: Session, viewer: Viewer) -> list[Look]:
    """Take what was shown in this session and does not stand in the log yet.

    A person's own looks at her own things do not count, and the same viewer's at the same person (or the same
    kind of list) within ten minutes are one row (design 5).
    """
    told: list[Look] = s.info.pop(_KEPT, [])
    others = [look for look in told if viewer.is_staff and look.recipient_id != viewer.person_id]
    once = {look.recipient_id or look.opened: look for look in reversed(others)}
    return [look for look in reversed(once.values()) if not _is_written(s, viewer, look)]


def note_looks(s: Session, viewer: Viewer, looks: Collection[Look]) -> None:
    """Write down what the viewer was shown."""
    for one in looks:
        s.add(
            AccessLog(viewer_id=viewer.person_id, person_id=one.recipient_id, opened=one.opened, at=now_utc())
        )


def _is_written(s: Session, viewer: Viewer, look: Look) -> bool:
    same = AccessLog.person_id == look.recipient_id
    if look.recipient_id is None:
        same = AccessLog.person_id.is_(None) & (AccessLog.opened == look.opened)
    query = select(AccessLog.id).where(
        AccessLog.viewer_id == viewer.person_id, AccessLog.at > now_utc() - LOG_ONCE_WITHIN, same
    )
    return s.scalar(query.limit(1)) is not None


def looks_at(s: Session, recipient_id: int, *, limit: int = 100) -> list[LookLine]:
    """Get who has opened something about a recipient, newest first («Hvem har sett på opplysningene mine»).

    The role is the one held today; None for somebody who has left.
    """
    rows = s.execute(
        select(AccessLog, Person)
        .join(Person, Person.id == AccessLog.viewer_id)
        .where(AccessLog.person_id == recipient_id)
        .order_by(AccessLog.at.desc(), AccessLog.id.desc())
        .limit(limit)
    ).all()
    roles = {held.person_id: held.role for held in roles_held(s, {person.id for _log, person in rows})}
    return [
        LookLine(f"{person.given_name} {person.family_name}", roles.get(person.id), log.opened, log.at)
        for log, person in rows
    ]
