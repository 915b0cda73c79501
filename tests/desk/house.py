"""What the tests of the desk share: an office and a desk over a store on disk, a standing clock, and cases that are quickly filed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from aid.cases.kinds import SUMMARY, Facts
from aid.cases.life import Actor
from aid.cases.office import Office, open_office
from aid.cases.ticket import Ticket
from aid.clock import FixedClock
from aid.desk.desk import Desk, open_desk
from aid.privacy.vault import Vault, open_vault
from aid.replies import Choice, Reply
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.messages import Messages
from aid.store.models import BoardRow

FACTS: dict[str, Facts] = {
    "expo_complaint": {
        "event": "长春国际汽车博览会",
        "booth": "A3馆B12",
        "exhibit": "车灯",
        "respondent": "吉林亮车灯具有限公司",
        "right_kind": "外观设计专利",
        "right_number": "ZL202330123456.8",
        "right_number#mark": "unchecked",
        "leaves_on": "",
        "consent": "yes",
        "name": "王小强",
        "phone": "13900007101",
    },
    "aid_application": {
        "applicant": "个人",
        "right_kind": "商标",
        "right_number": "",
        "help": "帮我分析",
        "story": "有人在网上卖假的",
        "respondent": "",
        "place": "朝阳区",
        "consent": "yes",
        "name": "李梅",
        "phone": "13900007102",
    },
}
HANDLER, INTAKE, SUPERVISOR = Actor("handler", "handler1"), Actor("intake", "intake1"), Actor("supervisor", "chief1")


@dataclass
class House:
    """The record and all that works on it."""

    settings: Settings
    store: Store
    vault: Vault
    clock: FixedClock
    office: Office
    desk: Desk
    messages: Messages

    def filed(self, kind: str = "expo_complaint", **changes: str) -> Ticket:
        """A case of this kind, with other facts where named (``"-"``: not told at all)."""
        conversation = self.messages.open_conversation("web").id
        first, _ = self.messages.add_inbound(conversation, uuid4().hex, "我要投诉，我叫王小强，电话13900007101")
        self.messages.finish_turn(first.id, [Reply(text="好的", choices=[Choice(label="继续", payload={"act": "affirm"})])])
        draft = self.office.drafts.open(conversation, kind, first.id)
        facts = {key: value for key, value in {**FACTS[kind], **changes}.items() if value != "-"}
        draft = self.office.drafts.save(draft, facts=facts, asked=SUMMARY, inbound_id=first.id, failures=0)
        confirming, _ = self.messages.add_inbound(conversation, uuid4().hex, "确认")
        return self.office.tickets.file(draft, confirming.id)[0]

    def does(self, ticket: Ticket, *events: str, by: Actor = SUPERVISOR) -> None:
        """Events with what they must say, one after another."""
        said = {
            "transferred": {"receiver": "subcenter-2", "reason": "归他们管"},
            "returned": {"missing": "专利证书"},
            "supplemented": {"text": "补了"},
            "referred": {"to": "公安机关", "reason": "有权查处"},
            "mediated": {"outcome": "达成协议"},
            "concluded": {"outcome": "已撤下"},
            "not_accepted": {"reason": "不归我们管"},
            "reopened": {"reason": "有新情况"},
            "session": {"on": "2026-11-25"},
        }
        for event in events:
            self.office.log.add(ticket, event, by, said.get(event, {}))  # type: ignore[arg-type]

    def row(self, ticket: Ticket) -> BoardRow:
        """What the board says of a case."""
        with self.store.reading() as session:
            return session.scalars(select(BoardRow).filter_by(ticket_id=ticket.id)).one()

    def later(self, **step: float) -> None:
        """Time passes."""
        self.clock.advance(timedelta(**step))


def build(var_dir: Path) -> House:
    settings = Settings(var_dir=var_dir)
    store, clock = open_store(settings), FixedClock(datetime(2026, 11, 23, 9, 0))  # a Monday
    store.migrate()
    vault = open_vault(settings)
    office = open_office(settings, store, vault, clock)
    desk = open_desk(office, store, vault, clock, settings.knowledge_dir)
    return House(settings, store, vault, clock, office, desk, Messages(store, vault, clock))
