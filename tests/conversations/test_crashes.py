"""Any process may be killed in the middle of a complaint: what was said stays, and one ticket is made."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from aid.cli.supervisor import Supervisor
from aid.cli.ticket import office
from tests.conversations.conftest import watched
from tests.conversations.talk import Visitor

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]


def kill(supervisor: Supervisor, name: str) -> None:
    os.kill(supervisor.pids()[name], signal.SIGKILL)


def test_each_process_is_killed_once_in_one_complaint_and_one_ticket_is_made(tmp_path: Path) -> None:
    with watched(tmp_path) as (settings, supervisor):
        address = f"http://127.0.0.1:{settings.port}"
        with closing(Visitor(address, seconds=150)) as visitor:
            visitor.say("我要投诉光博会A1馆B12仿冒我的车灯外观专利")
            kill(supervisor, "rasa")
            assert "专利号" in visitor.say("跳过").text
            visitor.say("跳过")
            kill(supervisor, "actions")
            visitor.say("跳过")
            visitor.say("同意")
            kill(supervisor, "doors")
            time.sleep(0.5)
            visitor.say("王强")
            summary = visitor.say("13900001111")
            assert [card["kind"] for card in summary.cards] == ["summary"]
            assert "A1馆B12" in summary.text
            # Killed while the filing itself is under way: the door has stored the word, the answer is still to come.
            visitor.post("确认", client_id="the-one-word")
            kill(supervisor, "actions")
            receipt = visitor.collect()
            visitor.post("确认", client_id="the-one-word")
            assert any(card["kind"] == "receipt" for card in receipt.cards), receipt.text
        with office(settings) as desk:
            tickets = desk.tickets.of(visitor.conversation)
        assert len(tickets) == 1
        assert tickets[0].facts["booth"] == "A1馆B12"
        assert tickets[0].parties == {"name": "王强", "phone": "13900001111"}
    told = (tmp_path / "log" / "rasa.log").read_text("utf-8", "replace")  # in ASCII
    assert [word for word in ("13900001111", "王强", json.dumps("王强").strip('"'), json.dumps("车灯").strip('"')) if word in told] == []
