"""A receipt that never reached the person is given when he asks again."""

from __future__ import annotations

from contextlib import closing

import pytest

from aid.cases.kinds import SUMMARY
from aid.cli.ticket import office
from tests.conversations.conftest import Stack
from tests.conversations.talk import Visitor

pytestmark = pytest.mark.stack
FACTS = {"question": "商标怎么注册", "call_time": "", "consent": "yes", "name": "王强", "phone": "13900007009"}


def test_a_turn_that_was_given_up_after_the_filing_gives_its_receipt_at_the_next_yes(stack: Stack) -> None:
    with office(stack.settings) as desk, closing(Visitor(stack.address)) as visitor:
        visitor.say("你好")
        seen = visitor._http.get(visitor._path, params={"after": 0}, headers=visitor._headers).json()
        inbound = seen["said"][0]["inbound_id"]
        draft = desk.drafts.open(visitor.conversation, "consultation_callback", inbound)
        facts = {field.key: FACTS.get(field.key, "") for field in desk.kinds["consultation_callback"].fields}
        draft = desk.drafts.save(draft, facts=facts, asked=SUMMARY, inbound_id=inbound, failures=0)
        ticket, _ = desk.tickets.file(draft, inbound)
        receipt = next(card for card in visitor.say("确认").cards if card["kind"] == "receipt")
        assert (receipt["number"], receipt["lookup_code"]) == (ticket.number, ticket.lookup_code)
        again = visitor.say("确认")
        assert again.cards == []
        assert ticket.number in again.text
