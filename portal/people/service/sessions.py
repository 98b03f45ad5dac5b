"""Signing in and out: one row per session, looked up at every request and every socket event."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.orm import Session

from portal.bus import publish
from portal.clock import now_utc
from portal.db import ask
from portal.errors import N_, NotAllowed, NotFound
from portal.people.models import Credential, LoginSession, Person
from portal.people.rules.access import Viewer, may_be_digital
from portal.people.rules.sessions import SessionLimits, TimeLeft, time_left
from portal.people.rules.words import Level, Role
from portal.people.service.roles import roles_held

ON_BORROWED = N_(
    "På en lånt telefon kan du ikke endre dette. Er telefonen din mistet? Be Nav om å stenge den."
)
_SEEN_EVERY = timedelta(minutes=1)

_WHO = (
    LoginSession.id.label("session_id"),
    LoginSession.level,
    LoginSession.created_at,
    LoginSession.seen_at,
    LoginSession.is_borrowed,
    Person.id.label("person_id"),
    Person.public_id,
    Person.given_name,
    Person.family_name,
    Person.office_id,
    Person.is_recipient,
    Person.language,
    Person.is_protected,
    Person.digital_asked_by_id,
    Person.digital_allowed_by_id,
)
"""Only what is asked of them, and no row is kept to be changed: every request asks, and twice a second every
open connection is looked at."""

_SIGNED_IN = (
    select(*_WHO)
    .join(Person, Person.id == LoginSession.person_id)
    .where(LoginSession.token_hash == bindparam("token_hash"), LoginSession.ended_at.is_(None))
)
"""Put together once, like other questions that nearly every page asks (decision 42)."""

_STILL_OPEN = (
    select(*_WHO)
    .join(Person, Person.id == LoginSession.person_id)
    .where(LoginSession.id.in_(bindparam("session_ids", expanding=True)), LoginSession.ended_at.is_(None))
)


@dataclass(frozen=True)
class SessionEnded:
    """A session is over; whoever holds its sockets closes them."""

    session_id: int


def token_hash(token: str) -> bytes:
    """Hash a random token. A plain hash is enough: the token has 256 random bits and cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True)
class SessionCard:
    """One of a person's sign-ins that is still open, as she sees it herself."""

    public_id: str
    created_at: datetime
    seen_at: datetime
    phone_name: str | None
    is_borrowed: bool
    is_this_one: bool


def start_session(
    s: Session,
    person_id: int,
    level: Level,
    *,
    credential_id: int | None = None,
    is_borrowed: bool = False,
) -> str:
    """Sign a person in.

    Give back the token for the cookie. A new session is always a new token (no fixation). `credential_id`
    names the bound phone; on a borrowed one the session lives only a short time.
    """
    token = secrets.token_urlsafe(32)
    now = now_utc()
    s.add(
        LoginSession(
            token_hash=token_hash(token),
            person_id=person_id,
            level=level,
            credential_id=credential_id,
            is_borrowed=is_borrowed,
            created_at=now,
            seen_at=now,
        )
    )
    return token


def end_session(s: Session, session_id: int) -> None:
    """Sign out: the session is over at once, in every tab and for every open socket."""
    _end(s, LoginSession.id == session_id)


def require_own_device(viewer: Viewer) -> None:
    """Say no to whoever is in on a borrowed phone.

    Whoever picks the phone up there could otherwise lock her out of her own. Raises: NotAllowed.
    """
    if viewer.is_borrowed:
        raise NotAllowed("session.borrowed", ON_BORROWED)


def end_own_session(s: Session, viewer: Viewer, public_id: str) -> None:
    """End one of the viewer's own sign-ins.

    Raises: NotFound for anybody else's; NotAllowed on a borrowed phone.
    """
    require_own_device(viewer)
    if not _end(s, LoginSession.public_id == public_id, LoginSession.person_id == viewer.person_id):
        raise NotFound


def end_other_sessions(s: Session, viewer: Viewer) -> int:
    """End every sign-in of the viewer but the present one; tell how many.

    Raises: NotAllowed on a borrowed phone.
    """
    require_own_device(viewer)
    return _end(s, LoginSession.person_id == viewer.person_id, LoginSession.id != viewer.session_id)


def end_sessions_of(s: Session, person_id: int) -> int:
    """End every sign-in of a person, such as when a role of hers ends; tell how many."""
    return _end(s, LoginSession.person_id == person_id)


def end_sessions_on_phone(s: Session, credential_id: int) -> int:
    """End every sign-in that a bound phone has made; tell how many."""
    return _end(s, LoginSession.credential_id == credential_id)


def _end(s: Session, *which: ColumnElement[bool]) -> int:
    ended = s.scalars(
        update(LoginSession)
        .where(LoginSession.ended_at.is_(None), *which)
        .values(ended_at=now_utc())
        .returning(LoginSession.id)
    ).all()
    for session_id in ended:
        publish(s, SessionEnded(session_id))
    return len(ended)


