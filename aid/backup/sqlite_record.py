"""SQLite: copied by its own online backup, which no writer waits for."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from aid.backup.errors import NoRoomForBackup, RecordFailed
from aid.backup.files import FULL_WORDS, copy_file
from aid.backup.record import Snapshot, look

BESIDE = ("-wal", "-shm")
BUSY_SECONDS = 30.0


class SqliteRecord:
    """A database file."""

    engine, file_name = "sqlite", "record.sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path

    def version(self) -> str:
        """The version of the library."""
        return sqlite3.sqlite_version

    def size(self) -> int:
        """Bytes of the file and of what is written beside it."""
        return sum(path.stat().st_size for path in (self._path, *self._beside()) if path.exists())

    def copy(self, target: Path) -> Snapshot:
        """Copy the database as it is at one moment.

        All pages in one step: in WAL mode nobody waits for the copying, and it never begins anew because somebody writes. The copy is one file,
        its pages are checked, and what is counted is the copy.

        Raises:
            RecordFailed: there is no database, or the copy is not sound.
            NoRoomForBackup: the disk is full.
        """
        if not self._path.exists():
            raise RecordFailed(f"there is no database {self._path}")
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            address = f"file:{self._path.as_posix()}?mode=rw"
            with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)) as source, closing(sqlite3.connect(target)) as copy:
                source.backup(copy, pages=-1)
                copy.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.Error as fault:
            raise _told(fault, "the database cannot be copied") from fault
        with target.open("rb") as file:
            os.fsync(file.fileno())
        return self.check(target)

    def check(self, dump: Path) -> Snapshot:
        """Look into a copy: its pages, its foreign keys, its rows.

        Raises:
            RecordFailed: it is not sound.
        """
        address = f"sqlite:///file:{dump.as_posix()}?mode=ro&immutable=1&uri=true"
        try:
            with closing(sqlite3.connect(f"file:{dump.as_posix()}?mode=ro&immutable=1", uri=True)) as bare:
                if bare.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                    raise RecordFailed("the copy of the database is damaged")
                if bare.execute("PRAGMA foreign_key_check").fetchone() is not None:
                    raise RecordFailed("the copy of the database names rows that are not there")
        except sqlite3.Error as fault:
            raise RecordFailed("the copy of the database is damaged") from fault
        engine = create_engine(address, poolclass=NullPool)
        with engine.connect() as connection:
            return look(connection)

    def clear(self, aside: str | None) -> str:
        """Take the file away, or put it aside with what belongs to it. Nobody may have it open. Raises ``OSError``."""
        kept = self._path.with_name(f"{self._path.name}.{aside}") if aside else None
        for path in (self._path, *self._beside()):
            if not path.exists():
                continue
            if kept is None:
                path.unlink()
            else:
                path.rename(path.with_name(path.name.replace(self._path.name, kept.name, 1)))
        return str(kept or "")

    def fill(self, dump: Path) -> None:
        """Put the copy in the database's place, whole or not at all. Raises ``OSError``."""
        part = self._path.with_name(self._path.name + ".restoring")
        part.unlink(missing_ok=True)
        part.parent.mkdir(parents=True, exist_ok=True)
        copy_file(dump, part)
        part.replace(self._path)

    def _beside(self) -> list[Path]:
        return [self._path.with_name(self._path.name + ending) for ending in BESIDE]


def _told(fault: sqlite3.Error, what: str) -> Exception:
    if "disk is full" in str(fault):
        return NoRoomForBackup(FULL_WORDS)
    return RecordFailed(f"{what}: {fault}")
