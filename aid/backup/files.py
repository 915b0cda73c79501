"""Files of a backup: copied whole with their hash, kept for good, readable by their owner alone."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aid.backup.errors import BackupError, CannotWrite, NoRoomForBackup
from aid.backup.manifest import CopiedFile

CHUNK = 1 << 20
FULL_WORDS = "the disk is full: no backup was made, the unfinished one was removed; make room and begin again"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def copy_file(source: Path, target: Path) -> CopiedFile:
    """Copy a file and keep it for good (mode 0600, folders 0700); the time of change goes with it. Raises ``OSError``."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as given:
        changed = os.fstat(given.fileno()).st_mtime
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as taken:
            while chunk := given.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                taken.write(chunk)
            taken.flush()
            os.fsync(taken.fileno())
    os.utime(target, (changed, changed))
    return CopiedFile(size=size, sha256=digest.hexdigest())


def look_at(path: Path) -> CopiedFile:
    """Size and hash of a file that is there. Raises ``OSError``."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return CopiedFile(size=size, sha256=digest.hexdigest())


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder, in order; links are not followed out of it."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def is_within(path: Path, folder: Path) -> bool:
    """Whether a path is a folder or lies below it, by where they really are."""
    return path.resolve().is_relative_to(folder.resolve())


def enough_room(folder: Path, needed: int, spare: int) -> None:
    """See that a folder's disk has room for ``needed`` bytes and ``spare`` beside them.

    Raises:
        NoRoomForBackup: it has not; says how much is missing.
    """
    free = shutil.disk_usage(folder).free
    if free < needed + spare:
        wanted = f"about {needed / 1e6:,.0f} MB are needed, and {spare / 1e6:,.0f} MB must stay free"
        raise NoRoomForBackup(f"the disk of {folder} has {free / 1e6:,.0f} MB free; {wanted}")


@contextmanager
def clear_faults(folder: Path, full: str = FULL_WORDS) -> Iterator[None]:
    """A fault of the disk becomes one sentence; ``full`` is that of a full one.

    Raises:
        NoRoomForBackup: the disk is full.
        CannotWrite: any other fault.
    """
    try:
        yield
    except BackupError:
        raise
    except OSError as fault:
        if fault.errno in FULL:
            raise NoRoomForBackup(f"{folder}: {full}") from fault
        raise CannotWrite(f"{fault.filename or folder}: {fault.strerror}") from fault
