"""The real stack, once for all talks: Rasa, the action server and the doors on free ports, with a database of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aid.cli import serve
from aid.cli.ask import free_ports
from aid.cli.processes import Process
from aid.cli.processes import processes as as_in_use
from aid.cli.serve import running
from aid.cli.supervisor import Supervisor
from aid.settings import Settings


class Stack:
    """The running system and its settings."""

    def __init__(self, settings: Settings, supervisor: Supervisor) -> None:
        self.settings = settings
        self.supervisor = supervisor

    @property
    def address(self) -> str:
        return f"http://{self.settings.host}:{self.settings.port}"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, own_database: Callable[[], str]) -> Iterator[Stack]:
    var: Path = tmp_path_factory.mktemp("stack")
    doors, rasa, actions, platform = free_ports(4)
    wechat = {"wechat_token": "token", "wechat_app_id": "wx0000000000000001", "wechat_app_secret": "secret", "wechat_aes_key": "a" * 42 + "A"}
    wechat["wechat_api_base"] = f"http://127.0.0.1:{platform}"  # where test_wechat.py puts its stand-in
    settings = Settings(var_dir=var, database_url=own_database(), port=doors, rasa_port=rasa, actions_port=actions, **wechat)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serve, "processes", _readable)
        with running(settings, print) as supervisor:
            yield Stack(settings, supervisor)


def _readable(settings: Settings, model: Path) -> list[Process]:
    """As in use, but Rasa lets its trackers be read, so that a test can look for traces in them."""
    return [
        replace(process, command=[*process.command, "--enable-api"]) if process.name == "rasa" else process
        for process in as_in_use(settings, model)
    ]
