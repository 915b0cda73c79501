"""`aid questions`: what people asked without a sure answer, grouped; and `aid knowledge new`: an entry begun from a group."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from aid.clock import today
from aid.consultation.entries import load_knowledge
from aid.consultation.gaps import Gap
from aid.errors import AidError
from aid.knowledge_desk.unanswered import unanswered_groups
from aid.language.encoders import SentenceEncoder
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store.engine import open_store

SHOWN_WORDINGS = 3
_ID = re.compile(r"([a-z][a-z-]*)\.([a-z0-9]+(?:-[a-z0-9]+)*)")


class NoSuchGroup(AidError):
    """The group asked for is not among the questions kept."""


class BadEntryId(AidError):
    """An id that no new entry can have."""


def groups(settings: Settings, days: int) -> list[Gap]:
    """The groups of the last ``days``, largest first. Raises ``StoreUnavailable``, ``EncoderMissing``."""
    store = open_store(settings)
    try:
        return unanswered_groups(store, open_vault(settings), settings.clock(), SentenceEncoder(settings.models_dir), days)
    finally:
        store.close()


def show_groups(settings: Settings, days: int, show: Callable[[str], None]) -> None:
    """List the groups with number, count, bands, nearest entry and some wordings."""
    found = groups(settings, days)
    for number, gap in enumerate(found, start=1):
        bands = ", ".join(f"{band} {count}" for band, count in gap.bands.items())
        show(f"{number:4}  {gap.count} x  ({bands}; nearest {gap.entry or '-'}; last {gap.last:%Y-%m-%d})")
        for question in gap.questions[:SHOWN_WORDINGS]:
            show(f"        {question}")
    show(f"{len(found)} groups, {sum(gap.count for gap in found)} questions in {days} days")


def begin_entry(settings: Settings, group: int, entry_id: str, days: int) -> Path:
    """Write the beginning of an entry, with the group's wordings as variants, as ``<topic>-new.yml.draft``; gives its path.

    A draft is not read by the assistant: the editor fills it in and moves it into the topic's file.

    Raises:
        NoSuchGroup, BadEntryId: nothing was written.
    """
    matched = _ID.fullmatch(entry_id)
    knowledge, _ = load_knowledge(settings.knowledge_dir, today(settings.clock()))
    if matched is None or entry_id in knowledge.entries:
        reason = "is already an entry's" if matched else "must be <topic>.<slug> in lower-case ASCII"
        raise BadEntryId(f"the id {entry_id} {reason}")
    found = groups(settings, days)
    if not 1 <= group <= len(found):
        raise NoSuchGroup(f"there is no group {group}; `aid questions` lists {len(found)}")
    path = settings.knowledge_dir / "consultations" / f"{matched[1]}-new.yml.draft"
    if path.exists():
        raise BadEntryId(f"{path.name} is there already: finish or delete it first")
    day = today(settings.clock()).isoformat()
    path.write_text(_draft(matched[1], entry_id, found[group - 1], day), encoding="utf-8")
    return path


def _draft(topic: str, entry_id: str, gap: Gap, day: str) -> str:
    variants = "\n".join(f"      - {_quoted(question)}" for question in gap.questions[:12])
    return f"""# Asked {gap.count} times; nearest entry: {gap.entry or "none"}. Fill in, take personal stories out of the variants,
# check every article against its text, then move the entry into {topic}.yml (or {topic}-N.yml) and run `aid check`.
topic: {topic}
label:
entries:
  - id: {entry_id}
    label:
    roles: [anyone]
    variants:
{variants}
    short:
    points:
      -
    steps: []
    basis:
      - {{law: , article: , says: }}
    valid: {{from: }}
    related: []
    checked: {day}
"""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
