"""A Redis of the tests' own, and replicas of the hub on one record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import NoServer, Running, running_redis


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def redis_of_the_tests() -> Iterator[Running]:
    try:
        with running_redis() as server:
            yield server
    except NoServer as fault:
        pytest.skip(str(fault))


@pytest.fixture
def redis(redis_of_the_tests: Running) -> Iterator[Running]:
    """Up, whatever the test before has done to it."""
    yield redis_of_the_tests
    if redis_of_the_tests.child.poll() is None:
        redis_of_the_tests.go_on()
    else:
        redis_of_the_tests.start_again()


def address(server: Running) -> str:
    return f"redis://127.0.0.1:{server.port}/0"
