"""What the tests of documents share: tickets of the four kinds with invented parties, and the documents over the real knowledge."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from aid.cases.kinds import Facts, load_kinds
from aid.cases.routing import load_router
from aid.cases.ticket import Ticket
from aid.clock import CHANGCHUN, FixedClock
from aid.documents.documents import Documents, load_documents

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
MOMENT = datetime(2026, 11, 24, 10, 30, tzinfo=CHANGCHUN)
STORY = "上个月二十号，我在网上看到同行照着我的水壶做了一款在卖，瓶身、壶嘴和花纹都一样，价钱只有一半。" * 6

FACTS: dict[str, Facts] = {
    "aid_application": {
        "applicant": "企业", "right_kind": "外观设计专利", "right_number": "ZL202330123456.8", "right_number#mark": "unchecked",
        "help": "侵权判定", "story": STORY, "respondent": "", "place": "宽城区", "name": "李梅", "phone": "13900007002",
    },
    "mediation_request": {
        "respondent": "星远光电有限公司", "right_kind": "商标", "story": "他们照着我的台灯做，还用我的商标", "sought": "停止销售，赔两万元",
        "willing": "不清楚", "court": "没有", "place": "", "booth": "A3馆B12", "name": "赵刚", "phone": "13900007003",
    },
    "expo_complaint": {
        "event": "长春国际汽车博览会", "booth": "A3馆B12", "exhibit": "车灯", "respondent": "", "right_kind": "著作权",
        "right_number": "", "leaves_on": "2026-11-25", "name": "王强", "phone": "13900007001",
    },
    "adjudication_request": {
        "right_kind": "实用新型专利", "right_number": "", "holder": "普通被许可人", "respondent": "远明光电有限公司", "exhibit": "激光测距仪",
        "place": "长春市绿园区", "sued": "不清楚", "name": "孙丽", "phone": "13900007004",
    },
}  # fmt: skip
RECEIVERS = {"aid_application": "main", "mediation_request": "subcenter-2", "expo_complaint": "subcenter-1", "adjudication_request": "main"}
KINDS = sorted(FACTS)


def ticket_of(kind: str, **changes: str) -> Ticket:
    """A filed ticket; a change to "-" takes the fact away."""
    facts = {key: value for key, value in {**FACTS[kind], **changes}.items() if value != "-"}
    parties = {key: facts.pop(key) for key in ("name", "phone") if key in facts}
    number = f"CC-2026-{KINDS.index(kind) + 1:06d}"
    return Ticket(
        id=f"id-{kind}", number=number, lookup_code="ABC34DEF", kind=kind, draft_id="d", idempotency_key="i", conversation_id="c",
        receiver=RECEIVERS[kind], copies=[], reasons=["理由"], parties=parties, facts={**facts, "consent": "yes"},
        consent_version="2026-11-22", consent_at=MOMENT, created_at=datetime(2026, 11, 23, 9, 0, tzinfo=CHANGCHUN),
    )  # fmt: skip


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MOMENT)


@pytest.fixture
def documents(clock: FixedClock) -> Documents:
    return load_documents(KNOWLEDGE, load_kinds(KNOWLEDGE), load_router(KNOWLEDGE), clock)
