"""Short acts inside a form, told from their words: yes, no, skip, why, cancel, a question of another kind.

The classifier's intent is asked second: words that say an act plainly count alone, an intent counts for short
sentences that hold no fact.
"""

from __future__ import annotations

import re
from typing import Literal

Act = Literal["confirm", "deny", "skip", "dont_know", "why", "cancel", "question"]

_SOFT = r"[\s,，。.!！~～、]*"
_TAIL = rf"(?:吧|了|啊|呀|哦|呢|的|嘛|啦|谢谢|就行)*{_SOFT}"


def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"{_SOFT}(?:嗯|哦|那|那就|就|我|请|先|行)*{_SOFT}(?:{words}){_TAIL}", re.IGNORECASE)


_CONFIRM = _whole(
    r"(?:对|是|好|行|嗯|可以|同意|确认|确定|没错|没问题|没有问题|正确|ok|okay|yes|好的|是的|对的|行的|都对|全对|就这样|没毛病|提交|交吧|"
    r"愿意|我?同意|没意见|准确|无误|核对无误|可|中|妥|成)(?:[,，\s]*(?:没错|没问题|确认|提交|同意|是的|对的|可以|都对|就这样|好|行))*"
)
_DENY = _whole(
    r"不|不对|不是|不行|不可以|不好|错了|有错|不同意|不愿意|拒绝|no|没有|没|无|否|不确认|有问题|先别|不要|别|不用|不准确|不需要|还没有|都没有"
)
_SKIP = re.compile(
    r"跳过|略过|忽略|先空着|空着吧|留空|留白|下一[个题项步]|先不[填写说留]|不想[填说留写]|就?不[写留填]了|以后再[说补]|以后补|回头补|后面再补|待补充|"
    r"等下再填|先问别的|不方便[说留透]|保密|^\s*(?:pass|过|略|跳|下个|过吧|略了吧|不想?[填写说留给])\s*[。.!！]*$",
    re.IGNORECASE,
)
_DONT_KNOW = re.compile(
    r"不知道|不清楚|不太清楚|不了解|不晓得|不记得|记不[得清住]|没记[住下]|忘了|忘记了|想不起来|没注意|没留意|没看清|没看见|不认识|不懂|"
    r"弄不[清明]|搞不[清懂]|不在手|手头没有|没印象|说不[清好]|不确定|得(?:回去)?(?:查查|问问)|哪知道|拿不准"
)
_CANCEL = re.compile(
    r"取消|不投诉了|不想投诉|不要投诉|不办了|不提交|不报了|不登记了|不告了|撤销|撤回(?:同意|投诉)?|退出|放弃|终止|结束(?:投诉|填写|登记)|别(?:填|弄|登记)了"
)
_GIVE_UP = re.compile(r"^\s*(?:算了|不填了|不弄了|不搞了|拉倒|不干了)(?:吧|了|啊|,|，|\s|不[填弄搞]了)*[。.!！]*\s*$")
_WHY = re.compile(
    r"(?:为什么|为啥|为何|凭什么|干[什嘛]么?|干嘛|干啥|有什么用|有啥用|做什么用|什么用处).{0,16}$|"
    r"(?:必须|必|一定要|非得?|必需)(?:填|留|说|写|要).{0,8}(?:吗|么|不可|嘛|[?？])|必填|"
    r"(?:可以|能|能不能|可不可以)?不(?:填|留|说|写|给).{0,8}(?:行|可以|成|能|会|怎).{0,8}(?:吗|么|不|样|[?？])|可以不[填留说写].{0,6}[吗么?？]|"
    r"匿名|泄露|(?:会不会|会).{0,6}(?:告诉|给)对方|对方会知道|信息安全|还(?:要|有)(?:问|多少).{0,4}(?:几|多少|题)|问(?:那么|这么|怎么)"
)
_QUESTION = re.compile(
    r"[?？]\s*$|(?:吗|呢|么|不[?？]?)[。.!！\s]*$|怎么|怎样|如何|什么(?:是|叫|时候|条件|材料|区别|意思)|是什么|多少|多久|哪里|哪儿|去哪|谁来|能不能|"
    r"可不可以|可以.{0,8}吗|有没有|是不是|区别|需要什么|要什么|咋(?:办|整|弄)|赔多少|请问|想问|问一下"
)
_ENDS_ONLY = re.compile(r"(?:不)[。.!！\s]*$")
_ASIDE = re.compile(
    rf"{_SOFT}(?:你好|您好|在吗|在不在|有人吗|谢谢您?|多谢|感谢|再见|拜拜|hello|hi|你是谁|你是机器人|转人工|人工|找人工|人工客服|帮助|help){_TAIL}",
    re.IGNORECASE,
)
_ASIDE_INTENTS = {
    "greet", "goodbye", "thank", "help", "about_bot", "human", "repeat", "off_topic", "ask_status", "none_of_these",
    "consult", "report_infringement", "request_aid", "request_mediation", "request_adjudication", "service_complaint",
    "start_expo_complaint", "start_consultation_callback", "start_case",
}  # fmt: skip
_INTENT_ACTS: dict[str, Act] = {
    "affirm": "confirm", "deny": "deny", "skip": "skip", "dont_know": "dont_know", "ask_why": "why", "cancel": "cancel",
}  # fmt: skip
SHORT = 20
"""Characters up to which an intent alone makes an act."""


def plain_act(text: str, can_skip: bool) -> Act | None:
    """The act that the words say plainly, whatever the classifier thinks.

    ``can_skip``: the asked field may be left out, so that 算了 skips it instead of ending the form.
    """
    if len(text) <= 40 and _SKIP.search(text):
        return "why" if _WHY.search(text) and re.search("[吗么?？]", text) else "skip"
    if len(text) <= 15 and _CANCEL.search(text) and not re.search("[吗么?？]|怎么|如何", text):
        return "cancel"
    if _GIVE_UP.match(text):
        return "skip" if can_skip else "cancel"
    if len(text) <= 30 and _WHY.search(text):
        return "why"
    if len(text) <= 24 and _DONT_KNOW.search(text) and not re.search("[?？]|怎么办", text):
        return "dont_know"
    if _CONFIRM.fullmatch(text):
        return "confirm"
    if _DENY.fullmatch(text):
        return "deny"
    return "question" if _ASIDE.fullmatch(text) else None


def intent_act(intent: str | None, text: str) -> Act | None:
    """The act that the classifier's intent means, for a short sentence; longer ones need plain words."""
    if intent in _ASIDE_INTENTS:
        return "question"
    return _INTENT_ACTS.get(intent or "") if len(text) <= SHORT else None


def looks_like_question(text: str) -> bool:
    """Whether the sentence asks something."""
    return bool(_QUESTION.search(text)) and not (_ENDS_ONLY.search(text) and not re.search("[?？]", text))
