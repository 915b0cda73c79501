"""Column types that mean the same in SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import BigInteger, TypeDecorator

from aid.clock import CHANGCHUN

PLAIN_JSON = JSON().with_variant(JSONB(), "postgresql")
ROW_ID = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself for INTEGER keys only


class Moment(TypeDecorator[datetime]):
    """An aware moment: kept in UTC, given back in Asia/Shanghai."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC. Raises ``ValueError`` for a moment without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """To Changchun time (SQLite hands back the bare UTC figures)."""
        if value is None:
            return None
        moment: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(CHANGCHUN)
