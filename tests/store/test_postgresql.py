"""What is PostgreSQL's alone: a server that stops, one that falls silent, and its limits of time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.errors import StoreUnavailable
from aid.store.postgresql import PatientConnection
from tests.postgres import Server, on, running_server

pytestmark = on("postgresql")
NUMBER_OF = text("SELECT count(*) FROM conversation")
ADD = text("INSERT INTO conversation VALUES ('a', 'web', NULL, now(), 0, 0, 0, 'open')")


@pytest.fixture
def own() -> Iterator[Server]:
    """A server that the test may stop."""
    with running_server() as server:
        yield server


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


@contextmanager
def store_of(server: Server, busy_seconds: float) -> Iterator[Store]:
    store = open_store(Settings(_env_file=None, database_url=server.address(server.migrated())), busy_seconds)
    with store.reading() as session:
        assert session.execute(NUMBER_OF).scalar_one() == 0
    yield store
    store.close()


def test_a_server_that_has_stopped_is_told_at_once(own: Server) -> None:
    with store_of(own, 0.5) as store:
        own.close()
        with at_most(5), pytest.raises(StoreUnavailable), store.reading() as session:
            session.execute(NUMBER_OF)
        with at_most(5), pytest.raises(StoreUnavailable), store.session() as session:
            session.execute(ADD)


def test_a_server_that_stops_in_the_middle_of_a_transaction_is_told_and_nothing_is_written(own: Server) -> None:
    def add_and_stop(store: Store) -> None:
        with store.session() as session:
            session.execute(ADD)
            own.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'aid%'")

    with store_of(own, 0.5) as store:
        with pytest.raises(StoreUnavailable):
            add_and_stop(store)
        with store.reading() as session:
            assert session.execute(NUMBER_OF).scalar_one() == 0


def test_a_server_that_falls_silent_is_given_up_and_found_again(own: Server) -> None:
    with store_of(own, 0.5) as store:
        stuck = _pids(store)
        for pid in [own.child.pid, *stuck]:
            os.kill(pid, signal.SIGSTOP)
        with at_most(12), pytest.raises(StoreUnavailable), store.reading() as session:
            session.execute(NUMBER_OF)
        for pid in [own.child.pid, *stuck]:
            os.kill(pid, signal.SIGCONT)
        with store.session() as session:
            session.execute(ADD)
        with store.reading() as session:
            assert session.execute(NUMBER_OF).scalar_one() == 1


def test_a_statement_without_an_end_is_ended_by_the_server(own: Server) -> None:
    with store_of(own, 0.1) as store, at_most(3), pytest.raises(StoreUnavailable), store.reading() as session:
        session.execute(text("SELECT pg_sleep(30)"))


def test_after_a_change_of_the_tables_the_usual_limits_hold_again(own: Server) -> None:
    with store_of(own, 0.5) as store:
        store.migrate()
        with store.reading() as session:
            limits = [session.execute(text(f"SHOW {name}")).scalar_one() for name in ("lock_timeout", "statement_timeout")]
            bare = session.connection().connection.driver_connection
        assert limits == ["500ms", "1500ms"]
        assert isinstance(bare, PatientConnection)
        assert bare.patience == 2.5


def _pids(store: Store) -> list[int]:
    with store.reading() as session:
        return [session.execute(text("SELECT pg_backend_pid()")).scalar_one()]


