"""What is measured with: the project's own training texts and texts that no training saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from aid.consultation.calibrate import read_questions
from aid.consultation.entries import EntryVersion, require_knowledge
from aid.settings import PROJECT
from bench.errors import BenchError

Lists = Mapping[str, Sequence[str]]
CONSULT = "consult"
_TRADES = ("灯具", "农机", "玩具", "汽配", "服装", "种子", "白酒", "家具", "药材", "茶叶", "鞋帽", "文具")


def read_lists(path: Path) -> dict[str, list[str]]:
    """A YAML mapping of names to lists of texts.

    Raises:
        BenchError: the file cannot be read or has another form.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as fault:
        raise BenchError(f"{path} cannot be read: {fault}") from fault
    if not isinstance(content, dict) or not all(isinstance(rows, list) for rows in content.values()):
        raise BenchError(f"{path} is not a mapping of names to lists of texts")
    return {str(name): [str(row) for row in rows] for name, rows in content.items()}


def pairs(lists: Mapping[str, Sequence[str]], limit: int | None = None) -> list[tuple[str, str]]:
    """``(name, text)`` of every text; with a limit, texts taken evenly from the whole."""
    rows = [(name, text) for name, texts in lists.items() for text in texts]
    return rows if limit is None else rows[:: max(1, len(rows) // limit)][:limit]


def variants(today: date) -> dict[str, list[str]]:
    """Entry id to the ways of asking that editors wrote, of the entries that hold today.

    Raises:
        KnowledgeError: knowledge/ has errors.
    """
    return {version.id: list(version.entry.variants) for version in _versions(today)}


def everything(today: date) -> dict[str, list[str]]:
    """Entry id to everything that our own search reads of it: variants, posed questions, label, answers.

    Raises:
        CalibrationError, KnowledgeError: data/questions or knowledge/ has errors.
    """
    posed = read_questions(PROJECT / "data/questions")
    found = {}
    for version in _versions(today):
        told = (version.label, version.short, f"{version.label} {' '.join(version.points)}")
        found[version.id] = [*version.entry.variants, *posed.get(version.id, ()), *told]
    return found


def _versions(today: date) -> list[EntryVersion]:
    knowledge = require_knowledge(PROJECT / "knowledge", today)
    return [version for entry in knowledge.entries.values() if (version := entry.on(today))]


def unseen_questions(known: Lists) -> dict[str, list[str]]:
    """Paraphrases that no training saw, by the entry that answers them.

    A text that an editor has meanwhile made a variant is left out: it would be a gift to every search.

    Raises:
        BenchError: the files are missing, or name an entry that is not known.
    """
    found: dict[str, list[str]] = {}
    for path in sorted((PROJECT / "tests/consultation/unseen").glob("*.yml")):
        found.update(read_lists(path))
    strange = sorted(set(found) - set(known))
    if strange or not found:
        raise BenchError(f"tests/consultation/unseen names unknown entries: {', '.join(strange[:5]) or 'it is empty'}")
    trained = {text for texts in known.values() for text in texts}
    return {name: [text for text in texts if text not in trained] for name, texts in found.items()}


def intent_examples(known: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The bot's own training examples by intent: data/nlu, and the variants as ``consult`` (see bot/importer.py)."""
    examples: dict[str, list[str]] = {}
    for path in sorted((PROJECT / "data/nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text("utf-8")).get("nlu") or []:
            lines = str(block.get("examples") or "").splitlines()
            texts = [line.strip().removeprefix("-").strip() for line in lines]
            if "intent" in block:
                examples.setdefault(str(block["intent"]), []).extend(text for text in texts if text)
    labelled = {text for texts in examples.values() for text in texts}
    importer = _importer()
    taken = {name: texts for name, texts in known.items() if name not in importer["leave_out"]}
    each = importer["each"]
    some = [text for texts in taken.values() for text in texts[:: max(1, len(texts) // each)][:each]]
    examples.setdefault(CONSULT, []).extend(dict.fromkeys(text for text in some if text not in labelled))
    return examples


def _importer() -> dict[str, Any]:
    """What config.yml tells bot.importer."""
    config: dict[str, Any] = yaml.safe_load((PROJECT / "config.yml").read_text("utf-8"))
    found: dict[str, Any] = next(one for one in config["importers"] if one["name"] == "bot.importer.KnowledgeImporter")
    return found


def fresh_questions(questions: Sequence[str], count: int) -> list[str]:
    """``count`` different texts: the questions, each once; then the same asked by people of different trades.

    No text repeats, so that no memory of recent texts helps. The trade stands without a pause before the question:
    a clause that repeats would be remembered.

    Raises:
        BenchError: there are not enough.
    """
    texts = list(dict.fromkeys(questions))
    texts += [f"我卖{trade}的{question}" for trade in _TRADES for question in questions]
    texts = list(dict.fromkeys(texts))
    if len(texts) < count:
        raise BenchError(f"{count} different questions are needed, there are {len(texts)}")
    return texts[:count]
