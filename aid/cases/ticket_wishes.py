"""What a person wants of a case that is filed already, told from plain words: take it back, add to it, have it opened again, rate it."""

from __future__ import annotations

import re
from typing import Literal

from aid.cases.acts import looks_like_question
from aid.cases.life import EventKind

Wish = Literal["withdraw", "supplement", "reopen", "rate"]
EVENT_OF: dict[Wish, EventKind] = {"withdraw": "withdrawn", "supplement": "supplemented", "reopen": "reopened", "rate": "rated"}
LONGEST = 60
"""Characters up to which a sentence is read as such a wish; a longer one tells a story."""

_CASE = r"(?:投诉|举报|案子|案件|单子|工单|件|调解|裁决|援助|回访|登记|反映|CC-?\d)"
_PATTERNS: list[tuple[Wish, re.Pattern[str]]] = [
    (
        "withdraw",
        re.compile(
            rf"撤诉|(?:撤回|撤销|撤掉|撤了|取消|作废).{{0,12}}{_CASE}|{_CASE}.{{0,12}}(?:撤回|撤销|撤掉|撤了|要撤|想撤|取消掉?|作废|不办了|不要了|不用(?:你们)?[处办管查])|"
            r"(?:撤回|撤销).{0,8}(?:提交|交)的(?:申请|材料)|(?:申请|材料).{0,4}(?:撤回来|我要撤回|想撤回)",
            re.IGNORECASE,
        ),
    ),
    (
        "supplement",
        re.compile(
            r"(?:补充|补交|补一下|补上|补几|补点|补些|追加|再补|再加|加上|续交).{0,10}(?:材料|证据|照片|图片|信息|情况|内容|线索|说明|文件|证书|合同|一点|几句)|"
            r"(?:材料|证据|照片|情况|线索).{0,6}(?:要补充?|想补充?|补交|补上|需要补充)|我[还再]?[要想]补充|有(?:新的?)?(?:情况|证据|材料|线索).{0,4}(?:补充|要补|要交|要说)",
        ),
    ),
    ("reopen", re.compile(r"重新(?:办理|办|处理|受理|调查|查一|审查|打开)|再(?:处理|查|办|审)一[次遍]|恢复办理|重办|退回重")),
    ("rate", re.compile(r"(?:评价|评个价|打个?分|评分)(?!报告)(?:一下|你们|服务|这次|办理|结果|$|吧|了)|(?:给|做|来)个?(?:好评|差评|评价)(?!报告)")),
]
_OF_A_RIGHT = re.compile(r"(?:专利|商标|版权|著作权|软著|注册|域名|地理标志).{0,4}(?:申请|登记|注册|复审|无效)")


def wish_of(text: str) -> Wish | None:
    """The wish that the words say; a question about it (投诉能撤回吗) and the withdrawal of a patent application are none."""
    if len(text) > LONGEST or looks_like_question(text) or _OF_A_RIGHT.search(text):
        return None
    return next((wish for wish, pattern in _PATTERNS if pattern.search(text)), None)
