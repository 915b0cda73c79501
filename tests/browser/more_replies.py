"""More of what the made-up bot answers by a word: a question of each kind of input, a long read-back, files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from aid.replies import Choice, EvidenceLine, QuestionCard, ReceiptCard, Reply, SummaryCard, SummaryLine


def _asked(field: str, ask: str, step: int, **more: object) -> Reply:
    card = QuestionCard(case_kind="expo_complaint", field=field, ask=ask, why="工作人员要用它联系您", step=step, steps=8, **more)  # type: ignore[arg-type]
    return Reply(text=ask, card=card)


def _tel() -> Reply:
    return _asked("phone", "您的电话是多少？", 7, input="tel")


def _email() -> Reply:
    return _asked("email", "您的邮箱是多少？", 6, input="email")


def _day() -> Reply:
    reply = _asked("leaves_on", "对方的展品展到哪一天？", 5, input="date", earliest=date(2026, 11, 22), latest=date(2027, 11, 23))
    return reply.model_copy(update={"choices": [Choice(label="今天", payload={"value": "今天"}), Choice(label="明天", payload={"value": "明天"})]})


def _long_summary() -> Reply:
    values = {
        "event": ("展会", "长春国际光电博览会"),
        "booth": ("对方展位", "A3馆B12"),
        "exhibit": ("涉嫌侵权的展品", "一种带反光条的车灯罩，和我们的外观专利几乎一样"),
        "number": ("权利号", "ZL202330123456.7（号码未核对，以证书为准）"),
        "name": ("称呼", "王**"),
        "phone": ("联系电话", "139****7001"),
    }
    lines = [SummaryLine(field=key, label=label, value=value) for key, (label, value) in values.items()]
    card = SummaryCard(case_kind="expo_complaint", lines=lines, receiver="展会工作站", reasons=["事情发生在展会上"], notes=["提交以后还可以补充材料。"])
    return Reply(text="请您核对。", card=card, choices=[Choice(label="没错，提交", payload={"act": "affirm"}), Choice(label="先不办了", payload={"act": "cancel"})])


def _whole_receipt() -> Reply:
    card = ReceiptCard(
        number="CC-2026-000123",
        lookup_code="K7M4Q2PX",
        receiver="展会工作站",
        reasons=["事情发生在展会上"],
        expected=date(2026, 12, 1),
        expected_is_estimate=True,
        phones=["12345", "12315"],
        materials=["权利证书", "身份证明"],
        evidence=[EvidenceLine(name="展位.jpg", type="照片", size=81234, sign="1a2b3c4d", received=datetime(2026, 11, 22, 10, 0))],
    )
    return Reply(text="", card=card)


def _file() -> Reply:
    return Reply(text="收到了：照片。现在一共 1 个，一件事最多 9 个。", choices=[Choice(label="删掉", payload={"act": "drop"})])


MORE: dict[str, Callable[[], Reply]] = {
    "电话要改": _tel,
    "您的电话": _tel,
    "邮箱": _email,
    "哪天": _day,
    "念一遍": _long_summary,
    "没错": _whole_receipt,
    "/send_file": _file,
    "读出来": lambda: Reply(text="**看**这里", speak="听这里"),
}
