"""Restoring: into an empty system, in the place of another one, and what is refused before anything is changed."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from aid.backup import restore as restoring
from aid.backup.errors import BackupDamaged, CannotRestore, KeysDoNotFit, NoRoomForBackup, RecordFailed
from aid.backup.record import looked_at
from aid.backup.restore import restore
from aid.backup.take import Taken, take
from aid.cli import backup as cli
from aid.privacy.keys import KeyFile
from aid.settings import Settings
from aid.store import open_store
from aid.store.engine import Store
from aid.store.moving import move
from tests.backup.conftest import System, opened

Elsewhere = Callable[[], Settings]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def taken(system: System, keys: Path, tmp_path: Path) -> Taken:
    """A backup of one case with two files."""
    system.complain(files=2)
    return take(system.settings, tmp_path / "backups", keys)


def test_the_command_restores_into_an_empty_system_and_tells_counts_and_hashes(
    taken: Taken, keys: Path, elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = elsewhere()
    monkeypatch.setattr(cli, "_listens", lambda *_: False)
    said: list[str] = []
    cli.restore(settings, tmp_path / "backups", keys, None, False, said.append)
    assert f"{'ticket':<20}{1:>9}  as in the backup" in said
    assert "2 evidence files: every hash as in the backup, each opens and is what was sent" in said
    assert "1 tickets open with the keys" in said
    assert KeyFile(settings.keys_dir).read() == KeyFile(keys).read()
    with opened(settings) as other:
        assert other.complain() != ""
    assert not list(settings.var_dir.glob("*restor*"))


def test_a_system_that_was_started_and_holds_nothing_counts_as_empty(taken: Taken, keys: Path, elsewhere: Elsewhere) -> None:
    settings = elsewhere()
    _started(settings).close()
    assert restore(settings, taken.folder, keys).counts == taken.manifest.counts


def test_a_system_that_holds_something_is_not_touched_without_its_number_of_tickets(taken: Taken, keys: Path, elsewhere: Elsewhere) -> None:
    settings = elsewhere()
    with opened(settings) as other:
        for _ in range(2):
            other.complain()
        before = looked_at(other.store)
        for replace in (None, 1, 0):
            with pytest.raises(CannotRestore, match="2 tickets"):
                restore(settings, taken.folder, keys, replace)
        assert looked_at(other.store) == before
    own = KeyFile(settings.keys_dir).read()
    done = restore(settings, taken.folder, keys, 2)
    assert done.counts == taken.manifest.counts
    assert any("former database" in note for note in done.notes)
    assert any("former evidence files" in note for note in done.notes)
    [kept] = settings.var_dir.glob("keys.before-restore-*")
    assert KeyFile(kept).read() == own, "what was there before can still be read"
    assert len([*next(settings.var_dir.glob("evidence.before-restore-*")).glob("??/*")]) == 4
    assert _former_tickets(settings) == 2
    assert take(settings, settings.var_dir / "b").manifest.counts == taken.manifest.counts, "what was put aside is in no later backup"


def _former_tickets(settings: Settings) -> int:
    if settings.database.startswith("sqlite"):
        [kept] = settings.var_dir.glob("aid.db.before-restore-*T??????")
        store = open_store(settings.model_copy(update={"database_url": f"sqlite:///{kept}"}))
        table = "ticket"
    else:
        store = open_store(settings)
        with store.reading() as session:
            schema = session.execute(text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'before_restore_%'")).scalar_one()
        table = f"{schema}.ticket"
    with store.reading() as session:
        found = session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    store.close()
    return int(found)


def test_without_its_keys_a_backup_is_not_restored(taken: Taken, keys: Path, elsewhere: Elsewhere, tmp_path: Path) -> None:
    settings = elsewhere()
    with pytest.raises(KeysDoNotFit, match="--keys"):
        restore(settings, taken.folder)
    KeyFile(tmp_path / "others").read()
    with pytest.raises(KeysDoNotFit, match="lacks 1"):
        restore(settings, taken.folder, tmp_path / "others")
    with pytest.raises(KeysDoNotFit, match="holds no"):
        restore(settings, taken.folder, tmp_path)
    assert not settings.var_dir.exists() or _rows(settings) == {}


def test_a_system_whose_keys_are_in_its_settings_needs_no_folder_of_keys(taken: Taken, keys: Path, elsewhere: Elsewhere) -> None:
    settings = elsewhere().model_copy(update={"data_key": ",".join([Fernet.generate_key().decode(), *KeyFile(keys).read()])})
    assert restore(settings, taken.folder).tickets_opened == 1
    assert not settings.keys_dir.exists()


def test_keys_of_the_settings_that_do_not_fit_are_told_though_the_right_ones_lie_in_the_folder(
    taken: Taken, keys: Path, elsewhere: Elsewhere
) -> None:
    settings = elsewhere().model_copy(update={"data_key": Fernet.generate_key().decode()})
    with pytest.raises(KeysDoNotFit, match="AID_DATA_KEY"):
        restore(settings, taken.folder, keys)


@pytest.mark.parametrize("harm", ["evidence", "manifest", "record"])
def test_a_damaged_backup_is_refused_before_anything_is_changed(taken: Taken, keys: Path, elsewhere: Elsewhere, harm: str) -> None:
    path = taken.folder / "manifest.json"
    told = json.loads(path.read_text())
    if harm == "evidence":
        next((taken.folder / "evidence").glob("??/*")).write_bytes(b"x")
    elif harm == "record":
        (taken.folder / taken.manifest.record).write_bytes(b"x")
    else:
        told["evidence"] = dict.fromkeys(told["evidence"], "0" * 64)
        path.write_text(json.dumps(told))
    settings = elsewhere()
    with pytest.raises(BackupDamaged):
        restore(settings, taken.folder, keys)
    assert _rows(settings) == {}


def test_counts_that_are_not_the_manifests_are_told(taken: Taken, keys: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    path = taken.folder / "manifest.json"
    told = json.loads(path.read_text())
    told["counts"]["ticket"] = 7
    path.write_text(json.dumps(told))
    monkeypatch.setattr(restoring, "faults_of", lambda *_: [])
    with pytest.raises(BackupDamaged, match="ticket: 1 rows, the manifest says 7"):
        restore(elsewhere(), taken.folder, keys)


def test_a_backup_of_a_newer_program_or_of_another_engine_is_refused(taken: Taken, keys: Path, elsewhere: Elsewhere) -> None:
    path, settings = taken.folder / "manifest.json", elsewhere()
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "revision": "9999"}))
    with pytest.raises(CannotRestore, match="9999"):
        restore(settings, taken.folder, keys)
    path.write_text(json.dumps({**told, "engine": "sqlite" if told["engine"] == "postgresql" else "postgresql"}))
    with pytest.raises(CannotRestore, match="AID_DATABASE_URL"):
        restore(settings, taken.folder, keys)
    assert _rows(settings) == {}


def test_a_backup_of_earlier_tables_is_restored_and_brought_up_by_the_next_start(
    system: System, keys: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    system.complain()
    move(system.store, "0013", lose_data=True)
    taken = take(system.settings, tmp_path / "backups", keys)
    settings = elsewhere()
    assert restore(settings, taken.folder, keys).counts == taken.manifest.counts
    with opened(settings) as other:
        assert other.office.tickets.numbered(other.complain()) is not None


def test_a_running_system_is_not_restored_into(taken: Taken, keys: Path, elsewhere: Elsewhere) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        settings = elsewhere().model_copy(update={"port": door.getsockname()[1]})
        with pytest.raises(CannotRestore, match="stop it first"):
            cli.restore(settings, taken.folder, keys, None, False, print)


def test_a_full_disk_stops_it_before_the_database_is_touched(
    taken: Taken, keys: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = elsewhere()
    with opened(settings) as other:
        other.complain()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring, "copy_file", full)
    with pytest.raises(NoRoomForBackup, match="could not be restored"):
        restore(settings, taken.folder, keys, 1)
    assert _rows(settings)["ticket"] == 1


def test_a_database_that_cannot_be_filled_says_where_the_former_one_is(
    taken: Taken, keys: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = elsewhere()
    with opened(settings) as other:
        other.complain()
    record = restoring.open_record(settings)

    def broken(_dump: Path) -> None:
        raise RecordFailed("it broke")

    monkeypatch.setattr(record, "fill", broken)
    with pytest.raises(RecordFailed, match=r"the former one is .*before"):
        restore(settings, taken.folder, keys, 1, record=record)
    assert _former_tickets(settings) == 1
    assert restore(settings, taken.folder, keys, 0).counts == taken.manifest.counts, "and it may be done again"


def test_rows_of_files_that_were_deleted_while_the_backup_ran_are_taken_out(taken: Taken, keys: Path, elsewhere: Elsewhere) -> None:
    path = taken.folder / "manifest.json"
    told = json.loads(path.read_text())
    gone = sorted(told["evidence"])[0]
    del told["evidence"][gone]
    for name in [name for name in told["files"] if gone in name]:
        (taken.folder / name).unlink()
        del told["files"][name]
    path.write_text(json.dumps({**told, "deleted_meanwhile": [gone]}))
    settings = elsewhere()
    done = restore(settings, taken.folder, keys)
    assert any("had been deleted while the backup ran" in note for note in done.notes)
    assert _rows(settings)["evidence"] == 1


def test_knowledge_that_differs_is_put_beside_and_in_its_place_when_asked(taken: Taken, keys: Path, elsewhere: Elsewhere) -> None:
    live = elsewhere().knowledge_dir
    former = (live / "service.yml").read_text("utf-8")
    (live / "service.yml").write_text(former + "# edited since\n", "utf-8")
    settings = elsewhere()
    restore(settings, taken.folder, keys)
    beside = settings.var_dir / f"knowledge.of-{taken.folder.name}"
    assert (beside / "service.yml").read_text("utf-8") == former
    assert (live / "service.yml").read_text("utf-8") != former
    restore(elsewhere(), taken.folder, keys, with_knowledge=True)
    assert (live / "service.yml").read_text("utf-8") == former
    assert len([*live.parent.glob(f"{live.name}.before-restore-*")]) == 1


def _started(settings: Settings) -> Store:
    store = open_store(settings)
    store.migrate()
    return store


def _rows(settings: Settings) -> dict[str, int]:
    store = open_store(settings)
    try:
        return looked_at(store).counts
    finally:
        store.close()
