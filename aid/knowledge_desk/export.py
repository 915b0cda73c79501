"""Approved changes as files for git: a patch that ``git apply`` takes, and beside it the message of its commit."""

from __future__ import annotations

from pathlib import Path

from aid.knowledge_desk.changes import Changes, Proposal
from aid.knowledge_desk.errors import FolderFailed
from aid.knowledge_desk.rights import Editor, require

_DONE = {"new": "New entry", "change": "Change", "rollback": "Roll back"}


def export(changes: Changes, by: Editor, out: Path, everything: bool = False) -> list[Path]:
    """Write each approved change that was not written out yet (or every one) into ``out``, in the order of approval; gives the patches.

    Apply them in this order, each with ``git apply NAME.patch`` and ``git commit -aF NAME.message``.

    Raises:
        NotAllowed: this person may not.
        FolderFailed: ``out`` cannot be written, or holds a file of this name.
    """
    require(by, "export")
    rows = [(version, changes.log(version.id)) for version in changes.approved()]
    chosen = [version for version, log in rows if everything or not any(event.kind == "exported" for event in log)]
    approver = {version.id: next(event.actor for event in log if event.kind == "approved") for version, log in rows}
    paths = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for place, version in enumerate(sorted(chosen, key=lambda version: (version.changed_at, version.id)), start=1):
            path = out / f"{place:04}-{version.entry}-v{version.number}.patch"
            _write(path, version.patch or "")
            _write(path.with_suffix(".message"), _message(version, approver[version.id]))
            paths.append(path)
    except OSError as fault:
        raise FolderFailed(f"{fault.filename} cannot be written: {fault.strerror}") from fault
    changes.note_exported([version.id for version in chosen], by.name)
    return paths


def _write(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        file.write(text)


def _message(version: Proposal, approver: str) -> str:
    written = "、".join(version.authors)
    day = version.changed_at.date().isoformat()
    title = f"{_DONE[version.kind]}: {version.entry} (version {version.number})"
    return f"{title}\n\n{version.why}\n\nWritten by {written}, approved by {approver} on {day}.\n"
