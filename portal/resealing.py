"""Sealing everything anew with the newest key, while people use the portal; then an older key can go.

Each feature says which columns it seals and what each row is bound to; this goes through them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.db import Database, newest_key, seal_bytes, unseal_bytes

_MOST_AT_ONCE = 100


@dataclass(frozen=True)
class SealedColumn:
    """A column that holds sealed words or files.

    rows: asks for what `bound_to` needs of each row. most_at_once: rows in one transaction; few for what is
    large, since others wait for it.
    """

    column: InstrumentedAttribute[Any]
    rows: Select[Any]
    bound_to: Callable[[Row[Any]], tuple[str, ...]]
    most_at_once: int = _MOST_AT_ONCE

    @property
    def name(self) -> str:
        """Table and column, as «message.body»."""
        return f"{self.column.class_.__tablename__}.{self.column.key}"

    @property
    def key(self) -> tuple[ColumnElement[Any], ...]:
        """What names a row."""
        return tuple(self.column.class_.__table__.primary_key)


@dataclass(frozen=True)
class Count:
    """What became of one column. unreadable: no key opens them, so they were left as they are.

    changed: somebody wrote them anew meanwhile, and what she wrote stays. left: still sealed with an older
    key, unreadable ones among them; 0 means that only the newest key is needed.
    """

    resealed: int = 0
    changed: int = 0
    unreadable: int = 0
    left: int = 0

    def as_data(self) -> dict[str, int]:
        """Give the count as data for a command's output."""
        return asdict(self)


def reseal(database: Database, sealed: SealedColumn) -> Count:
    """Seal every row of a column with the newest key, some at a time, each time in a transaction of its own.

    Stopped anywhere, it goes on where it was when it is started again: what is done does not count as old.
    """
    count, last = Count(), None
    while True:
        with database.transaction() as s:
            rows = _older(s, sealed, last)
            for row in rows:
                count = _one(s, sealed, row, count)
        if not rows:
            break
        last = tuple(rows[-1])[-1 - len(sealed.key) : -1]
    with database.transaction(writes=False) as s:
        left = s.scalar(select(func.count()).select_from(sealed.column.class_).where(*_is_older(s, sealed)))
    return replace(count, left=left or 0)


def _is_older(s: Session, sealed: SealedColumn) -> tuple[ColumnElement[bool], ...]:
    first_byte = func.substr(sealed.column, 1, 1)
    return sealed.column.is_not(None), first_byte != bytes([newest_key(s)])


def _older(s: Session, sealed: SealedColumn, last: tuple[Any, ...] | None) -> Sequence[Row[Any]]:
    """The next rows that an older key sealed; the row's own key and its sealed words stand last."""
    query = sealed.rows.add_columns(*sealed.key, sealed.column).where(*_is_older(s, sealed))
    if last is not None:
        query = query.where(tuple_(*sealed.key) > tuple_(*last))
    return s.execute(query.order_by(*sealed.key).limit(sealed.most_at_once)).all()


def _one(s: Session, sealed: SealedColumn, row: Row[Any], count: Count) -> Count:
    before = row[-1]
    bound_to = sealed.bound_to(row)
    try:
        opened = unseal_bytes(s, before, bound_to=bound_to)
    except ValueError:
        return replace(count, unreadable=count.unreadable + 1)
    own = tuple(row)[-1 - len(sealed.key) : -1]
    where = [column == value for column, value in zip(sealed.key, own, strict=True)]
    changed = s.execute(
        update(sealed.column.class_)
        .where(*where, sealed.column == before)  # written anew since it was read: that stays
        .values({sealed.column.key: seal_bytes(s, opened, bound_to=bound_to)})
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]  # an update always has it
        return replace(count, changed=count.changed + 1)
    return replace(count, resealed=count.resealed + 1)
