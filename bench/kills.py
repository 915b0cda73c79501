"""The killing in the fault run: which process dies when, never faster than the supervisor bears, and how soon it is well again."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from aid.cli.processes import Process
from aid.cli.supervisor import Supervisor
from bench.complaints import PROCESSES, Complaint

PAUSE = 0.05
WELL_SECONDS = 120.0


class Pace:
    """Never lets a process be killed so often that the supervisor would give up; who would be too early waits."""

    def __init__(self, most: int, seconds: float, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._most, self._seconds, self._now, self._sleep = most, seconds, now, sleep
        self._lock = threading.Lock()
        self._planned = dict.fromkeys(PROCESSES, 0)
        self._killed: dict[str, list[float]] = {name: [] for name in PROCESSES}

    def plan(self, name: str) -> None:
        """Wait until one more kill of ``name`` is allowed, and count it as planned."""
        while True:
            with self._lock:
                self._killed[name] = [at for at in self._killed[name] if at > self._now() - self._seconds]
                if len(self._killed[name]) + self._planned[name] < self._most:
                    self._planned[name] += 1
                    return
            self._sleep(PAUSE)

    def done(self, name: str, killed: bool) -> None:
        """The planned kill was made, or never came."""
        with self._lock:
            self._planned[name] -= 1
            if killed:
                self._killed[name].append(self._now())


class Killer:
    """Kills children of the supervisor and measures how long it takes until they are well again."""

    def __init__(self, supervisor: Supervisor, watched: Sequence[Process]) -> None:
        self._supervisor, self._health = supervisor, {p.name: p.health for p in watched}
        self._watchers: list[threading.Thread] = []
        self._shot: set[int] = set()
        self.recoveries: dict[str, list[float]] = {name: [] for name in PROCESSES}

    def kill(self, name: str) -> bool:
        """Kill the process now; ``False`` when it is dead already."""
        pid = self._supervisor.pids()[name]
        if pid in self._shot or not _is_child(pid):  # a killed process may still look alive for a moment
            return False
        self._shot.add(pid)
        os.kill(pid, signal.SIGKILL)
        watcher = threading.Thread(target=self._watch, args=(name, pid, time.monotonic()), daemon=True)
        self._watchers.append(watcher)
        watcher.start()
        return True

    def wait(self) -> None:
        """Until every process that was killed is well again."""
        for watcher in self._watchers:
            watcher.join(WELL_SECONDS)

    def _watch(self, name: str, killed: int, at: float) -> None:
        deadline = at + WELL_SECONDS
        while time.monotonic() < deadline:
            following = self._supervisor.pids()[name]
            if following != killed and _is_well(self._health[name]) and self._supervisor.pids()[name] == following:
                self.recoveries[name].append(time.monotonic() - at)
                return
            time.sleep(PAUSE)


class Doom:
    """The one kill of one complaint."""

    def __init__(self, complaint: Complaint, killer: Killer, pace: Pace) -> None:
        self._fault, self._killer, self._pace = complaint.fault, killer, pace
        self._timer: threading.Timer | None = None
        self.killed = False

    def at_question(self, step: int, files: bool) -> None:
        """Let the fault take its course when its moment has come."""
        if self._timer is None and (files or step == self._fault.step):
            self._timer = threading.Timer(self._fault.delay, self._kill)
            self._timer.start()

    def end(self) -> None:
        """The complaint is over."""
        if self._timer is None:
            self._pace.done(self._fault.process, False)
        else:
            self._timer.join()

    def _kill(self) -> None:
        self.killed = self._killer.kill(self._fault.process)
        self._pace.done(self._fault.process, self.killed)


def _is_child(pid: int) -> bool:
    """Whether the process is alive and one that this run has started (Linux tells; elsewhere the supervisor's word counts)."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        return True
    try:
        state, parent = stat.read_text().rsplit(") ", 1)[1].split(" ")[:2]
    except OSError:
        return False
    return int(parent) == os.getpid() and state != "Z"


def _is_well(address: str) -> bool:
    try:
        return httpx.get(address, timeout=1.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
