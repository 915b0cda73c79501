"""The real stack, once for all talks: Rasa, the action server and the doors on free ports, with a database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aid.cli.ask import free_ports
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
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    var: Path = tmp_path_factory.mktemp("stack")
    doors, rasa, actions = free_ports(3)
    settings = Settings(var_dir=var, port=doors, rasa_port=rasa, actions_port=actions)
    with running(settings, print) as supervisor:
        yield Stack(settings, supervisor)
