"""From the record into the files: what was approved is written into this process's folder, however often and after whatever crash.

Of each entry the folder should hold the newest approved text. Where it holds an earlier one that the record knows, it is brought up; where it holds
a text that the record does not know, somebody has changed the file by hand since, and the file is right.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

from aid.knowledge_desk.changes import Proposal
from aid.knowledge_desk.checking import check_entry
from aid.knowledge_desk.content import digest
from aid.knowledge_desk.errors import DeskError
from aid.knowledge_desk.folder import Edit, KnowledgeFolder

_log = logging.getLogger(__name__)
Standing = Literal["live", "written", "by_hand", "faulty", "failed"]


@dataclass(frozen=True)
class Carried:
    """What became of an entry: it was there, was written, was changed by hand since, does not fit this folder, or could not be written."""

    entry: str
    standing: Standing
    words: str = ""


def carry_over(folder: KnowledgeFolder, versions: Iterable[Proposal], today: date) -> list[Carried]:
    """Bring the folder up to the newest of ``versions`` (each entry's in their order). The caller holds the folder's lock."""
    made = []
    for entry, rows in groupby(versions, key=lambda version: version.entry):
        carried = _carried(folder, entry, list(rows), today)
        if carried.standing != "live":
            level = logging.INFO if carried.standing == "written" else logging.WARNING
            _log.log(level, "knowledge: %s %s %s", entry, carried.standing, carried.words)
        made.append(carried)
    return made


def _carried(folder: KnowledgeFolder, entry: str, versions: Sequence[Proposal], today: date) -> Carried:
    newest = versions[-1]
    try:
        now = digest(folder.content(entry))
        if now == newest.digest:
            return Carried(entry, "live")
        if now not in {digest_ for version in versions for digest_ in (version.base_digest, version.digest)}:
            return Carried(entry, "by_hand", "the file was changed by hand since; it stays as it is")
        edit = folder.edit(newest.content)
        checked = check_entry(folder.path, edit.path, edit.after, entry, today)
        if checked.errors:
            return Carried(entry, "faulty", str(checked.errors[0].fault))
    except DeskError as fault:
        return Carried(entry, "failed", str(fault))
    return written(folder, entry, edit)


def written(folder: KnowledgeFolder, entry: str, edit: Edit) -> Carried:
    """Write an edit that was checked under the same lock."""
    try:
        folder.write(edit.path, edit.after)
    except DeskError as fault:
        return Carried(entry, "failed", str(fault))
    return Carried(entry, "written")