def list_sessions(s: Session, viewer: Viewer, limits: SessionLimits) -> list[SessionCard]:
    """Get the viewer's own open sign-ins, last used first."""
    rows = s.execute(
        select(LoginSession, Credential.name)
        .outerjoin(Credential, Credential.id == LoginSession.credential_id)
        .where(LoginSession.person_id == viewer.person_id, LoginSession.ended_at.is_(None))
        .order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())
    ).all()
    return [
        SessionCard(
            public_id=login.public_id,
            created_at=login.created_at,
            seen_at=login.seen_at,
            phone_name=name,
            is_borrowed=login.is_borrowed,
            is_this_one=login.id == viewer.session_id,
        )
        for login, name in rows
        if not _time_left(login, is_recipient=viewer.is_recipient, limits=limits).is_over
    ]


def find_viewer(s: Session, token: str, limits: SessionLimits) -> Viewer | None:
    """Find who a cookie's token belongs to.

    None when the session has ended, when the person holds no role any more, or when she may not be digital.
    """
    found: Any = ask(s, _SIGNED_IN, {"token_hash": token_hash(token)}).one_or_none()
    if found is None:
        return None
    left = _time_left(found, is_recipient=found.is_recipient, limits=limits)
    if left.is_over or not may_be_here(found):
        return None
    held = [] if found.is_recipient else roles_held(s, [found.person_id])
    if not found.is_recipient and not held:
        return None
    return _viewer(found, held, left, limits)


def _viewer(found: Any, held: list[Any], left: TimeLeft, limits: SessionLimits) -> Viewer:
    idle = limits.idle_for(is_recipient=found.is_recipient, is_borrowed=found.is_borrowed)
    return Viewer(
        session_id=found.session_id,
        person_id=found.person_id,
        public_id=found.public_id,
        name=f"{found.given_name} {found.family_name}",
        given_name=found.given_name,
        office_id=found.office_id,
        roles=frozenset({Role.RECIPIENT}) if found.is_recipient else frozenset(role.role for role in held),
        office_ids=_places(held, {Role.LEADER}, "office_id"),
        team_ids=_places(held, {Role.VEILEDER}, "office_id"),
        centre_ids=_places(held, {Role.CENTRE_STAFF, Role.CENTRE_LEAD}, "centre_id"),
        led_centre_ids=_places(held, {Role.CENTRE_LEAD}, "centre_id"),
        language=found.language,
        level=found.level,
        seen_is_stale=now_utc() - found.seen_at > _SEEN_EVERY,
        seconds_left=int(left.least.total_seconds()),
        is_last_stretch=left.anyhow <= idle,
        is_borrowed=found.is_borrowed,
    )


def note_seen(s: Session, viewer: Viewer) -> None:
    """Remember that the session was used just now; called at most once a minute (design 5)."""
    s.execute(update(LoginSession).where(LoginSession.id == viewer.session_id).values(seen_at=now_utc()))


def stay(s: Session, viewer: Viewer, limits: SessionLimits) -> Viewer:
    """Go on using a session that was about to end for want of use; tell how long it now lives."""
    note_seen(s, viewer)
    login, person = s.execute(
        select(LoginSession, Person)
        .join(Person, Person.id == LoginSession.person_id)
        .where(LoginSession.id == viewer.session_id)
    ).one()
    left = _time_left(login, is_recipient=person.is_recipient, limits=limits)
    idle = limits.idle_for(is_recipient=person.is_recipient, is_borrowed=login.is_borrowed)
    return replace(viewer, seconds_left=int(left.least.total_seconds()), is_last_stretch=left.anyhow <= idle)


def list_ended(s: Session, session_ids: Collection[int], limits: SessionLimits) -> list[int]:
    """Tell which of these sessions may no longer be used, so that their sockets can be closed; ascending."""
    if not session_ids:
        return []
    rows: Any = ask(s, _STILL_OPEN, {"session_ids": list(session_ids)}).all()
    staff = [row.person_id for row in rows if not row.is_recipient]
    with_role = {role.person_id for role in roles_held(s, staff)} if staff else set()
    alive = {
        row.session_id
        for row in rows
        if (may_be_here(row) if row.is_recipient else row.person_id in with_role)
        and not _time_left(row, is_recipient=row.is_recipient, limits=limits).is_over
    }
    return sorted(set(session_ids) - alive)


def may_be_here(person: Person) -> bool:
    """Whether a person may sign in at all: a protected recipient only when two people have switched it on."""
    return may_be_digital(
        is_protected=person.is_protected,
        asked_by_id=person.digital_asked_by_id,
        allowed_by_id=person.digital_allowed_by_id,
    )


def _time_left(login: LoginSession, *, is_recipient: bool, limits: SessionLimits) -> TimeLeft:
    return time_left(
        now_utc(),
        created_utc=login.created_at,
        seen_utc=login.seen_at,
        is_recipient=is_recipient,
        is_borrowed=login.is_borrowed,
        limits=limits,
    )


def _places(held: Collection[Any], roles: Collection[Role], where: str) -> frozenset[int]:
    """Only the role itself opens its place: who leads one office and helps in another leads only the one."""
    return frozenset(
        getattr(row, where) for row in held if row.role in roles and getattr(row, where) is not None
    )
