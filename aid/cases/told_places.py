"""Where something happens: a district, market or city with the street and floor behind it; a platform with its shop."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aid.cases.found import Found
from aid.language.entity import Entity

GROUND = ("district", "market", "city")
_JOINT = " 的,，、市-"
_PART = (
    r"(?:(?!有|卖|在|的|生产|销售|个|家|做|开|摆|把|被|用|那边|这边|我|他|附近|一带)[\u4e00-\u9fffA-Za-z0-9-]){1,8}?"
    r"(?:镇|乡|村|屯|大街|大路|街道|路|街|胡同|批发城|批发市场|市场|集市|大集|早市|夜市|商场|商城|商都|购物中心|超市|广场|"
    r"大厦|小区|园区|开发区|工业园|产业园|楼|层|号|区|厅|档口|摊位|铺位|柜台|库房|仓库)"
)
_MORE = re.compile(rf"(?:的?{_PART}|里?[一二三四五六七八九十\d负]{{1,2}}(?:楼|层)){{1,4}}(?:旁边|附近|对面|门口|里面)?")
_STREET = re.compile(
    r"(?:(?<=[在到去])|(?<=位于)|(?<=地址是)|(?<=地址在)|(?<=地址:)|(?<=地点是)|(?<=地点:))"
    r"(?:长春市?)?(?P<street>(?:(?!有|卖|在|的|生产|销售|个|家|做|开|摆|把|被|用|我|他|展|会|网|那|这|"
    r"哪)[\u4e00-\u9fff]){2,5}?(?:大街|大路|街道|路|街|胡同|镇|批发城|批发市场|市场|集市|早市|夜市|商城|商场|商厦|购物中心|"
    r"广场|大厦)"
    rf"(?:{_PART}){{0,3}})"
)
_CITY_BEFORE = re.compile(r"(?:在|到|位于|来自|地址是?:?|地址在|住|寄|人在|发货地是?)\s*(?:吉林省?)?$")
_CITY_AFTER = re.compile(r"^市?(?:那边|这边|本地|当地|生产|销售|卖的)")


def find_places(key: str, text: str, entities: Sequence[Entity], platform_too: bool) -> Iterator[Found]:
    """Places on the ground, with what stands behind them (三楼, 红旗街12号); ``platform_too``: else the platform."""
    named = sorted((e for e in entities if e.kind in GROUND and _is_place(text, e)), key=lambda e: e.start)
    runs = _runs(text, named)
    yield from (Found(key, text[start:end].strip(), start, end) for start, end in sorted(runs, key=lambda run: run[0] - run[1]))
    if not runs and (street := _STREET.search(text)):
        yield Found(key, street["street"], *street.span("street"))
    elif not runs and platform_too:
        yield from (Found(key, text[e.start : e.end], e.start, e.end) for e in entities if e.kind == "platform")


def _is_place(text: str, entity: Entity) -> bool:
    """A district or market is one anywhere; a city's name only where the words say so, for it stands in many firms' names."""
    after = text[entity.end :]
    if entity.kind != "city":
        return entity.text.endswith("区") or not re.match(r"[^,。;\s]{0,6}(?:公司|集团)", after)
    if re.match(r"市?[^,。;\s有个家]{0,12}(?:公司|厂|集团|大学|学院|研究|博览会|车展|汽博|光博|农博)", after):
        return False
    return bool(_CITY_BEFORE.search(text[: entity.start]) or _CITY_AFTER.match(after) or re.match(r"市?[\u4e00-\u9fff]{2,3}[区县]", after))


def _runs(text: str, named: Sequence[Entity]) -> list[tuple[int, int]]:
    """Places side by side as one: 二道区远东批发市场三楼."""
    runs: list[tuple[int, int]] = []
    for entity in named:
        end = entity.end + (1 if text[entity.end : entity.end + 1] == "市" and not text[: entity.end].endswith("市") else 0)
        if more := _MORE.match(text, end):
            end = more.end()
        if runs and entity.start < runs[-1][1]:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        elif runs and not text[runs[-1][1] : entity.start].strip(_JOINT):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((entity.start, end))
    return runs


_SHOP_END = r"(?:旗舰店|专营店|专卖店|企业店|小店|店铺|网店|店|商行|鞋行|行|铺|坊|阁|家居|严选|工厂店|工作室)"
_SHOP = re.compile(
    r"(?:(?:叫(?:做|作)?|店名(?:是|叫|:)?|店铺(?:名)?(?:是|叫|:)|名字(?:是|叫)|名(?:为|叫)|账号(?:是|叫)?|ID(?:是|"
    r"叫)?)\s*[“\"'「]?(?P<called>[\u4e00-\u9fffA-Za-z0-9·_]{2,16}?)[”\"'」]?"
    r"(?=$|[,，。;；!！?？\s]|的(?:店|卖家|主播|商家|网店|直播|账号|人|博主|那家)|(?:在?(?:卖|直播|销售))|[”\"'」])"
    r"|[“\"'「](?P<quoted>[\u4e00-\u9fffA-Za-z0-9·_]{2,16})[”\"'」]"
    r"|(?P<shop>(?:(?!上|里|的|有|在|一|个|那|家店|叫|[家店]叫|卖)[\u4e00-\u9fffA-Za-z0-9]){2,12}(?:旗舰店|专营店|专卖店|企业店|商行|鞋行|箱包行)))"
)
_SHOP_REACH = 24
_NO_SHOP = re.compile(r"什么|啥|不知|忘|真名|我|他|^(?:淘宝|天猫|京东|拼多多|官方)?(?:旗舰店|专营店|专卖店|企业店|小店|店铺|网店|店)$")


def find_platform(key: str, text: str, entities: Sequence[Entity]) -> Iterator[Found]:
    """The platform and, where it is told beside it, the shop: 拼多多 潮流鞋行."""
    for entity in entities:
        if entity.kind != "platform" or _is_contact(text, entity):
            continue
        said = _platform_name(entity)
        stop = re.search(r"[。;!?\n]", text[entity.end :])
        reach = min(entity.end + _SHOP_REACH, entity.end + stop.start() if stop else len(text))
        shop = next((m for m in _SHOP.finditer(text, entity.end) if m.start() < reach and not _NO_SHOP.search(_shop(m))), None)
        if shop is None:
            yield Found(key, said, entity.start, entity.end)
        else:
            yield Found(key, f"{said} {_shop(shop)}", entity.start, entity.end)


def _is_contact(text: str, entity: Entity) -> bool:
    """微信同号, 加我微信: a way to reach the speaker, not where something is sold."""
    return entity.text == "微信" and bool(
        re.match(r"同号|号|也?是|:", text[entity.end :]) or re.search(r"(?:加我|我的?|电话|手机)\s*$", text[: entity.start])
    )


def _platform_name(entity: Entity) -> str:
    return entity.value if entity.text.endswith(("店", "网", "商城", "直播间")) or entity.text.isascii() else entity.text


def _shop(match: re.Match[str]) -> str:
    return match["called"] or match["quoted"] or match["shop"]
