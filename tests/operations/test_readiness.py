"""Readiness: a word for each part, in bounded time, and asked no oftener than once a second."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from aid.operations.readiness import KEPT_SECONDS, WORDS, Readiness, RecordProbe, Word, lives
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.errors import StoreUnavailable

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(Settings(_env_file=None, var_dir=tmp_path))
    opened.migrate()
    return opened


def says(word: Word) -> Callable[[], Awaitable[Mapping[str, Word]]]:
    async def ask() -> Mapping[str, Word]:
        return {"search": word}

    return ask


@pytest.mark.parametrize("word", WORDS)
async def test_it_is_ready_when_every_part_is_well(word: Word) -> None:
    async def well() -> bool:
        return True

    report = await Readiness({("search",): says(word), **lives("record", well)}).report()
    assert dict(report.parts) == {"search": word, "record": "ok"}
    assert report.is_ready is (word in ("ok", "newer"))
    assert report.status == (200 if report.is_ready else 503)
    assert report.public()["status"] == ("ready" if report.is_ready else "not_ready")


async def test_a_part_that_is_slow_or_fails_is_told_in_a_word_and_in_time() -> None:
    async def hangs() -> bool:
        await asyncio.sleep(60)
        return True

    async def fails() -> bool:
        raise RuntimeError("postgresql://aid:secret@10.0.0.7 refused")

    begun = time.monotonic()
    report = await Readiness({**lives("bot", hangs), **lives("actions", fails)}, seconds=0.05).report()
    assert time.monotonic() - begun < 2
    assert dict(report.parts) == {"bot": "slow", "actions": "unreachable"}
    assert "secret" not in str(report.public())


async def test_however_often_it_is_asked_the_parts_are_looked_at_once_a_second() -> None:
    asked: list[float] = []
    now = [100.0]

    async def count() -> bool:
        asked.append(now[0])
        await asyncio.sleep(0.01)
        return True

    readiness = Readiness(lives("bot", count), now=lambda: now[0])
    reports = await asyncio.gather(*(readiness.report() for _ in range(200)))
    assert len(asked) == 1
    assert all(one is reports[0] for one in reports)
    now[0] += KEPT_SECONDS * 0.9
    await readiness.report()
    assert len(asked) == 1
    now[0] += KEPT_SECONDS
    await readiness.report()
    assert len(asked) == 2


async def test_one_who_hangs_up_cancels_nobody_elses_look() -> None:
    go = asyncio.Event()

    async def wait() -> bool:
        await go.wait()
        return True

    readiness = Readiness(lives("bot", wait), seconds=5)
    first, second = asyncio.create_task(readiness.report()), asyncio.create_task(readiness.report())
    await asyncio.sleep(0.01)
    first.cancel()
    go.set()
    assert (await second).is_ready


async def test_the_record_is_known_by_the_form_of_its_tables(store: Store) -> None:
    probe = RecordProbe(store)
    try:
        assert await probe.ask() == {"record": "ok", "tables": "ok"}
        for revision, word in (("0001", "behind"), ("9999", "newer")):
            with store.session() as session:
                session.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
            assert await probe.ask() == {"record": "ok", "tables": word}
        with store.session() as session:
            session.execute(text("DELETE FROM alembic_version"))
        assert await probe.ask() == {"record": "ok", "tables": "missing"}
    finally:
        with store.session() as session:  # the next test is given the same database
            session.execute(text("DELETE FROM alembic_version"))
            session.execute(text("INSERT INTO alembic_version VALUES (:r)"), {"r": probe._head})
        probe.close()
        store.close()


@pytest.mark.usefixtures("empty_database")
async def test_a_record_without_tables_is_no_record(tmp_path: Path) -> None:
    store = open_store(Settings(_env_file=None, var_dir=tmp_path))
    probe = RecordProbe(store)
    try:
        found = await probe.ask()
        assert found["tables"] in ("missing", "unreachable")
    finally:
        probe.close()
        store.close()


async def test_a_record_that_does_not_answer_is_asked_once_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    probe, looks, go = RecordProbe(store), [], threading.Event()

    def hang() -> Mapping[str, Word]:
        looks.append(1)
        go.wait(30)
        raise StoreUnavailable("no")

    monkeypatch.setattr(probe, "_look", hang)
    readiness = Readiness({RecordProbe.PARTS: probe.ask}, kept=0.0, seconds=0.05)
    try:
        for _ in range(4):
            assert dict((await readiness.report()).parts) == {"record": "slow", "tables": "slow"}
        assert len(looks) == 1
    finally:
        go.set()
        probe.close()
        store.close()
