"""What is shown at a booth, heard in a free sentence: 仿冒我们的车灯外观专利, 他家的测距仪抄我们, 展品是折叠凳."""

from __future__ import annotations

import re

_OWN = r"(?:我司|我公司|我方|我们公司|本公司|我们?家?|俺们?家?|咱们?家?)"
_COPY = r"(?:仿冒|仿造|仿制|仿照|模仿|抄袭|抄|仿|山寨|盗用|冒用|假冒|冒充|侵犯|侵害|复制|剽窃|偷了?)(?:了|着|的是)?"
_RIGHT = (
    r"(?:外观设计专利|外观设计|外观专利|实用新型专利|实用新型|发明专利|专利权?|专力|商标权?|著作权|版权|"
    r"外观|设计|样子|造型|款式|发明|产品)"
)
# Signs and characters of which no thing's name is made. The text is folded: its signs are half-width but for 。、“”.
_NO = r"\s,。.、;!?:“”\"'()\d我俺咱他她你您们投诉举报是的被这那把"
_THING = rf"(?P<thing>[^{_NO}]{{2,12}}?)"
_SHOWN = r"(?:(?:他家|他们家?|那家|对方)?(?:展|展出|展示|摆|卖|销售|出售|参展)的|他家的|他们家?的|那家的|摆着)"
_ONE = r"(?:一款|一种|一个|那个|那款|这款|这种|这个|同款|我们?的?|的)*"
_THEN = (
    r",?(?:也|都|全|就是|涉嫌|完全|疑似|明显)?"
    r"(?:抄|仿|侵犯|侵害|侵权|盗用|跟我|和我|与我|跟咱|同我|样子跟|外观跟|结构跟)"
)
_PATTERNS = (
    re.compile(rf"{_COPY}{_OWN}(?:家|的|公司|公司的)*{_ONE}{_THING}(?:的)?{_RIGHT}"),
    re.compile(rf"{_COPY}{_OWN}(?:家|的|公司|公司的)+{_ONE}{_THING}(?=$|[\s,。;!])"),
    re.compile(rf"{_SHOWN}{_ONE}{_THING}{_THEN}"),
    re.compile(rf"(?:展品|产品|产品名称?|东西)(?:名称)?(?:是|为|叫|:)\s*{_ONE}{_THING}(?=$|[\s,。;!])"),
    re.compile(rf"(?:^|[,。\s])产品(?![上里和]){_THING}(?=$|[,。;!])"),
    re.compile(rf"(?:卖|展出|展示|摆)(?:的是|着|了)?{_ONE}{_THING}的(?:那家|那个|摊|展位|把|说|,)"),
    re.compile(rf"(?:抄|仿)(?:了)?{_OWN}(?:的)?{_THING}(?=$|[\s,。;!]|的那家|的公司)"),
    re.compile(rf"(?:抄袭|仿冒|抄|仿){_OWN}{_THING}的(?:那家|公司)"),
    re.compile(rf"{_SHOWN}{_ONE}{_THING}(?:是)(?:仿|抄|冒牌|假冒|山寨)"),
    re.compile(rf"(?:那个|那台|这个|这款|那款){_THING}{_THEN}"),
    re.compile(rf"(?:^|[,。\s])(?:\d号?馆)?{_THING}[\s,，]*(?:侵犯|抄袭|仿冒|涉嫌)(?:我|了)"),
)
_GENERIC = re.compile(
    r"^(?:我们?|他们?|你们?|咱|俺|家|的|这|那|一|个|款|种|些|产品|东西|货品?|商品|样品|展品|设计|外观|专利|发明|"
    r"实用|新型|商标|版权|品牌|牌子|公司|图案|授权|侵权|专力|仿|冒牌?|假|样子|自己|别人|从展架到|著作权?|权|同样|"
    r"现场|还在|正在|出来|展位|展台|知识产权|对方|有人|涉嫌|展商|公开|全|年年来|来|了|在|袭)+$"
)
_TRIM = re.compile(r"^(?:的|了|着|专利|我们?的?|他们?的?|一款|一种|一个|那个|款|个)+|(?:的|了|着|也|都|全|里|上面?)+$")
_ASKED = re.compile(r"怎么|怎样|如何|咋|能不能|可不可以|吗|呢$|别人|有人|发现|看[到见]|展会")
_LEAST = re.compile(r"[\u4e00-\u9fffA-Za-z]")


def find_goods(text: str) -> tuple[str, int, int] | None:
    """What is shown or copied: its name and where it stands; ``None`` when the sentence names no thing."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            thing = _TRIM.sub("", match["thing"])
            if len(thing) >= 2 and _LEAST.search(thing) and not _GENERIC.match(thing) and not _ASKED.search(thing):
                start = match.start("thing") + match["thing"].find(thing)
                return thing, start, start + len(thing)
    return None
