"""The other side's name: a company that is not the speaker's own, or what a shop, a sign or a person is called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aid.cases.found import Found
from aid.cases.names import SURNAME
from aid.cases.traders import traders
from aid.language.entity import Entity

_OURS = r"(?:我们单位|我单位|我们?|本人|俺们?|咱们?|我司|我公司|我方|我们公司|我们厂|我家|本公司|我单位)"
_OUR_FIRM = re.compile(
    rf"(?:{_OURS}(?:就?是|叫|来自|在|公司(?:是|叫)|的?公司(?:名称)?(?:是|叫)|代表|这边是|名叫|名称是)?|代表|受|(?:^|"
    rf"[,。;!?\s])(?:(?:公司|单位|企业)(?:名称)?:|(?:申请人|请求人|投诉人|举报人|权利人|我方)(?:是|为|:)?))\s*$"
)
_ACTING = re.compile(r"[^,。;]{0,8}?(?:抄|仿|侵|盗|冒|落入|跟我|和我)")
_ACCUSING = re.compile(r"[^,。;]{0,4}?(?:给我们?[发寄]|告我|起诉我|说我|找我)")
_SIGNED = re.compile(
    rf"[\s,]{{0,2}}{SURNAME}[\u4e00-\u9fff]{{1,2}}[,\s]{{0,2}}(?:电话|手机|联系电话)?[:\s]{{0,2}}"
    r"(?:1[3-9]\d[\d -]{8}|0\d{2,3}-?\d{4})"
)
_OURS_BEFORE, _THEIRS = re.compile(r"(?:我|俺|咱)[^,。;!?\s]{0,4}$"), re.compile(r"对方|他|那家|这家|一家|有家|被|侵权|有个|那个|一个")
_APPLIES = re.compile(r"(?:现|拟|想)?(?:申请|请求)(?:维权|知识产权|调解|裁决|行政裁决|援助)")
_TAKEN = ("company", "phone", "event")
_ROLE_OURS = re.compile(r"(?:专利权人|权利人|投诉人|举报人|委托人|申请人|请求人|客户|当事人)")
_SPEAKER = re.compile(rf"(?:^|[,。;!?\s])(?:您好|你好)?{_OURS}(?:叫[\u4e00-\u9fff]{{2,4}})?,?(?:就?是|来自|在)\s*$")
_OUR_STAFF = re.compile(
    r"^(?:这边)?的?(?:法务|经理|员工|老板|负责人|业务|销售|代理人|法人|法定代表人|总经理|创始人|工作人员|委托人|律师)|^的(?=$|"
    r"[,。;!?\s]|[\u4e00-\u9fff]{2,3}[,。;\s])"
)
_PLACE_BEFORE = re.compile(
    r"^.*(?:请求人|申请人|会上的?|展上的?|现场的?|[馆展]位?里的?|投诉|举报|那家|对面的?|旁边展位的?|展位的|侵权人|被告|厂家是?|"
    r"一家叫)(?=.{4})"
)
_BOOTH_BEFORE = re.compile(r"^(?:[A-Za-z]{1,2}\d{1,4}|\d{2,4})(?:号|展位)*(?=[\u4e00-\u9fff]{4})")  # the end of A2-10 before the name
_CALLED = re.compile(
    r"(?:(?:对方|被告|被投诉人|被申请人|被请求人|侵权人|侵权方|展商|参展商|店主|摊主|商户|那家|这家|他们?家?|厂家?|店家?|公司|"
    r"单位|老板|展位|展台|商家|卖家)(?:的)?(?:公司|单位|店|厂|展位|牌子|招牌)?(?:的)?(?:名字|名称|名|全称)?"
    r"(?:好像|应该|大概)?(?:写的是|写着|就?叫(?:做|作)?|(?:名字|名称|全称)(?:就?是|为|叫|:)|名叫|是叫|:)|"
    r"(?:楣板|门楣|楣牌|招牌|牌子|宣传册|展板|背景板|包装|门头|名片|执照|横幅)(?:上)?(?:面)?(?:写|印|挂|标|打)?(?:着)?的?(?:是|着|了|:)|"
    r"(?:一家|有家|有个|一个|那家|那个)(?:店|公司|厂|厂家|商户|企业|店铺|摊位|商家)?(?:名字|名)?叫(?:做|作)?)"
    r"\s*[“\"'「《]?(?P<name>[\u4e00-\u9fffA-Za-z0-9·&()]{2,20}?)[”\"'」》]?"
    r"(?=$|[,，。;；!！?？\s”\"'」]|的(?:公司|店|厂|展位|摊|那家|企业|商家|人|卖家)|(?:卖|做|生产|在|展|用|抄|仿|侵|盗|也|把|"
    r"他们|没经过)|(?:老板)?电话)"
)
_NO_NAME = re.compile(
    r"注册|\d年|[里上]一[个家]|(?:人参|大米|木耳|鹿茸|蓝莓|蜂蜜)$|什么|啥|不知|几个|年$|^[了来]|不清|忘|哪|谁|记不|看不|没看|自己|我|他|你|侵权|假|抄|仿|一样|一模|专利|商标|品牌|牌子|^(?:一家|一个|这个|"
    r"那个|网店|本地|外地|长春|公司|厂家|老板|做|卖|是|个)|^.{0,3}(?:公司|店|厂)$"
)
_NO_FIRM = re.compile(
    r"^(?:某|大|小(?![\u4e00-\u9fff]{3,}[店铺坊馆行])|这|那|一)|[贴仿抄冒假买卖]|写着|头像|人家|本人|姓名|国内|国外|外地|^[零一二两三四五六七八九十]+年|大厂|小厂|有个|"
    r"门口|旁边|楼下|附近|对面|小区|(?:什么|哪|包装上|啥)"
)


def find_respondents(key: str, text: str, entities: Sequence[Entity]) -> Iterator[Found]:
    """Names of the other side, the likeliest first; the speaker's own firm is left out."""
    firms = [e for e in entities if e.kind == "company" and not _NO_FIRM.search(e.value)]
    others = [_cut(key, e) for e in firms if not is_own(text, e)]
    named = [Found(key, *one) for one in traders(text)]
    called = (m for m in _CALLED.finditer(text) if not _OURS_BEFORE.search(text[: m.start()]) or _THEIRS.match(m[0]))
    named += [_named(key, match) for match in called if not _NO_NAME.search(match["name"])]
    named = [f for f in named if not any(f.start < e.end and e.start < f.end for e in entities if e.kind in _TAKEN) and not _is_ours(text, f)]
    yield from sorted([*others, *named], key=lambda f: -_weight(text, f))


