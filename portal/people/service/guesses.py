"""Counting wrong codes in the database, so that several processes cannot multiply the tries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import now_utc
from portal.db import fingerprint
from portal.errors import N_, TooManyTries
from portal.people.models import WrongGuess

_KEPT_FOR = timedelta(days=1)


def scope_of_address(s: Session, kind: str, address: str | None) -> str:
    """Name the place that guesses come from, so that the table does not tell which network address it was."""
    return f"{kind}:{fingerprint(s, address or '', bound_to=('guess', kind)).hex()[:32]}"


def require_guesses_left(s: Session, scope: str, *, limit: int, window_minutes: int) -> None:
    """Let the person try a code, unless too many wrong ones came from this place in this window.

    `scope` names the place without saying who it is, see `scope_of_address`.
    Raises: TooManyTries `guess.wait` with `minutes` and `retry_after_seconds` until the window is over.
    """
    starts_at = _window(window_minutes)
    count = s.scalar(
        select(WrongGuess.count).where(WrongGuess.scope == scope, WrongGuess.window_starts_at == starts_at)
    )
    if count is not None and count >= limit:
        left = starts_at + timedelta(minutes=window_minutes) - now_utc()
        raise TooManyTries(
            "guess.wait",
            N_("Det kom mange feil koder. Vent %(minutes)s minutter, og prøv igjen. Du kan også spørre oss."),
            minutes=max(1, -(-int(left.total_seconds()) // 60)),
            retry_after_seconds=max(1, int(left.total_seconds())),
        )


def count_wrong_guess(s: Session, scope: str, *, window_minutes: int) -> None:
    """Count one wrong code.

    Safe with several processes: the row is made once and then counted up in place.
    """
    starts_at = _window(window_minutes)
    if _count_up(s, scope, starts_at):
        return
    s.execute(delete(WrongGuess).where(WrongGuess.window_starts_at < starts_at - _KEPT_FOR))
    try:
        with s.begin_nested():
            s.add(WrongGuess(scope=scope, window_starts_at=starts_at, count=1))
    except IntegrityError:
        _count_up(s, scope, starts_at)  # another process made the row between our two statements


def _count_up(s: Session, scope: str, starts_at: datetime) -> bool:
    counted = s.scalar(
        update(WrongGuess)
        .where(WrongGuess.scope == scope, WrongGuess.window_starts_at == starts_at)
        .values(count=WrongGuess.count + 1)
        .returning(WrongGuess.id)
    )
    return counted is not None


def _window(minutes: int) -> datetime:
    seconds = minutes * 60
    return datetime.fromtimestamp(int(now_utc().timestamp()) // seconds * seconds, UTC)
