"""What the store tests share: a migrated store on disk, a vault, a standing clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from aid.clock import FixedClock
from aid.privacy.vault import Vault
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.messages import Messages


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var_dir=tmp_path)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, 9, 0))


@pytest.fixture
def messages(store: Store, vault: Vault, clock: FixedClock) -> Messages:
    return Messages(store, vault, clock)
