"""The real stack, once for all talks: Rasa, the action server and the doors on free ports, with a database of their own.

With ``AID_TEST_REPLICAS`` set (and ``AID_TEST_DATABASE=postgresql``) there are two of each, with one Redis, and the talks go through nginx.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aid.cli import serve
from aid.cli.ask import free_ports
from aid.cli.processes import Process
from aid.cli.processes import processes as as_in_use
from aid.cli.serve import running
from aid.cli.supervisor import Supervisor
from aid.settings import Settings
from tests.postgres import Server
from tests.servers import NoServer, running_nginx, running_redis

REPLICAS = bool(os.environ.get("AID_TEST_REPLICAS"))


class Stack:
    """The running system and its settings."""

    def __init__(self, settings: Settings, supervisor: Supervisor, address: str = "") -> None:
        self.settings = settings
        self.supervisor = supervisor
        self.address = address or f"http://{settings.host}:{settings.port}"


@contextmanager
def watched(var: Path, **own: Any) -> Iterator[tuple[Settings, Supervisor]]:
    """A system of a test's own beside the one of all, watched as `aid serve` watches it; ``own`` are settings."""
    doors, rasa, actions = free_ports(3)
    settings = Settings(var_dir=var, port=doors, rasa_port=rasa, actions_port=actions, **own)
    with running(settings, print) as supervisor:
        watch = threading.Thread(target=supervisor.watch)
        watch.start()
        try:
            yield settings, supervisor
        finally:
            supervisor.request_stop()
            watch.join(10)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, own_database: Callable[[], str], request: pytest.FixtureRequest) -> Iterator[Stack]:
    var: Path = tmp_path_factory.mktemp("stack")
    doors, rasa, actions, platform = free_ports(4)
    wechat = {"wechat_token": "token", "wechat_app_id": "wx0000000000000001", "wechat_app_secret": "secret", "wechat_aes_key": "a" * 42 + "A"}
    wechat["wechat_api_base"] = f"http://127.0.0.1:{platform}"  # where test_wechat.py puts its stand-in
    settings = Settings(var_dir=var, database_url=own_database(), port=doors, rasa_port=rasa, actions_port=actions, **wechat)
    with pytest.MonkeyPatch.context() as patch, ExitStack() as more:
        patch.setattr(serve, "processes", _readable)
        address = ""
        if REPLICAS:
            settings, address = _doubled(settings, request.getfixturevalue("postgresql"), patch, more)
        with running(settings, print) as supervisor:
            yield Stack(settings, supervisor, address)


def _doubled(settings: Settings, server: Server, patch: pytest.MonkeyPatch, more: ExitStack) -> tuple[Settings, str]:
    """The settings of the first of two of each process, and where nginx is that leads to both."""
    doors, rasa, actions = free_ports(3)
    try:
        proxy, redis = more.enter_context(running_nginx([settings.port, doors])), more.enter_context(running_redis())
    except NoServer as fault:
        pytest.skip(str(fault))
    first = settings.model_copy(
        update={
            "rasa_addresses": ",".join(f"http://127.0.0.1:{port}" for port in (settings.rasa_port, rasa)),
            "actions_addresses": ",".join(f"http://127.0.0.1:{port}" for port in (settings.actions_port, actions)),
            "rasa_trackers": server.address(server.empty()),
            "redis": f"redis://127.0.0.1:{redis.port}/0",
            "replica": "a",
        }
    )
    second = first.model_copy(update={"port": doors, "rasa_port": rasa, "actions_port": actions, "replica": "b"})

    def both(given: Settings, model: Path) -> list[Process]:
        if given.port != settings.port:  # a system that a test starts for itself, beside these
            return _readable(given, model)
        return [*_readable(given, model), *(replace(process, name=f"{process.name}-b") for process in _readable(second, model))]

    patch.setattr(serve, "processes", both)
    return first, f"http://127.0.0.1:{proxy.port}/assist"


def _readable(settings: Settings, model: Path) -> list[Process]:
    """As in use, but Rasa lets its trackers be read, so that a test can look for traces in them."""
    return [
        replace(process, command=[*process.command, "--enable-api"]) if process.name == "rasa" else process
        for process in as_in_use(settings, model)
    ]
