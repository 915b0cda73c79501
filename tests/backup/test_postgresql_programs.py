"""pg_dump and pg_restore: secrets in no argument, and what is said when a program is missing, too old, stuck or failing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import make_url

from aid.backup.errors import NoRoomForBackup, ProgramMissing, ProgramStuck, ProgramTooOld, RecordFailed
from aid.backup.postgresql_record import PostgresqlRecord
from tests.postgres import Server

ADDRESS = make_url("postgresql://me:se:cr\\et@host:5433/aid?sslmode=require")


def _program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_the_password_goes_in_a_file_for_this_user_alone_and_in_no_argument(tmp_path: Path) -> None:
    _program(tmp_path, "pg_restore", 'echo "$@"; env; cat "$PGPASSFILE"; stat -c "mode %a" "$PGPASSFILE"; echo "$PGPASSFILE" > ' + f"{tmp_path}/where")
    record = PostgresqlRecord(ADDRESS, tmp_path)
    said = record._run([str(tmp_path / "pg_restore"), "--list"])
    arguments, *rest = said.splitlines()
    assert arguments == "--list"
    assert {"PGHOST=host", "PGPORT=5433", "PGUSER=me", "PGDATABASE=aid", "PGSSLMODE=require", "mode 600"} <= set(rest)
    assert "*:*:*:*:se\\:cr\\\\et" in rest
    assert not any(line.startswith("PG") and "cr" in line for line in rest)
    assert not Path((tmp_path / "where").read_text().strip()).exists(), "the file is gone afterwards"


def test_a_program_that_is_missing_is_named_with_what_helps(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match="postgresql-client"):
        PostgresqlRecord(ADDRESS, tmp_path)._program("pg_dump", 15)


@pytest.mark.parametrize("said", ["pg_dump (PostgreSQL) 9.6.24", "pg_dump (PostgreSQL) 14.1", "nothing"])
def test_a_program_older_than_the_server_is_refused(tmp_path: Path, said: str) -> None:
    _program(tmp_path, "pg_dump", f'echo "{said}"')
    with pytest.raises(ProgramTooOld, match="the server of 15"):
        PostgresqlRecord(ADDRESS, tmp_path)._program("pg_dump", 15)


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    _program(tmp_path, "pg_dump", "exec sleep 30")
    with pytest.raises(ProgramStuck, match="pg_dump took longer"):
        PostgresqlRecord(ADDRESS, tmp_path, seconds=0.3)._run([str(tmp_path / "pg_dump")])


def test_what_a_failing_program_said_is_told(tmp_path: Path) -> None:
    _program(tmp_path, "pg_dump", "echo 'pg_dump: error: permission denied for table ticket' >&2; exit 1")
    with pytest.raises(RecordFailed, match="permission denied for table ticket"):
        PostgresqlRecord(ADDRESS, tmp_path)._run([str(tmp_path / "pg_dump")])
    _program(tmp_path, "pg_dump", "echo 'pg_dump: error: could not write to file: No space left on device' >&2; exit 1")
    with pytest.raises(NoRoomForBackup, match="full"):
        PostgresqlRecord(ADDRESS, tmp_path)._run([str(tmp_path / "pg_dump")])


def test_a_server_that_is_away_is_one_sentence_without_the_password(tmp_path: Path) -> None:
    away = make_url(f"postgresql://me:secret@/aid?host={tmp_path}")
    with pytest.raises(RecordFailed) as caught:
        PostgresqlRecord(away).version()
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_real_dump_is_of_one_moment_and_fills_another_database(postgresql: Server, tmp_path: Path) -> None:
    source, target = postgresql.empty(postgresql.template()), postgresql.empty()
    try:
        record = PostgresqlRecord(make_url(postgresql.address(source)))
        snapshot = record.copy(tmp_path / "dump")
        assert set(snapshot.counts.values()) == {0}
        assert (tmp_path / "dump").stat().st_mode & 0o777 == 0o600
        other = PostgresqlRecord(make_url(postgresql.address(target)))
        other.check(tmp_path / "dump")
        other.fill(tmp_path / "dump")
        assert other.copy(tmp_path / "again") == snapshot
        with pytest.raises(RecordFailed, match="already exists"):
            other.fill(tmp_path / "dump")
        other.clear(None)
        other.fill(tmp_path / "dump")
        assert int(record.version().split(".")[0]) >= 14
        assert os.path.getsize(tmp_path / "dump") > 0
    finally:
        for name in (source, target):
            postgresql.drop(name)
