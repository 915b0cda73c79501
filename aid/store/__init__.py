"""The record: conversations, messages, drafts, tickets. SQLAlchemy 2, SQLite by default, PostgreSQL when outgrown."""

from aid.store.engine import Store, open_store

__all__ = ["Store", "open_store"]
