"""`aid doctor` on disk, clock, certificates, tables, backups and keys: each fault is told by what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text

from aid.backup.manifest import Manifest
from aid.cli import operations
from aid.cli.operations import Look, _against_monotonic, backups, certificates, clock, disks, key_files, tables
from aid.privacy.keys import KeyFile
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.models import ConversationRow
from aid.store.moving import move

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var_dir=tmp_path / "var", nginx_dir=str(tmp_path / "nginx"))


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings)
    opened.migrate()
    yield opened
    opened.close()


def test_a_disk_that_is_nearly_full_is_told_with_what_lies_on_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    [(good, line)] = disks(settings)
    assert good
    assert line.startswith("disk of var")
    monkeypatch.setattr(operations.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 9 * 10**8))  # type: ignore[attr-defined]
    [(good, line)] = disks(settings)
    assert not good
    assert "0.9 GB free: nearly full" in line


def test_a_disk_without_free_names_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations.os, "statvfs", lambda _: os.statvfs_result((4096, 4096, 10, 10, 10, 10**6, 5, 5, 0, 255)))
    [(good, line)] = disks(settings)
    assert not good
    assert "few names left" in line


@pytest.mark.usefixtures("empty_database")
def test_tables_that_lack_steps_are_told(settings: Settings) -> None:
    assert next(tables(settings)) == (False, "there are no tables yet: the first start, or aid migrate, makes them")
    store = open_store(settings)
    move(store, "0013")
    [(good, line)] = tables(settings)
    assert not good
    assert "2 steps are pending" in line or "steps are pending" in line
    move(store)
    [(good, _)] = tables(settings)
    assert good
    with store.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    [(good, line)] = tables(settings)
    assert not good
    assert "newer program" in line
    store.close()


def test_a_database_that_does_not_answer_is_one_finding_and_no_stack(tmp_path: Path) -> None:
    away = Settings(var_dir=tmp_path, database_url=f"postgresql://nobody:secret@/none?host={tmp_path}", nginx_dir=str(tmp_path))
    found = list(tables(away))
    assert [good for good, _ in found] == [False]
    assert "secret" not in found[0][1]
    [(_, line)] = clock(away)
    assert "the record could not be asked" in line


@pytest.mark.parametrize(("ahead", "good"), [(timedelta(seconds=30), True), (timedelta(hours=5), False)])
def test_a_clock_behind_the_record_is_told(settings: Settings, store: Store, ahead: timedelta, good: bool) -> None:
    with store.session() as session:
        session.add(ConversationRow(id="a", door="web", created_at=settings.clock().now() + ahead))
    found = list(clock(settings))
    assert [one for one, _ in found] == [good]
    assert good or "has gone back" in found[0][1]
    assert good or "5 hours ahead" in found[0][1]


@pytest.mark.parametrize(
    ("wall", "passed", "boot", "said"),
    [(1000, 1000, "a", ""), (1030, 1000, "a", ""), (4600, 1000, "a", "forward by 60 minutes"), (-2600, 1000, "a", "back by 60 minutes"), (9000, 1, "b", "")],
)
def test_a_clock_that_was_set_since_the_last_look_is_told_once(tmp_path: Path, wall: float, passed: float, boot: str, said: str) -> None:
    path, first = tmp_path / "clock.json", Look(1_800_000_000, 500, "a")
    assert list(_against_monotonic(path, first)) == []
    look = Look(first.wall + wall, first.passed + passed, boot)
    found = list(_against_monotonic(path, look))
    assert [line for _, line in found if said in line] == [line for _, line in found]
    assert bool(found) == bool(said)
    assert list(_against_monotonic(path, look)) == [], "it was told"


def test_a_damaged_note_of_the_last_look_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "clock.json").write_text('{"wall": 1}')
    assert list(_against_monotonic(tmp_path / "clock.json", Look.now())) == []


def test_a_clock_that_was_moved_on_purpose_is_no_fault(settings: Settings) -> None:
    assert [good for good, _ in clock(settings.model_copy(update={"clock_start": "2030-01-01"}))] == [True]


def _certificate(path: Path, begins: datetime, ends: datetime) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    signed = made.not_valid_before(begins).not_valid_after(ends).sign(key, hashes.SHA256())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("begins", "ends", "good", "said"),
    [(-10, 100, True, "in 100 days"), (-10, 20, False, "in 20 days: renew it"), (-10, -1, False, "has EXPIRED"), (5, 100, False, "is not good before")],
)
def test_the_end_of_a_certificate_is_told(settings: Settings, tmp_path: Path, begins: int, ends: int, good: bool, said: str) -> None:
    path = _certificate(tmp_path / "a.pem", NOW + timedelta(days=begins), NOW + timedelta(days=ends, minutes=1))
    given = settings.model_copy(update={"certificates": str(path), "clock_start": NOW.isoformat()})
    [(found, line)] = certificates(given)
    assert found is good
    assert said in line


def test_the_shortest_of_a_chain_counts_and_nginx_is_asked_which_it_uses(settings: Settings, tmp_path: Path) -> None:
    folder = Path(settings.nginx_dir)
    long = _certificate(tmp_path / "long.pem", NOW - timedelta(days=1), NOW + timedelta(days=300))
    short = _certificate(tmp_path / "short.pem", NOW - timedelta(days=1), NOW + timedelta(days=3))
    (folder / "sites-enabled").mkdir(parents=True)
    (folder / "chain.pem").write_bytes(long.read_bytes() + short.read_bytes())
    site = f'ssl_certificate chain.pem;\n ssl_certificate_key x.key;\n # ssl_certificate not.pem;\nssl_certificate "{long}";\nssl_certificate $of;'
    (folder / "sites-enabled" / "site").write_text(site)
    (folder / "snippets").mkdir()
    (folder / "snippets" / "unused.conf").write_text("ssl_certificate not.there.pem;")
    (folder / "nginx.conf").write_text("http {\n  # include snippets/*.conf;\n  include sites-enabled/*;\n  include nginx.conf; }\n")
    found = {line: good for good, line in certificates(settings.model_copy(update={"clock_start": NOW.isoformat()}))}
    assert sorted(found.values()) == [False, True]
    assert any("chain.pem" in line and not good for line, good in found.items())


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_certificate_that_cannot_be_read_is_told(settings: Settings, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.pem"
    if content is not None:
        path.write_bytes(content)
    [(good, line)] = certificates(settings.model_copy(update={"certificates": str(path)}))
    assert not good
    assert "cannot be read" in line


@pytest.mark.parametrize(("hours", "missing", "good"), [(3, [], True), (30, [], False), (3, ["a"], False)])
def test_the_age_of_the_newest_backup_is_told(settings: Settings, tmp_path: Path, hours: int, missing: list[str], good: bool) -> None:
    shelf = tmp_path / "backups"
    given = settings.model_copy(update={"backup_dir": str(shelf)})
    assert backups(given) == (False, f"there is no backup in {shelf}: aid backup")
    (shelf / "aid-20261130T000000").mkdir(parents=True)
    began = settings.clock().now() - timedelta(hours=hours)
    known = {"program": "1", "engine": "sqlite", "server": "3", "revision": "0015", "record": "x", "counts": {}, "files": {}, "evidence": {}, "keys": []}
    Manifest(began_at=began, taken_at=began, missing=missing, keys_kept=False, **known).write(shelf / "aid-20261130T000000")
    found, line = backups(given)
    assert found is good
    assert f"{hours} hours old" in line
    assert "keys were not kept" in line


def test_without_a_named_folder_it_is_said_that_nobody_looks(settings: Settings) -> None:
    assert backups(settings)[1].startswith("no folder of backups is named (AID_BACKUP_DIR)")


def test_keys_that_others_could_read_are_told_with_the_command_that_helps(settings: Settings) -> None:
    assert list(key_files(settings)) == []
    KeyFile(settings.keys_dir).read()
    assert [good for good, _ in key_files(settings)] == [True]
    (settings.keys_dir / "data.key").chmod(0o644)
    settings.keys_dir.chmod(0o750)
    found = list(key_files(settings))
    assert [good for good, _ in found] == [False, False]
    assert found[1][1].endswith(f"chmod 600 {settings.keys_dir / 'data.key'}")
