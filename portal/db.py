"""The database: one way to a session, the shared column types, and sealed text.

SQLite is the default for one office on one machine, PostgreSQL for several processes. Both run the same code.

**In which order things are held.** On PostgreSQL several write at a time, and whoever changes a thing that
others change too holds it until the commit. All take hold in this order, so that no two wait for each other:

1. people (`recipients.hold`), all that are needed at once, by number;
2. a call she has asked for, or her question about food or a bed (`calls.held`, `undoing.hold_call`);
3. her conversation (`sending.hold`): one, but for help with several people that is handed over;
4. letters that wait at a centre (`letters.say_who`);
5. lines of days (`chain.hold_day`): the earliest first, on one day a centre's before an office's, by number.

Who holds something later in this list takes nothing before it. On SQLite one writes at a time anyway.
"""

from __future__ import annotations

import enum
import hmac
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVarTuple

import pysqlite3.dbapi2 as sqlite
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, DateTime, Dialect, Engine, Enum, MetaData, create_engine, event
from sqlalchemy.engine import CursorResult, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.selectable import TypedReturnsRows
from sqlalchemy.types import TypeDecorator

from portal import bus

OLDEST_SAFE_SQLITE = (3, 51, 3)
"""Before this release two connections in one process can corrupt a database in WAL mode (decision 3)."""

Columns = TypeVarTuple("Columns")
_NONCE_BYTES = 12
_KEYS = "data_keys"


DatabaseFault = SQLAlchemyError
"""Whatever goes wrong with the database, for the few who let it go."""


class Utc(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database. A time without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; refuse a naive time, which would be shifted in silence."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must carry its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware instant also from SQLite, which keeps no zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _words(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


class Base(DeclarativeBase):
    """Every table. Constraints get names by rule, so that a migration can find them on both databases.

    An instant is always `Utc`; an enum is stored as its word, so that a row can be read without the code.
    """

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Utc,
        enum.Enum: Enum(enum.Enum, native_enum=False, length=24, values_callable=_words),
    }
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def new_public_id() -> str:
    """Make the name of a thing in addresses: 22 characters, 128 random bits, not to be guessed or counted."""
    return secrets.token_urlsafe(16)


def seal(session: Session, text: str, *, bound_to: tuple[str, ...]) -> bytes:
    """Encrypt a person's words with AES-256-GCM so that the database file alone does not show them.

    `bound_to` names the row ("message", conversation, author, id): sealed text moved to another row cannot be
    opened. The newest key is used; its number stands in the first byte, so keys can be changed.
    """
    return seal_bytes(session, text.encode(), bound_to=bound_to)


def unseal(session: Session, sealed: bytes, *, bound_to: tuple[str, ...]) -> str:
    """Open sealed text.

    Raises: ValueError when the text was changed, moved, or sealed with an unknown key.
    """
    return unseal_bytes(session, sealed, bound_to=bound_to).decode()


def newest_key(session: Session) -> int:
    """Tell the number of the key that seals; it stands in the first byte of what is sealed."""
    return len(session.info[_KEYS]) - 1


def seal_bytes(session: Session, content: bytes, *, bound_to: tuple[str, ...]) -> bytes:
    """Encrypt what a file holds, as `seal` does a text: same keys, same form."""
    keys: tuple[bytes, ...] = session.info[_KEYS]
    number = newest_key(session)
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(keys[number]).encrypt(nonce, content, "\x1f".join(bound_to).encode())
    return bytes([number]) + nonce + sealed


def unseal_bytes(session: Session, sealed: bytes, *, bound_to: tuple[str, ...]) -> bytes:
    """Open a sealed file. Raises: ValueError as `unseal`."""
    keys: tuple[bytes, ...] = session.info[_KEYS]
    number, nonce, body = sealed[0], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(keys[number]).decrypt(nonce, body, "\x1f".join(bound_to).encode())
    except (InvalidTag, IndexError) as fault:
        raise ValueError("what is sealed does not belong here") from fault


def fingerprint(session: Session, text: str, *, bound_to: tuple[str, ...]) -> bytes:
    """Hash text with a secret key (32 bytes): equal texts can be found, but a stolen database tells no text.

    The oldest key is used, so that a fingerprint stays the same when newer keys are added.
    """
    return fingerprint_bytes(session, text.encode(), bound_to=bound_to)


def fingerprint_bytes(session: Session, content: bytes, *, bound_to: tuple[str, ...]) -> bytes:
    """Hash what a file holds, as `fingerprint` does a text."""
    keys: tuple[bytes, ...] = session.info[_KEYS]
    return hmac.digest(keys[0], "\x1f".join((*bound_to, "")).encode() + content, "sha256")


