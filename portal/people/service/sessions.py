"""Signing in and out: one row per session, looked up at every request and every socket event."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.clock import now_utc, today_oslo
from portal.people.models import LoginSession, Person, StaffRole
from portal.people.rules import Level, Role, SessionLimits, Viewer, is_current, session_is_alive

_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class SessionEnded:
    """A session is over; whoever holds its sockets closes them."""

    session_id: int


def token_hash(token: str) -> bytes:
    """Hash a random token. A plain hash is enough: the token has 256 random bits and cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()


def start_session(s: Session, person_id: int, level: Level) -> str:
    """Sign a person in.

    Give back the token for the cookie. A new session is always a new token (no fixation).
    """
    token = secrets.token_urlsafe(32)
    now = now_utc()
    s.add(
        LoginSession(
            token_hash=token_hash(token), person_id=person_id, level=level, created_at=now, seen_at=now
        )
    )
    return token


def end_session(s: Session, session_id: int) -> None:
    """Sign out: the session is over at once, in every tab and for every open socket."""
    s.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.ended_at.is_(None))
        .values(ended_at=now_utc())
    )
    publish(s, SessionEnded(session_id))


def find_viewer(s: Session, token: str, limits: SessionLimits) -> Viewer | None:
    """Find who a cookie's token belongs to.

    None when the session has ended or the person holds no role any more.
    """
    found = s.execute(
        select(LoginSession, Person)
        .join(Person, Person.id == LoginSession.person_id)
        .where(LoginSession.token_hash == token_hash(token), LoginSession.ended_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    login, person = found
    now = now_utc()
    if not session_is_alive(
        now,
        created_utc=login.created_at,
        seen_utc=login.seen_at,
        is_recipient=person.is_recipient,
        limits=limits,
    ):
        return None
    held = [] if person.is_recipient else _roles_held(s, person.id)
    if not person.is_recipient and not held:
        return None
    return Viewer(
        session_id=login.id,
        person_id=person.id,
        public_id=person.public_id,
        name=f"{person.given_name} {person.family_name}",
        given_name=person.given_name,
        roles=frozenset({Role.RECIPIENT}) if person.is_recipient else frozenset(role.role for role in held),
        office_ids=_places(held, Role.LEADER, "office_id"),
        centre_ids=_places(held, Role.CENTRE_STAFF, "centre_id"),
        language=person.language,
        level=login.level,
        seen_is_stale=now - login.seen_at > _SEEN_EVERY,
    )


def note_seen(s: Session, viewer: Viewer) -> None:
    """Remember that the session was used just now; called at most once a minute (design 5)."""
    s.execute(update(LoginSession).where(LoginSession.id == viewer.session_id).values(seen_at=now_utc()))


def list_ended(s: Session, session_ids: Collection[int], limits: SessionLimits) -> list[int]:
    """Tell which of these sessions may no longer be used, so that their sockets can be closed; ascending."""
    if not session_ids:
        return []
    rows = s.execute(
        select(LoginSession, Person)
        .join(Person, Person.id == LoginSession.person_id)
        .where(LoginSession.id.in_(session_ids), LoginSession.ended_at.is_(None))
    ).all()
    now = now_utc()
    staff = [person.id for _login, person in rows if not person.is_recipient]
    with_role = {role.person_id for role in _roles_of(s, staff)} if staff else set()
    alive = {
        login.id
        for login, person in rows
        if (person.is_recipient or person.id in with_role)
        and session_is_alive(
            now,
            created_utc=login.created_at,
            seen_utc=login.seen_at,
            is_recipient=person.is_recipient,
            limits=limits,
        )
    }
    return sorted(set(session_ids) - alive)


def _places(held: Collection[StaffRole], role: Role, where: str) -> frozenset[int]:
    """Only the role itself opens its place: who leads one office and helps in another leads only the one."""
    return frozenset(
        getattr(row, where) for row in held if row.role is role and getattr(row, where) is not None
    )


def _roles_held(s: Session, person_id: int) -> list[StaffRole]:
    return _roles_of(s, [person_id])


def _roles_of(s: Session, person_ids: Collection[int]) -> list[StaffRole]:
    today = today_oslo()
    rows = s.scalars(select(StaffRole).where(StaffRole.person_id.in_(person_ids)).order_by(StaffRole.id))
    return [row for row in rows if is_current(today, row.from_on, row.to_on)]
