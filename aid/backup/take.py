"""Taking a backup while the system runs. The order is what makes it whole:

1. **Knowledge** before the database: an entry approved in between is in the database and not in the files, and the next start brings it into them
   (``aid.knowledge_desk.live``). The other way round the files would hold a text whose approval nobody knows.
2. **The database**, at one moment, whatever is written meanwhile.
3. **Evidence** after the database: bytes are on the disk before a row names them, so every file that the copied database names was there at
   its moment; what has come since is not named and not copied. What has gone since was deleted on purpose: it is noted, and not missed.
4. **Keys** last: a file sealed anew meanwhile is sealed with a key that by then is in the key file. Those of the beginning are kept too.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import make_url, select

from aid.backup.errors import BackupRunning, BadPlace, CannotWrite
from aid.backup.files import clear_faults, copy_file, enough_room, files_in, is_within, look_at
from aid.backup.keys import keep_apart, keys_in_force, mark, save_keys
from aid.backup.manifest import CopiedFile, Manifest, backups_in, put
from aid.backup.plain_settings import SETTINGS_FILE, plain_settings
from aid.backup.postgresql_record import PostgresqlRecord
from aid.backup.record import Named, Record, Snapshot
from aid.backup.sqlite_record import SqliteRecord
from aid.clock import CHANGCHUN
from aid.disk import sync_folder
from aid.evidence.sealed import PREVIEW
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.settings import Settings
from aid.store.engine import open_store
from aid.store.models import EvidenceRow

EVIDENCE, KNOWLEDGE, UNFINISHED = "evidence", "knowledge", ".unfinished"
SPARE = 200_000_000
"""Bytes that must stay free beside a backup: the running system may write to the same disk."""


@dataclass(frozen=True)
class Taken:
    """A finished backup: its folder, what it holds, and the names of older ones that were removed."""

    folder: Path
    manifest: Manifest
    removed: list[str]


def open_record(settings: Settings) -> Record:
    """The database of the settings, for copying and filling.

    Raises:
        BadPlace: it has no place on the disk (in memory only).
    """
    url = make_url(settings.database)
    if url.get_backend_name() == "postgresql":
        return PostgresqlRecord(url)
    if not url.database or url.database == ":memory:":
        raise BadPlace("a database in memory cannot be backed up")
    return SqliteRecord(Path(url.database))


def take(settings: Settings, shelf: Path, keys: Path | None = None, keep: int | None = None, record: Record | None = None) -> Taken:
    """Write a backup into a new folder of ``shelf``; it has its name only when it is whole.

    Args:
        settings: of the system that is backed up.
        shelf: the folder of the backups.
        keys: where the keys are kept, apart; ``None``: they are not kept, and the backup alone can be read by nobody.
        keep: how many finished backups stay; older ones are removed once this one is whole.
        record: the database; ``None``: that of the settings.

    Raises:
        BadPlace, BackupRunning, NoRoomForBackup, CannotWrite, RecordFailed (with ``ProgramMissing``, ``ProgramTooOld``, ``ProgramStuck``),
        KeyUnusable, FolderFailed: nothing is left behind; earlier backups are untouched.
    """
    record = record or open_record(settings)
    _see_places(settings, shelf, keys)
    with clear_faults(shelf):
        shelf.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(shelf):
            for left in shelf.glob(f"aid-*{UNFINISHED}"):  # nobody else writes here now: a crash left it
                shutil.rmtree(left)
            enough_room(shelf, record.size() + _size_of(settings.var_dir / EVIDENCE), SPARE)
            began = settings.clock().now()
            folder = _free_name(shelf, began)
            work = folder.with_name(folder.name + UNFINISHED)
            work.mkdir(mode=0o700)
            try:
                manifest = _Taking(settings, work, keys, record).run(began)
                work.rename(folder)
                sync_folder(shelf)
            except BaseException:
                shutil.rmtree(work, ignore_errors=True)
                raise
            return Taken(folder, manifest, _rotate(shelf, keep))


class _Taking:
    """One backup under way, in its working folder."""

    def __init__(self, settings: Settings, work: Path, keys: Path | None, record: Record) -> None:
        self._settings, self._work, self._keys, self._record = settings, work, keys, record
        self._files: dict[str, CopiedFile] = {}

    def run(self, began: datetime) -> Manifest:
        first_keys = keys_in_force(self._settings)
        self._knowledge()
        put(self._work / SETTINGS_FILE, plain_settings(self._settings))
        snapshot = self._record.copy(self._work / self._record.file_name)
        for name in (SETTINGS_FILE, self._record.file_name):
            self._files[name] = look_at(self._work / name)
        gone = self._evidence(snapshot.evidence)
        keys = _both(keys_in_force(self._settings), first_keys)
        if self._keys is not None:
            save_keys(self._settings, keys, self._keys)
        manifest = self._manifest(began, snapshot, gone, keys)
        manifest.write(self._work)
        for folder in (self._work, *(path for path in self._work.rglob("*") if path.is_dir())):
            sync_folder(folder)
        return manifest

    def _knowledge(self) -> None:
        source = self._settings.knowledge_dir
        with KnowledgeFolder.of(self._settings).locked():  # no entry is put in its file meanwhile
            for path in files_in(source):
                name = f"{KNOWLEDGE}/{path.relative_to(source).as_posix()}"
                self._files[name] = copy_file(path, self._work / name)

    def _evidence(self, named: Sequence[Named]) -> list[str]:
        """Copy what the database names; gives the ids of which something is not there."""
        gone = []
        for one in named:
            try:
                for ending in ("", PREVIEW) if one.has_preview else ("",):
                    name = f"{EVIDENCE}/{one.id[:2]}/{one.id}{ending}"
                    self._files[name] = copy_file(self._settings.var_dir / name, self._work / name)
            except FileNotFoundError:
                gone.append(one.id)
        for evidence_id in gone:
            for name in [name for name in self._files if name.startswith(f"{EVIDENCE}/{evidence_id[:2]}/{evidence_id}")]:
                (self._work / name).unlink()
                del self._files[name]
        return gone

    def _manifest(self, began: datetime, snapshot: Snapshot, gone: list[str], keys: list[str]) -> Manifest:
        missing = self._still_named(gone)
        return Manifest(
            program=version("aid-assistant"),
            engine=self._record.engine,
            server=self._record.version(),
            revision=snapshot.revision,
            began_at=began,
            taken_at=self._settings.clock().now(),
            record=self._record.file_name,
            counts=snapshot.counts,
            files=dict(sorted(self._files.items())),
            evidence={one.id: one.sha256 for one in snapshot.evidence if one.id not in gone},
            deleted_meanwhile=sorted(set(gone) - missing),
            missing=sorted(missing),
            keys=[mark(key) for key in keys],
            keys_kept=self._keys is not None,
        )

    def _still_named(self, gone: list[str]) -> set[str]:
        """Of files that are not there those that nobody has deleted: the running database names them still."""
        if not gone:
            return set()
        store = open_store(self._settings)
        try:
            with store.reading() as session:
                return set(gone) & set(session.scalars(select(EvidenceRow.id)))
        finally:
            store.close()


def _see_places(settings: Settings, shelf: Path, keys: Path | None) -> None:
    if keys is not None:
        keep_apart(keys, shelf)
        if is_within(keys, settings.keys_dir):
            raise BadPlace(f"{keys} is the folder of the keys in use; give --keys another one, on another disk")
    for taken in (settings.var_dir / EVIDENCE, settings.keys_dir, settings.knowledge_dir):
        if is_within(shelf, taken):
            raise BadPlace(f"a backup must not lie in {taken}, which is backed up itself; give a folder on another disk")


@contextmanager
def _alone(shelf: Path) -> Iterator[None]:
    """One backup at a time in a folder; a process that dies holds nothing. Raises ``BackupRunning``."""
    descriptor = os.open(shelf, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise BackupRunning(f"another backup is being written into {shelf}") from fault
        yield
    finally:
        os.close(descriptor)


def _free_name(shelf: Path, began: datetime) -> Path:
    folder = shelf / f"aid-{began.astimezone(CHANGCHUN):%Y%m%dT%H%M%S}"
    if folder.exists():
        raise CannotWrite(f"{folder} is there already; wait a second and begin again")
    return folder


def _both(newer: Sequence[str], older: Sequence[str]) -> list[str]:
    return [*newer, *(key for key in older if key not in newer)]


def _size_of(folder: Path) -> int:
    found = 0
    for path in folder.glob("??/*"):
        try:
            found += path.stat().st_size
        except FileNotFoundError:
            continue
    return found


def _rotate(shelf: Path, keep: int | None, remove: Callable[[Path], object] = shutil.rmtree) -> list[str]:
    """Remove the oldest backups beyond ``keep``. A folder loses its name first, so that half of one never looks whole."""
    old = backups_in(shelf)[:-keep] if keep else []
    for folder in old:
        marked = folder.with_name(folder.name + UNFINISHED)
        folder.rename(marked)
        remove(marked)
    return [folder.name for folder in old]