def derived_key(session: Session, purpose: str) -> bytes:
    """Make a key for one purpose (32 bytes) out of the oldest key, which is never dropped.

    Whoever has the database file does not have it, and it tells nothing about the key it was made of.
    """
    keys: tuple[bytes, ...] = session.info[_KEYS]
    return hmac.digest(keys[0], f"key for {purpose}".encode(), "sha256")


@contextmanager
def all_or_nothing(session: Session) -> Iterator[None]:
    """Take back what the block wrote, and the facts it published, when it raises: a refusal leaves no trace.

    For a page that shows the reason itself instead of letting it through: its transaction goes on, and is
    committed. Whatever lets a fault through needs no such block; `transaction` rolls everything back.
    """
    with bus.forgotten_when_refused(session), session.begin_nested():
        yield


def ask(
    session: Session, question: TypedReturnsRows[*Columns], values: Mapping[str, Any]
) -> CursorResult[*Columns]:
    """Ask for columns by a question put together once, past what a session does to keep objects.

    That halves what a question costs (measured), so it is for those that every message or phone asks. What
    waits to be written is written first, as always.
    """
    session.flush()
    return session.connection().execute(question, values)


class Database:
    """One database. `transaction()` is the only way to a session, for pages, events and commands alike."""

    def __init__(
        self, url: str, *, facts: bus.Bus, data_keys: tuple[bytes, ...], pool_size: int = 20
    ) -> None:
        self.facts = facts
        self.engine = _engine(url, pool_size)
        # SQLite has one writer at a time. It writes on a connection of its own: one that is told by turns to
        # refuse and to allow changes throws away its prepared statements each time.
        is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = _engine(url, 1) if is_sqlite else self.engine
        self._writer = self._writing.execution_options(writes=True)
        self._reader = self.engine.execution_options(writes=False, postgresql_readonly=True)
        steady = {} if is_sqlite else {"isolation_level": "REPEATABLE READ"}  # SQLite reads so always
        self._steady_reader = self._reader.execution_options(**steady)
        self._info = {_KEYS: data_keys}
        # SQLite's own retry is unfair: one writer at a time behind this lock gave p99 27 ms instead of 134 ms
        # and no «database is locked» at all. PostgreSQL needs no such lock.
        self._write_lock = threading.Lock() if is_sqlite else None

    @contextmanager
    def transaction(self, *, writes: bool = True, is_steady: bool = False) -> Iterator[Session]:
        """Open a session: committed at the end, rolled back when anything is raised.

        With `writes=False` the database itself refuses every change; with `is_steady` too, everything that is
        read is as it stood at one and the same moment, for whoever holds one thing against another.
        Facts published in the session are
        handed out after the commit and after the write lock is free, and are forgotten when the work was
        rolled back.
        """
        lock = self._write_lock if writes and self._write_lock else nullcontext()
        reader = self._steady_reader if is_steady else self._reader
        with lock, Session(self._writer if writes else reader, expire_on_commit=False) as session:
            session.info.update(self._info)
            try:
                yield session
                self.facts.fulfil(session)
                session.commit()
            except BaseException:
                session.rollback()
                bus.take(session)
                raise
            facts = bus.take(session)
        self.facts.deliver(facts)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self._writing.dispose()


def _engine(url: str, pool_size: int) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed, pool_size=pool_size, max_overflow=0, pool_pre_ping=True, hide_parameters=True
        )
    if sqlite.sqlite_version_info < OLDEST_SAFE_SQLITE:
        raise RuntimeError(
            f"SQLite {sqlite.sqlite_version} can corrupt a database in WAL mode; 3.51.3 is needed"
        )
    engine = create_engine(
        parsed,
        module=sqlite,
        hide_parameters=True,  # values are people's words; a fault must not carry them into a log
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"timeout": 10, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """First query_only, then BEGIN.

    The other order gives «readonly database» errors on a reused connection. It is only said when it changes:
    saying it throws away every statement that the connection has prepared, so each was prepared anew.
    """
    writes = connection.get_execution_options().get("writes", True)
    query_only = "OFF" if writes else "ON"
    if connection.info.get("query_only") != query_only:
        connection.info.pop("query_only", None)  # not known, should the next line fail
        connection.exec_driver_sql(f"PRAGMA query_only={query_only}")
        connection.info["query_only"] = query_only
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
