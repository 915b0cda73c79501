"""The file of the data keys: one key a line, newest first, for its owner alone."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet

from aid.disk import sync_folder
from aid.privacy.errors import KeyUnusable, RotationRunning

KEY_FILE = "data.key"


class KeyFile:
    """``data.key`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / KEY_FILE
        self._seen: tuple[int, int, int] | None = None

    def read(self) -> list[str]:
        """The keys; makes folder (0700) and file (0600, one key) when missing, safely beside other processes.

        Raises:
            KeyUnusable: the file cannot be read or made, or is open to other users; names it.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._path.exists():
                self._make()
            return self._lines()
        except (OSError, UnicodeDecodeError) as fault:
            raise KeyUnusable(f"the key file {self._path} cannot be read or made") from fault

    def read_if_changed(self) -> list[str] | None:
        """The keys when the file is another than at the last reading, else ``None``; costs one look at its inode.

        Raises:
            KeyUnusable: the file cannot be read, or is open to other users.
        """
        try:
            seen = self._mark()
            return self._lines() if seen != self._seen else None
        except (OSError, UnicodeDecodeError) as fault:
            raise KeyUnusable(f"the key file {self._path} cannot be read") from fault

    def write(self, keys: Sequence[str]) -> None:
        """Replace the file whole: a reader sees the old keys or the new ones, also after a crash.

        Raises:
            KeyUnusable: it cannot be written; the old file is untouched.
        """
        draft = self._draft("\n".join(keys))
        try:
            os.replace(draft, self._path)
            sync_folder(self._folder)
        except OSError as fault:
            raise KeyUnusable(f"the key file {self._path} cannot be written") from fault
        finally:
            draft.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One rotation at a time. Raises ``RotationRunning``; a dead process holds nothing."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            os.close(descriptor)
            raise RotationRunning("another rotation of the data key is running") from fault
        try:
            yield
        finally:
            os.close(descriptor)

    def _lines(self) -> list[str]:
        mark = self._mark()
        if self._path.stat().st_mode & 0o077:
            raise KeyUnusable(f"the key file {self._path} is open to other users; set its mode to 600")
        keys = [line.strip() for line in self._path.read_text("ascii").replace(",", "\n").splitlines() if line.strip()]
        self._seen = mark  # taken before the reading: a change in between is seen the next time
        return keys

    def _mark(self) -> tuple[int, int, int]:
        found = self._path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _make(self) -> None:
        """Write whole, then link into place: another process sees no file or a complete one, and the first one wins."""
        draft = self._draft(Fernet.generate_key().decode("ascii"))
        try:
            os.link(draft, self._path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()

    def _draft(self, text: str) -> Path:
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        return draft
