"""The whole running system, with Rasa and the actions, behind a page of another site that shows the widget."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from host_site import Host

from aid.cli.ask import free_ports
from aid.cli.serve import running
from aid.settings import Settings


@dataclass
class Whole:
    """``host``: the other site; ``address``: the assistant's own page."""

    host: Host
    settings: Settings

    @property
    def address(self) -> str:
        return f"http://{self.settings.host}:{self.settings.port}/"


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, built_page: Path, own_database: Callable[[], str]) -> Iterator[Whole]:
    doors, rasa, actions = free_ports(3)
    host = Host()
    places = {"var_dir": tmp_path_factory.mktemp("whole"), "database_url": own_database()}
    settings = Settings(**places, port=doors, rasa_port=rasa, actions_port=actions, sites=f"center={host.address}")
    host.assistant = f"http://{settings.host}:{settings.port}"
    with running(settings, print):
        yield Whole(host, settings)
    host.close()
