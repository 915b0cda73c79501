"""The supervisor restarts what dies, gives up loudly, refuses taken ports, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from aid.cli.processes import Process
from aid.cli.supervisor import GIVE_UP_DEATHS, Supervisor, SupervisorError
from aid.operations.figures import SupervisorFigures

SERVER = """
import http.server, sys
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def web_process(name: str = "web") -> Process:
    port = free_port()
    return Process(name, [sys.executable, "-c", SERVER, str(port)], port, f"http://127.0.0.1:{port}/")


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_what_dies_is_said_and_started_again_and_stopped_at_the_end(tmp_path: Path) -> None:
    said: list[str] = []
    figures = SupervisorFigures()
    supervisor = Supervisor([web_process("doors")], tmp_path, said.append, figures)
    supervisor.start()
    watch = threading.Thread(target=supervisor.watch)
    try:
        supervisor.wait_until_well(20)
        first = supervisor.pids()["doors"]
        watch.start()
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while supervisor.pids()["doors"] == first and time.monotonic() < deadline:
            time.sleep(0.05)
        second = supervisor.pids()["doors"]
        assert second != first
        supervisor.wait_until_well(20)
        assert figures.registry.get_sample_value("aid_process_restarts_total", {"process": "doors"}) == 1
        assert any("doors ended (signal 9)" in line for line in said)
    finally:
        supervisor.stop()
        watch.join(10)
    assert gone(second)


def test_repeated_deaths_end_it_loudly(tmp_path: Path) -> None:
    dying = Process("dying", [sys.executable, "-c", "raise SystemExit(3)"], free_port(), "http://127.0.0.1:9/")
    supervisor = Supervisor([dying], tmp_path, lambda _line: None)
    supervisor.start()
    try:
        with pytest.raises(SupervisorError, match=f"dying ended {GIVE_UP_DEATHS} times.*code 3.*dying.log"):
            supervisor.watch()
    finally:
        supervisor.stop()


def test_a_taken_port_is_refused_by_name(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = Process("rasa", ["true"], taken.getsockname()[1], "http://127.0.0.1:9/")
        with pytest.raises(SupervisorError, match="AID_RASA_PORT"):
            Supervisor([process], tmp_path, lambda _line: None).start()


def test_a_process_that_never_answers_is_named(tmp_path: Path) -> None:
    silent = Process("silent", [sys.executable, "-c", "import time; time.sleep(60)"], free_port(), "http://127.0.0.1:9/")
    supervisor = Supervisor([silent], tmp_path, lambda _line: None)
    supervisor.start()
    try:
        with pytest.raises(SupervisorError, match="silent did not answer"):
            supervisor.wait_until_well(0.5)
    finally:
        supervisor.stop()
    assert gone(supervisor.pids()["silent"])
