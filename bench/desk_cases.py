"""Many cases for a measurement, straight into the tables: invented, plausible in number and age, one year of a busy center."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from aid.cases.kinds import Facts
from aid.cases.office import Office
from aid.clock import CHANGCHUN, Clock
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import TicketEventRow, TicketRow

AT_ONCE = 500
OPEN_SHARE = 0.12
"""Of a year's cases so many are still open; the others are over."""
GOODS = ("车灯", "保温杯", "投影仪", "激光打标机", "玉米种子", "人参饮片", "汽车脚垫", "显微镜", "大米", "行车记录仪", "木耳", "刹车片")
FIRMS = ("远大", "宏达", "金穗", "天池", "北方", "春城", "光华", "松江", "恒信", "北湖")
FORMS = ("科技有限公司", "商贸有限公司", "光电有限公司", "农业开发有限公司", "经营部")
RIGHTS = ("发明专利", "实用新型专利", "外观设计专利", "商标", "著作权")
EXPOS = ("长春国际光电博览会", "长春国际汽车博览会", "中国长春国际农业·食品博览（交易）会")
NAMES = ("赵", "钱", "孙", "李", "周", "吴", "郑", "王")
ENDS = (
    ("accepted", "started", "contacted", "concluded"), ("accepted", "started", "mediated", "rated"), ("contacted", "withdrawn"),
    ("not_accepted",), ("returned", "supplemented", "accepted", "started", "concluded"), ("referred", "concluded"),
)  # fmt: skip
RUNNING: tuple[tuple[str, ...], ...] = ((), (), ("contacted",), ("accepted",), ("accepted", "started"), ("returned",), ("transferred",))
SAID = {
    "transferred": {"receiver": "subcenter-2", "reason": "对口"}, "returned": {"missing": "权利证明"}, "supplemented": {"text": "已补"},
    "referred": {"to": "公安机关", "reason": "有权查处"}, "mediated": {"outcome": "达成协议"}, "concluded": {"outcome": "已处理"},
    "not_accepted": {"reason": "不属于本中心"}, "rated": {"score": "satisfied"}, "contacted": {"way": "电话", "text": "已联系"},
}  # fmt: skip


class Made:
    """Makes cases of one seed; the newest is of the clock's present day."""

    def __init__(self, office: Office, vault: Vault, clock: Clock, count: int, seed: int) -> None:
        self._office, self._vault, self._clock, self._count = office, vault, clock, count
        self._random = random.Random(seed)

    def write(self, store: Store) -> None:
        """Write tickets and logs; the board is drawn afterwards by ``Board.catch_up``."""
        tickets: list[dict[str, Any]] = []
        events: list[dict[str, Any]] = []
        for ticket, log in self._cases():
            tickets.append(ticket)
            events += log
            if len(tickets) == AT_ONCE:
                self._flush(store, tickets, events)
                tickets, events = [], []
        self._flush(store, tickets, events)

    def _flush(self, store: Store, tickets: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
        if tickets:
            with store.session() as session:
                session.execute(insert(TicketRow), tickets)
                session.execute(insert(TicketEventRow), events)

    def _cases(self) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        now, pick = self._clock.now(), self._random
        for number in range(self._count):
            age = timedelta(days=365) * (1 - number / self._count)
            at = (now - age).astimezone(CHANGCHUN)
            kind = pick.choice(list(self._office.kinds))
            yield self._case(number, kind, self._facts(kind, at), at, pick.random() < OPEN_SHARE or age < timedelta(days=5))

    def _facts(self, kind: str, at: datetime) -> Facts:
        pick = self._random
        told = {
            "event": pick.choice(EXPOS), "booth": f"A{pick.randrange(1, 9)}馆B{pick.randrange(1, 200)}", "exhibit": pick.choice(GOODS),
            "respondent": pick.choice(FIRMS) + pick.choice(FORMS), "right_kind": pick.choice(RIGHTS),
            "story": f"{pick.choice(FIRMS)}在卖我们的{pick.choice(GOODS)}，跟我们的一样", "question": f"{pick.choice(GOODS)}怎么申请专利",
            "leaves_on": str((at + timedelta(days=pick.randrange(5))).date()),
            "name": pick.choice(NAMES) + "某某", "phone": f"139000{pick.randrange(100_000):05d}",
        }  # fmt: skip
        return {field.key: told[field.key] for field in self._office.kinds[kind].fields if field.key in told}

    def _case(self, number: int, kind: str, facts: Facts, at: datetime, is_open: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        pick, vault, id_ = self._random, self._vault, f"case{number:018d}"
        personal = self._office.kinds[kind].personal_keys()
        route = self._office.router.route_facts(kind, facts, at.date())
        ticket = {
            "id": id_, "number": f"CC-{at.year}-{number + 1:06d}", "lookup_code_hash": vault.fingerprint(f"A{number:07d}"),
            "lookup_code_sealed": vault.encrypt(f"A{number:07d}"), "kind": kind, "draft_id": f"draft{number:017d}",
            "idempotency_key": f"key{number:019d}",
            "conversation_id": f"talk{number:018d}", "receiver": route.receiver, "copies": route.copies, "reasons": route.reasons,
            "parties_sealed": vault.encrypt_json({key: value for key, value in facts.items() if key in personal}),
            "facts_sealed": vault.encrypt_json({key: value for key, value in facts.items() if key not in personal}),
            "person_hash": vault.fingerprint(facts["phone"]), "created_at": at, "consent_version": None, "consent_at": None, "erased_at": None,
        }  # fmt: skip
        steps = pick.choice(RUNNING if is_open else ENDS)
        log, moment = [], at
        for seq, event in enumerate(("received", "routed", *steps), 1):
            detail = {"rule": route.rule, "receiver": route.receiver} if event == "routed" else SAID.get(event, {})
            if event == "transferred" and route.receiver == "subcenter-2":
                detail = {**detail, "receiver": "subcenter-1"}
            actor = "system" if seq < 3 else "person" if event in ("supplemented", "rated", "withdrawn") else f"supervisor:staff{pick.randrange(20)}"
            line = {"ticket_id": id_, "seq": seq, "kind": event, "at": moment, "actor": actor, "idempotency_key": None}
            log.append({**line, "detail_sealed": vault.encrypt_json(detail)})
            moment = min(moment + timedelta(hours=pick.randrange(1, 60)), self._clock.now()) if seq > 1 else moment
        return ticket, log
