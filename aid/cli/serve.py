"""`aid serve`: train what is out of date, start the processes, watch them until Ctrl-C; or one kind of process alone."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import FrameType

from aid.cli.people import first_account
from aid.cli.processes import FEW_ARENAS, THREADS, processes
from aid.cli.supervisor import Supervisor
from aid.cli.train import bot_model, train
from aid.errors import AidError
from aid.operations.figures import SupervisorFigures
from aid.operations.listener import listening
from aid.privacy.vault import open_vault
from aid.settings import PROJECT, Settings
from aid.store.engine import open_store

START_SECONDS = 120.0


class Part(StrEnum):
    """What `aid serve` may run alone."""

    PREPARE = "prepare"
    MIGRATE = "migrate"
    DOORS = "doors"
    RASA = "rasa"
    ACTIONS = "actions"
    CONSOLE = "console"


class NotPrepared(AidError):
    """Rasa has no model at all; `aid serve prepare` makes one."""


@contextmanager
def running(settings: Settings, say: Callable[[str], None]) -> Iterator[Supervisor]:
    """The whole system, trained, migrated and well; stopped at the end.

    Raises:
        SupervisorError: a port is taken, or a process does not come up.
        TrainingFailed: the bot could not be trained.
    """
    model = train(settings, say)
    prepare(settings)
    supervisor = Supervisor(processes(settings, model), settings.var_dir / "log", say)
    try:
        supervisor.start()
        supervisor.wait_until_well(START_SECONDS)
        yield supervisor
    finally:
        supervisor.stop()


def prepare(settings: Settings, say: Callable[[str], None] | None = None) -> None:
    """Make the keys and bring the database to its newest form, once, before the processes that share them.

    With ``say``, the first account of the workbench is made and its password said.
    """
    open_vault(settings)
    store = open_store(settings)
    store.migrate()
    if say is not None and settings.console != "off":
        first_account(settings, store, say)
    store.close()


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Run the system in the foreground until SIGINT or SIGTERM.

    Raises:
        SupervisorError: a port is taken, or a process died too often.
        TrainingFailed: the bot could not be trained.
    """
    started = time.monotonic()
    model = train(settings, say)
    prepare(settings, say)
    figures = SupervisorFigures()
    supervisor = Supervisor(processes(settings, model), settings.var_dir / "log", say, figures)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        supervisor.request_stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    try:
        say("starting Rasa, the action server and the doors")
        with listening(settings, "supervisor", figures.registry):
            _until_stopped(supervisor, settings, say, started)
    finally:
        say("stopping")
        supervisor.stop()


def _until_stopped(supervisor: Supervisor, settings: Settings, say: Callable[[str], None], started: float) -> None:
    supervisor.start()
    supervisor.wait_until_well(START_SECONDS)
    say(f"ready after {time.monotonic() - started:.0f} s")
    say(f"  chat page    http://{settings.host}:{settings.port}/")
    say(f"  API          http://{settings.host}:{settings.port}/v1/openapi.json")
    if settings.console != "off":
        port = settings.console_port if settings.console == "apart" else settings.port
        say(f"  workbench    http://{settings.host}:{port}/console/")
    say("Ctrl-C stops all")
    supervisor.watch()


def serve_part(settings: Settings, part: Part, say: Callable[[str], None]) -> None:
    """Become one process of the system: who watches it (systemd, a container) sends its signals to it itself. Returns after the first two only.

    ``prepare`` trains what is out of date, makes the keys, brings the database to its newest form and says the first account's password: once,
    before the others start. ``migrate`` does the same without the training: in a container the model is part of the image.

    Raises:
        NotPrepared: Rasa has no model.
        TrainingFailed: the bot could not be trained.
    """
    if part in (Part.PREPARE, Part.MIGRATE):
        if part is Part.PREPARE:
            train(settings, say)
        prepare(settings, say)
        return
    apart = settings.model_copy(update={"console": "apart"}) if part is Part.CONSOLE else settings
    model = _newest_model(settings, say) if part is Part.RASA else bot_model(settings)
    [process] = [one for one in processes(apart, model) if one.name == part.value]
    # Our own processes read the settings themselves, as they stand around them: no key is put into an environment that had none.
    environment = process.surroundings() if process.bare else {**os.environ, **THREADS, **FEW_ARENAS}
    os.chdir(PROJECT)
    sys.stdout.flush()
    os.execve(process.command[0], process.command, environment)


def _newest_model(settings: Settings, say: Callable[[str], None]) -> Path:
    """The model of the present data; where an entry has changed since, the newest one: it knows a few examples less, and answers."""
    model = bot_model(settings)
    if model.exists():
        return model
    trained = sorted(model.parent.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not trained:
        raise NotPrepared("Rasa has no model: run `aid serve prepare` first")
    say("the data has changed since the bot was trained: Rasa starts with the newest model; `aid serve prepare` trains")
    return trained[-1]
