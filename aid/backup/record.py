"""The database as a backup sees it: copied at one moment while others write, and filled again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, inspect, text

from aid.store.engine import Store

VERSION_TABLE = "alembic_version"


@dataclass(frozen=True)
class Named:
    """An evidence file that the database names; ``sha256`` of the original."""

    id: str
    sha256: str
    has_preview: bool


@dataclass(frozen=True)
class Snapshot:
    """What the copied database holds: its revision, rows by table, and the evidence files that it names."""

    revision: str
    counts: dict[str, int]
    evidence: list[Named]


class Record(Protocol):
    """One engine's way to copy a database and to fill one."""

    engine: str
    file_name: str

    def version(self) -> str:
        """The version of the engine."""
        ...

    def size(self) -> int:
        """Bytes that a copy takes, at most and roughly."""
        ...

    def copy(self, target: Path) -> Snapshot:
        """Copy the database as it is at one moment into a new file. Raises ``RecordFailed``, ``OSError``."""
        ...

    def check(self, dump: Path) -> Snapshot | None:
        """Look into a copy; ``None`` when this engine cannot without filling a database. Raises ``RecordFailed``."""
        ...

    def clear(self, aside: str | None) -> str:
        """Make the target empty; with ``aside`` what is there is put aside under this name. Gives where it is now."""
        ...

    def fill(self, dump: Path) -> None:
        """Fill the empty target. Raises ``RecordFailed``, ``OSError``."""
        ...


def look(connection: Connection) -> Snapshot:
    """What a database holds, in one transaction of the caller's."""
    tables = [name for name in inspect(connection).get_table_names() if name != VERSION_TABLE]
    quote = connection.dialect.identifier_preparer.quote
    counts = {name: int(connection.scalar(text(f"SELECT count(*) FROM {quote(name)}")) or 0) for name in sorted(tables)}
    evidence = []
    if "evidence" in counts:
        rows = connection.execute(text("SELECT id, sha256, has_preview FROM evidence ORDER BY id"))
        evidence = [Named(row.id, row.sha256, bool(row.has_preview)) for row in rows]
    return Snapshot(revision_of(connection), counts, evidence)


def revision_of(connection: Connection) -> str:
    """The revision of the tables; empty where there are none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    return str(connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) or "")


def looked_at(store: Store, reader: Callable[[Connection], Snapshot] = look) -> Snapshot:
    """What the database of a store holds now. Raises ``StoreUnavailable``."""
    with store.reading() as session:
        return reader(session.connection())
