"""Real questions of ../shared/questions, by id: anyone with that folder can repeat it.

``questions_ip_dev.yml`` says which entries answer each; ``questions_ip_dev_grades.yml`` how well, by another judge. Beside them, from
the same run, what becomes of the project's own unseen questions and off-topic texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from aid.cli.train import calibrate
from aid.consultation.calibrate import read_off_topic
from aid.consultation.search import LiveSearcher, SearchResult
from aid.language.encoders import SentenceEncoder
from aid.settings import PROJECT, Settings
from bench.data import pairs, read_lists, unseen_questions, variants
from bench.effort import Effort
from bench.errors import BenchError
from bench.measures import percentile
from bench.report import Table

FOLDER = PROJECT.parent / "shared" / "questions"


@dataclass(frozen=True)
class Figures:
    """Shares of the covered questions; ``shown``: in the answer, or among the candidates."""

    covered: float
    top1: float
    top3: float
    answered: float
    wrong: float
    shown: float


def measure(settings: Settings, folder: Path, effort: Effort, say: Callable[[str], None]) -> Table:
    """Ask them all.

    Raises:
        BenchError: the folder or a question of the map is not there.
    """
    rows = {row["id"]: row for row in _read("ip_dev.jsonl")}
    wanted = read_lists(PROJECT / "bench" / "questions_ip_dev.yml")
    if missing := sorted(set(wanted) ^ set(rows)):
        raise BenchError(f"bench/questions_ip_dev.yml and ip_dev.jsonl differ: {', '.join(missing[:5])}")
    calibrate(settings, say)
    encoder = SentenceEncoder(settings.models_dir)
    searcher = LiveSearcher(settings.knowledge_dir, encoder, settings.models_dir / "search.json", settings.clock())
    say("questions: ip_dev and out_of_scope_dev")
    found = {number: searcher.search(rows[number]["q"]) for number in wanted}
    strange = [(row, searcher.search(row["q"])) for row in _read("out_of_scope_dev.jsonl")]
    figures = judge(wanted, found)
    whole, partly = (judge(graded(_grades(), least), found) for least in (2, 1))
    times = [result.ms for result in found.values()]
    cells = [[name, f"{value:.3f}", goal] for name, value, goal in [
        ("ip_dev: covered by an entry", figures.covered, "≥ .95"),
        ("of the covered: right entry first", figures.top1, "≥ .85"),
        ("of the covered: right entry among the first three", figures.top3, ""),
        ("of the covered: in the answer or the candidates", figures.shown, "≥ .95"),
        ("of the covered: answered at once", figures.answered, ""),
        ("of the covered: answered wrongly", figures.wrong, "≤ .04"),
        ("by grades: some entry decides the question", whole.covered, ""),
        ("of these: such an entry first", whole.top1, ""),
        ("of these: in the answer or the candidates", whole.shown, ""),
        ("of these: answered by an entry that does not decide it", whole.wrong, ""),
        ("by grades: an entry that helps at least in part first", partly.top1, ""),
        ("by grades: such an entry in the answer or the candidates", partly.shown, ""),
        ("by grades: answered by an entry that does not help", partly.wrong, ""),
        ("out_of_scope_dev, not near: answered", _answered(strange, False), "≤ .03"),
        ("out_of_scope_dev, near_ip: answered", _answered(strange, True), "≤ .10"),
        *_own(settings, searcher, effort),
    ]]  # fmt: skip
    notes = [
        f"{len(wanted)} and {len(strange)} questions, the search alone (Rasa may hold a question for another intent;"
        " `aid ask` measures the whole path); right is any entry that the map names.",
        f"Milliseconds a search: p50 {percentile(times, 0.5):.1f}, p95 {percentile(times, 0.95):.1f}.",
    ]
    return Table("What becomes of real questions?", ("what", "share", "goal"), cells, notes)


def _own(settings: Settings, searcher: LiveSearcher, effort: Effort) -> list[tuple[str, float, str]]:
    """The project's own test texts (tests/consultation), which no training saw, asked of the same search."""
    own = pairs(unseen_questions(variants(settings.clock().now().date())), effort.questions)
    asked = {str(number): text for number, (_, text) in enumerate(own)}
    figures = judge({str(number): [entry] for number, (entry, _) in enumerate(own)}, {n: searcher.search(text) for n, text in asked.items()})

    def answered(name: str) -> float:
        found = [searcher.search(text).band for text in read_off_topic(PROJECT / "tests/consultation" / name)[: effort.questions]]
        return found.count("answer") / len(found)

    return [
        (f"{len(own)} unseen questions of the project: right entry first", figures.top1, "≥ .92"),
        ("of these: right entry among the first three", figures.top3, "≥ .98"),
        ("of these: answered at once", figures.answered, ""),
        ("of these: answered wrongly", figures.wrong, ""),
        ("the project's unseen off-topic texts: answered", answered("off_topic.txt"), "≤ .03"),
        ("the project's unseen questions of other law: answered", answered("near_law.txt"), "≤ .10"),
    ]


def graded(grades: dict[str, dict[str, int]], least: int) -> dict[str, list[str]]:
    """The entries of at least this grade, by question."""
    return {number: [entry for entry, grade in row.items() if grade >= least] for number, row in grades.items()}


def _grades() -> dict[str, dict[str, int]]:
    path = PROJECT / "bench" / "questions_ip_dev_grades.yml"
    try:
        found: dict[str, dict[str, int]] = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as fault:
        raise BenchError(f"{path.name} cannot be read: {fault}") from fault
    return found


def judge(wanted: dict[str, list[str]], found: dict[str, SearchResult]) -> Figures:
    """Figures over the questions whose list of entries is not empty."""
    rows = [(set(entries), found[number]) for number, entries in wanted.items() if entries]

    def share(holds: Callable[[set[str], list[str], str], bool]) -> float:
        kept = [holds(right, [hit.entry_id for hit in one.hits[:3]], one.band) for right, one in rows]
        return sum(kept) / len(kept)

    return Figures(
        covered=len(rows) / len(wanted),
        top1=share(lambda right, hits, _: bool(right & set(hits[:1]))),
        top3=share(lambda right, hits, _: bool(right & set(hits))),
        answered=share(lambda _right, _hits, band: band == "answer"),
        wrong=share(lambda right, hits, band: band == "answer" and not right & set(hits[:1])),
        shown=share(lambda right, hits, band: bool(right & set(hits[: {"answer": 1, "candidates": 3}.get(band, 0)]))),
    )


def _answered(rows: Sequence[tuple[dict[str, Any], SearchResult]], near: bool) -> float:
    kept = [result.band == "answer" for row, result in rows if bool(row.get("near_ip")) == near]
    return sum(kept) / len(kept) if kept else 0.0


def _read(name: str) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as fault:
        raise BenchError(f"the questions are not there: {fault}") from fault
