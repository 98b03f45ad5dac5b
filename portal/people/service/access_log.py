"""Who has opened what about whom: written when something is shown, and shown to the person herself.

The rows are only ever added to; the database refuses to change or remove one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.clock import now_utc, to_oslo
from portal.db import ask
from portal.people.models import AccessLog, ActivationCode, Person
from portal.people.rules.access import Viewer
from portal.people.rules.words import EXPORTS, LOG_ONCE_WITHIN, IdentityCheck, Opened, Role
from portal.people.service.roles import roles_held

_KEPT = "looks"
_WRITTEN = (
    select(AccessLog.id)
    .where(
        AccessLog.viewer_id == bindparam("viewer_id"),
        AccessLog.at > bindparam("since"),
        AccessLog.person_id.is_not_distinct_from(bindparam("person_id")),
        AccessLog.opened.in_(bindparam("covers", expanding=True)),
    )
    .limit(1)
)
"""Put together once: every look asks it (decision 42)."""


@dataclass(frozen=True)
class Look:
    """Something that somebody who works here may just have been shown.

    `recipient_id` is None for a list or a board.
    """

    opened: Opened
    recipient_id: int | None = None


@dataclass(frozen=True)
class LookLine:
    """One line on the person's own page: who opened what, and when. `name` is whole.

    `role` is the one held today; None for somebody who has left. `checked`: for a one-time code, how she
    knew who stood there.
    """

    name: str
    role: Role | None
    opened: Opened
    at: datetime
    checked: IdentityCheck | None = None


@dataclass(frozen=True)
class LooksShown:
    """One page of the log by day, newest first, and whether there is an older one."""

    days: list[tuple[date, list[LookLine]]]
    has_older: bool


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
    once: dict[object, Look] = {}
    for one in others:
        about = one.opened if one.opened in EXPORTS else one.recipient_id or one.opened
        if about not in once or one.opened is Opened.PERSON:  # the page with everything says it all
            once[about] = one
    return [one for one in once.values() if not _is_written(s, viewer, one)]


def note_looks(s: Session, viewer: Viewer, looks: Collection[Look]) -> None:
    """Write down what the viewer was shown."""
    for one in looks:
        s.add(
            AccessLog(viewer_id=viewer.person_id, person_id=one.recipient_id, opened=one.opened, at=now_utc())
        )


def _is_written(s: Session, viewer: Viewer, look: Look) -> bool:
    """A row covers the same again, and the whole page covers its parts; less never covers more.

    Each copy stands for itself.
    """
    if look.opened in EXPORTS:
        return False
    covers = {look.opened} if look.recipient_id is None else {look.opened, Opened.PERSON}
    told = {"viewer_id": viewer.person_id, "since": now_utc() - LOG_ONCE_WITHIN, "covers": sorted(covers)}
    found = ask(s, _WRITTEN, {**told, "person_id": look.recipient_id})
    return found.first() is not None


def looks_at(s: Session, recipient_id: int, *, page: int = 1, size: int = 50) -> LooksShown:
    """Get who has opened something about a recipient («Hvem har sett på opplysningene mine»).

    Whoever gave her a one-time code stands among them, since a code opens everything. `page` counts from 1,
    the newest; `size` is how many looks one page holds.
    """
    first = (page - 1) * size
    rows = s.scalars(
        select(AccessLog)
        .where(AccessLog.person_id == recipient_id)
        .order_by(AccessLog.at.desc(), AccessLog.id.desc())
        .offset(max(0, first - 1))  # the last of the page before tells where the codes of this one begin
        .limit(size + 2)
    ).all()
    newer, rows = (rows[:1], rows[1:]) if first else ([], rows)
    shown, has_older = rows[:size], len(rows) > size
    seen = [(row.viewer_id, LookLine("", None, row.opened, row.at)) for row in shown]
    if shown or not first:
        until, since = newer[0].at if newer else None, shown[-1].at if has_older else None
        seen += _codes_given(s, recipient_id, since=since, until=until)
    return LooksShown(_by_day(_with_names(s, seen)), has_older)


def _codes_given(
    s: Session, recipient_id: int, *, since: datetime | None, until: datetime | None
) -> list[tuple[int, LookLine]]:
    query = select(ActivationCode).where(ActivationCode.person_id == recipient_id)
    if since is not None:
        query = query.where(ActivationCode.made_at >= since)
    if until is not None:
        query = query.where(ActivationCode.made_at < until)
    return [
        (row.made_by_id, LookLine("", None, Opened.CODE, row.made_at, row.identity_check))
        for row in s.scalars(query.order_by(ActivationCode.id.desc()))
        if row.made_by_id is not None
    ]


def _with_names(s: Session, seen: Collection[tuple[int, LookLine]]) -> list[LookLine]:
    ids = {viewer_id for viewer_id, _line in seen}
    people = s.scalars(select(Person).where(Person.id.in_(ids)))
    names = {person.id: f"{person.given_name} {person.family_name}" for person in people}
    roles = {held.person_id: held.role for held in reversed(roles_held(s, ids))}
    return [
        replace(line, name=names[viewer_id], role=roles.get(viewer_id))
        for viewer_id, line in sorted(seen, key=lambda one: one[1].at, reverse=True)
    ]


def _by_day(lines: Iterable[LookLine]) -> list[tuple[date, list[LookLine]]]:
    return [(on, list(same)) for on, same in groupby(lines, key=lambda line: to_oslo(line.at).date())]
