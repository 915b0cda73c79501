"""Training, keyed by a hash of everything it reads: what is up to date is not made again."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from aid.cli.processes import rasa_environment, rasa_python
from aid.consultation.calibrate import Fitting, begin_fit
from aid.errors import AidError
from aid.settings import PROJECT, Settings

BOT_READS = ("config.yml", "domain.yml", "data/nlu", "data/rules", "bot", "aid/language", "data/encoder", "knowledge", "requirements/rasa.txt")
SEARCH_READS = (
    "knowledge/consultations",
    "knowledge/words",
    "data/off_topic.txt",
    "data/questions",
    "data/calibration",
    "data/encoder",
    "aid/consultation",
    "aid/language",
)
KEEP_MODELS = 3
TRAINING_SECONDS = 1800


class TrainingFailed(AidError):
    """Rasa's training ended with an error; the message holds its last lines."""


def bot_model(settings: Settings) -> Path:
    """Where the bot's model for the present inputs lies, trained or not."""
    return settings.models_dir / "rasa" / f"{_hash(BOT_READS)}.tar.gz"


def train(settings: Settings, say: Callable[[str], None], force: bool = False) -> Path:
    """Train what is out of date: the bot (in Rasa's environment) and the search's calibration. Gives the bot's model.

    Raises:
        TrainingFailed: Rasa's training ended with an error.
    """
    # All texts are encoded first, once for both; then the bot is trained on one core and the search fitted on the other.
    fitting = _begin_fitting(settings, say, force)
    model = bot_model(settings)
    with ExitStack() as stack:
        training = None
        if force or not model.exists():
            say("training the bot (about a minute)")
            training = stack.enter_context(_training(model))
        if fitting:
            _finish_fitting(settings, fitting, say)
        if training:
            _finish_training(training, model, say)
    return model


def calibrate(settings: Settings, say: Callable[[str], None], force: bool = False) -> None:
    """Fit the search's probability again when the knowledge or the code of the search has changed."""
    fitting = _begin_fitting(settings, say, force)
    if fitting:
        _finish_fitting(settings, fitting, say)


@dataclass(frozen=True)
class _Training:
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    started: float


@contextmanager
def _training(model: Path) -> Iterator[_Training]:
    """Rasa's training, begun; what still runs at the end is ended."""
    model.parent.mkdir(parents=True, exist_ok=True)
    command = [str(rasa_python()), "-m", "rasa", "train", "--force", "--config", "config.yml", "--domain", "domain.yml"]
    command += ["--data", "data/nlu", "data/rules", "--out", str(model.parent), "--fixed-model-name", model.stem[:-4]]
    with TemporaryFile() as output:  # a pipe that nobody reads meanwhile would fill up and stop it
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**rasa_environment(), "OMP_NUM_THREADS": "2"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _Training(process, output, time.monotonic())
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def _finish_training(training: _Training, model: Path, say: Callable[[str], None]) -> None:
    try:
        code = training.process.wait(timeout=TRAINING_SECONDS)
    except subprocess.TimeoutExpired as fault:
        raise TrainingFailed(f"the bot's training took more than {TRAINING_SECONDS} s") from fault
    if code or not model.exists():
        training.output.seek(0)
        raise TrainingFailed("the bot could not be trained:\n" + training.output.read().decode("utf-8", "replace")[-3000:])
    _forget_old(model.parent)
    say(f"trained in {time.monotonic() - training.started:.0f} s")


def _begin_fitting(settings: Settings, say: Callable[[str], None], force: bool) -> tuple[Fitting, str] | None:
    """A fit of the search and its key, everything encoded; ``None`` when the last one still holds."""
    target, stamp = settings.models_dir / "search.json", settings.models_dir / "search.key"
    key = _hash(SEARCH_READS)
    if not force and target.exists() and stamp.exists() and stamp.read_text() == key:
        return None
    say("encoding what is new in the knowledge (the first time takes some minutes)")
    return begin_fit(settings.knowledge_dir, PROJECT / "data", settings.models_dir), key


def _finish_fitting(settings: Settings, fitting: tuple[Fitting, str], say: Callable[[str], None]) -> None:
    say("fitting the search")
    report = fitting[0].carry_out()
    (settings.models_dir / "search.key").write_text(fitting[1])
    say(f"search fitted: {report}")


def _hash(places: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for place in places:
        root = PROJECT / place
        for path in [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file()):
            if path.suffix in {".yml", ".txt", ".py", ".json", ".npz"}:
                digest.update(str(path.relative_to(PROJECT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def _forget_old(folder: Path) -> None:
    models = sorted(folder.glob("*.tar.gz"), key=lambda p: p.stat().st_mtime, reverse=True)
    for path in models[KEEP_MODELS:]:
        path.unlink()
