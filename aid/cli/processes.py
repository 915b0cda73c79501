"""What runs: three processes, four where the workbench stands apart; each with its command, its port and how it says that it is well."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aid.settings import PROJECT, Settings

THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""One thread a library: the processes share the cores."""
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    **THREADS,
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "SANIC_BACKLOG": "256",
}
"""Environment of the Rasa server: no telemetry, one thread a library."""


@dataclass(frozen=True)
class Process:
    """One process of the running system. ``health`` is a loopback address that answers 200 when the process is well.

    ``bare``: of the settings it is given those in ``environment`` alone, none of the keys and passwords that stand around it.
    """

    name: str
    command: list[str]
    port: int
    health: str
    environment: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False

    def surroundings(self) -> dict[str, str]:
        """The whole environment in which it runs."""
        around = {name: value for name, value in os.environ.items() if not (self.bare and name.startswith(("AID_", "PG")))}
        return {**around, **self.environment}


def rasa_python() -> Path:
    """The Python of the Rasa server's own environment."""
    return PROJECT / ".venv-rasa" / "bin" / "python"


def setting_variables(settings: Settings) -> dict[str, str]:
    """The settings as variables, so that every process reads the same ones."""
    shown = settings.model_dump(mode="json")
    return {f"AID_{name.upper()}": str(value) for name, value in shown.items() if value != ""}


def rasa_environment(settings: Settings) -> dict[str, str]:
    """What a Rasa server is told: where the action servers are and where it keeps its trackers. It needs no key and no record."""
    return {
        **QUIET,
        "PYTHONPATH": str(PROJECT),
        "LOG_LEVEL": "WARNING",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "AID_ACTIONS_WEBHOOKS": ",".join(f"{address}/webhook" for address in settings.actions),
        "AID_RASA_TRACKERS": settings.rasa_trackers,
    }


def processes(settings: Settings, model: Path) -> list[Process]:
    """The processes of one machine, slowest to start first."""
    shared = setting_variables(settings)
    near = "127.0.0.1" if settings.inner_host == "0.0.0.0" else settings.inner_host
    rasa = [str(rasa_python()), "-m", "rasa", "run", "--interface", settings.inner_host, "--port", str(settings.rasa_port)]
    rasa += ["--model", str(model), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "--log-file", os.devnull]
    apart = Process(
        "console",
        [sys.executable, "-m", "serving", "console"],
        settings.console_port,
        f"http://{settings.host}:{settings.console_port}/console/health",
        shared,
    )
    return [
        Process(
            "rasa",
            rasa,
            settings.rasa_port,
            f"http://{near}:{settings.rasa_port}/webhooks/rest/",
            rasa_environment(settings),
            bare=True,
        ),
        Process(
            "actions",
            [sys.executable, "-m", "actions"],
            settings.actions_port,
            f"http://{near}:{settings.actions_port}/health",
            {**shared, **THREADS},
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