def is_own(text: str, firm: Entity) -> bool:
    """Whether the firm is the speaker's: 我们是…公司, 我是…公司的法务, 我叫李娜，是…公司的."""
    role = _ROLE_OURS.match(firm.value)
    return bool(role and text[: firm.start][-1:] != "被") or _ours(text, firm.start, firm.end)


def _is_ours(text: str, found: Found) -> bool:
    return _ours(text, found.start, found.end)


def _ours(text: str, start: int, end: int) -> bool:
    before = text[:start]
    if _OUR_FIRM.search(before) or _APPLIES.match(text[end:]) or _SIGNED.match(text[end:]):
        return True
    return bool(_OUR_STAFF.match(text[end:]) and re.search(rf"{_OURS}(?:(?!他|她|对方|人家)[^。;!?]){{0,12}}(?:是|在|来自|代表)\s*$", before))


def own_firm(text: str, entities: Sequence[Entity]) -> Entity | None:
    """The speaker's own firm, when it is named."""
    return next((e for e in entities if e.kind == "company" and is_own(text, e)), None)


def _cut(key: str, firm: Entity) -> Found:
    name = _BOOTH_BEFORE.sub("", _PLACE_BEFORE.sub("", firm.value))
    return Found(key, name, firm.end - len(name), firm.end)


def _named(key: str, match: re.Match[str]) -> Found:
    return Found(key, match["name"], *match.span("name"))


def _weight(text: str, found: Found) -> int:
    """A full name of a company before a shop's; one that 对方 or 被告 points at before all."""
    pointed = bool(re.search(r"(?:对方|被告|侵权方|侵权人|被请求人|被申请人|厂家|竞争对手|叫)[^,。;]{0,8}$", text[: found.start]))
    accusing = bool(_ACCUSING.match(text[found.end :]))
    acting = accusing or bool(_ACTING.match(text[found.end :]))
    return 2 * pointed + 2 * acting + 2 * accusing + ("公司" in found.value)
