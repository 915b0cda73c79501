"""One or more rows for every table, made from the tables themselves, so that a new one is not forgotten."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from aid.clock import CHANGCHUN
from aid.store.base import Base
from aid.store.types import Moment

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=CHANGCHUN)
# What a rule of the table, or a key, asks for; everything else is made up by its type.
GIVEN: dict[str, dict[str, Any]] = {
    "conversation": {"state": "open", "owner": "bot", "owner_id": None, "turn_holder": None, "turn_beat": 0},
    "inbound": {"status": "done", "evidence_id": "evidence1"},
    "reply": {"author": "staff"},
    "draft": {"state": "filed"},
    "ticket": {"erased_at": None},
    "ticket_event": {"kind": "noted"},
    "evidence": {"sha256": "a" * 64},
    "rating": {"solved": False},
    "station": {"line": "ok"},
    "privacy_event": {"action": "exported", "reason": "request", "counts": {"tickets": 1}},
    "staff_role": {"role": "handler"},
    "staff_session": {"stage": "full"},
    "sight": {"act": "seen"},
    "knowledge_change": {"kind": "change", "state": "approved"},
    "knowledge_event": {"kind": "approved"},
    "database_mark": {"name": "demo"},
    "service": {"state": "ended"},
    "wechat_notice": {"state": "told"},
}


def fill(connection: sa.Connection, tables: set[str] | None = None) -> None:
    """Put one row into each of the tables (all without ``tables``)."""
    for table in Base.metadata.sorted_tables:
        if tables is None or table.name in tables:
            connection.execute(table.insert(), row_of(table))


def row_of(table: sa.Table) -> dict[str, Any]:
    """A row that names the rows of the other tables."""
    return {column.name: _value(table.name, column) for column in table.columns}


def _value(table: str, column: sa.Column[Any]) -> Any:
    if column.name in GIVEN.get(table, {}):
        return GIVEN[table][column.name]
    for key in column.foreign_keys:
        return f"{key.column.table.name}1"[: key.column.type.length]
    if isinstance(column.type, Moment):
        return NOON
    if isinstance(column.type, sa.Date):
        return date(2026, 11, 23)
    if isinstance(column.type, sa.Boolean):
        return True
    if isinstance(column.type, sa.Float):
        return 0.5
    if isinstance(column.type, sa.Integer | sa.BigInteger):
        return 1
    if isinstance(column.type, sa.JSON):
        return ["x"]
    if isinstance(column.type, sa.String):
        return (f"{table}1" if column.name == "id" else f"{table} {column.name}")[: column.type.length]
    raise AssertionError(f"no value for {table}.{column.name}")


def contents(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that is there, by its columns as they are."""
    found = sa.MetaData()
    found.reflect(connection)
    return {
        name: sorted((dict(row._mapping) for row in connection.execute(sa.select(table))), key=repr)
        for name, table in found.tables.items()
        if name != "alembic_version"
    }
