"""The figures of a process for Prometheus: one registry a process, labels out of closed sets, nothing of any person.

A label's value that does not stand in its set is counted as ``other``: no input of anybody's can make a new series.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.gc_collector import GCCollector

from aid.cases.life import State
from aid.operations.readiness import GOOD, Report

OTHER = "other"
LABELS: dict[str, frozenset[str]] = {
    "door": frozenset({"web", "kiosk", "wechat", OTHER}),
    "outcome": frozenset({"answered", "given_up", "left_to_staff", "taken_by_another", OTHER}),
    "band": frozenset({"answer", "candidates", "none", "off_topic", "invalid", "question", "summary", "receipt", "status", "words", OTHER}),
    "step": frozenset({"store", "queue", "bot", "end", "delivery", "push", "encode", "search", "understanding", "action", OTHER}),
    "kind": frozenset({"unreachable", "timeout", "broken", OTHER}),
    "result": frozenset({"sent", "quota", "window", "not_allowed", "unreachable", "unsure", "used_up", "off", OTHER}),
    "level": frozenset({"debug", "info", "warning", "error", "critical", OTHER}),
    "part": frozenset({"record", "tables", "bot", "model", "actions", "search", OTHER}),
    "process": frozenset({"rasa", "actions", "doors", "console", OTHER}),
    "status": frozenset({"2xx", "3xx", "4xx", "5xx", OTHER}),
    "state": frozenset({*get_args(State), OTHER}),
}
"""What each label may say; ``center`` is bound by knowledge/centers.yml, ``model`` by the one model that is loaded."""
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0, 30.0)


def closed(label: str, value: object) -> str:
    """The value as its label may say it."""
    return value if isinstance(value, str) and value in LABELS[label] else OTHER


class Figures:
    """What every process tells: of itself, its log and its parts. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._lines = Counter("aid_log_lines", "Lines written to the log.", ["level"], registry=self.registry)
        self._ready = Gauge("aid_ready", "Whether a part of what this process needs is well (1) or not (0).", ["part"], registry=self.registry)
        self._steps = Histogram(
            "aid_step_seconds", "How long a step of a message took.", ["step"], buckets=SECONDS, registry=self.registry
        )

    def line(self, level: str) -> None:
        """A line was written to the log."""
        self._lines.labels(closed("level", level.lower())).inc()

    def looked(self, report: Report) -> None:
        """The parts were looked at."""
        for part, word in report.parts.items():
            self._ready.labels(closed("part", part)).set(word in GOOD)

    def took(self, step: str, seconds: float) -> None:
        """A step took so long."""
        self._steps.labels(closed("step", step)).observe(max(0.0, seconds))

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What is done inside is timed as this step, however it ends."""
        begun = perf_counter()
        try:
            yield
        finally:
            self.took(name, perf_counter() - begun)


class DoorFigures(Figures):
    """What the doors tell beside."""

    def __init__(self) -> None:
        super().__init__()
        here = self.registry
        self._turns = Counter("aid_turns", "Turns that came to an end.", ["door", "outcome"], registry=here)
        self._bands = Counter("aid_replies", "Replies of the bot that were stored, by their kind.", ["band"], registry=here)
        self._whole = Histogram(
            "aid_turn_seconds", "From a stored message to its stored answer.", ["door"], buckets=SECONDS, registry=here
        )
        self._faults = Counter("aid_bot_faults", "Tries of a turn that the bot did not answer well.", ["kind"], registry=here)
        self._taken_over = Counter("aid_turns_taken_over", "Messages whose turn another process, or an earlier life, had left.", registry=here)
        self._pushes = Counter("aid_wechat_pushes", "Messages of our own to followers in WeChat.", ["result"], registry=here)
        self._answers = Counter("aid_http_answers", "Answers to requests.", ["status"], registry=here)
        self.in_motion = Gauge("aid_conversations_in_motion", "Conversations with a running turn or someone who follows.", registry=here)
        self._model = Gauge("aid_model", "The model that the Rasa server has loaded.", ["model"], registry=here)
        self._trained = Gauge("aid_model_trained_timestamp_seconds", "When that model was trained.", registry=here)

    def turn(self, door: str, outcome: str, seconds: float | None = None) -> None:
        """A turn ended; ``seconds`` since its message was stored, where that is known."""
        self._turns.labels(closed("door", door), closed("outcome", outcome)).inc()
        if seconds is not None and outcome == "answered":
            self._whole.labels(closed("door", door)).observe(max(0.0, seconds))

    def reply(self, kind: str | None, reason: str = "") -> None:
        """A reply was stored; ``kind`` and ``reason`` of its card, where it has one."""
        band = reason if kind == "none" and reason in ("off_topic", "invalid") else kind
        self._bands.labels(closed("band", band or "words")).inc()

    def bot_fault(self, kind: str) -> None:
        """The bot did not answer a try well."""
        self._faults.labels(closed("kind", kind)).inc()

    def taken_over(self, messages: int) -> None:
        """Messages were taken over."""
        self._taken_over.inc(messages)

    def push(self, result: str) -> None:
        """A message of our own was sent to a follower, or was not."""
        self._pushes.labels(closed("result", result)).inc()

    def answer(self, status: int) -> None:
        """A request was answered."""
        self._answers.labels(closed("status", f"{status // 100}xx")).inc()

    def model(self, name: str | None, trained_at: float | None) -> None:
        """This model is loaded (``None``: none is)."""
        self._model.clear()
        if name and name.isalnum() and len(name) <= 64:
            self._model.labels(name).set(1)
        self._trained.set(trained_at or 0)


class SupervisorFigures(Figures):
    """What the supervisor tells: of the processes that it keeps running."""

    def __init__(self) -> None:
        super().__init__()
        self._restarts = Counter("aid_process_restarts", "Times that a process died and was started again.", ["process"], registry=self.registry)

    def watches(self, process: str) -> None:
        """A process is started for the first time: its series begins at nought."""
        self._restarts.labels(closed("process", process))

    def restarted(self, process: str) -> None:
        """A process died and is started again."""
        self._restarts.labels(closed("process", process)).inc()


class CountingHandler(logging.Handler):
    """Counts what is logged, by its level."""

    def __init__(self, figures: Figures) -> None:
        super().__init__()
        self._figures = figures

    def emit(self, record: logging.LogRecord) -> None:
        """Count it."""
        self._figures.line(record.levelname)
