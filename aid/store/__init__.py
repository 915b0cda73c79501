"""The record: conversations, messages, drafts, tickets, staff. SQLAlchemy 2, SQLite by default, PostgreSQL when outgrown."""

# A table that nobody imports would be missing in Base.metadata.
from aid.store import people_rows as people_rows
from aid.store import service_rows as service_rows
from aid.store import wechat_rows as wechat_rows
from aid.store.engine import Store, open_store

__all__ = ["Store", "open_store"]
