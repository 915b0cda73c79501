"""Doors and workbench by one process, apart, or without the workbench."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from httpx import ASGITransport, AsyncClient

from aid.cli.processes import processes
from aid.settings import PROJECT, Settings
from serving.together import Together, both, console_alone
from tests.console.desk import KNOWLEDGE, SITE, cheap_passwords


def answers(app: Together, *paths: str) -> list[httpx.Response]:
    """What it answers, once started."""

    async def ask() -> list[httpx.Response]:
        async with app.life(), AsyncClient(transport=ASGITransport(app), base_url=SITE) as client:
            return [await client.get(path) for path in paths]

    with start_blocking_portal() as portal:
        return portal.call(ask)


def settings(folder: Path, **more: Any) -> Settings:
    return Settings(var_dir=folder, knowledge_dir=KNOWLEDGE, **more)


def test_one_process_serves_both(tmp_path: Path) -> None:
    health, console, bare, page = answers(both(settings(tmp_path)), "/healthz", "/console/health", "/console", "/privacy")
    assert health.json()["status"] == "ok"
    assert console.json() == {"status": "ok"}
    assert (bare.status_code, bare.headers["location"]) == (307, "/console/")
    assert "script-src" not in page.headers["content-security-policy"], "each keeps its own policy"


def test_without_the_workbench_there_is_nothing_at_its_address(tmp_path: Path) -> None:
    health, console = answers(both(settings(tmp_path, console="off")), "/healthz", "/console/health")
    assert (health.status_code, console.status_code) == (200, 404)


def test_apart_the_workbench_serves_nothing_else(tmp_path: Path) -> None:
    app = console_alone(settings(tmp_path), passwords=cheap_passwords())
    console, door, page, talk = answers(app, "/console/health", "/healthz", "/", "/v1/greeting")
    assert [one.status_code for one in (console, door, page, talk)] == [200, 404, 404, 404]


@pytest.mark.parametrize(("console", "expected"), [("together", 3), ("off", 3), ("apart", 4)])
def test_the_processes_of_a_machine_are_as_the_setting_says(tmp_path: Path, console: str, expected: int) -> None:
    running = processes(settings(tmp_path, console=console, console_port=8123), tmp_path)
    assert len(running) == expected
    assert running[2].command == [sys.executable, "-m", "serving"]
    assert running[2].environment["AID_CONSOLE"] == console
    if expected == 4:
        assert (running[3].command[1:], running[3].port) == (["-m", "serving", "console"], 8123)
        assert running[3].health == "http://127.0.0.1:8123/console/healthz"


@pytest.mark.parametrize("arguments", [[], ["console"]])
def test_a_fault_of_the_set_up_is_one_line(arguments: list[str]) -> None:
    environment = {"AID_CLOCK_START": "soon", "PATH": "/usr/bin"}
    command = [sys.executable, "-m", "serving", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "AID_CLOCK_START" in done.stderr
    assert "Traceback" not in done.stderr
