"""Restoring a backup into the system of the settings. Nothing is deleted: what was there is put aside."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from filecmp import cmp
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from aid.backup.check import differing, faults_of, unreadable
from aid.backup.errors import BackupDamaged, CannotRestore, KeysDoNotFit, RecordFailed
from aid.backup.files import clear_faults, copy_file, enough_room, files_in, look_at
from aid.backup.keys import fitting_keys, keys_in_force, mark, restore_keys
from aid.backup.manifest import Manifest, read_manifest
from aid.backup.record import Record, look, looked_at
from aid.backup.take import EVIDENCE, KNOWLEDGE, SPARE, open_record
from aid.clock import CHANGCHUN
from aid.disk import sync_folder
from aid.privacy.errors import CannotUnseal
from aid.privacy.vault import Vault
from aid.settings import Settings
from aid.store.engine import MIGRATIONS, Store, open_store

FULL = "the disk is full: the backup could not be restored whole; make room and begin again"
TOLD = 5
"""How many faults are told in one sentence."""


@dataclass
class Restored:
    """What came of it: rows by table and files as they now are, tickets and evidence opened with the keys, what was put aside and where."""

    manifest: Manifest
    counts: dict[str, int] = field(default_factory=dict)
    evidence: int = 0
    tickets_opened: int = 0
    notes: list[str] = field(default_factory=list)


def restore(
    settings: Settings, folder: Path, keys: Path | None = None, replace: int | None = None, with_knowledge: bool = False, record: Record | None = None
) -> Restored:
    """Restore a backup. Everything is looked at before anything is changed, and compared afterwards.

    Args:
        settings: of the system that is to hold it; its processes must not run.
        folder: the backup.
        keys: the folder of its keys; ``None``: the keys of the settings must fit.
        replace: the number of tickets that the target holds, when what is there is to make room. It is put aside, not deleted.
        with_knowledge: put the knowledge of the backup in the place of the present one, which is put aside.
        record: the database; ``None``: that of the settings.

    Raises:
        NotABackup, BackupDamaged, KeysDoNotFit, KeyUnusable, CannotRestore, NoRoomForBackup: nothing was changed.
        RecordFailed, CannotWrite, BackupDamaged: it was stopped under way; says what is where.
    """
    record = record or open_record(settings)
    manifest = read_manifest(folder)
    there = _seen_fit(settings, folder, manifest, record, replace)
    ring = fitting_keys(keys, manifest.keys) if keys is not None and not settings.data_key else _own_keys(settings, manifest)
    _or_damaged(unreadable(folder, manifest, ring))
    done = Restored(manifest)
    with clear_faults(settings.var_dir, FULL):
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        enough_room(settings.var_dir, sum(one.size for one in manifest.files.values()), SPARE)
        aside = f"before-restore-{settings.clock().now().astimezone(CHANGCHUN):%Y%m%dT%H%M%S}"
        evidence = settings.var_dir / f"{EVIDENCE}.restoring"
        try:
            _evidence_beside(evidence, folder, manifest)
            _database(record, folder / manifest.record, aside if there else None, done)
        except BaseException:
            shutil.rmtree(evidence, ignore_errors=True)
            raise
        _evidence(settings, evidence, aside, done)
        if keys is not None and not settings.data_key:  # else they are in the settings, and fit
            _keys(settings, ring, keys, aside, done)
        _knowledge(settings, folder, manifest, aside, with_knowledge, done)
    _compare(settings, manifest, Vault(ring) if ring else None, done)
    return done


def _seen_fit(settings: Settings, folder: Path, manifest: Manifest, record: Record, replace: int | None) -> bool:
    """See that the backup is whole and the target can take it; gives whether the target holds anything."""
    if manifest.engine != record.engine:
        raise CannotRestore(f"this backup is of {manifest.engine}, the settings (AID_DATABASE_URL) name {record.engine}")
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if manifest.revision and manifest.revision not in known:
        newer = f"this backup has tables of revision {manifest.revision}, this program knows them up to {max(known)}"
        raise CannotRestore(f"{newer}: take the program that made it ({manifest.program}) or a newer one")
    _or_damaged(faults_of(folder, manifest))
    tickets, rows = _holds(settings)
    files = sum(1 for _ in (settings.var_dir / EVIDENCE).glob("??/*"))
    if (rows or files) and replace is None:
        raise CannotRestore(
            f"the target is not empty: {tickets} tickets, {rows} rows, {files} evidence files. To restore in their place add --replace {tickets}; "
            "what is there is put aside, not deleted"
        )
    if replace is not None and replace != tickets:
        raise CannotRestore(f"the target holds {tickets} tickets, not {replace}: --replace takes the number that is there, so that none is mistaken")
    return bool(rows)


def _holds(settings: Settings) -> tuple[int, int]:
    """How many tickets and how many rows the target has."""
    store = open_store(settings)
    try:
        counts = looked_at(store).counts
    finally:
        store.close()
    return counts.get("ticket", 0), sum(counts.values())


def _own_keys(settings: Settings, manifest: Manifest) -> list[str]:
    own = {mark(key): key for key in keys_in_force(settings)}
    if not set(manifest.keys) <= set(own):
        what = "put its keys into AID_DATA_KEY, behind the present one" if settings.data_key else "give the folder of its keys with --keys"
        raise KeysDoNotFit(f"the keys of this system do not open this backup: {what}")
    return list(own.values())


def _or_damaged(faults: Sequence[str]) -> None:
    if faults:
        more = f"; and {len(faults) - TOLD} more" if len(faults) > TOLD else ""
        raise BackupDamaged("the backup is damaged: " + "; ".join(faults[:TOLD]) + more)


def _database(record: Record, dump: Path, aside: str | None, done: Restored) -> None:
    put = record.clear(aside)
    if put:
        done.notes.append(f"the former database is {put}")
    try:
        record.fill(dump)
    except RecordFailed as fault:
        raise RecordFailed(f"{fault}; the database is empty now" + (f", the former one is {put}" if put else "")) from fault


def _evidence_beside(part: Path, folder: Path, manifest: Manifest) -> None:
    """Copy the evidence files beside their place: what takes long, or fails, happens before anything is changed."""
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    for name in manifest.files:
        if name.startswith(f"{EVIDENCE}/"):
            copy_file(folder / name, part / name.partition("/")[2])


def _evidence(settings: Settings, part: Path, aside: str, done: Restored) -> None:
    target = settings.var_dir / EVIDENCE
    if target.exists():
        if any(target.glob("??/*")):
            kept = target.with_name(f"{EVIDENCE}.{aside}")
            target.rename(kept)
            done.notes.append(f"the former evidence files are in {kept}")
        else:
            shutil.rmtree(target)
    part.rename(target)
    sync_folder(settings.var_dir)


def _keys(settings: Settings, ring: Sequence[str], keys: Path, aside: str, done: Restored) -> None:
    own = keys_in_force(settings)
    if own and set(own) - set(ring):
        kept = settings.keys_dir.with_name(f"keys.{aside}")
        settings.keys_dir.rename(kept)
        done.notes.append(f"the former keys are in {kept}")
    if ring:
        restore_keys(settings, ring, keys)


def _knowledge(settings: Settings, folder: Path, manifest: Manifest, aside: str, replace: bool, done: Restored) -> None:
    """Put the knowledge in its place where there is none, or where it is asked for; elsewhere beside the record, when it differs."""
    source, target = folder / KNOWLEDGE, settings.knowledge_dir
    if target.is_dir() and _same(source, target):
        return
    if target.exists() and any(target.iterdir()) and not replace:
        target = settings.var_dir / f"knowledge.of-{folder.name}"
        shutil.rmtree(target, ignore_errors=True)
        done.notes.append(f"the knowledge of the backup differs from the present one; it is in {target} (--knowledge puts it in its place)")
    elif target.exists() and any(target.iterdir()):
        kept = target.with_name(f"{target.name}.{aside}")
        target.rename(kept)
        done.notes.append(f"the former knowledge is in {kept}")
    for name in manifest.files:
        if name.startswith(f"{KNOWLEDGE}/"):
            copy = target / name.partition("/")[2]
            copy.unlink(missing_ok=True)
            copy_file(folder / name, copy)
            copy.chmod(0o644)


def _same(one: Path, other: Path) -> bool:
    names = {path.relative_to(one) for path in files_in(one)}
    return names == {path.relative_to(other) for path in files_in(other)} and all(cmp(one / n, other / n, shallow=False) for n in names)


def _compare(settings: Settings, manifest: Manifest, vault: Vault | None, done: Restored) -> None:
    """Hold what is there now against the manifest, file by file and table by table, and open every case. Raises ``BackupDamaged``."""
    store = open_store(settings)
    try:
        done.counts = looked_at(store, look).counts
        faults = differing(manifest.counts, done.counts)
        for name, told in manifest.files.items():
            if not name.startswith(f"{EVIDENCE}/"):
                continue
            if look_at(settings.var_dir / name) != told:
                faults.append(f"{name}: is not what was written")
        done.evidence = len(manifest.evidence)
        if vault is not None:
            done.tickets_opened, closed = _tickets_opened(store, vault)
            faults += closed
        if faults:
            raise BackupDamaged("the restored system is not what the backup says: " + "; ".join(faults[:TOLD]))
        if manifest.deleted_meanwhile:
            _forget(store, manifest.deleted_meanwhile)
            done.notes.append(f"{len(manifest.deleted_meanwhile)} evidence files had been deleted while the backup ran: their rows were taken out")
        if manifest.missing:
            which = ", ".join(manifest.missing[:TOLD])
            done.notes.append(f"{len(manifest.missing)} evidence files were not on the disk when the backup was taken: {which}")
    finally:
        store.close()


def _tickets_opened(store: Store, vault: Vault) -> tuple[int, list[str]]:
    """Unseal what every ticket holds; gives how many opened, and the numbers of those that did not."""
    opened, closed = 0, []
    with store.reading() as session:
        if not inspect(session.connection()).has_table("ticket"):
            return 0, []
        for number, facts, parties in session.execute(text("SELECT number, facts_sealed, parties_sealed FROM ticket")):
            try:
                for sealed in (facts, parties):
                    if sealed:
                        vault.decrypt(sealed)
                opened += 1
            except CannotUnseal:
                closed.append(f"ticket {number}: cannot be opened with these keys")
    return opened, closed


def _forget(store: Store, evidence: Sequence[str]) -> None:
    with store.session() as session:
        for one in evidence:
            session.execute(text("DELETE FROM evidence WHERE id = :id"), {"id": one})


