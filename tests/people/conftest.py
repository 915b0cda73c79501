"""What the tests of people share: accounts over a migrated store, cheap passwords, a standing clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from aid.clock import FixedClock
from aid.people.accounts import Accounts, Person
from aid.people.passwords import Passwords
from aid.people.rights import Grant
from aid.people.sessions import Sessions
from aid.people.sights import Sights
from aid.people.sign_in import Doorkeeper
from aid.privacy.vault import Vault
from aid.settings import Settings
from aid.store import Store, open_store

PASSWORD = "坐在窗边喝一杯热茶再出门"
CENTERS = ("main", "subcenter-1", "subcenter-2")


@dataclass
class Staff:
    """The people of a workbench."""

    store: Store
    vault: Vault
    clock: FixedClock
    passwords: Passwords
    accounts: Accounts
    doorkeeper: Doorkeeper
    sessions: Sessions
    sights: Sights

    def person(self, name: str, *grants: str) -> Person:
        """An account that has its own password already."""
        one_time = self.accounts.add(name, name.title(), [Grant.read(grant) for grant in grants], by="test")
        self.accounts.change_password(self.accounts.named(name).id, one_time, PASSWORD)
        return self.accounts.named(name)


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    store = open_store(Settings(var_dir=tmp_path))
    store.migrate()
    vault, clock = Vault([Fernet.generate_key().decode()]), FixedClock(datetime(2026, 11, 23, 9, 0))
    passwords = Passwords(["password"], time_cost=1, memory_kib=8, lanes=1)
    accounts = Accounts(store, clock, passwords, CENTERS)
    yield Staff(
        store, vault, clock, passwords, accounts, Doorkeeper(store, vault, clock, passwords, accounts), Sessions(store, clock), Sights(store, vault, clock)
    )
    store.close()
