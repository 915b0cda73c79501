"""Which database the tests use: SQLite, or with ``AID_TEST_DATABASE=postgresql`` a PostgreSQL that they start for themselves.

Generated examples are the same in every run, so that a run tells of the change alone; ``--hypothesis-profile=default`` looks for new ones.
Either way no test ever sees the database of the settings in force outside: ``AID_DATABASE_URL`` is set for every test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import hypothesis
import pytest

from tests.postgres import ENGINE, NoServer, Server, running_server

hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.load_profile("same")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """The tests' own server."""
    try:
        with running_server() as server:
            yield server
    except NoServer as fault:
        pytest.skip(str(fault))


@pytest.fixture(scope="session")
def own_database(request: pytest.FixtureRequest) -> Callable[[], str]:
    """The ``database_url`` of what lives longer than one test, such as the whole running system: a new one at each call."""
    if ENGINE == "sqlite":
        return lambda: ""
    server: Server = request.getfixturevalue("postgresql")
    return lambda: server.address(server.empty(server.template()))


@pytest.fixture(scope="session", autouse=True)
def _no_database_of_the_session() -> Iterator[None]:
    """What lives longer than one test and names no database of its own is to fail, not to share one."""
    if ENGINE not in ("sqlite", "postgresql"):
        pytest.exit(f"AID_TEST_DATABASE is sqlite or postgresql, not {ENGINE!r}", 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AID_DATABASE_URL", "")
        patch.setenv("AID_REDIS", "")
        if ENGINE == "postgresql":
            patch.setenv("AID_DATABASE_URL", "postgresql://nobody@/none?host=/nowhere")
        yield


@pytest.fixture(autouse=True)
def _database_of_the_test(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """SQLite: a file in the test's var folder. PostgreSQL: a database of its own, with all tables."""
    if ENGINE == "sqlite":
        yield
        return
    server: Server = request.getfixturevalue("postgresql")
    name = server.migrated()
    monkeypatch.setenv("AID_DATABASE_URL", server.address(name))
    yield
    server.give_back(name)


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No tables yet (SQLite's file is empty anyway)."""
    if ENGINE == "sqlite":
        yield
        return
    server: Server = request.getfixturevalue("postgresql")
    name = server.empty()
    monkeypatch.setenv("AID_DATABASE_URL", server.address(name))
    yield
    server.drop(name)
