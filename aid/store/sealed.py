"""Columns that hold sealed text, found by their names, and walks over large tables; so tables added later are covered too.

Also the one lawful way to write into an append-only table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Column, Connection, RowMapping, Table, literal, select, text, tuple_

from aid.store.engine import Store
from aid.store.models import Base

BATCH = 200
"""Rows that are read, and at most written, in one transaction."""


def sealed_columns(table: Table) -> list[Column[str | None]]:
    """The table's columns named ``…_sealed``."""
    return [column for column in table.columns if column.name.endswith("_sealed")]


def sealed_tables() -> list[Table]:
    """Every table that has such a column."""
    return [table for table in Base.metadata.sorted_tables if sealed_columns(table)]


def tables_with(column: str) -> list[Table]:
    """Every table that has a column of this name, those first on which others depend."""
    return [table for table in Base.metadata.sorted_tables if column in table.columns]


def in_batches(store: Store, table: Table, columns: Sequence[Column[str | None]], size: int = BATCH) -> Iterator[list[RowMapping]]:
    """The rows of a table by the order of their keys, each with its key and ``columns``; no transaction stays open in between.

    Raises:
        StoreUnavailable: the database cannot be reached.
    """
    keys = list(table.primary_key.columns)
    wanted = [*keys, *(column for column in columns if column not in keys)]
    query, after = select(*wanted).order_by(*keys).limit(size), None
    while True:
        here = query if after is None else query.where(tuple_(*keys) > after)
        with store.reading() as session:
            rows = list(session.execute(here).mappings())
        if rows:
            yield rows
        if len(rows) < size:
            return
        after = tuple_(*(literal(rows[-1][key.name], key.type) for key in keys))


@contextmanager
def guard_lifted(connection: Connection, table: Table) -> Iterator[None]:
    """Lift the triggers of an append-only table within the caller's transaction, for a new seal or the deletion of personal data.

    Nobody else ever sees the table without them: what a rollback or a crash leaves behind is the state before. A table without triggers
    is left as it is.
    """
    if connection.dialect.name == "postgresql":
        quoted = connection.dialect.identifier_preparer.quote(table.name)
        counted = text("SELECT count(*) FROM pg_trigger WHERE tgrelid = CAST(:name AS regclass) AND NOT tgisinternal")
        guarded = bool(connection.scalar(counted, {"name": quoted}))
        if guarded:
            connection.execute(text(f"ALTER TABLE {quoted} DISABLE TRIGGER USER"))
        yield
        if guarded:
            connection.execute(text(f"ALTER TABLE {quoted} ENABLE TRIGGER USER"))
        return
    known = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
    triggers = connection.execute(known, {"name": table.name}).all()
    for name, _sql in triggers:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _name, sql in triggers:
        connection.exec_driver_sql(sql)
