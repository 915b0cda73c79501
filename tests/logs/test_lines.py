"""The log: JSON or text, with the talk it belongs to, and without words of a person."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest

from aid.logs.lines import _talk, in_talk, places, talk_is
from aid.settings import PROJECT

NAME, PHONE, HOME, CARD = "郑雪梅", "13900007001", "朝阳区人民大街1234号3单元", "22010219900101123X"
PROGRAM = """
import logging, threading, warnings
from aid.errors import AidError
from aid.logs.lines import _talk, in_talk
from aid.logs.start import start_log
from aid.operations.figures import Figures
from aid.settings import Settings
figures = Figures()
start_log(Settings(_env_file=None, log_format={form!r}), "doors", figures)
log = logging.getLogger("channels.test")
words = {words!r}
with in_talk("talk-1.3"):
    log.info("a message came: %s", "13900007001")
    try:
        int(words)
    except ValueError as fault:
        log.exception("turn of message %s failed", "m1")
        log.warning("told: %s", fault)
    try:
        try:
            {{}}[words]
        except KeyError as fault:
            raise AidError("the record is away") from fault
    except AidError:
        log.exception("no end")
warnings.warn("old thing", DeprecationWarning)
def broken(): raise RuntimeError(words)
thread = threading.Thread(target=broken); thread.start(); thread.join()
log.warning("lines %s", int(figures.registry.get_sample_value("aid_log_lines_total", {{"level": "error"}})))
raise RuntimeError(words)
"""


def written(form: str) -> str:
    """What a process writes to its log that does and suffers all kinds of things."""
    words = f"{NAME} {PHONE} {HOME} {CARD}"
    program = PROGRAM.format(form=form, words=words)
    command = [sys.executable, "-W", "always", "-c", program]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in written("json").splitlines()]


def test_every_line_is_json_with_its_place(lines: list[dict[str, Any]]) -> None:
    assert all({"time", "level", "logger", "process", "message"} <= set(line) for line in lines)
    assert {line["process"] for line in lines} == {"doors"}
    assert [line.get("conversation") for line in lines[:4]] == ["talk-1"] * 4
    assert "conversation" not in lines[-1]


def test_no_line_holds_what_a_person_said(lines: list[dict[str, Any]]) -> None:
    for text in (json.dumps(lines, ensure_ascii=False), written("text")):
        assert [needle for needle in (NAME, PHONE, HOME, CARD, "朝阳区", "220102") if needle in text] == []
        assert "talk-1" in text


def test_the_kind_of_a_fault_its_places_and_our_own_words_stay(lines: list[dict[str, Any]]) -> None:
    by_message = {line["message"]: line.get("fault", "") for line in lines}
    assert by_message["turn of message m1 failed"].startswith("ValueError\n  <string>:")
    ours = by_message["no end"]
    assert ours.startswith("AidError: the record is away")
    assert "which came of\nKeyError" in ours
    assert "told: ValueError" in by_message
    assert "RuntimeError" in by_message["a thread broke off"]
    assert "RuntimeError" in by_message["the process broke off"]
    assert any("old thing" in message for message in by_message), "warnings are lines like all others"
    assert "lines 3" in by_message, "lines are counted by their level"


def test_a_circle_of_causes_comes_to_an_end() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert places(first) == "ValueError\nwhich came of\nKeyError"


def test_a_task_keeps_the_talk_it_was_begun_for() -> None:
    async def both() -> list[str]:
        async def one(name: str) -> str:
            talk_is(name)
            await asyncio.sleep(0.01)
            return _talk.get()

        return await asyncio.gather(one("a.0"), one("b.7"))

    assert asyncio.run(both()) == ["a", "b"]
    with suppress(ValueError), in_talk("c.0"):
        raise ValueError
    assert _talk.get() == ""


@pytest.mark.parametrize("name", ["", "a b", "张伟", "x" * 65, "a\nb"])
def test_what_is_no_id_is_no_talk(name: str) -> None:
    with in_talk(name):
        assert _talk.get() == ""
