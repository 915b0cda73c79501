"""`aid demo`: a database of its own, full of invented cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from aid.demo.fill import fill
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store.engine import open_store

FOLDER = "demo"
"""Folder of the demonstration in the var folder, where none is named."""


def demo(
    settings: Settings, folder: Path | None, database: str, many: int, seed: int, show: Callable[[str], None], say: Callable[[str], None]
) -> None:
    """Fill it and show how the system is started with it.

    Args:
        settings: the knowledge and the clock; neither the database nor the keys in force are touched.
        folder: the var folder of the demonstration: its keys and evidence, and its SQLite file.
        database: address of a PostgreSQL for it; empty: the SQLite file.
        many: how many cases.
        seed: of the chance; the same seed on the same day gives the same cases.
        show: shows one line of the result.
        say: tells how far it is.

    Raises:
        NotEmpty: the database holds something already.
        StoreUnavailable: it cannot be reached.
    """
    folder = (folder or settings.var_dir / FOLDER).resolve()
    own = settings.model_copy(update={"var_dir": folder, "database_url": database, "data_key": ""})
    store = open_store(own)
    try:
        store.migrate()
        filled = fill(own, store, open_vault(own), own.clock(), many, seed, say)
    finally:
        store.close()
    show(f"{filled.cases} invented cases from {filled.first} to {filled.last}, {filled.talks} talks, {filled.pictures} pictures")
    address = " AID_DATABASE_URL=(the same address)" if database else ""  # which may hold a password
    show(f"start the system with it: AID_VAR_DIR={folder}{address} make run")
