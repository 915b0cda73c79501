"""The manifest: what a backup holds. It is written last, so a folder without one is no backup."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from aid.backup.errors import NotABackup

MANIFEST = "manifest.json"
NAME = re.compile(r"aid-\d{8}T\d{6}")
"""How a backup's folder is called: the moment in Changchun at which it was begun."""


class CopiedFile(BaseModel):
    """A file of the backup: bytes and SHA-256 of what lies in the folder."""

    model_config = ConfigDict(frozen=True)

    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What a backup holds and where it comes from.

    ``counts``: rows of each table in the copied database. ``files``: every file but the manifest, by its path in the backup. ``evidence``: for
    each evidence file the SHA-256 of the original that a person sent, by its id. ``deleted_meanwhile``: ids of evidence files that the copied
    database names and that were deleted on purpose while the backup ran. ``missing``: ids whose bytes were not there though nobody deleted them.
    ``keys``: SHA-256 of each data key that was in force, newest first.
    """

    model_config = ConfigDict(frozen=True)

    format: int = 1
    program: str
    engine: str = Field(pattern="^(sqlite|postgresql)$")
    server: str
    revision: str
    began_at: datetime
    taken_at: datetime
    record: str
    counts: dict[str, int]
    files: dict[str, CopiedFile]
    evidence: dict[str, str]
    deleted_meanwhile: list[str] = []
    missing: list[str] = []
    keys: list[str]
    keys_kept: bool

    @field_validator("record", "files")
    @classmethod
    def _within(cls, given: str | dict[str, CopiedFile]) -> str | dict[str, CopiedFile]:
        """No name leads out of the backup, or out of the folder into which it is restored."""
        for name in [given] if isinstance(given, str) else given:
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise ValueError("a file of a backup lies in its folder")
        return given

    def write(self, folder: Path) -> None:
        """Write it into the folder of its backup. Raises ``OSError``."""
        put(folder / MANIFEST, self.model_dump_json(indent=1) + "\n")


def put(path: Path, content: str) -> None:
    """Write a new text file for good, for its owner alone. Raises ``OSError``."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup.

    Raises:
        NotABackup: there is none, or it cannot be read.
    """
    path = folder / MANIFEST
    try:
        found = Manifest.model_validate_json(path.read_text("utf-8"))
    except FileNotFoundError as fault:
        raise NotABackup(f"{folder} is no finished backup: {MANIFEST} is not in it") from fault
    except (OSError, ValidationError, ValueError) as fault:
        raise NotABackup(f"{path} cannot be read: the backup is damaged or of another program") from fault
    if found.format != 1:
        raise NotABackup(f"{path} is of a form ({found.format}) that this program does not know")
    return found


def backups_in(shelf: Path) -> list[Path]:
    """The finished backups in a folder, oldest first."""
    if not shelf.is_dir():
        return []
    return sorted(path for path in shelf.iterdir() if NAME.fullmatch(path.name) and (path / MANIFEST).is_file())


def find_backup(folder: Path) -> Path:
    """The backup that is meant: the folder itself, or the newest finished one in it.

    Raises:
        NotABackup: neither.
    """
    if (folder / MANIFEST).exists():
        return folder
    found = backups_in(folder)
    if not found:
        raise NotABackup(f"{folder} is no finished backup and holds none")
    return found[-1]
