"""Trains, parses with and serves Rasa projects, in Rasa's own environment."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from aid.cli.processes import Process, rasa_python
from aid.settings import PROJECT
from bench.errors import BenchError
from bench.measures import Ranking

STOCK = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "LOG_LEVEL": "ERROR",
    "LOG_LEVEL_LIBRARIES": "ERROR",
}
"""Quiet, and threads as Rasa sets them by itself."""
PARSE_SECONDS = 900.0


@dataclass(frozen=True)
class Trained:
    """A model and the wall seconds of the training that made it, with the start of the command."""

    model: Path
    seconds: float


def train(folder: Path, what: str, seconds: float) -> Trained:
    """Train a project; one that was trained from the same files is not trained again.

    Args:
        folder: the project.
        what: ``nlu``, or nothing for the whole bot.
        seconds: bound of the training.

    Raises:
        BenchError: the training failed or took too long.
    """
    model, note = folder / "models" / "peer.tar.gz", folder / "models" / "trained.json"
    key = _hash(folder)
    if model.exists() and note.exists():
        kept = json.loads(note.read_text("utf-8"))
        if kept["key"] == key:
            return Trained(model, float(kept["seconds"]))
    command = [str(rasa_python()), "-m", "rasa", "train", *([what] if what else []), "--config", "config.yml"]
    command += ["--domain", "domain.yml", "--nlu" if what else "--data", "data", "--out", "models"]
    command += ["--fixed-model-name", "peer", *([] if what else ["--force"])]
    started = time.monotonic()
    _run(command, folder, seconds, STOCK)
    spent = time.monotonic() - started
    if not model.exists():
        raise BenchError(f"Rasa trained {folder.name} without an error and left no model")
    note.write_text(json.dumps({"key": key, "seconds": spent}), "utf-8")
    return Trained(model, spent)


def parse(model: Path, texts: Sequence[str], folder: Path) -> list[dict[str, Any]]:
    """What a model makes of each text (see ``bench.peers.rasa_parse``); ``folder`` is for the files in between.

    Raises:
        BenchError: the model cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    asked, out = folder / "texts.json", folder / "parsed.json"
    asked.write_text(json.dumps(list(texts), ensure_ascii=False), "utf-8")
    script = PROJECT / "bench/peers/rasa_parse.py"
    command = [str(rasa_python()), str(script), str(model), str(asked), str(out)]
    _run(command, PROJECT, PARSE_SECONDS, {**STOCK, "PYTHONPATH": str(PROJECT)})
    rows: list[dict[str, Any]] = json.loads(out.read_text("utf-8"))
    if len(rows) != len(texts):
        raise BenchError(f"{len(texts)} texts were parsed into {len(rows)} rows")
    return rows


def ranking(row: dict[str, Any]) -> Ranking:
    """The response selector's ranking; answered when the intent is ``faq`` and the fallback did not step in."""
    entries = tuple(str(key).removeprefix("faq/") for key, _ in row["ranking"])
    score = float(row["ranking"][0][1]) if row["ranking"] else 0.0
    return Ranking(entries, score, float(row["milliseconds"]), answered=row["intent"] == "faq")


def servers(folder: Path, model: Path, rasa_port: int, actions_port: int) -> list[Process]:
    """The processes of a bot: the Rasa server with its REST channel, and the action server; on loopback."""
    endpoints = folder / "endpoints.yml"
    action_endpoint = {"url": f"http://127.0.0.1:{actions_port}/webhook"}
    endpoints.write_text(yaml.safe_dump({"action_endpoint": action_endpoint}), "utf-8")
    rasa = [str(rasa_python()), "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(rasa_port)]
    rasa += ["--model", str(model), "--endpoints", str(endpoints), "--credentials", str(folder / "credentials.yml")]
    rasa += ["--log-file", os.devnull]
    actions = [sys.executable, "-m", "rasa_sdk", "--port", str(actions_port), "--actions", "peer_actions"]
    loopback = {"SANIC_HOST": "127.0.0.1", "PYTHONPATH": str(folder)}
    return [
        Process("rasa", rasa, rasa_port, f"http://127.0.0.1:{rasa_port}/webhooks/rest/", STOCK),
        Process("actions", actions, actions_port, f"http://127.0.0.1:{actions_port}/health", loopback),
    ]


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in [folder / "config.yml", folder / "domain.yml", *sorted((folder / "data").glob("*.yml"))]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _run(command: list[str], folder: Path, seconds: float, environment: dict[str, str]) -> None:
    environment = {**os.environ, **environment}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as fault:
        raise BenchError(f"{folder.name}: Rasa took more than {seconds:.0f} s and was ended") from fault
    if done.returncode:
        raise BenchError(f"{folder.name}: Rasa ended with {done.returncode}:\n" + (done.stdout + done.stderr)[-2000:])
