"""Which pipeline understands what a person wants?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from aid.cli.train import train
from aid.settings import PROJECT, Settings
from bench import data
from bench.effort import Effort
from bench.measures import accuracy, macro_f1, percentile
from bench.peers import rasa_projects, rasa_runs
from bench.report import Table

Say = Callable[[str], None]


def measure(settings: Settings, folder: Path, effort: Effort, say: Say) -> Table:
    """Measure our pipeline and the peers' on the same training examples and the same unseen texts.

    Raises:
        AidError: a training failed, or something that is measured is missing.
    """
    examples = data.intent_examples(data.variants(settings.clock().now().date()))
    asked = data.pairs(data.read_lists(PROJECT / "tests/nlu/intents.yml"), None)
    say("intents: ours")
    rows = [["**ours: encoders + tf-idf, calibrated**", *_figures(train(settings, say), asked, folder / "ours"), "-"]]
    bots = [
        ("Rasa default: count vectors + DIET", default_bot(folder, examples, effort, say)),
        ("Rasa lean: count vectors + logistic regression", lean_bot(folder, examples, effort, say)),
    ]
    for name, bot in bots:
        rows.append([name, *_figures(bot.model, asked, folder / "parsed"), f"{bot.seconds:.0f}"])
    count = sum(map(len, examples.values()))
    return Table(
        "Which pipeline understands what a person wants?",
        ("pipeline", "accuracy", "macro-F1", "p50 ms", "p95 ms", "training of the whole bot, s"),
        rows,
        [
            f"{len(examples)} intents, {count} training examples (data/nlu, and the variants as `consult`); "
            f"{len(asked)} unseen texts (tests/nlu/intents.yml).",
            f"DIET {effort.intent_epochs} epochs instead of 100. FallbackClassifier's `nlu_fallback` counts as wrong.",
            "Times are of `Agent.parse_message`, without HTTP; threads as each library sets them.",
            "The training time of ours is in the table of whole bots.",
        ],
    )


def default_bot(folder: Path, examples: data.Lists, effort: Effort, say: Say) -> rasa_runs.Trained:
    """The bot of `rasa init`, in Chinese, trained on our examples."""
    say("Rasa's default bot: written and trained, unless it is already (takes minutes)")
    rasa_projects.write_default_bot(folder / "default", examples, effort)
    return rasa_runs.train(folder / "default", "", effort.train_seconds)


def lean_bot(folder: Path, examples: data.Lists, effort: Effort, say: Say) -> rasa_runs.Trained:
    """A Rasa bot without neural networks, trained on our examples."""
    say("the lean Rasa bot: written and trained, unless it is already")
    rasa_projects.write_lean_bot(folder / "lean", examples)
    return rasa_runs.train(folder / "lean", "", effort.train_seconds)


def _figures(model: Path, asked: Sequence[tuple[str, str]], folder: Path) -> list[str]:
    rows = rasa_runs.parse(model, [text for _, text in asked], folder)
    wanted, given = [intent for intent, _ in asked], [str(row["intent"]) for row in rows]
    times = [float(row["milliseconds"]) for row in rows]
    shares = [accuracy(wanted, given), macro_f1(wanted, given)]
    return [f"{share:.3f}" for share in shares] + [f"{percentile(times, s):.1f}" for s in (0.5, 0.95)]
