"""The knowledge folder of this process: an entry is found in it, and a topic's file is replaced whole or not at all."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from aid.consultation.lines import read_document
from aid.knowledge_desk.content import Content, content_of
from aid.knowledge_desk.errors import BadText, FolderFailed, UnknownEntry
from aid.knowledge_desk.topic_file import TopicFile
from aid.settings import Settings

LOCK_SECONDS = 20.0
_ID = re.compile(r"([a-z][a-z-]*)\.[a-z0-9]+(?:-[a-z0-9]+)*")
_TEMPORARY = re.compile(r"\.[a-z0-9-]+\.yml\.\d+")


@dataclass(frozen=True)
class Edit:
    """A topic's file before and after an entry was changed in it."""

    path: Path
    before: str
    after: str

    def patch(self) -> str:
        """The difference as ``git apply`` takes it; the file is named as in the repository."""
        name = f"knowledge/consultations/{self.path.name}"
        rows = unified_diff(_numbered(self.before), _numbered(self.after), f"a/{name}", f"b/{name}")
        return "".join(row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows)


class KnowledgeFolder:
    """A folder of knowledge and the lock that those who write into it hold."""

    def __init__(self, knowledge_dir: Path, lock: Path) -> None:
        self.path = knowledge_dir
        self._lock = lock

    @classmethod
    def of(cls, settings: Settings) -> KnowledgeFolder:
        """The folder of the settings; its lock lies in the var folder."""
        return cls(settings.knowledge_dir, settings.var_dir / "knowledge.lock")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; a process that dies lets it go.

        Raises:
            FolderFailed: another held it for twenty seconds.
        """
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + LOCK_SECONDS
        with self._lock.open("ab") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise FolderFailed("another process holds the knowledge folder; try again") from None
                    time.sleep(0.05)
            yield

    def content(self, entry_id: str) -> Content | None:
        """What the folder says of an entry; ``None`` when it has none of this id. Files that did not change are not parsed again.

        Raises:
            UnknownEntry: it is no id at all.
            FolderFailed: a file of its topic cannot be read, or the entry in it has a fault.
        """
        found = self._row(entry_id)
        if found is None:
            return None
        try:
            return content_of(found[2])
        except BadText as fault:
            raise FolderFailed(f"the entry {entry_id} in the file has a fault: {fault}") from fault

    def line(self, entry_id: str) -> tuple[Path, int] | None:
        """File and line of an entry. Raises as ``content``."""
        found = self._row(entry_id)
        return found[:2] if found else None

    def edit(self, content: Content) -> Edit:
        """The file with this entry as it shall be: where the entry stands, a new one in its topic's shortest file.

        Raises:
            UnknownEntry: there is no file of its topic.
            FolderFailed: the file cannot be read or is written in an unusual way.
        """
        found = self._row(content["id"])
        path, file = (found[0], TopicFile(_read(found[0]))) if found else self._shortest(content["id"])
        return Edit(path, file.text, file.with_entry(content))

    def write(self, path: Path, text: str) -> None:
        """Put a file in the place of the former one at once; a crash leaves the former one whole.

        Raises:
            FolderFailed: the folder cannot be written.
        """
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with temporary.open("w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as fault:
            temporary.unlink(missing_ok=True)
            raise FolderFailed(f"{path.name} cannot be written: {fault.strerror}") from fault

    def sweep(self) -> None:
        """Delete what writers left behind when they died. Only under the lock."""
        for path in (self.path / "consultations").iterdir():
            if _TEMPORARY.fullmatch(path.name):
                path.unlink(missing_ok=True)

    def _row(self, entry_id: str) -> tuple[Path, int, Any] | None:
        """File, line and content of an entry."""
        for path in self._files(entry_id):
            document = read_document(path)
            if document.faults:
                raise FolderFailed(str(document.faults[0]))
            rows = document.content.get("entries") if isinstance(document.content, dict) else None
            for number, row in enumerate(rows if isinstance(rows, list) else ()):
                if isinstance(row, dict) and row.get("id") == entry_id:
                    return path, document.line(("entries", number)), row
        return None

    def _shortest(self, entry_id: str) -> tuple[Path, TopicFile]:
        files = [(path, TopicFile(_read(path))) for path in self._files(entry_id)]
        if not files:
            raise UnknownEntry(f"there is no topic '{entry_id.split('.')[0]}'; a new topic begins with a file of its own")
        return min(files, key=lambda found: found[1].count)

    def _files(self, entry_id: str) -> list[Path]:
        """The files of the entry's topic. Raises ``UnknownEntry`` for what is no id."""
        matched = _ID.fullmatch(entry_id)
        if matched is None:
            raise UnknownEntry(f"'{entry_id[:60]}' is no id: write <topic>.<slug> in lower-case ASCII")
        name = re.compile(re.escape(matched[1]) + r"(-\d+)?\.yml")
        return [path for path in sorted((self.path / "consultations").glob(f"{matched[1]}*.yml")) if name.fullmatch(path.name)]


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as fault:
        raise FolderFailed(f"{path.name} cannot be read: {fault}") from fault


def _numbered(text: str) -> list[str]:
    """Lines as git knows them: ended by a line feed and by nothing else."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
