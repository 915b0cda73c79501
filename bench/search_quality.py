"""Which search finds the right entry, and which keeps silent when none is right?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from aid.consultation.calibrate import read_off_topic
from aid.language.encoders import Encoder, RoFormerEncoder
from aid.settings import PROJECT, Settings
from bench import data
from bench.effort import Effort
from bench.measures import SearchFigures, search_figures, threshold
from bench.peers import rasa_projects, rasa_runs
from bench.peers.encoders import PublishedRoFormer, UseEncoder
from bench.peers.rankers import OurRanker, Ranker, RowRanker, bm25, character_tfidf, encoder_alone
from bench.report import Table

COLUMNS = (
    "search",
    "top-1",
    "top-3",
    "answered, right",
    "answered, wrong",
    "asked back, right one among three",
    "off topic answered",
    "off topic asked back",
    "p50 ms",
    "p95 ms",
)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Texts:
    """Questions with their entries, off-topic texts to judge by, and off-topic texts that training may use."""

    asked: Sequence[tuple[str, str]]
    off_topic: Sequence[str]
    known_off_topic: Sequence[str]


def measure(settings: Settings, folder: Path, effort: Effort, say: Say) -> Table:
    """Measure every search on the same texts.

    Raises:
        AidError: something that is measured is missing.
    """
    today = settings.clock().now().date()
    known = data.variants(today)
    texts = Texts(
        data.pairs(data.unseen_questions(known), effort.questions),
        read_off_topic(PROJECT / "tests/consultation/off_topic.txt")[: effort.questions],
        read_off_topic(PROJECT / "data/off_topic.txt")[: effort.questions],
    )
    say("search: ours")
    rows = [("**ours: sieve, kernel ridge, calibrated, three bands**", judge(our_ranker(settings, today, say), texts, own=True))]
    for name, make in _peers(settings, folder, known, known if effort.questions else data.everything(today)):
        say(f"search: {name}")
        rows.append((name, judge(make(), texts)))
    say("search: Rasa's default pipeline with ResponseSelector (trains for minutes)")
    spent, own, gated = _rasa(known, texts, folder, effort)
    rows.append(("Rasa default: DIET + ResponseSelector, its own fallback", own))
    rows.append(("the same, threshold on the selector's confidence", gated))
    return Table(
        "Which search finds the entry that answers an unseen question?",
        COLUMNS,
        [[name, *cells(figures)] for name, figures in rows],
        _notes(texts, known, effort, spent),
    )


def judge(ranker: Ranker, texts: Texts, own: bool = False) -> SearchFigures:
    """Figures of a search.

    With ``own`` its own decision counts, else a threshold that 5 % of the known off-topic texts pass.
    """
    ranker.rank("商标怎么注册")
    asked = [(entry, ranker.rank(text)) for entry, text in texts.asked]
    off_topic = [ranker.rank(text) for text in texts.off_topic]
    above = None if own else threshold([ranker.rank(text) for text in texts.known_off_topic])
    return search_figures(asked, off_topic, above)


def cells(figures: SearchFigures) -> list[str]:
    """The figures as the table shows them."""
    f = figures
    shares = [f.top1, f.top3, f.answered_right, f.answered_wrong, f.offered_right]
    shares += [f.off_topic_answered, f.off_topic_offered]
    return [f"{share:.3f}" for share in shares] + [f"{f.p50:.1f}", f"{f.p95:.1f}"]


def our_ranker(settings: Settings, today: date, say: Say) -> Ranker:
    """The search as the action server runs it; its calibration is fitted when it is out of date."""
    from aid.cli.train import calibrate
    from aid.consultation.search import LiveSearcher
    from aid.language.encoders import SentenceEncoder

    calibrate(settings, say)
    encoders = SentenceEncoder(settings.models_dir)
    calibration = settings.models_dir / "search.json"
    return OurRanker(LiveSearcher(settings.knowledge_dir, encoders, calibration, settings.clock()), today)


def _peers(settings: Settings, folder: Path, known: data.Lists, whole: data.Lists) -> list[tuple[str, Callable[[], Ranker]]]:
    def alone(make: Callable[[], Encoder]) -> Callable[[], Ranker]:
        return lambda: RowRanker(whole, encoder_alone(make()))

    return [
        ("BM25, jieba, variants only", lambda: RowRanker(known, bm25)),
        ("BM25, jieba", lambda: RowRanker(whole, bm25)),
        ("tf-idf cosine, characters 1-3, variants only", lambda: RowRanker(known, character_tfidf)),
        ("tf-idf cosine, characters 1-3", lambda: RowRanker(whole, character_tfidf)),
        ("RoFormer-Sim small alone, as published", alone(lambda: PublishedRoFormer(folder, settings.models_dir))),
        ("RoFormer-Sim small alone, tuned", alone(lambda: RoFormerEncoder(settings.models_dir))),
        ("USE multilingual alone", alone(UseEncoder)),
    ]


def _rasa(known: data.Lists, texts: Texts, folder: Path, effort: Effort) -> tuple[float, SearchFigures, SearchFigures]:
    project = folder / "search"
    rasa_projects.write_search_project(project, known, texts.known_off_topic, effort)
    trained = rasa_runs.train(project, "nlu", effort.train_seconds)
    questions = [text for _, text in texts.asked]
    every = [*questions, *texts.off_topic, *texts.known_off_topic]
    found = [rasa_runs.ranking(row) for row in rasa_runs.parse(trained.model, every, project / "parsed")]
    first, second = len(questions), len(questions) + len(texts.off_topic)
    asked = list(zip((entry for entry, _ in texts.asked), found[:first], strict=True))
    off_topic, known_off_topic = found[first:second], found[second:]
    gated = search_figures(asked, off_topic, threshold(known_off_topic))
    return trained.seconds, search_figures(asked, off_topic), gated


def _notes(texts: Texts, known: data.Lists, effort: Effort, spent: float) -> list[str]:
    rows = sum(map(len, known.values()))
    return [
        f"{len(known)} entries with {rows} variants are known; {len(texts.asked)} paraphrases and"
        f" {len(texts.off_topic)} off-topic texts were written for the measurement; no search was trained on them.",
        "A search reads the variants, the posed questions (data/questions), labels and answers, where its name does not"
        " say otherwise; Rasa reads the variants only, which bounds its training.",
        "Ours answers, asks back (up to three entries to tap) or says that it does not know, by its own bands; it"
        " also reads data/off_topic.txt. Its top-3 counts only entries that it would show.",
        "A peer answers above the score that 5 % of the texts of data/off_topic.txt pass; it never asks back.",
        "Rasa's own fallback: the intent is `faq` and FallbackClassifier (.3, .1) did not step in; `off_topic` is"
        " trained as its second intent.",
        f"Rasa: DIET {effort.faq_intent_epochs} epochs, ResponseSelector {effort.selector_epochs} epochs instead of 100"
        f" each ({spent:.0f} s); its time is the whole parse, the others' is the search alone.",
    ]
