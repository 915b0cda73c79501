"""The engine, its sessions and the migration to the newest tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, RootTransaction, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm import Session

from aid.errors import SettingsError
from aid.settings import Settings
from aid.store.errors import StoreUnavailable, UnknownRevision
from aid.store.postgresql import LONG_SECONDS, postgresql_engine

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 20250  # any number that all processes share


class Store:
    """The database. Calls are synchronous and safe from many threads; one session is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reading = engine.execution_options(aid_reading=True)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A writing transaction: committed at the end, rolled back by an exception.

        Raises:
            StoreUnavailable: the database cannot be reached or stayed locked; nothing was written.
        """
        with _typed_errors(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def transaction(self) -> Iterator[RootTransaction]:
        """As ``session``, without objects: for the few statements that every message runs. Ends early by ``rollback``.

        Raises:
            StoreUnavailable: as ``session``.
        """
        with _typed_errors(), self.engine.connect() as connection, connection.begin() as transaction:
            yield transaction

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A reading transaction; takes no write lock.

        Raises:
            StoreUnavailable: the database cannot be reached.
        """
        with _typed_errors(), Session(self._reading, expire_on_commit=False) as session:
            yield session

    def migrate(self) -> None:
        """Bring the tables to the newest form; safe when several processes start at once.

        Raises:
            StoreUnavailable: the database cannot be reached or stayed locked.
            UnknownRevision: they have a form that this program does not know, a newer one's.
        """
        with self.moving() as connection:
            command.upgrade(migration_config(connection), "head")

    @contextmanager
    def moving(self) -> Iterator[Connection]:
        """A transaction in which the tables may be changed, and nobody else changes them. Raises as ``migrate``."""
        try:
            with _typed_errors(), self.engine.connect() as connection, _tables_may_move(connection), connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
                yield connection
        except CommandError as fault:
            raise UnknownRevision(f"the tables cannot be brought there: {fault}; take the program that made them, or a newer one") from fault

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_store(settings: Settings, busy_seconds: float = 5.0) -> Store:
    """The store at ``settings.database``. Makes the folder of a SQLite file; connects at first use only.

    Args:
        settings: names the database.
        busy_seconds: how long a locked or silent database is waited for.

    Raises:
        SettingsError: the address is none of SQLite or PostgreSQL.
    """
    url = _address(settings.database)
    if url.get_backend_name() == "postgresql":
        return Store(postgresql_engine(url, busy_seconds))
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_timeout=busy_seconds, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Store(engine)


def _address(given: str) -> URL:
    """The address, read; what is wrong with it is said without it, for it may hold a password."""
    try:
        url = make_url(given)
    except ArgumentError as fault:
        raise SettingsError("AID_DATABASE_URL is not an address: write postgresql://user:password@host/name") from fault
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise SettingsError(f"AID_DATABASE_URL names {url.get_backend_name()}; only sqlite and postgresql are known")
    return url


def migration_config(connection: Connection) -> Config:
    """Alembic's configuration in code: its folder and the connection that is already open."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Durable, concurrent, checked; the timeout of ``connect`` is already the busy timeout."""
    connection.isolation_level = None  # so that SQLAlchemy's BEGIN is ours (see _begin_sqlite)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a read that becomes a write later fails without waiting for the lock."""
    reading = connection.get_execution_options().get("aid_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _tables_may_move(connection: Connection) -> Iterator[None]:
    """SQLite changes a column by making the table anew; with its foreign keys on, the rows that point to it would forbid that.

    PostgreSQL is given the time that a change of large tables takes.
    """
    bare: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        usual, bare.patience = bare.patience, LONG_SECONDS
        for limit in ("lock_timeout", "statement_timeout"):
            connection.exec_driver_sql(f"SET {limit} = '{LONG_SECONDS:.0f}s'")
        connection.commit()
        try:
            yield
        finally:
            bare.patience = usual
            connection.invalidate()  # the next one has the usual limits again
        return
    bare.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        bare.execute("PRAGMA foreign_keys=ON")


@contextmanager
def _typed_errors() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, TimeoutError) as fault:
        raise StoreUnavailable("the database does not answer; nothing was written, try again") from fault
