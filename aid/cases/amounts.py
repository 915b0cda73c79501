"""How much there is: 几百双, 好几十箱, 一万多件, 月销三千多支. A count of one or two things bought, of people, days or money is none."""

from __future__ import annotations

import re

_FIGURE = (
    r"(?:好几|(?<![\d.,])\d[\d,.]{0,11}|"
    r"(?<![零一二两三四五六七八九十百千万几数半])[零一二两三四五六七八九十百千万几数半]{1,10})"
)  # bounded: a long row of digits would cost its length squared
_UNIT = (
    r"(?:个?(?:院子|仓库|库房|屋子|车间|集装箱)|件|双|箱|套|个|只|台|条|瓶|盒|包|袋|桶|本|册|支|枝|张|把|块|片|斤|公斤|千克|吨|辆|车|盏|副|顶|罐|捆|卷|批|打|枚|对|"
    r"床|部|样|款|单|份)"
)
_AMOUNT = re.compile(
    rf"(?P<about>上|成|近|约|好|大概|大约|起码|至少|不下)?(?P<figure>{_FIGURE})\s?(?P<more>余|多|来|几|"
    rf"好几)?\s?(?P<scale>[十百千万]*)(?P<after>多|来|余)?\s?"
    rf"(?P<unit>{_UNIT})(?![月人号星小钟工])(?:多|以上|左右|上下)?"
)
_STOCK = re.compile(
    r"(?:有|还有|共|总共|一共|得有|存|囤(?:了|着)?|摆(?:了|着)?|放(?:了|着)?|堆(?:了|着)?|卖(?:了|出|掉|出去)*|销量?|已售|"
    r"月销|库存|存货|数量|现货|大概|大约|约|估计|能有|能卖|上|近|"
    r"成|进(?:了)?|生产(?:了)?|发(?:了)?|批(?:了)?|起码|至少|[:是]|拼(?:了)?|走(?:了)?|拉(?:走|了)+)\s*$"
)
_BOUGHT = re.compile(r"(?:买|拍|下单|购买|购|订|收到|寄|送|第|申请|喝|试|每|拿)(?:过|了|下|走)?(?:有)?\s*$")
_PRICE = re.compile(r"^\s*(?:\d|[一二两三四五六七八九十]).{0,6}(?:元|块钱)|^(?:钱|一[件双个只台条瓶盒])")
_PRICED = re.compile(r"(?:价|价格|卖价|售价|才|只要|每|块|元)\s*$")
_EACH = re.compile(r"[一二两三四五六七八九\d]百[一二两三四五六七八九\d]十?[一1][\u4e00-\u9fff]")  # 一百二一支: a price
_SEVERAL = re.compile(r"\d{3}|[一二两三四五六七八九][一二两三四五六七八九]十|[十百千万几][多来几]|几[十百千万]")
_LEAST = 10


def find_amount(text: str) -> tuple[str, int, int] | None:
    """The amount as it is said, and where it stands; ``None`` when none is told."""
    for match in _AMOUNT.finditer(text):
        before = text[: match.start()]
        if _BOUGHT.search(before) or _PRICE.match(text[match.end() :]):
            continue
        if _PRICED.search(before) or re.match(r"[\d一二两三四五六七八九十]", text[match.end() :]) or _EACH.fullmatch(match[0]):
            continue
        if match["unit"] in ("块", "样", "款", "份", "部", "单") and not match["scale"] and not _SEVERAL.search(match[0]):
            continue
        if _is_many(match) or (_STOCK.search(before) and not re.fullmatch("[一1两2]", match["figure"])):
            return match[0].strip(), match.start(), match.end()
    return None


def _is_many(match: re.Match[str]) -> bool:
    """Whether it is more than a handful by its own words: a scale (百, 千), 几十, or ten and more."""
    figure = match["figure"].replace(",", "")
    if match["unit"].lstrip("个") in ("吨", "集装箱", "仓库", "院子", "库房", "屋子") or match["scale"] or re.search("[十百千万]|好几", figure):
        return True
    return figure.isdigit() and int(figure) >= _LEAST
