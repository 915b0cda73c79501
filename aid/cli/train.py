"""Training, keyed by a hash of everything it reads: what is up to date is not made again."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from aid.cli.processes import QUIET, rasa_python
from aid.consultation.calibrate import fit_and_save
from aid.errors import AidError
from aid.settings import PROJECT, Settings

BOT_READS = ("config.yml", "domain.yml", "data/nlu", "data/rules", "bot", "aid/language", "knowledge", "requirements/rasa.txt")
SEARCH_READS = (
    "knowledge/consultations",
    "knowledge/words",
    "data/off_topic.txt",
    "data/questions",
    "data/calibration.yml",
    "aid/consultation",
    "aid/language",
)
KEEP_MODELS = 3


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
    calibrate(settings, say, force)
    model = bot_model(settings)
    if model.exists() and not force:
        return model
    say("training the bot (about a minute)")
    started = time.monotonic()
    model.parent.mkdir(parents=True, exist_ok=True)
    command = [str(rasa_python()), "-m", "rasa", "train", "--force", "--config", "config.yml", "--domain", "domain.yml"]
    command += ["--data", "data/nlu", "data/rules", "--out", str(model.parent), "--fixed-model-name", model.stem[:-4]]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, **QUIET, "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "2"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    if done.returncode or not model.exists():
        raise TrainingFailed("the bot could not be trained:\n" + (done.stdout + done.stderr)[-3000:])
    _forget_old(model.parent)
    say(f"trained in {time.monotonic() - started:.0f} s")
    return model


def calibrate(settings: Settings, say: Callable[[str], None], force: bool = False) -> None:
    """Fit the search's probability again when the knowledge or the code of the search has changed."""
    target, stamp = settings.models_dir / "search.json", settings.models_dir / "search.key"
    key = _hash(SEARCH_READS)
    if not force and target.exists() and stamp.exists() and stamp.read_text() == key:
        return
    say("fitting the search")
    report = fit_and_save(settings.knowledge_dir, PROJECT / "data", settings.models_dir)
    stamp.write_text(key)
    say(f"search fitted: {report}")


def _hash(places: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for place in places:
        root = PROJECT / place
        for path in [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file()):
            if path.suffix in {".yml", ".txt", ".py", ".json"}:
                digest.update(str(path.relative_to(PROJECT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def _forget_old(folder: Path) -> None:
    models = sorted(folder.glob("*.tar.gz"), key=lambda p: p.stat().st_mtime, reverse=True)
    for path in models[KEEP_MODELS:]:
        path.unlink()
