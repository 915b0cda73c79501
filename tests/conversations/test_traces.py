"""After all talks (this file runs last): nothing of what people said stands in a log or in Rasa's trackers, nor readable in the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from aid.cli.processes import processes
from aid.cli.ticket import office
from aid.privacy.vault import open_vault
from aid.store.engine import open_store
from aid.store.models import Base, ConversationRow, InboundRow
from tests.conversations.conftest import Stack
from tests.conversations.talk import Visitor

pytestmark = pytest.mark.stack
NAME, PHONE, BOOTH, COMPANY = "郑雪梅", "13900007001", "A7馆C31", "长春雪梅光电有限公司"
LEAST_SIGNS = 10
"""A shorter sentence (你好, 跳过) may stand in a log by chance."""


def complaint(stack: Stack) -> Iterator[Visitor]:
    """A complaint up to its read-back, then to its receipt, then with wrong lookups and a question nobody can answer."""
    with closing(Visitor(stack.address)) as visitor:
        for line in (f"我要投诉光博会{BOOTH}的{COMPANY}仿冒我的车灯外观专利", "跳过", "跳过", "同意", f"我叫{NAME}", PHONE):
            heard = visitor.say(line)
        assert [card["kind"] for card in heard.cards] == ["summary"], heard.text
        yield visitor
        assert any(card["kind"] == "receipt" for card in visitor.say("确认").cards)
        visitor.say("查进度 CC-2026-999999 ACDEFGH3")
        visitor.say(f"我家的猫丢了，电话{PHONE}，怎么找")
        yield visitor


def said(stack: Stack) -> set[str]:
    """Names, telephones, booths and companies of all tickets; every telephone and every longer sentence of all talks."""
    store, vault = open_store(stack.settings), open_vault(stack.settings)
    try:
        with store.reading() as session:
            texts = [vault.decrypt(sealed) for sealed in session.scalars(select(InboundRow.text_sealed).where(InboundRow.choice_id.is_(None)))]
            conversations = list(session.scalars(select(ConversationRow.id)))
    finally:
        store.close()
    needles = {text for text in texts if len(text) >= LEAST_SIGNS}
    needles |= {phone for text in texts for phone in re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)|0431-?\d{7,8}", text)}
    with office(stack.settings) as desk:
        for ticket in (ticket for id_ in conversations for ticket in desk.tickets.of(id_)):
            told = {**ticket.facts, **ticket.parties}
            needles |= {told[key] for key in ("name", "phone", "booth", "respondent") if len(told.get(key, "")) > 1}
    return needles


def as_kept(stack: Stack) -> str:
    """Every row of the record as it lies in the database, no seal opened."""
    store = open_store(stack.settings)
    try:
        with store.reading() as session:
            return "\n".join(str(tuple(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table)))
    finally:
        store.close()


def trackers(stack: Stack) -> dict[str, str]:
    """What Rasa keeps of every conversation, as it gives it out."""
    store, found = open_store(stack.settings), {}
    try:
        with store.reading() as session:
            senders = [f"{id_}.{epoch}" for id_, epoch in session.execute(select(ConversationRow.id, ConversationRow.epoch))]
    finally:
        store.close()
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.settings.rasa_port}", timeout=20) as client:
        for sender in senders:
            answer = client.get(f"/conversations/{sender}/tracker", params={"include_events": "ALL"})
            answer.raise_for_status()
            found[sender] = repr(answer.json())
    return found


def test_nothing_said_stands_in_a_log_or_a_tracker_nor_unsealed_in_the_database(stack: Stack) -> None:
    talk = complaint(stack)
    visitor = next(talk)
    mine = f"{visitor.conversation}.0"
    running_form = trackers(stack)[mine]
    assert "case_form" in running_form, "the tracker that is looked at is the one of the running form"
    next(talk)
    needles = said(stack)
    assert {NAME, PHONE, BOOTH, COMPANY} <= needles
    kept = trackers(stack)
    assert mine in kept
    logs = {path.name: path.read_text("utf-8", "replace") for path in sorted((stack.settings.var_dir / "log").iterdir())}
    assert {"rasa.log", "actions.log", "doors.log"} <= set(logs)
    places = {f"tracker {mine} while the form runs": running_form, **{f"tracker {name}": text for name, text in kept.items()}, **logs}
    found = sorted({(place, needle) for place, text in places.items() for needle in needles if needle in text})
    assert found == []
    rows = as_kept(stack)
    assert visitor.conversation in rows
    assert [needle for needle in (NAME, PHONE, BOOTH, COMPANY) if needle in rows] == []


def test_rasas_trackers_are_read_in_tests_only(stack: Stack) -> None:
    """In use Rasa answers its one channel, on loopback."""
    [command] = [process.command for process in processes(stack.settings, Path("model")) if process.name == "rasa"]
    assert "--enable-api" not in command
    assert command[command.index("--interface") + 1] == "127.0.0.1"


def test_a_guesser_is_held_up_in_the_talk_itself_and_hears_the_same_for_every_wrong_way(stack: Stack) -> None:
    with closing(Visitor(stack.address)) as guesser:
        heard = {guesser.say(f"查进度 CC-2026-99999{n} ACDEFGH3").text for n in range(5)}
        assert len(heard) == 1
        assert "没有查到" in heard.pop()
        assert "试得太多" in guesser.say("查进度 CC-2026-999990 ACDEFGH3").text
