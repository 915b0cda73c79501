"""Starts the processes, watches them, restarts what dies, and stops all of them cleanly."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

import httpx

from aid.cli.processes import Process
from aid.errors import AidError
from aid.operations.figures import SupervisorFigures
from aid.settings import PROJECT

GIVE_UP_DEATHS = 5
GIVE_UP_SECONDS = 120.0
STOP_SECONDS = 10.0
LOG_BYTES = 10_000_000


class SupervisorError(AidError):
    """A process cannot be started or does not stay alive; names the process and its log."""


class Supervisor:
    """Keeps a list of processes running until it is told to stop.

    Args:
        wanted: the processes, started together.
        log_dir: each process writes to ``<name>.log`` in it.
        say: where the lines for the operator go.
        figures: where restarts are counted.
    """

    def __init__(self, wanted: list[Process], log_dir: Path, say: Callable[[str], None], figures: SupervisorFigures | None = None) -> None:
        self._wanted, self._figures = wanted, figures or SupervisorFigures()
        self._log_dir = log_dir
        self._say = say
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._deaths: dict[str, deque[float]] = {p.name: deque() for p in wanted}
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start every process.

        Raises:
            SupervisorError: a port is already taken.
        """
        self._log_dir.mkdir(parents=True, exist_ok=True)
        for process in self._wanted:
            _refuse_taken_port(process)
        for process in self._wanted:
            self._figures.watches(process.name)
            self._launch(process)

    def wait_until_well(self, seconds: float) -> None:
        """Return when every process answers its health question.

        Raises:
            SupervisorError: one died or did not answer in time; names it and its log.
        """
        deadline = time.monotonic() + seconds
        for process in self._wanted:
            while not _is_well(process):
                if self._stopping.is_set():
                    return
                self._restart_dead()
                if time.monotonic() > deadline:
                    raise SupervisorError(f"{process.name} did not answer within {seconds:.0f} s; see {self._log(process)}")
                time.sleep(0.1)

    def watch(self) -> None:
        """Restart what dies, until stopped.

        Raises:
            SupervisorError: a process died too often; names it and its log.
        """
        while not self._stopping.wait(0.2):
            self._restart_dead()

    def stop(self) -> None:
        """Ask every process to end, in the reverse order; end those that do not."""
        self._stopping.set()
        for name in reversed([p.name for p in self._wanted]):
            child = self._running.get(name)
            if child and child.poll() is None:
                _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._running.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(child, signal.SIGKILL)
                child.wait()

    def request_stop(self) -> None:
        """Let ``watch`` and ``wait_until_well`` return; safe in a signal handler."""
        self._stopping.set()

    def pids(self) -> dict[str, int]:
        """Process ids by name."""
        return {name: child.pid for name, child in self._running.items()}

    def _restart_dead(self) -> None:
        for process in self._wanted:
            code = self._running[process.name].poll()
            if code is None or self._stopping.is_set():
                continue
            now = time.monotonic()
            deaths = self._deaths[process.name]
            deaths.append(now)
            while deaths and now - deaths[0] > GIVE_UP_SECONDS:
                deaths.popleft()
            how = f"signal {-code}" if code < 0 else f"code {code}"
            if len(deaths) >= GIVE_UP_DEATHS:
                raise SupervisorError(
                    f"{process.name} ended {len(deaths)} times within {GIVE_UP_SECONDS:.0f} s (last: {how}); giving up, see {self._log(process)}"
                )
            self._say(f"{process.name} ended ({how}); starting it again")
            self._figures.restarted(process.name)
            self._stopping.wait(0.2 * (2 ** (len(deaths) - 1)) if len(deaths) > 1 else 0)
            self._launch(process)

    def _launch(self, process: Process) -> None:
        path = self._log(process)
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            self._running[process.name] = subprocess.Popen(
                process.command,
                cwd=PROJECT,
                env=process.surroundings(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    def _log(self, process: Process) -> Path:
        return self._log_dir / f"{process.name}.log"


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    if not path.exists():
        return ""
    with path.open("rb") as log:
        return _tail(log, lines)


def _tail(log: IO[bytes], lines: int) -> str:
    log.seek(0, os.SEEK_END)
    log.seek(max(0, log.tell() - 8192))
    return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-lines:])


def _die_with_parent() -> None:
    """Linux: a child gets SIGTERM when the supervisor is killed, so that no orphan holds a port."""
    ctypes.CDLL("libc.so.6", use_errno=True).prctl(1, signal.SIGTERM)


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def _refuse_taken_port(process: Process) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", process.port))
        except OSError as fault:
            raise SupervisorError(
                f"port {process.port} for {process.name} is taken: is the system already running? Otherwise set AID_{_port_name(process)}."
            ) from fault


def _port_name(process: Process) -> str:
    return {"rasa": "RASA_PORT", "actions": "ACTIONS_PORT"}.get(process.name, "PORT")


def _is_well(process: Process) -> bool:
    try:
        return httpx.get(process.health, timeout=1.0).status_code == 200
    except httpx.HTTPError:
        return False
