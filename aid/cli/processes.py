"""What runs: three processes, four where the workbench stands apart; each with its command, its port and how it says that it is well."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aid.settings import PROJECT, Settings

QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "SANIC_BACKLOG": "256",
}
"""Environment of the Rasa server: no telemetry, one thread a library (three processes share the cores)."""


@dataclass(frozen=True)
class Process:
    """One process of the running system. ``health`` is a loopback address that answers 200 when the process is well."""

    name: str
    command: list[str]
    port: int
    health: str
    environment: Mapping[str, str] = field(default_factory=dict)


def rasa_python() -> Path:
    """The Python of the Rasa server's own environment."""
    return PROJECT / ".venv-rasa" / "bin" / "python"


def setting_variables(settings: Settings) -> dict[str, str]:
    """The settings as variables, so that every process reads the same ones."""
    shown = settings.model_dump(mode="json")
    return {f"AID_{name.upper()}": str(value) for name, value in shown.items() if value != ""}


def processes(settings: Settings, model: Path) -> list[Process]:
    """The processes of one machine, slowest to start first."""
    shared = setting_variables(settings)
    rasa = [str(rasa_python()), "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(settings.rasa_port)]
    rasa += ["--model", str(model), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "--log-file", os.devnull]
    apart = Process(
        "console",
        [sys.executable, "-m", "serving", "console"],
        settings.console_port,
        f"http://{settings.host}:{settings.console_port}/console/healthz",
        shared,
    )
    return [
        Process(
            "rasa",
            rasa,
            settings.rasa_port,
            f"http://127.0.0.1:{settings.rasa_port}/webhooks/rest/",
            {**shared, **QUIET, "PYTHONPATH": str(PROJECT), "LOG_LEVEL": "WARNING", "LOG_LEVEL_LIBRARIES": "ERROR"},
        ),
        Process(
            "actions",
            [sys.executable, "-m", "actions"],
            settings.actions_port,
            f"http://127.0.0.1:{settings.actions_port}/healthz",
            {**shared, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        ),
        Process(
            "doors",
            [sys.executable, "-m", "serving"],
            settings.port,
            f"http://{settings.host}:{settings.port}/healthz",
            shared,
        ),
        *([apart] if settings.console == "apart" else []),
    ]
