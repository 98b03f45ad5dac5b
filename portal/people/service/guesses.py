"""Counting tries of codes in the database, so that several processes cannot multiply them.

A try is taken before the code is looked at, and given back when it was right: many tries at the same moment
can never be more than the limit.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.db import fingerprint
from portal.errors import N_, TooManyTries
from portal.people.models import WrongGuess

_KEPT_FOR = timedelta(days=1)


def scope_of_address(s: Session, kind: str, address: str | None) -> str:
    """Name the place that guesses come from, so that the table does not tell which network address it was.

    An IPv6 address counts as its /64: whoever has one has all 2^64 of them.
    """
    return f"{kind}:{fingerprint(s, _network(address or ''), bound_to=('guess', kind)).hex()[:32]}"


def _network(address: str) -> str:
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:  # none, or a name that the server in front gives
        return address
    if isinstance(known, IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or IPv6Network((known, 64), strict=False))


def take_guess(s: Session, scope: str, *, limit: int, window_minutes: int) -> None:
    """Take one of the tries that this place has in this window of time.

    `scope` names the place without saying who it is, see `scope_of_address`. The row stays locked until the
    transaction ends, so tries of the same place come one after another, whichever process they reach.
    Raises: TooManyTries `guess.wait` with `until`, when the window is over, `minutes` and
    `retry_after_seconds`.
    """
    starts_at = _window(window_minutes)
    insert = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
    one_more = (
        insert(WrongGuess)
        .values(scope=scope, window_starts_at=starts_at, count=1)
        .on_conflict_do_update(
            index_elements=[WrongGuess.scope, WrongGuess.window_starts_at],
            set_={"count": WrongGuess.count + 1},
            where=WrongGuess.count < limit,
        )
        .returning(WrongGuess.count)
    )
    count = s.scalar(one_more)
    if count is None:
        left = starts_at + timedelta(minutes=window_minutes) - now_utc()
        raise TooManyTries(
            "guess.wait",
            N_("Det kom mange feil koder. Prøv igjen kl. %(until)s. Du kan også spørre oss."),
            until=starts_at + timedelta(minutes=window_minutes),
            minutes=max(1, -(-int(left.total_seconds()) // 60)),
            retry_after_seconds=max(1, int(left.total_seconds())),
        )
    if count == 1:
        s.execute(delete(WrongGuess).where(WrongGuess.window_starts_at < starts_at - _KEPT_FOR))


def is_spent(s: Session, scope: str, *, limit: int, window_minutes: int) -> bool:
    """Whether a place has no try left now. It takes none: only `take_guess` decides."""
    taken = select(WrongGuess.count).where(
        WrongGuess.scope == scope, WrongGuess.window_starts_at == _window(window_minutes)
    )
    return (s.scalar(taken) or 0) >= limit


def give_back(s: Session, scope: str, *, window_minutes: int) -> None:
    """Give a try back, since the code was right: only wrong ones count (design 8)."""
    s.execute(
        update(WrongGuess)
        .where(
            WrongGuess.scope == scope,
            WrongGuess.window_starts_at == _window(window_minutes),
            WrongGuess.count > 0,
        )
        .values(count=WrongGuess.count - 1)
    )


def _window(minutes: int) -> datetime:
    seconds = minutes * 60
    return datetime.fromtimestamp(int(now_utc().timestamp()) // seconds * seconds, UTC)
