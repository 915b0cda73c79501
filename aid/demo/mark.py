"""The mark of a database in which everything is invented."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from aid.store.models import DatabaseMarkRow

DEMO = "demo"


def is_demo(session: Session) -> bool:
    """Whether everything in this database is invented (``aid demo``); then whoever shows it says so."""
    return session.scalar(select(DatabaseMarkRow.name).filter_by(name=DEMO)) is not None
