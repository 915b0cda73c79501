"""The root of all tables: how their constraints are called, and what an id is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase

ID = String(22)
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of all tables; constraints are named so that migrations can find them."""


Base.metadata.naming_convention = NAMES


def columns(row: Base) -> dict[str, Any]:
    """The row's columns by name."""
    return {c.key: getattr(row, c.key) for c in row.__table__.columns}
