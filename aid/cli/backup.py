"""`aid backup` and `aid restore` for the operator."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from aid.backup.check import faults_of, unreadable
from aid.backup.errors import BackupDamaged, CannotRestore
from aid.backup.keys import fitting_keys
from aid.backup.manifest import Manifest, find_backup, read_manifest
from aid.backup.restore import restore as restore_backup
from aid.backup.take import take
from aid.clock import CHANGCHUN
from aid.settings import Settings

Show = Callable[[str], None]


def backup(settings: Settings, shelf: Path, keys: Path | None, keep: int | None, show: Show) -> bool:
    """Take a backup and say what it holds; ``False`` when an evidence file is not there that should be. Raises as ``aid.backup.take.take``."""
    taken = take(settings, shelf, keys, keep)
    show(f"backup {taken.folder}")
    _tell(taken.manifest, show)
    for name in taken.removed:
        show(f"removed {name}")
    if keys is None:
        show("the keys are NOT kept: without them nobody can read this backup. Keep them apart: --keys FOLDER, on another disk")
    else:
        show(f"the keys are kept in {keys}: without them nobody can read this backup; never keep both in one place")
        if keys.stat().st_dev == shelf.stat().st_dev:
            show("keys and backup are on one disk: if it breaks or is stolen, both are gone; another disk is better")
    for one in taken.manifest.missing:
        show(f"WRONG evidence {one}: the record names it and its bytes are not on the disk")
    return not taken.manifest.missing


def verify(folder: Path, keys: Path | None, show: Show) -> None:
    """Hold a backup against its manifest, and with its keys open every evidence file.

    Raises:
        NotABackup, KeysDoNotFit, KeyUnusable
        BackupDamaged: something is not as it should be; each fault was shown.
    """
    found = find_backup(folder)
    manifest = read_manifest(found)
    show(f"backup {found}")
    _tell(manifest, show)
    faults = faults_of(found, manifest)
    if keys is not None:
        faults += unreadable(found, manifest, fitting_keys(keys, manifest.keys))
    for fault in faults:
        show(f"WRONG {fault}")
    if faults:
        raise BackupDamaged(f"{found} is damaged: {len(faults)} faults")
    opened = f"all {len(manifest.evidence)} evidence files open and are what was sent" if keys else "the keys were not tried: --keys"
    show(f"{len(manifest.files)} files are as they were written; {opened}")


def restore(settings: Settings, folder: Path, keys: Path | None, replace: int | None, knowledge: bool, show: Show) -> None:
    """Restore a backup and say what is there now. Raises as ``aid.backup.restore.restore``; ``CannotRestore`` while the system runs."""
    for name, host, port in (("doors", settings.host, settings.port), ("action server", "127.0.0.1", settings.actions_port)):
        if _listens(host, port):
            raise CannotRestore(f"the system runs (its {name} answer on port {port}): stop it first")
    found = find_backup(folder)
    done = restore_backup(settings, found, keys, replace, knowledge)
    show(f"restored {found} of {done.manifest.began_at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M:%S}")
    for name, rows in sorted(done.counts.items()):
        show(f"{name:<20}{rows:>9}  as in the backup")
    show(f"{done.evidence} evidence files: every hash as in the backup, each opens and is what was sent")
    show(f"{done.tickets_opened} tickets open with the keys")
    for note in done.notes:
        show(note)
    show(f"the tables have revision {done.manifest.revision}; the next start brings them to the newest. Now: aid doctor, then start")


def _tell(manifest: Manifest, show: Show) -> None:
    moment = f"{manifest.began_at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M:%S}"
    size = sum(one.size for one in manifest.files.values())
    rows = sum(manifest.counts.values())
    show(f"{moment}, {manifest.engine}, revision {manifest.revision}, program {manifest.program}")
    show(f"{manifest.counts.get('ticket', 0)} tickets, {rows} rows, {len(manifest.evidence)} evidence files, {size / 1e6:,.1f} MB")


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
