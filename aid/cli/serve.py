"""`aid serve`: train what is out of date, start the processes, watch them until Ctrl-C."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from aid.cli.people import first_account
from aid.cli.processes import processes
from aid.cli.supervisor import Supervisor
from aid.cli.train import train
from aid.operations.figures import SupervisorFigures
from aid.operations.listener import listening
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store.engine import open_store

START_SECONDS = 120.0


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
