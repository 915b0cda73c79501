"""Taking a backup: what is in it, what is not, what is refused, and what a fault leaves behind."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from aid.backup import files as backup_files
from aid.backup import take as taking
from aid.backup.check import faults_of, unreadable
from aid.backup.errors import BackupDamaged, BackupRunning, BadPlace, CannotWrite, KeysDoNotFit, NoRoomForBackup, NotABackup
from aid.backup.keys import fitting_keys
from aid.backup.manifest import find_backup, read_manifest
from aid.backup.plain_settings import ADDRESSES, SECRET, plain_settings
from aid.backup.take import take
from aid.cli import backup as cli
from aid.cli.main import app
from aid.privacy.keys import KeyFile
from aid.privacy.vault import Vault, open_vault
from aid.settings import Settings
from tests.backup.conftest import System


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_a_backup_holds_record_evidence_knowledge_and_settings_and_no_key(system: System, shelf: Path, keys: Path) -> None:
    system.complain(files=2)
    taken = take(system.settings, shelf, keys)
    names = set(taken.manifest.files)
    assert {taken.manifest.record, "settings.json", "knowledge/routing.yml"} <= names
    assert sum(name.startswith("evidence/") for name in names) == 4, "two originals, two previews"
    assert taken.manifest.counts["ticket"] == 1
    assert faults_of(taken.folder, taken.manifest) == []
    key = (system.settings.keys_dir / "data.key").read_text().strip()
    assert (keys / "data.key").read_text().strip() == key
    assert not any(key.encode() in path.read_bytes() for path in taken.folder.rglob("*") if path.is_file())
    private = [path for path in (taken.folder, keys, keys / "data.key", taken.folder / taken.manifest.record) if path.stat().st_mode & 0o077]
    assert private == []


def test_with_its_keys_every_evidence_file_opens_and_with_others_none(system: System, shelf: Path, keys: Path, tmp_path: Path) -> None:
    system.complain()
    taken = take(system.settings, shelf, keys)
    assert unreadable(taken.folder, taken.manifest, fitting_keys(keys, taken.manifest.keys)) == []
    [fault] = unreadable(taken.folder, taken.manifest, KeyFile(tmp_path / "others").read())
    assert fault.endswith("cannot be opened")
    with pytest.raises(KeysDoNotFit):
        fitting_keys(tmp_path / "others", taken.manifest.keys)


def test_secrets_of_the_settings_stay_out(system: System) -> None:
    given = dict.fromkeys(SECRET, "Secret-1234567890-abcdefghijklmnop-xyz") | {"kiosk_pin": "987654"}
    settings = Settings(**given, redis="redis://:Secret-redis@host:6379/0", database_url="postgresql://me:Secret-db@host/aid?password=Secret-q")
    shown = plain_settings(settings)
    assert "Secret" not in shown
    assert "987654" not in shown
    assert json.loads(shown)["AID_REDIS"] == "redis://host:6379/0"
    assert json.loads(shown)["AID_DATABASE_URL"] == "postgresql://host/aid"


def test_no_setting_that_sounds_secret_is_forgotten() -> None:
    sounding = {name for name in Settings.model_fields if any(word in name for word in ("key", "secret", "token", "pin", "password"))}
    assert sounding <= SECRET | ADDRESSES


@pytest.mark.parametrize("place", ["same", "inside", "around", "in use"])
def test_keys_that_would_lie_with_the_backup_are_refused(system: System, shelf: Path, place: str) -> None:
    keys = {"same": shelf, "inside": shelf / "keys", "around": shelf.parent, "in use": system.settings.keys_dir}[place]
    with pytest.raises(BadPlace):
        take(system.settings, shelf, keys)
    assert not shelf.exists()


def test_a_link_does_not_hide_that_the_keys_lie_with_the_backup(system: System, shelf: Path, tmp_path: Path) -> None:
    shelf.mkdir()
    (tmp_path / "apart").symlink_to(shelf)
    with pytest.raises(BadPlace):
        take(system.settings, shelf, tmp_path / "apart" / "keys")


def test_a_backup_within_what_is_backed_up_is_refused(system: System) -> None:
    for place in (system.settings.var_dir / "evidence" / "b", system.settings.keys_dir, system.settings.knowledge_dir / "b"):
        with pytest.raises(BadPlace):
            take(system.settings, place)


def test_a_file_deleted_while_the_backup_runs_is_noted_and_one_that_is_lost_is_told(
    system: System, shelf: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        system.complain()
    with system.store.reading() as session:
        lost, deleted = session.execute(text("SELECT id FROM evidence ORDER BY received_at")).scalars().all()
    copy = taking._Taking._evidence

    def after_a_deletion(self: Any, named: Any) -> list[str]:
        with system.store.session() as session:
            session.execute(text("DELETE FROM evidence WHERE id = :id"), {"id": deleted})
        for one in (lost, deleted):
            (system.settings.var_dir / "evidence" / one[:2] / one).unlink()
        return copy(self, named)

    monkeypatch.setattr(taking._Taking, "_evidence", after_a_deletion)
    said: list[str] = []
    assert not cli.backup(system.settings, shelf, keys, None, said.append), "a lost file is a fault, though the backup is made"
    manifest = read_manifest(find_backup(shelf))
    assert (manifest.missing, manifest.deleted_meanwhile) == ([lost], [deleted])
    assert said[-1].startswith(f"WRONG evidence {lost}")
    assert faults_of(find_backup(shelf), manifest) == []


def test_a_key_that_is_changed_while_the_backup_runs_is_kept_with_the_one_before(
    system: System, shelf: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.complain()
    file, old = KeyFile(system.settings.keys_dir), KeyFile(system.settings.keys_dir).read()
    copy = taking._Taking._evidence

    def after_a_rotation(self: Any, named: Any) -> list[str]:
        from cryptography.fernet import Fernet

        new = Fernet.generate_key().decode()
        system.office.evidence._files.reseal(Vault([new, *old]))
        file.write([new])  # and the old one is retired at once
        return copy(self, named)

    monkeypatch.setattr(taking._Taking, "_evidence", after_a_rotation)
    taken = take(system.settings, shelf, keys)
    ring = fitting_keys(keys, taken.manifest.keys)
    assert ring == [*file.read(), *old]
    assert unreadable(taken.folder, taken.manifest, ring) == []


def test_the_kept_keys_of_earlier_backups_stay(system: System, shelf: Path, keys: Path) -> None:
    earlier = KeyFile(keys).read()
    take(system.settings, shelf, keys)
    open_vault(system.settings)
    assert KeyFile(keys).read()[-1:] == earlier


def test_keys_of_the_settings_are_kept_like_those_of_a_file(system: System, shelf: Path, keys: Path) -> None:
    given = KeyFile(system.settings.keys_dir).read()[0]
    taken = take(system.settings.model_copy(update={"data_key": given, "token_key": "t" * 40}), shelf, keys)
    assert fitting_keys(keys, taken.manifest.keys) == [given]
    assert (keys / "token.key").read_text().strip() == "t" * 40


def test_what_is_not_finished_is_not_in_it_and_nobody_waits_for_it(system: System, shelf: Path) -> None:
    system.complain()
    for name in ("A" * 22, "A" * 22 + ".part"):  # sent, and not yet named by the record; and half written
        path = system.settings.var_dir / "evidence" / "AA" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    with system.store.session() as session:
        session.execute(text("UPDATE conversation SET epoch = epoch + 1"))  # somebody is writing, and holds the lock
        taken = take(system.settings, shelf)
    assert len([name for name in taken.manifest.files if name.startswith("evidence/")]) == 2
    assert taken.manifest.counts["ticket"] == 1


def test_only_the_newest_backups_stay_when_asked_and_a_new_one_comes_first(system: System, shelf: Path) -> None:
    named = []
    for second in range(3):
        settings = system.settings.model_copy(update={"clock_start": f"2026-11-23T09:00:0{second}"})
        named.append(take(settings, shelf, keep=2).folder.name)
    assert sorted(path.name for path in shelf.iterdir()) == named[1:]


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EIO, "Input/output error"), KeyboardInterrupt()])
def test_a_fault_leaves_earlier_backups_and_nothing_else(
    system: System, shelf: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    system.complain()
    first = take(system.settings.model_copy(update={"clock_start": "2026-11-23T09:00:00"}), shelf).folder
    copied: list[Path] = []

    def failing(source: Path, target: Path) -> Any:
        copied.append(source)
        if "evidence" in target.parts:
            raise fault
        return backup_files.copy_file(source, target)

    monkeypatch.setattr(taking, "copy_file", failing)
    expected = {errno.ENOSPC: NoRoomForBackup, errno.EIO: CannotWrite}.get(getattr(fault, "errno", 0), KeyboardInterrupt)
    with pytest.raises(expected):
        take(system.settings, shelf)
    assert len(copied) > 1
    assert list(shelf.iterdir()) == [first]


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk can be made by root only")
def test_a_disk_that_is_full_is_said_in_one_sentence_and_leaves_nothing(system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system.complain()
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", small], capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        with pytest.raises(NoRoomForBackup, match="MB are needed"):
            take(system.settings, small)
        monkeypatch.setattr(taking, "enough_room", lambda *_: None)  # as if it had filled up meanwhile
        with pytest.raises(NoRoomForBackup, match="full"):
            take(system.settings, small)
        assert list(small.iterdir()) == []
        shutil.rmtree(system.settings.knowledge_dir)
        system.settings.knowledge_dir.mkdir()
        with (small / "filler").open("wb") as file:
            file.write(bytes((1 << 21) - (1 << 16)))
        with pytest.raises(NoRoomForBackup, match="full"):
            take(system.settings, small)  # this time in the midst of the database
        assert [path.name for path in small.iterdir()] == ["filler"]
    finally:
        subprocess.run(["umount", small], check=True)


def test_what_a_crash_left_is_removed_by_the_next_backup_and_never_taken_for_one(system: System, shelf: Path) -> None:
    left = shelf / "aid-20261123T090000.unfinished"
    left.mkdir(parents=True)
    (left / "manifest.json").write_text("{}")
    with pytest.raises(NotABackup):
        find_backup(shelf)
    taken = take(system.settings, shelf)
    assert list(shelf.iterdir()) == [taken.folder]


KILLED = """
import os, signal
from pathlib import Path
from aid.backup import take as taking
from aid.settings import read_settings
taking._Taking._evidence = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
taking.take(read_settings(), Path(os.environ["SHELF"]))
"""


def test_a_backup_that_is_killed_leaves_the_way_free_for_the_next_one(system: System, shelf: Path) -> None:
    number = system.complain()
    given = {f"AID_{name.upper()}": str(getattr(system.settings, name)) for name in ("var_dir", "knowledge_dir", "database_url")}
    killed = subprocess.run([sys.executable, "-c", KILLED], env={**os.environ, **given, "SHELF": str(shelf)}, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    [left] = shelf.iterdir()
    assert left.name.endswith(".unfinished")
    taken = take(system.settings, shelf)
    assert list(shelf.iterdir()) == [taken.folder]
    assert system.office.tickets.numbered(number) is not None


def test_two_backups_into_one_folder_do_not_disturb_each_other(system: System, shelf: Path) -> None:
    shelf.mkdir()
    with taking._alone(shelf), pytest.raises(BackupRunning):
        take(system.settings, shelf)


@pytest.mark.parametrize("harm", ["changed", "gone", "more", "record", "count", "manifest", "out"])
def test_what_is_not_as_it_was_written_is_found(system: System, shelf: Path, keys: Path, harm: str) -> None:
    system.complain()
    taken = take(system.settings, shelf, keys)
    evidence = next((taken.folder / "evidence").glob("??/*"))
    manifest = taken.folder / "manifest.json"
    match harm:
        case "changed":
            evidence.write_bytes(b"x" + evidence.read_bytes()[1:])
        case "gone":
            evidence.unlink()
        case "more":
            (taken.folder / "evidence" / "more").write_text("x")
        case "record":
            (taken.folder / taken.manifest.record).write_bytes(b"x")
        case "count":
            manifest.write_text(manifest.read_text().replace(taken.manifest.files["settings.json"].sha256, "0" * 64))
        case "out":
            manifest.write_text(manifest.read_text().replace('"settings.json"', '"../settings.json"'))
        case "manifest":
            manifest.write_text(manifest.read_text()[:-20])
    said: list[str] = []
    unreadable_manifest = harm in ("manifest", "out")
    with pytest.raises(NotABackup if unreadable_manifest else BackupDamaged):
        cli.verify(shelf, keys, said.append)
    assert unreadable_manifest or [line for line in said if line.startswith("WRONG")]


def test_the_commands_say_what_they_did_and_that_the_keys_are_needed(system: System, shelf: Path, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system.complain()
    for name in ("var_dir", "knowledge_dir", "database_url"):
        monkeypatch.setenv(f"AID_{name.upper()}", str(getattr(system.settings, name)))
    monkeypatch.setenv("AID_BACKUP_DIR", str(shelf))
    run = CliRunner().invoke(app, ["backup"])
    assert run.exit_code == 0, run.output
    assert "1 tickets" in run.output
    assert "the keys are NOT kept: without them nobody can read this backup" in run.output
    run = CliRunner().invoke(app, ["backup", "--keys", str(shelf / "keys")])
    assert run.exit_code == 1
    monkeypatch.setenv("AID_CLOCK_START", "2030-01-01")
    run = CliRunner().invoke(app, ["backup", str(shelf), "--keys", str(keys), "--keep", "1"])
    assert run.exit_code == 0, run.output
    assert "removed aid-" in run.output
    run = CliRunner().invoke(app, ["backup", "--verify", str(shelf), "--keys", str(keys)])
    assert run.exit_code == 0, run.output
    assert "all 1 evidence files open and are what was sent" in run.output
    monkeypatch.delenv("AID_BACKUP_DIR")
    assert CliRunner().invoke(app, ["backup"]).exit_code == 2
