"""People of the center in talks with the real bot: the form goes on after them, and what the bot filed is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from aid.cases.office import open_office
from aid.clock import SystemClock
from aid.privacy.vault import open_vault
from aid.store import open_store
from aid.takeover.desk import Desk, open_desk
from aid.takeover.staff import Staff
from tests.conversations.conftest import Stack
from tests.conversations.talk import Visitor

pytestmark = pytest.mark.stack
WANG = Staff("wang", "main", "工号 012")


@pytest.fixture
def desk(stack: Stack) -> Iterator[Desk]:
    """The desk of another process on the same record."""
    store, vault = open_store(stack.settings), open_vault(stack.settings)
    yield open_desk(stack.settings, store, vault, SystemClock(), open_office(stack.settings, store, vault, SystemClock()))
    store.close()


def spoken(visitor: Visitor, desk: Desk) -> list[tuple[str, str]]:
    """Everything that was said to the person, once no turn runs: of one whose words staff have cut off the person is told nothing."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        over = not desk.talks._messages.pending(visitor.conversation)
        seen = visitor._http.get(visitor._path, params={"after": 0}, headers=visitor._headers).json()
        if over:
            visitor.seen = max((reply["number"] for reply in seen["replies"]), default=0)
            return [((reply["author"] or {"kind": "bot"})["kind"], reply["text"]) for reply in seen["replies"]]
        time.sleep(0.1)
    raise AssertionError("something is still on its way")


def test_after_staff_have_gone_the_form_asks_its_question_again(stack: Stack, desk: Desk) -> None:
    with closing(Visitor(stack.address)) as visitor:
        visitor.say("请工作人员给我回电")
        asked = visitor.say("商标怎么注册").cards[-1]
        assert asked["kind"] == "question"
        desk.takeovers.take(visitor.conversation, WANG)
        visitor.post("我的展位是B12")
        desk.takeovers.say(visitor.conversation, WANG, "好的")
        desk.takeovers.hand_back(visitor.conversation, WANG)
        assert [by for by, _text in spoken(visitor, desk)][-3:] == ["system", "staff", "system"]
        [choice] = visitor._http.get(visitor._path, params={"after": 0}, headers=visitor._headers).json()["replies"][-1]["choices"]
        assert choice["label"] == "接着填"
        visitor.post(choice=choice["id"])
        again = visitor.collect().cards[-1]
        assert (again["kind"], again["field"]) == ("question", asked["field"])


def test_a_case_that_was_confirmed_as_staff_came_has_its_receipt(stack: Stack, desk: Desk) -> None:
    """Again and again, a little later each time: before, while and after the bot files it."""
    by = []
    for wait in (0.0, 0.02, 0.05, 0.1, 0.2, 1.5):
        with closing(Visitor(stack.address)) as visitor:
            for text in ("请工作人员给我回电", "商标怎么注册", "跳过", "同意", "王强", "13900007009"):
                visitor.say(text)
            visitor.post("确认")
            time.sleep(wait)
            desk.takeovers.take(visitor.conversation, WANG)
            told = spoken(visitor, desk)
            seen = visitor._http.get(visitor._path, params={"after": 0}, headers=visitor._headers).json()["replies"]
            receipts = [reply for reply in seen if (reply["card"] or {}).get("kind") == "receipt"]
            taken = next(place for place, (_by, text) in enumerate(told) if "来和您谈了" in text)
            assert "bot" not in [by_whom for by_whom, _text in told[taken:]]
            tickets = desk.late._office.tickets.of(visitor.conversation)
            assert [reply["card"]["number"] for reply in receipts] == [ticket.number for ticket in tickets]
            by += [(reply["author"] or {"kind": "bot"})["kind"] for reply in receipts]
    assert by, "no case was filed at all"


def test_nobody_is_on_the_list_while_nobody_of_staff_is_there(stack: Stack, desk: Desk) -> None:
    desk.attendance.gone(WANG.id)  # in the hours of service he still counts as there after the talks above
    with closing(Visitor(stack.address)) as visitor:
        heard = visitor.say("转人工")
        assert {choice["label"] for choice in heard.choices} >= {"请工作人员给我回电"}
        assert "12345" in heard.text
        assert visitor.conversation not in [talk.conversation_id for talk in desk.talks.waiting()]
