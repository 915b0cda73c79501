"""The record: conversations, messages, drafts, tickets. SQLAlchemy 2, SQLite by default, PostgreSQL when outgrown."""

from aid.store import wechat_rows as wechat_rows  # its tables belong to the record wherever the record is opened
from aid.store.engine import Store, open_store

__all__ = ["Store", "open_store"]
