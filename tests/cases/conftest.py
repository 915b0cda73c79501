"""What the case tests share: the real knowledge, the real entity finder, a store on disk and a standing clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from aid.cases.kinds import CaseKind, load_kinds
from aid.clock import FixedClock
from aid.language.entities import EntityFinder
from aid.language.words import ProjectWords
from aid.privacy.vault import Vault
from aid.settings import Settings
from aid.store import Store, open_store

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


@pytest.fixture(scope="session")
def kind() -> CaseKind:
    return load_kinds(KNOWLEDGE)["expo_complaint"]


@pytest.fixture(scope="session")
def finder() -> EntityFinder:
    return EntityFinder(ProjectWords.load(KNOWLEDGE / "words"))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, 9, 0))


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(Settings(var_dir=tmp_path, _env_file=None))  # type: ignore[call-arg]
    opened.migrate()
    yield opened
    opened.close()
