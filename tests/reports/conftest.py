"""What the report tests share: a store on disk, a standing clock, an office that files any kind of case at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest

from aid.cases.board import Board
from aid.cases.calendar import WorkingDays
from aid.cases.deadlines import Deadlines, load_deadlines
from aid.cases.drafts import Drafts
from aid.cases.kinds import CaseKind, Facts, load_kinds
from aid.cases.life import Actor, EventKind
from aid.cases.routing import Router, load_router
from aid.cases.tables import Tables, load_tables
from aid.cases.ticket import Ticket
from aid.cases.ticket_log import TicketLog
from aid.cases.tickets import Tickets
from aid.clock import CHANGCHUN, FixedClock
from aid.privacy.vault import Vault, open_vault
from aid.replies import AnswerCard, Reply
from aid.reports.report import Reports
from aid.reports.words import ReportWords, load_report_words
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.messages import Messages

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
COMMON = {"consent": "yes", "name": "李例一", "phone": "13900007001"}
FACTS: dict[str, Facts] = {
    "expo_complaint": {"event": "长春国际汽车博览会", "booth": "A3馆B12", "exhibit": "车灯", "right_kind": "外观设计专利", **COMMON},
    "infringement_report": {"exhibit": "冒牌鞋", "right_kind": "商标", "channel": "线下", "place": "远东批发市场", "contact": "匿名举报"},
    "aid_application": {
        "applicant": "企业", "right_kind": "发明专利", "help": "侵权判定", "story": "被仿", "place": "南关区", **COMMON,
    },
    "mediation_request": {
        "respondent": "演示商贸有限公司", "right_kind": "商标", "story": "被仿", "sought": "停止", "willing": "愿意", "court": "没有", **COMMON,
    },
    "adjudication_request": {
        "right_kind": "发明专利", "holder": "专利权人", "respondent": "演示商贸有限公司", "exhibit": "车灯", "place": "南关区", "sued": "没有", **COMMON,
    },
    "consultation_callback": {"question": "年费忘交了怎么办", **COMMON},
    "service_complaint": {"story": "没人接电话", "contact": "不留"},
}  # fmt: skip
HANDLER, PERSON, DESK = Actor("handler", "演示承办"), Actor("person"), Actor("intake", "演示收件")


@dataclass
class Desk:
    """The office over one store, with its clock."""

    settings: Settings
    store: Store
    vault: Vault
    clock: FixedClock
    drafts: Drafts
    tickets: Tickets
    log: TicketLog
    messages: Messages
    reports: Reports

    def at(self, moment: str) -> None:
        """Set the clock, in Changchun."""
        self.clock.advance(datetime.fromisoformat(moment).replace(tzinfo=CHANGCHUN) - self.clock.now())

    def filed(self, kind: str, moment: str = "", door: str = "web", expo: str | None = None, **changes: str) -> Ticket:
        """A ticket of this kind, filed at this moment."""
        if moment:
            self.at(moment)
        conversation = self.messages.open_conversation(door, expo).id
        first = self.messages.add_inbound(conversation, uuid4().hex, "登记")[0].id
        draft = self.drafts.open(conversation, kind, first)
        draft = self.drafts.save(draft, facts={**FACTS[kind], **changes}, asked="summary", inbound_id=first, failures=0)
        return self.tickets.file(draft, self.messages.add_inbound(conversation, uuid4().hex, "确认")[0].id)[0]

    def does(self, ticket: Ticket, *steps: tuple[str, EventKind, Actor, dict[str, str]]) -> Ticket:
        """Write these steps into the log, each at its moment."""
        for moment, kind, actor, detail in steps:
            self.at(moment)
            self.log.add(ticket, kind, actor, detail)
        return ticket

    def concluded(self, ticket: Ticket, moment: str) -> Ticket:
        """Take a new case to its end at once."""
        return self.does(
            ticket, (moment, "accepted", DESK, {}), (moment, "started", HANDLER, {}), (moment, "concluded", HANDLER, {"outcome": "办好了"})
        )

    def asked(self, moment: str, *entries: str, door: str = "web", event: str | None = None) -> str:
        """A talk in which these entries answer; gives its id."""
        self.at(moment)
        conversation = self.messages.open_conversation(door, event).id
        for entry in entries or ("",):
            inbound = self.messages.add_inbound(conversation, uuid4().hex, "请问")[0].id
            reply = Reply(text="答", card=answer(entry)) if entry else Reply(text="没听懂")
            self.messages.finish_turn(inbound, [reply])
        return conversation


def answer(entry: str) -> AnswerCard:
    """An answer from an entry."""
    return AnswerCard(entry=entry, label="题", short="答", points=[], steps=[], basis=[], checked="2026-11-22", probability=0.9)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Known:
    """The knowledge, read once."""

    words: ReportWords
    kinds: dict[str, CaseKind]
    router: Router
    deadlines: Deadlines
    tables: Tables


@pytest.fixture(scope="session")
def known() -> Known:
    deadlines = load_deadlines(KNOWLEDGE, WorkingDays.load(KNOWLEDGE))
    return Known(load_report_words(KNOWLEDGE), load_kinds(KNOWLEDGE), load_router(KNOWLEDGE), deadlines, load_tables(KNOWLEDGE))


@pytest.fixture
def desk(tmp_path: Path, known: Known) -> Iterator[Desk]:
    settings, clock = Settings(var_dir=tmp_path / "var"), FixedClock(datetime(2026, 11, 23, 9, 0))
    store = open_store(settings)
    store.migrate()
    vault = open_vault(settings)
    log = TicketLog(store, vault, clock, known.router, Board(store, vault, known.kinds, known.router, known.deadlines))
    tables = known.tables
    reports = Reports(
        store, vault, clock, known.words, known.kinds, known.router, known.deadlines, tables.centers.centers, tables.expos.events
    )
    tickets, drafts = Tickets(store, vault, clock, known.kinds, known.router, log), Drafts(store, vault, clock, "2026-11-30")
    yield Desk(settings, store, vault, clock, drafts, tickets, log, Messages(store, vault, clock), reports)
    store.close()
