"""A PostgreSQL server of the tests' own, from Debian's packages: in a temporary folder, on a socket in it, without a network."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from aid.settings import Settings
from aid.store import open_store
from aid.store.models import Base
from aid.store.moving import known_steps

ENGINE = os.environ.get("AID_TEST_DATABASE", "sqlite")
"""The engine that the tests run on."""
DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"
START_SECONDS = 30.0
# Nothing of a test outlives it, so nothing need survive a fall of the machine.
HASTE = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200"]


def on(engine: str) -> pytest.MarkDecorator:
    """Mark of a test that is about one engine only."""
    return pytest.mark.skipif(engine != ENGINE, reason=f"about {engine} only")


class NoServer(Exception):
    """PostgreSQL is not here, or does not start; says what would help."""


def programs() -> Path | None:
    """Folder of the newest server's programs; Debian does not put them on PATH."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


class Server:
    """A running server. ``migrated`` makes databases that have all tables, by copying one that has."""

    def __init__(self, folder: Path, child: subprocess.Popen[bytes]) -> None:
        self.folder, self.child = folder, child
        self._numbers = count(1)
        self._template: str | None = None
        self._spare: list[str] = []
        self._admin: psycopg.Connection[Any] | None = None

    def address(self, database: str) -> str:
        """What ``AID_DATABASE_URL`` holds for a database of this server."""
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def empty(self, template: str = "template0") -> str:
        """The name of a new database."""
        name = f"aid{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def migrated(self) -> str:
        """The name of a database with all tables and nothing in them, new or given back."""
        return self._spare.pop() if self._spare else self.empty(self.template())

    def template(self) -> str:
        """The name of the database that others are copied from."""
        if self._template is None:
            self._template = self.empty()
            store = open_store(Settings(_env_file=None, database_url=self.address(self._template)))
            store.migrate()
            store.close()
        return self._template

    def give_back(self, database: str) -> None:
        """Keep a migrated database for the next test when this one left nothing in it (making one takes long), otherwise drop it."""
        if self._is_as_new(database):
            self._spare.append(database)
        else:
            self.drop(database)

    def _is_as_new(self, database: str) -> bool:
        tables = {*Base.metadata.tables, "alembic_version"}
        with psycopg.connect(host=str(self.folder), user=USER, dbname=database, connect_timeout=5) as connection:
            others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            there = {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
            if there != tables or connection.execute(others).fetchone():
                return False
            if connection.execute("SELECT version_num FROM alembic_version").fetchall() != [(known_steps()[-1].revision,)]:
                return False
            filled = " UNION ALL ".join(f"(SELECT 1 FROM {name} LIMIT 1)" for name in Base.metadata.tables)
            return connection.execute(filled.encode()).fetchone() is None

    def drop(self, database: str) -> None:
        """Remove a database, also from under who still holds it."""
        self.run(f"DROP DATABASE {database} WITH (FORCE)")

    def run(self, statement: str) -> None:
        """One statement outside of any test's database, on a connection that is kept."""
        if self._admin is None:
            self._admin = psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True, connect_timeout=5)
        self._admin.execute(statement.encode())

    def close(self) -> None:
        """End the server."""
        if self._admin is not None:
            self._admin.close()
        self.child.send_signal(signal.SIGCONT)
        self.child.send_signal(signal.SIGINT)
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


@contextmanager
def running_server() -> Iterator[Server]:
    """A new server, ended and removed afterwards; it also ends when this process does.

    Raises:
        NoServer: the programs are missing, or it does not come up.
    """
    found = programs()
    if found is None:
        raise NoServer("PostgreSQL's server is not installed; this would help: sudo apt-get install postgresql")
    # Short, for the path of a socket may have 107 characters; not pytest's folder, which the server's user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="aid-pg-"))
    try:
        server = Server(folder, _start(found, folder))
        try:
            yield server
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(found: Path, folder: Path) -> subprocess.Popen[bytes]:
    owner = _owner(folder)
    data = folder / "data"
    make = [found / "initdb", "-D", data, "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync"]
    made = subprocess.run(make, cwd=folder, capture_output=True, text=True, timeout=120, **owner)
    if made.returncode:
        raise NoServer(f"initdb failed: {made.stderr.strip()[-300:]}")
    serve = [found / "postgres", "-D", data, "-k", folder, "-h", "", *HASTE]
    with (folder / "log").open("wb") as log:
        end_with_us = _end_with_parent if sys.platform == "linux" else None
        child = subprocess.Popen(serve, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_us, **owner)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres", connect_timeout=2).close()
            return child
        except psycopg.OperationalError:
            time.sleep(0.05)
    child.kill()
    child.wait()
    raise NoServer(f"the server did not come up: {(folder / 'log').read_text()[-300:]}")


def _owner(folder: Path) -> dict[str, Any]:
    """The server refuses to run as root: then it runs as the user that its package made."""
    if os.geteuid() != 0:
        return {}
    shutil.chown(folder, USER, USER)
    return {"user": USER, "group": USER, "extra_groups": []}


def _end_with_parent() -> None:
    ctypes.CDLL("libc.so.6", use_errno=True).prctl(1, signal.SIGINT)
