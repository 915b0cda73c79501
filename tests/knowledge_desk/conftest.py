"""A desk over the small knowledge base of tests/consultation, and two editors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from aid.clock import CHANGCHUN, FixedClock
from aid.knowledge_desk.content import Content, content_of
from aid.knowledge_desk.desk import KnowledgeDesk
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.knowledge_desk.rights import Editor
from aid.people.rights import EVERYWHERE, Grant, Role
from aid.settings import Settings
from aid.store import Store, open_store
from tests.consultation.conftest import LAWS, SUBJECTS, entry, topic

TODAY = date(2026, 11, 22)


def person(name: str, *roles: Role) -> Editor:
    return Editor(name, frozenset(Grant(role, EVERYWHERE) for role in roles))


WRITER = person("王编辑", "handler", "supervisor")
SECOND = person("李主任", "supervisor")


def patent(**changes: Any) -> Content:
    """The entry patent.copied, changed."""
    return content_of(entry("patent.copied", **changes))


@dataclass
class Place:
    """A desk, its folder and its settings."""

    settings: Settings
    store: Store
    clock: FixedClock

    @property
    def desk(self) -> KnowledgeDesk:
        return KnowledgeDesk(self.store, KnowledgeFolder.of(self.settings), self.clock)

    def file(self, name: str = "patent.yml") -> Path:
        return self.settings.knowledge_dir / "consultations" / name

    def approved(self, content: Content, why: str = "问的人多") -> str:
        """Propose by one, approve by the other; gives the proposal's id."""
        proposal = self.desk.propose(WRITER, content, why)
        assert self.desk.approve(SECOND, proposal.id, proposal.digest).standing == "written"
        return proposal.id


def small_knowledge(folder: Path) -> Path:
    (folder / "consultations").mkdir(parents=True)
    (folder / "laws.yml").write_text(LAWS, encoding="utf-8")
    for name in dict.fromkeys(entry_id.split(".")[0] for entry_id in SUBJECTS):
        text = topic(name, *(entry(i) for i in SUBJECTS if i.startswith(name + ".")))
        (folder / "consultations" / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 22, 10, tzinfo=CHANGCHUN))


@pytest.fixture
def place(tmp_path: Path, clock: FixedClock) -> Iterator[Place]:
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=small_knowledge(tmp_path / "knowledge"))
    store = open_store(settings)
    store.migrate()
    yield Place(settings, store, clock)
    store.close()
