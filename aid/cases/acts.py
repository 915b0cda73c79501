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
_GIVE_UP = re.compile(r"^\s*(?:算了|我?不想?填了|不弄了|不搞了|拉倒|不干了)(?:吧|了|啊|,|，|\s|不[填弄搞]了)*[。.!！]*\s*$")
_I = r"(?:算了|哎|唉|好了|行了|那|我们?|就|先|今天|现在|还是|都|也|请|要|想|帮我|给我|把|你们?|这[件个次]?(?:登记|投诉|举报|申请|事儿?)?)*"
_CASE = r"(?:登记|投诉|举报|申请|填写|调解|裁决|预约|回电|意见)"
_LEAVE = re.compile(
    rf"{_I}(?:取消(?:掉|吧|了)*这?[次个件]?{_CASE}?|不(?:想|要|用|再|需要)*(?:投诉|举报|申请|调解|裁决|办|提交|登记|报|告|填|弄|搞|回电话?|提意见?|维权|援助)(?:下去)?了|"
    rf"退出|结束{_CASE}|别(?:填|弄|登记|办|打|回电)了|撤[回销](?:同意|{_CASE})){_TAIL}"
)
_LEFT_OUT = re.compile(
    r"(?:我|先|就|这[一个]?[个项]?|那|请)*(?:跳过|略过|先空着|空着|留空|下一[个题项步]|先不[填写说留]|不想[填说留写]|不[写留填]|以后再[说补]|以后补|回头补|"
    rf"后面再补|等下再填|不方便(?:说|留|透露)|保密|pass|过|略|跳|(?:我|也|都|还|真|具体|这个|太)*(?:不知道|不清楚|不太清楚|不了解|不记得|记不清|忘了|没注意|说不清|不确定|不好说)"
    rf"(?:具体|是)?(?:叫?什么|多少|几[个件箱]|哪[个家])?){_TAIL}",
    re.IGNORECASE,
)
_ASKS_THE_FORM = re.compile(r"问|填|说这|写|这[个项]|必须|知道这")
_REFUSES = re.compile(r"\W*我?(?:不同意|不愿意|不想同意|拒绝|不答应)(?![^。.!！]*[吗么?？])")
_CLAUSE = re.compile(r"[,，。;；!！\n]+")
_WHY = re.compile(
    r"(?:为什么|为啥|为何|凭什么|干[什嘛]么?|干嘛|干啥|有什么用|有啥用|做什么用|什么用处).{0,16}$|"
    r"(?:必须|必|一定要|非得?|必需)(?:填|留|说|写|要).{0,8}(?:吗|么|不可|嘛|[?？])|必填|"
    r"(?:可以|能|能不能|可不可以)?不(?:填|留|说|写|给).{0,8}(?:行|可以|成|能|会|怎).{0,8}(?:吗|么|不|样|[?？])|可以不[填留说写].{0,6}[吗么?？]|"
    r"匿名|泄露|(?:会不会|会).{0,6}(?:告诉|给)对方|对方会知道|信息安全|还(?:要|有)(?:问|多少).{0,4}(?:几|多少|题)|问(?:那么|这么|怎么)"
)
_QUESTION = re.compile(
    r"[?？]\s*$|(?:吗|呢|么|不[?？]?)[。.!！\s]*$|怎么|怎样|如何|什么(?:是|叫|时候|条件|材料|区别|意思)|是什么|多少|多久|哪里|哪儿|去哪|谁来|能不能|会不会|要不要|该不该|行不行|能否|"
    r"可不可以|可以.{0,8}吗|有没有|是不是|区别|需要什么|要什么|咋(?:办|整|弄)|赔多少|请问|想问|问一下"
)
_ASKS = re.compile(
    r"^\W*(?:请问|想问|问一下|我想问|等一下|什么是|怎么|如何|为什么|多久|哪里)|[?？]\s*$|(?:吗|呢|么|怎么办|咋办|咋整|多久|多少钱?|哪里|哪儿|是什么|区别)[。.!！\s]*$"
)
_ENDS_ONLY = re.compile(r"(?:不)[。.!！\s]*$")
_ASIDE = re.compile(
    rf"{_SOFT}(?:你好|您好|在吗|在不在|有人吗|谢谢您?|多谢|感谢|再见|拜拜|hello|hi|你是谁|你是机器人|转人工|人工|找人工|人工客服|帮助|help){_TAIL}",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    rf"{_SOFT}(?:你|请|麻烦|我|刚才|能不能|可以)*(?:再(?:说|讲|念|问)一?[遍次下]|重复一[遍下]|[没听][太听]?[懂清]楚?|听不[懂清]楚?|没(?:看|太|听)*(?:明白|懂)|不明白|不懂你?[说问]?(?:的|什么)*|什么意思)"
    rf"(?:吗|[?？])?{_TAIL}[?？]?"
)
_BESIDE = re.compile(
    rf"{_SOFT}(?:给我|你|帮我|我想|我要|麻烦|请)*(?:(?:讲|说|唱|写|来)一?[个首段]?(?:笑话|故事|歌|诗)|查(?:一下|下|查|询)?.{{0,12}}(?:进度|办到哪.{{0,4}}|办得怎么样)){_TAIL}"
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


def plain_act(text: str, can_skip: bool, is_free: bool = False) -> Act | None:
    """The act that the words say plainly, whatever the classifier thinks.

    ``can_skip``: the asked field may be left out, so that 算了 skips it instead of ending the form. ``is_free``: free words are asked for,
    which may hold any word (对方取消了合同; 不知道是谁在卖): then only clauses that say nothing else are acts.
    """
    if _GIVE_UP.match(text):
        return "skip" if can_skip else "cancel"
    if is_free and not _says_nothing_else(text):
        return "cancel" if leaves(text) else None
    if len(text) <= 40 and _SKIP.search(text):
        return "why" if _WHY.search(text) and re.search("[吗么?？]", text) else "skip"
    if leaves(text) or (len(text) <= 15 and _CANCEL.search(text) and not re.search("[吗么?？]|怎么|如何", text)):
        return "cancel"
    if len(text) <= 30 and _WHY.search(text):
        return "why"
    if len(text) <= 24 and _DONT_KNOW.search(text) and not re.search("[?？]|怎么办", text):
        return "dont_know"
    if _CONFIRM.fullmatch(text):
        return "confirm"
    if _DENY.fullmatch(text):
        return "deny"
    return "question" if _ASIDE.fullmatch(text) or _BESIDE.fullmatch(text) or wants_again(text) else None


def wants_again(text: str) -> bool:
    """Whether the last thing said was not understood and shall be said again."""
    return bool(_AGAIN.fullmatch(text))


def leaves(text: str) -> bool:
    """Whether a clause of a short sentence ends the form: 我改主意了，不投诉了，谢谢."""
    return len(text) <= 40 and any(_LEAVE.fullmatch(clause.strip()) for clause in _CLAUSE.split(text))


def refuses(text: str) -> bool:
    """Whether the sentence refuses the consent, whatever reason it gives behind: 不同意，我怕对方知道."""
    return bool(_REFUSES.match(text))


def _says_nothing_else(text: str) -> bool:
    """Whether every clause is an act, a courtesy or a question about the form."""
    clauses = [clause.strip() for clause in _CLAUSE.split(text) if clause.strip()]
    acts = (_LEFT_OUT, _LEAVE, _CONFIRM, _DENY, _ASIDE, _BESIDE, _AGAIN)
    return all(any(act.fullmatch(c) for act in acts) or (_WHY.search(c) and _ASKS_THE_FORM.search(c)) for c in clauses)


def intent_act(intent: str | None, text: str) -> Act | None:
    """The act that the classifier's intent means, for a short sentence; longer ones need plain words."""
    if intent in _ASIDE_INTENTS:
        return "question"
    return _INTENT_ACTS.get(intent or "") if len(text) <= SHORT else None


def looks_like_question(text: str, is_free: bool = False) -> bool:
    """Whether the sentence asks something. ``is_free``: where a story is told (不知从哪里弄到图纸), only what begins or ends as a question."""
    if is_free:
        return bool(_ASKS.search(text))
    return bool(_QUESTION.search(text)) and not (_ENDS_ONLY.search(text) and not re.search("[?？]", text))
