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
FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
"""Else each thread keeps what its longest question once needed, 60 MB: the action server grows to twice its size (``bench hostile``)."""
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
"""All that Rasa gets of the environment of who starts it: no key, no password, no address of a proxy."""


@dataclass(frozen=True)
class Process:
    """One process of the running system. ``health`` is a loopback address that answers 200 when the process is well."""

    name: str
    command: list[str]
    port: int
    health: str
    environment: Mapping[str, str] = field(default_factory=dict)
    is_apart: bool = False
    """Whether it gets this environment alone, and not the one of who starts it."""


def rasa_python() -> Path:
    """The Python of the Rasa server's own environment."""
    return PROJECT / ".venv-rasa" / "bin" / "python"


def setting_variables(settings: Settings) -> dict[str, str]:
    """The settings as variables, so that every process reads the same ones."""
    shown = settings.model_dump(mode="json")
    return {f"AID_{name.upper()}": str(value) for name, value in shown.items() if value != ""}


def rasa_environment() -> dict[str, str]:
    """The whole environment of a process of Rasa's, served or trained."""
    return {**{name: os.environ[name] for name in PASSED_ON if name in os.environ}, **QUIET, "PYTHONPATH": str(PROJECT)}


def rasa_server(settings: Settings, model: Path) -> Process:
    """The Rasa server with the least rights (``bot/confined.py``): it is told no setting but a port, and reads and reaches what it needs."""
    scratch = settings.var_dir / "rasa" / str(settings.rasa_port)
    confined = ["--scratch", str(scratch), "--bind", str(settings.rasa_port), "--connect", str(settings.actions_port)]
    for place in {settings.models_dir, settings.models_dir.resolve(), PROJECT / "var" / "models", model.parent}:
        confined += ["--read", str(place)]
    rasa = ["run", "--interface", "127.0.0.1", "--port", str(settings.rasa_port), "--model", str(model)]
    rasa += ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "--log-file", os.devnull]
    return Process(
        "rasa",
        [str(rasa_python()), "-m", "bot.confined", *confined, "--", *rasa],
        settings.rasa_port,
        f"http://127.0.0.1:{settings.rasa_port}/webhooks/rest/",
        {
            **rasa_environment(), "AID_ACTIONS_PORT": str(settings.actions_port), "AID_LOG_FORMAT": settings.log_format,
            "LOG_LEVEL": "WARNING", "LOG_LEVEL_LIBRARIES": "ERROR",
        },  # fmt: skip
        is_apart=True,
    )


def processes(settings: Settings, model: Path) -> list[Process]:
    """The processes of one machine, slowest to start first."""
    shared = setting_variables(settings)
    apart = Process(
        "console",
        [sys.executable, "-m", "serving", "console"],
        settings.console_port,
        f"http://{settings.host}:{settings.console_port}/console/healthz",
        shared,
    )
    return [
        rasa_server(settings, model),
        Process(
            "actions",
            [sys.executable, "-m", "actions"],
            settings.actions_port,
            f"http://127.0.0.1:{settings.actions_port}/healthz",
            {**shared, **FEW_ARENAS, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        ),
        Process(
            "doors",
            [sys.executable, "-m", "serving"],
            settings.port,
            f"http://{settings.host}:{settings.port}/healthz",
            {**shared, **FEW_ARENAS},
        ),
        *([apart] if settings.console == "apart" else []),
    ]
