"""What runs: three processes, four where the workbench stands apart; each with its command, its port and how it says that it is well."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

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
FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
"""Else each thread keeps what its longest question once needed, 60 MB: the action server grows to twice its size (``bench hostile``)."""
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
"""All that Rasa gets of the environment of who starts it: no key, no password, no address of a proxy."""


@dataclass(frozen=True)
class Process:
    """One process of the running system. ``health`` is a loopback address that answers 200 when the process is well.

    ``bare``: it gets ``environment`` alone, and nothing of who starts it: no key, no password.
    """

    name: str
    command: list[str]
    port: int
    health: str
    environment: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False

    def surroundings(self) -> dict[str, str]:
        """The whole environment in which it runs."""
        return {**({} if self.bare else os.environ), **self.environment}


def rasa_python() -> Path:
    """The Python of the Rasa server's own environment."""
    return PROJECT / ".venv-rasa" / "bin" / "python"


def setting_variables(settings: Settings) -> dict[str, str]:
    """The settings as variables, so that every process reads the same ones."""
    shown = settings.model_dump(mode="json")
    return {f"AID_{name.upper()}": str(value) for name, value in shown.items() if value != ""}


def rasa_environment() -> dict[str, str]:
    """What every process of Rasa's gets, served or trained; a server is told some addresses besides."""
    return {**{name: os.environ[name] for name in PASSED_ON if name in os.environ}, **QUIET, "PYTHONPATH": str(PROJECT)}


def rasa_server(settings: Settings, model: Path) -> Process:
    """The Rasa server with the least rights (``bot/confined.py``): told where the action servers and its trackers are, it reaches nothing else."""
    scratch = Path(settings.rasa_scratch or settings.var_dir / "rasa" / str(settings.rasa_port))
    confined = ["--scratch", str(scratch), "--bind", str(settings.rasa_port)]
    for port in sorted({_port(address) for address in (*settings.actions, settings.rasa_trackers) if address}):
        confined += ["--connect", str(port)]
    for place in {settings.models_dir, settings.models_dir.resolve(), PROJECT / "var" / "models", model.parent}:
        confined += ["--read", str(place)]
    rasa = ["run", "--interface", settings.inner_host, "--port", str(settings.rasa_port), "--model", str(model)]
    rasa += ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "--log-file", os.devnull]
    told = {
        "AID_ACTIONS_WEBHOOKS": ",".join(f"{address}/webhook" for address in settings.actions),
        "AID_RASA_TRACKERS": settings.rasa_trackers,
        "AID_LOG_FORMAT": settings.log_format,
        "LOG_LEVEL": "WARNING",
        "LOG_LEVEL_LIBRARIES": "ERROR",
    }
    return Process(
        "rasa",
        [str(rasa_python()), "-m", "bot.confined", *confined, "--", *rasa],
        settings.rasa_port,
        f"http://{_near(settings)}:{settings.rasa_port}/webhooks/rest/",
        {**rasa_environment(), **told},
        bare=True,
    )


def _port(address: str) -> int:
    """The port of an address, or what its scheme stands for."""
    parts = urlsplit(address)
    return parts.port or {"http": 80, "https": 443}.get(parts.scheme, 5432)


def _near(settings: Settings) -> str:
    """Where this machine itself finds its inner processes."""
    return "127.0.0.1" if settings.inner_host == "0.0.0.0" else settings.inner_host


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
            f"http://{_near(settings)}:{settings.actions_port}/healthz",
            {**shared, **FEW_ARENAS, **THREADS},
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
