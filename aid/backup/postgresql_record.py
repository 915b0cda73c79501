"""PostgreSQL: copied by pg_dump in the very transaction in which its rows are counted, filled by pg_restore in one transaction."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from aid.backup.errors import NoRoomForBackup, ProgramMissing, ProgramStuck, ProgramTooOld, RecordFailed
from aid.backup.files import FULL_WORDS
from aid.backup.record import Snapshot, look
from aid.store.postgresql import LONG_SECONDS, PatientConnection

DEBIAN = Path("/usr/lib/postgresql")
DUMP_SECONDS = 4 * 3600.0
"""What copying or filling may take."""
CONNECT_SECONDS = 10
LOCK_WAIT = "60s"
"""How long a change of the tables is waited for."""
ASIDE = "before_restore_"
_VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "options": "PGOPTIONS", "target_session_attrs": "PGTARGETSESSIONATTRS", "gssencmode": "PGGSSENCMODE", "channel_binding": "PGCHANNELBINDING",
}  # fmt: skip


_OUR_FUNCTIONS = (
    "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
    "WHERE n.nspname = 'public' AND p.proname LIKE '%\\_append\\_only'"
)


class PostgresqlRecord:
    """A database of a server. Secrets go to the programs in a file for this user alone, never in arguments."""

    engine, file_name = "postgresql", "record.pgdump"

    def __init__(self, url: URL, programs: Path | None = None, seconds: float = DUMP_SECONDS) -> None:
        """``programs``: the folder of pg_dump and pg_restore; ``None``: PATH, then Debian's newest."""
        self._url, self._programs, self._seconds = url, programs, seconds

    def version(self) -> str:
        """The version of the server. Raises ``RecordFailed``."""
        with self._connected() as connection:
            return str(connection.scalar(text("SHOW server_version")))

    def size(self) -> int:
        """Bytes of the database; what is dumped is smaller. Raises ``RecordFailed``."""
        with self._connected() as connection:
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)

    def copy(self, target: Path) -> Snapshot:
        """Copy the database as it is at one moment, which is the moment of the counts too.

        Raises:
            ProgramMissing, ProgramTooOld, ProgramStuck
            RecordFailed: the server is away, or pg_dump failed; says what it said.
            NoRoomForBackup: the disk is full.
        """
        program = self._program("pg_dump", self._server_major())
        with self._connected() as connection:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            shared = str(connection.scalar(text("SELECT pg_export_snapshot()")))
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--lock-wait-timeout={LOCK_WAIT}", f"--snapshot={shared}"]
            self._run([program, *arguments, f"--exclude-schema={ASIDE}*", f"--file={target}"])
            snapshot = look(connection)
        with target.open("rb") as file:
            os.fsync(file.fileno())
        return snapshot

    def check(self, dump: Path) -> None:
        """See that a copy's table of contents can be read. Raises as ``copy``."""
        self._run([self._program("pg_restore", 0), "--list", str(dump)], connects=False)

    def clear(self, aside: str | None) -> str:
        """Take away empty tables, or put all that is there aside in a schema of its own. Raises ``RecordFailed``."""
        with self._connected() as connection:
            if aside is None:
                for name in inspect(connection).get_table_names():
                    connection.execute(text(f"DROP TABLE {connection.dialect.identifier_preparer.quote(name)} CASCADE"))
                for (name,) in connection.execute(text(_OUR_FUNCTIONS)).all():
                    connection.execute(text(f"DROP FUNCTION {name}"))
                connection.commit()
                return ""
            schema = re.sub(r"\W", "_", aside.lower())
            connection.execute(text(f"CREATE SCHEMA {schema}"))
            for name in inspect(connection).get_table_names():  # with indexes, counters and triggers
                connection.execute(text(f"ALTER TABLE {connection.dialect.identifier_preparer.quote(name)} SET SCHEMA {schema}"))
            for (name,) in connection.execute(text(_OUR_FUNCTIONS)).all():
                connection.execute(text(f"ALTER FUNCTION {name} SET SCHEMA {schema}"))
            connection.commit()
            return f"the schema {schema}"

    def fill(self, dump: Path) -> None:
        """Fill the empty database: all of it, or nothing. Raises as ``copy``."""
        program = self._program("pg_restore", self._server_major())
        arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={self._url.database}"]
        self._run([program, *arguments, str(dump)])

    def _server_major(self) -> int:
        return int(self.version().split(".")[0].split()[0])

    def _program(self, name: str, least: int) -> str:
        """The path of a program that is at least of this version. Raises ``ProgramMissing``, ``ProgramTooOld``."""
        found = self._found(name)
        if found is None:
            raise ProgramMissing(f"{name} is not on this machine: install PostgreSQL's client programs (sudo apt-get install postgresql-client)")
        said = self._run([found, "--version"], connects=False, seconds=30)
        number = re.search(r"(\d+)", said)
        if number is None or int(number[1]) < least:
            here = number[1] if number else "?"
            raise ProgramTooOld(f"{name} is of version {here}, the server of {least}: install a newer {name}")
        return found

    def _found(self, name: str) -> str | None:
        if self._programs is not None:
            return shutil.which(name, path=str(self._programs))
        newest = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
        return str(newest[-1]) if newest else shutil.which(name)

    def _run(self, arguments: Sequence[str], connects: bool = True, seconds: float | None = None) -> str:
        """What a program wrote on its output. Raises as ``copy``."""
        name = Path(arguments[0]).name
        with self._environment(connects) as environment:
            try:
                done = subprocess.run(
                    arguments, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds or self._seconds
                )
            except subprocess.TimeoutExpired as fault:
                raise ProgramStuck(f"{name} took longer than {fault.timeout:.0f} s and was ended") from fault
            except OSError as fault:
                raise ProgramMissing(f"{name} cannot be started: {fault.strerror}") from fault
        if done.returncode:
            said = " ".join(done.stderr.split())[-400:]
            if "No space left" in said:
                raise NoRoomForBackup(FULL_WORDS)
            raise RecordFailed(f"{name} failed: {said or f'exit {done.returncode}'}")
        return done.stdout

    @contextmanager
    def _environment(self, connects: bool) -> Iterator[dict[str, str]]:
        """The variables of a program: where the server is, and in a file that only we may read the password."""
        usual = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR") or name.startswith("PG")}
        usual["LC_ALL"] = "C.UTF-8"
        if not connects:
            yield usual
            return
        given = {_VARIABLES[key]: str(value) for key, value in self._url.query.items() if key in _VARIABLES}
        parts = {"PGHOST": self._url.host, "PGPORT": self._url.port, "PGUSER": self._url.username, "PGDATABASE": self._url.database}
        given |= {name: str(value) for name, value in parts.items() if value}
        with tempfile.TemporaryDirectory(prefix="aid-pg-") as folder:  # of mode 0700
            password = self._url.password
            if password is not None:
                path = Path(folder) / "pass"
                escaped = str(password).replace("\\", "\\\\").replace(":", "\\:")
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(f"*:*:*:*:{escaped}\n")
                given["PGPASSFILE"] = str(path)
            yield {**usual, "PGCONNECT_TIMEOUT": str(CONNECT_SECONDS), **given}

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection of its own, without the short limits of the running system. Raises ``RecordFailed``."""
        engine = self._engine()
        try:
            with engine.connect() as connection:
                yield connection
        except DBAPIError as fault:
            raise RecordFailed(f"the database does not do it: {str(fault.orig).strip().splitlines()[0] if fault.orig else fault}") from fault
        finally:
            engine.dispose()

    def _engine(self) -> Engine:
        arguments = {"connect_timeout": CONNECT_SECONDS, "options": f"-c statement_timeout={int(LONG_SECONDS * 1000)}"}
        engine = create_engine(self._url.set(drivername="postgresql+psycopg"), poolclass=NullPool, connect_args=arguments)

        @event.listens_for(engine, "do_connect")
        def connect(_dialect: Any, _record: Any, positional: Any, named: dict[str, Any]) -> PatientConnection:
            return PatientConnection.connect(*positional, **named)  # gives up a server that says nothing for ``LONG_SECONDS``

        return engine
