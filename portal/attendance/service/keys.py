"""The secret that a centre's codes are made with, and giving it a new one."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.attendance.models import CentreKey
from portal.clock import now_utc
from portal.db import seal, unseal

_SECRET_BYTES = 32
_MOST_EARLIER = 10


@dataclass(frozen=True)
class Key:
    """A centre's secret. `n` tells a new one from the one before; both it and the secret change together."""

    n: int
    secret: bytes


@dataclass(frozen=True)
class KeyCard:
    """When a centre's present secret was made, and by whom; None when it came with the centre."""

    made_at: datetime
    made_by_id: int | None


def make_centre_key(s: Session, centre_id: int, *, made_by_id: int | None = None) -> None:
    """Give a centre its secret, or a new one: from then on codes made with the old one are worth nothing.

    Who made it and when stays for each. Two who make one at the same moment have made one.
    """
    secret = b64encode(token_bytes(_SECRET_BYTES)).decode()
    insert = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
    s.execute(
        insert(CentreKey)
        .values(
            centre_id=centre_id,
            n=(s.scalar(select(func.max(CentreKey.n)).where(CentreKey.centre_id == centre_id)) or 0) + 1,
            secret=seal(s, secret, bound_to=("centre_key", str(centre_id))),
            made_at=now_utc(),
            made_by_id=made_by_id,
        )
        .on_conflict_do_nothing()
    )


def ensure_centre_key(s: Session, centre_id: int) -> None:
    """Give a centre its secret if it has none yet; a screen that works goes on with the one it has."""
    if not keys_of(s, [centre_id]):
        make_centre_key(s, centre_id)


def keys_of(s: Session, centre_ids: list[int] | None = None) -> dict[int, Key]:
    """Get the present secret of some centres, or of all, by centre; one without a secret is left out."""
    newest = select(CentreKey.centre_id, func.max(CentreKey.n)).group_by(CentreKey.centre_id)
    if centre_ids is not None:
        newest = newest.where(CentreKey.centre_id.in_(centre_ids))
    rows = s.scalars(select(CentreKey).where(tuple_(CentreKey.centre_id, CentreKey.n).in_(newest)))
    return {row.centre_id: _key(s, row) for row in rows}


def keys_ever(s: Session, centre_id: int) -> list[tuple[Key, datetime | None]]:
    """Get a centre's newest keys, ten at most, and until when each was in use: the first still is, so None.

    Only for what a phone kept without a net: an earlier key makes no code that is worth anything now.
    """
    newest = select(CentreKey).where(CentreKey.centre_id == centre_id).order_by(CentreKey.n.desc())
    rows = s.scalars(newest.limit(_MOST_EARLIER)).all()
    ended_at = (None, *(row.made_at for row in rows))
    return [(_key(s, row), until) for row, until in zip(rows, ended_at, strict=False)]


def _key(s: Session, row: CentreKey) -> Key:
    opened = unseal(s, row.secret, bound_to=("centre_key", str(row.centre_id)))
    return Key(row.n, b64decode(opened))


def key_card(s: Session, centre_id: int) -> KeyCard | None:
    """Tell when a centre's present secret was made and by whom; None when it has none."""
    newest = (
        select(CentreKey.made_at, CentreKey.made_by_id)
        .where(CentreKey.centre_id == centre_id)
        .order_by(CentreKey.n.desc())
        .limit(1)
    )
    row = s.execute(newest).first()
    return KeyCard(row.made_at, row.made_by_id) if row else None
