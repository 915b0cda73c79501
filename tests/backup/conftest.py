"""What the backup tests share: a system with cases and evidence files, and empty ones to restore into."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from aid.cases.kinds import SUMMARY
from aid.cases.office import Office, open_office
from aid.evidence.examine import examine
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.messages import Messages, new_id
from tests.evidence.made import picture
from tests.postgres import ENGINE, Server

FACTS = {"name": "王小强", "phone": "13900007005", "consent": "yes", "matter": "专利", "question": "怎么申请", "asked": "怎么申请"}
KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


@dataclass
class System:
    """A running system without processes: what the doors and the action server do, called directly."""

    settings: Settings
    store: Store
    office: Office
    messages: Messages

    def complain(self, colour: str = "red", files: int = 1) -> str:
        """File a case with evidence files; gives its number."""
        conversation = self.messages.open_conversation("web").id
        for place in range(files):
            stored = self.office.evidence.store(picture(colour=colour, size=(64 + place, 48)), "照片.jpg")
            beside = self.office.evidence.naming(conversation, stored)
            self.messages.add_inbound(conversation, new_id(), "照片", beside=beside)
        origin, _ = self.messages.add_inbound(conversation, new_id(), "回电")
        draft = self.office.drafts.open(conversation, "consultation_callback", origin.id)
        kind = self.office.kinds["consultation_callback"]
        facts = {field.key: FACTS.get(field.key, "" if field.optional else "专利") for field in kind.fields}
        draft = self.office.drafts.save(draft, facts=facts, asked=SUMMARY, inbound_id=origin.id, failures=0)
        confirmed, _ = self.messages.add_inbound(conversation, new_id(), "确认")
        return self.office.tickets.file(draft, confirmed.id)[0].number


@contextmanager
def opened(settings: Settings) -> Iterator[System]:
    """The system of the settings; pictures are opened in this process, which is quicker, and a small disk is no hindrance."""
    store = open_store(settings)
    store.migrate()
    vault, clock = open_vault(settings), settings.clock()
    office = open_office(settings, store, vault, clock)
    office.evidence._examine = examine
    office.evidence._files._least_free = 0
    try:
        yield System(settings, store, office, Messages(store, vault, clock))
    finally:
        store.close()


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    """A knowledge folder of one's own."""
    return Path(shutil.copytree(KNOWLEDGE, tmp_path / "whole-knowledge"))


@pytest.fixture
def system(tmp_path: Path, knowledge: Path) -> Iterator[System]:
    """A system with nothing in it."""
    with opened(Settings(var_dir=tmp_path / "var", knowledge_dir=knowledge)) as found:
        yield found


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, knowledge: Path) -> Iterator[Callable[[], Settings]]:
    """The settings of another, empty system at each call: another folder, and on PostgreSQL another database without tables."""
    made: list[str] = []
    server: Server | None = request.getfixturevalue("postgresql") if ENGINE == "postgresql" else None

    def new() -> Settings:
        var = tmp_path / f"elsewhere{len(made)}"
        made.append(server.empty() if server else "")
        return Settings(var_dir=var, knowledge_dir=knowledge, database_url=server.address(made[-1]) if server else "")

    yield new
    for name in made:
        if server:
            server.drop(name)
