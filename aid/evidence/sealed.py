"""The bytes of evidence on disk: sealed, written whole or not at all, under names that say nothing.

``<folder>/<aa>/<id>`` holds an original, ``<id>.preview`` beside it its preview; ``aa`` are the first two characters of the id.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from aid.disk import sync_folder
from aid.evidence.errors import EvidenceDamaged, NoRoom
from aid.evidence.types import MEGABYTE
from aid.privacy.errors import CannotUnseal
from aid.privacy.vault import Vault

LEAST_FREE = 500 * MEGABYTE
"""Bytes of free disk below which nothing is taken: the record of messages and tickets needs the rest."""
PREVIEW, PART = ".preview", ".part"
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


class SealedFiles:
    """Writes and reads the files of a folder that it makes (mode 0700, files 0600)."""

    def __init__(self, folder: Path, vault: Vault, least_free: int = LEAST_FREE) -> None:
        self._folder, self._vault, self._least_free = folder, vault, least_free

    def write(self, evidence_id: str, original: bytes, preview: bytes | None, at: datetime) -> None:
        """Keep both for good: when this returns they outlive a loss of power. ``at`` becomes the files' time of change.

        Raises:
            NoRoom: the disk is full or cannot be written; nothing is left behind.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if shutil.disk_usage(self._folder).free < self._least_free:
                raise NoRoom("too little free disk to take files")
            if preview is not None:
                self._write(self._path(evidence_id, PREVIEW), preview, at)
            self._write(self._path(evidence_id), original, at)
        except OSError as fault:
            self.remove(evidence_id)
            raise NoRoom(f"an evidence file cannot be written: {fault.strerror}") from fault

    def original(self, evidence_id: str) -> bytes:
        """The bytes as they came. Raises ``EvidenceDamaged``."""
        return self._read(self._path(evidence_id))

    def preview(self, evidence_id: str) -> bytes:
        """The preview, a JPEG. Raises ``EvidenceDamaged``."""
        return self._read(self._path(evidence_id, PREVIEW))

    def remove(self, evidence_id: str) -> None:
        """Delete both files; what is not there is no fault."""
        for ending in ("", PREVIEW):
            path = self._path(evidence_id, ending)
            path.unlink(missing_ok=True)
            path.with_name(path.name + PART).unlink(missing_ok=True)

    def kept(self) -> Iterator[tuple[str, float]]:
        """Id and time of change (seconds since 1970) of every file, half-written ones too; an id comes once for each of its files."""
        for path in self._folder.glob("??/*"):
            try:
                changed = path.stat().st_mtime
            except FileNotFoundError:
                continue
            evidence_id = path.name.removesuffix(PART).removesuffix(PREVIEW)
            if _ID.fullmatch(evidence_id):  # nothing else is ours
                yield evidence_id, changed

    def reseal(self, vault: Vault, only_count: bool = False) -> int:
        """Seal with ``vault``'s newest key what it did not seal, file by file, or only count; gives how many.

        Raises:
            CannotUnseal: a file was changed, or its key is missing.
        """
        done = 0
        for path in sorted(self._folder.glob("??/*")):
            if path.name.endswith(PART) or not _ID.fullmatch(path.name.removesuffix(PREVIEW)):
                continue
            try:
                sealed, changed = path.read_bytes(), path.stat().st_mtime
            except FileNotFoundError:  # deleted meanwhile
                continue
            if vault.is_newest(sealed):
                continue
            done += 1
            if not only_count:
                self._put(path, vault.resealed_bytes(sealed), changed)
        return done

    def _path(self, evidence_id: str, ending: str = "") -> Path:
        if not _ID.fullmatch(evidence_id):
            raise ValueError("an evidence id has 22 url-safe characters")
        return self._folder / evidence_id[:2] / (evidence_id + ending)

    def _write(self, path: Path, content: bytes, at: datetime) -> None:
        path.parent.mkdir(exist_ok=True, mode=0o700)
        self._put(path, self._vault.encrypt_bytes(content), at.timestamp())

    def _put(self, path: Path, sealed: bytes, changed: float) -> None:
        """Put bytes in a file's place, whole or not at all."""
        part = path.with_name(path.name + PART)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        os.utime(part, (changed, changed))
        part.replace(path)
        for folder in (path.parent, self._folder):  # the new names too are kept for good
            sync_folder(folder)

    def _read(self, path: Path) -> bytes:
        try:
            return self._vault.decrypt_bytes(path.read_bytes())
        except (OSError, CannotUnseal) as fault:
            raise EvidenceDamaged(f"the evidence file {path.name} cannot be read") from fault
