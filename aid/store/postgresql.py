"""An engine for PostgreSQL that never waits without an end: neither for a lock, nor for a server that has fallen silent."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Engine, create_engine, event

LEAST_CONNECT_SECONDS = 2
"""Less is not taken by the client library."""
LONG_SECONDS = 300.0
"""What a change of the tables may take, and wait for another process that makes it."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up a server that takes the question and says nothing for ``patience`` seconds.

    The server's own time limits do not help when the server itself hangs, or the line to it is cut.
    """

    patience: float = LONG_SECONDS

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As the library's; closes the connection when the time is up, for an answer may still come to the old question."""
        try:
            return super().wait(gen, interval=interval, timeout=self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def postgresql_engine(url: URL, busy_seconds: float) -> Engine:
    """The engine for a PostgreSQL address.

    A lock is waited for ``busy_seconds``, a statement ends a second later, a silent server is given up a second after that.
    """
    server = {"lock_timeout": busy_seconds, "statement_timeout": busy_seconds + 1}
    arguments = {
        "connect_timeout": max(LEAST_CONNECT_SECONDS, round(busy_seconds)),
        "options": " ".join(f"-c {name}={int(seconds * 1000)}" for name, seconds in server.items()),
    }
    engine = create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_timeout=busy_seconds, connect_args=arguments)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, positional: Any, named: dict[str, Any]) -> PatientConnection:
        connection: PatientConnection = PatientConnection.connect(*positional, **named)
        connection.patience = busy_seconds + 2
        return connection

    return engine
