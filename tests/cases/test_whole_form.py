"""Whole talks through the form, as tables of what is said: from the first sentence to a ticket, or to its end."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from aid.cases.intake import understand
from aid.cases.kinds import SUMMARY, CaseKind
from aid.language.entities import EntityFinder

TODAY = date(2026, 11, 23)
OPTICS = "长春国际光电博览会"

STRAIGHT = [
    "我要投诉", "光博会", "A3馆B12", "激光测距仪", "跳过", "发明专利", "跳过",
    "明天", "同意", "王强", "13800138000", "确认",
]  # fmt: skip
ONE_SENTENCE = [
    "我叫王强，投诉光博会A3馆B12仿冒我们的测距仪发明专利，电话13800138000",
    "不知道叫啥", "没有号码，跳过", "不清楚", "同意", "对",
]  # fmt: skip
WITH_TURNS = [
    "我要投诉", "今天几号啊？", "光博会", "B13展位", "为什么要这个", "测距仪",
    "展位是A3馆B12不是B13", "没有", "外观", "不是外观，是发明专利",
    "ZL202310123456.9", "ZL202310123456.9", "后天", "好的",
    "13800138000", "王强", "电话错了，改成13900139000", "提交",
]  # fmt: skip
WORDS = [
    (STRAIGHT, {"exhibit": "激光测距仪", "leaves_on": "2026-11-24"}, "13800138000"),
    (ONE_SENTENCE, {"exhibit": "测距仪", "leaves_on": ""}, "13800138000"),
    (WITH_TURNS, {"right_number": "ZL202310123456.9", "right_number#mark": "unchecked"}, "13900139000"),
]


@pytest.mark.parametrize(("said", "facts", "phone"), WORDS)
def test_a_whole_talk_ends_in_the_ticket_that_was_meant(
    office: Any, kind: CaseKind, finder: EntityFinder, said: list[str], facts: dict[str, str], phone: str
) -> None:
    conversation = office.messages.open_conversation("web").id
    ended = _talk(office, kind, finder, conversation, said)
    assert ended == "confirm"
    draft = office.drafts.current(conversation)
    ticket, created = office.tickets.file(draft, draft.last_inbound_id)
    assert created
    wanted = {"event": OPTICS, "booth": "A3馆B12", "right_kind": "发明专利", **facts}
    assert {key: ticket.facts.get(key) for key in wanted} == wanted
    assert ticket.parties == {"name": "王强", "phone": phone}


@pytest.mark.parametrize("last", ["取消", "不同意"])
def test_a_talk_that_is_broken_off_leaves_nothing(office: Any, kind: CaseKind, finder: EntityFinder, last: str) -> None:
    conversation = office.messages.open_conversation("web").id
    ended = _talk(office, kind, finder, conversation, [*STRAIGHT[:8], last])
    assert ended == ("cancel" if last == "取消" else "refuse")
    draft = office.drafts.current(conversation)
    office.drafts.cancel(draft, draft.last_inbound_id)
    assert office.drafts.current(conversation) is None
    assert office.tickets.latest_of(conversation) is None


def _talk(office: Any, kind: CaseKind, finder: EntityFinder, conversation: str, said: list[str]) -> str:
    """Feed the sentences to the form as the action does; the outcome of the last."""
    draft, outcome = None, ""
    for words in said:
        _, inbound = office.inbound(conversation)
        asked = draft.asked if draft else None
        turn = understand(kind, draft.facts if draft else {}, asked, words, finder.find(words, TODAY), None, TODAY)
        outcome = turn.outcome
        draft = draft or office.drafts.open(conversation, kind.kind, inbound)
        facts = turn.applied_to(draft.facts)
        field = kind.next_field(facts)
        draft = office.drafts.save(
            draft, facts=facts, asked=field.key if field else SUMMARY, inbound_id=inbound, failures=0
        )
    return outcome
