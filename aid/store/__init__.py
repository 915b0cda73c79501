"""The record: conversations, messages, drafts, tickets, staff. SQLAlchemy 2, SQLite by default, PostgreSQL when outgrown."""

from aid.store import people_rows, service_rows  # noqa: F401  (a table that nobody imports would be missing in Base.metadata)
from aid.store.engine import Store, open_store

__all__ = ["Store", "open_store"]
