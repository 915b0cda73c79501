"""What is new announces itself over a stream that ends when it must."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial

import pytest

from console.gate import Visit
from console.routes import cases
from tests.console.cases import house_of
from tests.console.desk import Bench

STEP = 0.02


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "NEWS_SECONDS", STEP)
    monkeypatch.setattr(cases, "ALIVE_SECONDS", STEP)
    monkeypatch.setattr(cases, "SESSION_SECONDS", STEP)


def visit(bench: Bench, name: str) -> Visit:
    """The visit of a stream; its session is the one that the browser holds."""
    browser = bench.browser(name)
    token = next(value for key, value in browser.client.cookies.items() if key.endswith("aid-console"))
    return Visit(bench.desk, bench.desk.sessions.find(token, touch=False))


async def event(stream: AsyncIterator[str]) -> tuple[str, dict[str, object]]:
    """The next event; what only says that the line lives is passed over."""
    async with asyncio.timeout(10):
        async for piece in stream:
            if not piece.startswith(":"):
                head, data, *_ = piece.split("\n")
                return head.removeprefix("event: "), json.loads(data.removeprefix("data: "))
    raise AssertionError("the stream has ended")


def test_a_new_and_an_overdue_case_are_told_to_whom_they_concern(bench: Bench) -> None:
    house = house_of(bench)
    bench.staff("cars", "handler@subcenter-1")
    bench.staff("optics", "handler@subcenter-2")
    cars, optics = cases._stream(visit(bench, "cars")), cases._stream(visit(bench, "optics"))
    said = partial(bench.portal.call, event)
    assert said(cars) == said(optics) == ("tally", {"new": 0, "overdue": 0, "leaving": 0, "newest": ""})
    ticket = house.filed(leaves_on="2026-11-24")
    assert said(cars) == ("tally", {"new": 1, "overdue": 0, "leaving": 1, "newest": ticket.number})
    other = house.filed(event="长春国际光电博览会")
    assert said(optics) == ("tally", {"new": 1, "overdue": 0, "leaving": 0, "newest": other.number}), "the other center's case was never told here"
    house.does(ticket, "accepted")
    assert said(cars)[1] == {"new": 0, "overdue": 0, "leaving": 1, "newest": ticket.number}


def test_the_stream_ends_with_the_session_and_with_the_process(bench: Bench) -> None:
    person = bench.staff("cars", "handler@subcenter-1")
    stream = cases._stream(visit(bench, "cars"))
    assert bench.portal.call(event, stream)[0] == "tally"
    bench.desk.accounts.set_disabled(person.id, True, by="test")
    assert bench.portal.call(event, stream) == ("over", {})
    bench.staff("chief", "supervisor@*")
    last = cases._stream(visit(bench, "chief"))
    assert bench.portal.call(event, last)[0] == "tally"
    bench.portal.call(bench.desk.closing.set)

    async def rest() -> list[str]:
        return [piece async for piece in last]

    assert bench.portal.call(rest) in ([], [": alive\n\n"])


def test_a_silent_stream_says_that_it_lives(bench: Bench) -> None:
    bench.staff("chief", "supervisor@*")
    stream = cases._stream(visit(bench, "chief"))
    bench.portal.call(event, stream)

    async def piece() -> str:
        return await anext(stream)

    assert bench.portal.call(piece) == ": alive\n\n"
