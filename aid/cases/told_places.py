"""Where something happens: a district, market or city with the street and floor behind it; a platform with its shop."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aid.cases.found import Found
from aid.cases.regions import COUNTRY, REGION
from aid.language.entity import Entity

GROUND = ("district", "market", "city")
_JOINT = " 的,，、市-"
_PART = (
    r"(?:(?!有|卖|在|的|生产|销售|个|家(?![镇村屯街])|做|开|摆|把|被|用|那边|这边|我|他|附近|一带)[\u4e00-\u9fffA-Za-z0-9-]){1,8}?"
    r"(?:镇|乡|村|屯|大街|大路|街道|路|步行街|街|胡同|批发城|批发市场|市场|集市|大集|早市|夜市|商场|商城|商都|购物中心|超市|广场|"
    r"五金城|灯具城|建材城|家具城|汽配城|大厦|小区|工业园区|园区|开发区|工业园|产业园|楼|层|号|区|厅|档口|摊位|铺位|柜台|库房|仓库)"
)
_MORE = re.compile(
    rf"(?:的?{_PART}|(?:(?![有卖在的一做开附])[\u4e00-\u9fff]){{2,3}}(?=一[个家])|里?的?[一二三四五六七八九十\d负]{{1,2}}(?:楼|层)|[\s,]?[\u4e00-\u9fff]{{2,3}}(?:大街|大路|路|街)(?![人口])"
    r"|(?:早市|夜市|大集|农贸市场|步行街|五金城|[\u4e00-\u9fff]{2}卖场)|[上边]?(?:有)?一个[\u4e00-\u9fff]{0,2}(?:商场|市场|小区|超市|院子)){1,4}(?:旁边|附近|对面|门口|里面|里头|边上|中庭|大厅)?"
)
_NEAR_TOWN = r"(?:双阳|九台|净月|榆树|德惠|农安|公主岭|朝阳|二道|绿园|宽城|南关|高新|汽开|经开|北湖|长春)"
_AREA = (
    r"(?:镇|乡|村|大街|大路|街|路|批发市场|大市场|市场|集市|大集|早市|夜市|商城|商场|步行街|小区|大厦|五金城|灯具城|建材城|工业园区|工业园|产业园|开发区|科技园|园区)"
)
_TOWN = re.compile(
    rf"(?P<street>{_NEAR_TOWN}市?(?:(?!有|卖|在|的|生产|销售|个|家(?![镇村屯街])|做|开|我|他|展|会|网|那|这|公司)[\u4e00-\u9fff]){{0,5}}?{_AREA}(?!局|监管|部)"
    rf"(?:{_PART}|[五灯建家汽][金具材配]城){{0,3}}(?:门口|旁边|附近|对面|里头|里面|边上)?)"
    rf"|(?:^|(?<=[,。;!?\s和跟与就])|(?<=发现|举报|投诉|看到))(?P<alone>(?:(?!有|卖|在|的|个|家(?![镇村屯街])|做|开|我|他|展|会|网|那|这|哪|一|走|线|马|思|套|和|跟|与|想|从|到|去|说|就|把|被|是|对|找|问|给|像)[\u4e00-\u9fff]){{2,4}}?(?:大街|大路|路|街|镇|大市场|步行街)"
    rf"(?![人子线径由过况上是边])(?:{_PART}|[五灯建家汽][金具材配]城){{0,3}}(?:门口|旁边|附近|对面|里头|里面|边上)?)(?=有|在|那|这|一家|上|的|$|[,。;\s])"
)
_STREET = re.compile(
    r"(?:(?<=[在到去])|(?<=位于)|(?<=地址是)|(?<=地址在)|(?<=地址:)|(?<=地点是)|(?<=地点:))"
    r"(?:长春市?)?(?P<street>(?:(?!有|卖|在|的|生产|销售|个|家(?![镇村屯街])|做|开|摆|把|被|用|我|他|展|会|网|那|这|"
    r"哪)[\u4e00-\u9fff]){2,5}?(?:大街|大路|街道|路|街|胡同|镇|批发城|批发市场|市场|集市|早市|夜市|商城|商场|商厦|购物中心|"
    r"广场|大厦)"
    rf"(?:{_PART}){{0,3}})"
)
_FAR = re.compile(
    rf"(?:在|位于|地址是?:?|地点是?:?|发货地是?|(?P<sent>出口到?|卖到(?:了|咱们?|我们)?|销往))(?P<far>{REGION}市?|{COUNTRY})"
    r"(?=(?(sent)|(?!的|有))(?:各|本地|当地|那边|这边|生产|销售|制造|卖|开|有|被|的|来了?|[,，。;；!！?？\s]|$))"
)
_GIVEN = re.compile(
    r"(?:侵权地|侵权行为地|发生地|所在地|住所地|地点|地址)(?:就?是|在|:){1,2}\s?(?P<far>[^,，。;；\s:]{2,14}?[省市区县镇乡村路街号楼])(?=[,，。;；\s]|$)"
)
_MALL = re.compile(
    r"(?:^|[,，。;；\s在到去]|举报|投诉|发现|看到)(?P<street>(?:(?![有卖在的个做开我他展会网那这哪从到去说就把被是对找给])[\u4e00-\u9fff]){2,5}"
    rf"(?:卖场|商都|商厦|商场|商城|百货|购物中心|批发城|[汽五建灯家][配金材具]城)(?:{_PART}|负?[一二三四五六七八九十\d]+[楼层]){{0,2}})"
)
_QUARTER = re.compile(
    rf"(?:在|位于)(?P<town>{_NEAR_TOWN}市?[\u4e00-\u9fff]{{2}})(?=[,，。;；\s]|$)"
    r"|在(?P<street>(?:(?![我他她你网这那哪家店的])[\u4e00-\u9fff]){1,3}[北堡岭沟屯村])(?=[,，。;；\s]|那[片边]|有|一[家个]|$)"
)
"""Parts of a town by how their names end: 铁北, 八里堡; a town with two characters behind it."""
_OUR_HOME = re.compile(r"(?:我|我们|俺|俺们|咱们?)(?:就?是|在)$")
_CITY_BEFORE = re.compile(r"(?:在|到|位于|来自|地址是?:?|地址在|住|寄|人在|发货地是?)\s*(?:吉林省?)?$")
_CITY_AFTER = re.compile(r"^市?(?:那边|这边|本地|当地|生产|销售|卖的)")


def find_places(key: str, text: str, entities: Sequence[Entity], platform_too: bool) -> Iterator[Found]:
    """Places on the ground, with what stands behind them (三楼, 红旗街12号); ``platform_too``: else the platform."""
    named = sorted((e for e in entities if e.kind in GROUND and _is_place(text, e)), key=lambda e: e.start)
    runs = _runs(text, named)
    yield from (Found(key, text[start:end].strip(), start, end) for start, end in sorted(runs, key=lambda run: run[0] - run[1]))
    if not runs and (street := _TOWN.search(text) or _STREET.search(text) or _MALL.search(text) or _QUARTER.search(text)):
        name = next(n for n in ("alone", "town", "street") if street.groupdict().get(n))
        yield Found(key, street[name], *street.span(name))
    elif not runs and (far := _GIVEN.search(text) or _FAR.search(text)):
        yield Found(key, far["far"], *far.span("far"))
    elif not runs and platform_too:
        yield from (Found(key, text[e.start : e.end], e.start, e.end) for e in entities if e.kind == "platform")


def _is_place(text: str, entity: Entity) -> bool:
    """A district or market is one anywhere; a city's name only where the words say so, for it stands in many firms' names."""
    after = text[entity.end :]
    if _OUR_HOME.search(text[: entity.start]) and re.match(r"一[家个]|的", after):
        return False
    if entity.kind != "city":
        return entity.text.endswith("区") or not re.match(r"(?!一家|有家|有个|一个|的)[^,。;\s]{0,6}(?:公司|集团)", after)
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


_SIGN = (
    r"(?:(?![的在卖做抄仿把被跟就都我他这那说给]|有[人个家]|买了|上[有面]|里[有面]|一[个家搜直]|用(?!品)|盗|直播|链接|天天|每天|一直|经常|总是)"
    r"[\u4e00-\u9fffA-Za-z0-9·_&])"
)
_SHOP_KIND = (
    r"(?:旗舰店|专营店|专卖店|企业店|工厂店|小店|店铺|店|商行|鞋行|箱包行|行|铺|小铺|坊|阁|屋|小屋|家居|严选|工作室|户外|服饰|女装|童装|数码|百货|优品|"
    r"小筑|馆|书社|研习社|代购|家纺|美妆|食品|专营|专卖|书店|文具|玩具)"
)
_SELLER = r"(?:铺名?|名|博主|主播|网红|UP主|直播间|账号|抖音号|快手号|公众号|店铺|网店|店家|卖家|商家|店|号)"
_CALLED_SO = (
    r"(?:(?:有个|有家|一个|一家|那个|那家|个)?(?:店|店铺|账号|卖家|商家|主播|博主|人)?(?:名字|名|昵称)?叫(?:做|作)?|(?:店|店铺|账号|号|昵称)名?(?:字|称)?"
    r"(?:是|叫|为|:)|ID(?:是|叫|:)?|名(?:字|称)?(?:是|叫|为))"
)
_SHOP_AFTER = (
    r"(?=$|[,，。;；!！?？\s”\"'」]|的(?:店|卖家|主播|商家|网店|直播|账号|人|博主|那家)?|在?(?:卖|直播|销售)|抄|仿|盗|用(?!品)|把|买|"
    r"也|说|就|拿|搬|侵|冒|天天|每天|一直|经常|总是)"
)
_SHOP = re.compile(
    rf"{_CALLED_SO}\s*[“\"'「]?(?P<called>{_SIGN}{{2,16}}?)[”\"'」]?{_SHOP_AFTER}"
    r"|[“\"'「](?P<quoted>[\u4e00-\u9fffA-Za-z0-9·_]{2,16})[”\"'」]"
    rf"|(?P<shop>(?:(?!上|里|的|有|在|一|个|那|家店|叫|[家店]叫|卖)[\u4e00-\u9fffA-Za-z0-9]){{2,12}}(?:旗舰店|专营店|专卖店|企业店|商行|鞋行|箱包行))"
)
_BESIDE = re.compile(
    rf"(?:上的?|里的?|平台)?[\s,:-]?(?:{_SELLER}(?:是|:)?\s?[“\"'「]?(?P<called>{_SIGN}{{2,14}}?)[”\"'」]?{_SHOP_AFTER}"
    rf"|[“\"'「]?(?P<quoted>{_SIGN}{{1,8}}?{_SHOP_KIND})[”\"'」]?(?=$|[,，。;；!！?？\s]|的|在?卖|抄|仿|盗|冒|侵|把|也|用(?!品)|一直|销售)"
    rf"|(?<=\s)(?P<shop>{_SIGN}{{2,8}})(?=\s?(?:卖的?|在卖|销售)))"
)
"""The shop right behind the platform, with the word for what it is (抖音号, 博主) or by its own end (…小铺)."""

_SHOP_REACH = 40
_WITHIN = re.compile("群|朋友圈|视频号|小程序|小商店|公众号")
_NO_SHOP = re.compile(
    r"什么|啥|不知|忘|真名|谁|几家|很多|好多|多家|第一|第二|"
    r"我|他|^(?:淘宝|天猫|京东|拼多多|官方|开)?(?:旗舰店|专营店|专卖店|企业店|小店|店铺|网店|店|直播|卖家|商家)$"
)


def find_platform(key: str, text: str, entities: Sequence[Entity]) -> Iterator[Found]:
    """The platform and, where it is told beside it, the shop: 拼多多 潮流鞋行."""
    for entity in entities:
        if entity.kind != "platform" or _is_contact(text, entity):
            continue
        said = _platform_name(entity)
        within = _WITHIN.match(text, entity.end) if entity.text == "微信" else None
        said += within[0] if within else ""
        stop = re.search(r"[。;!?\n]", text[entity.end :])
        reach = min(entity.end + _SHOP_REACH, entity.end + stop.start() if stop else len(text))
        beside = _BESIDE.match(text, entity.end)
        shop = beside if beside and not _NO_SHOP.search(_shop(beside)) else None
        shop = shop or next((m for m in _SHOP.finditer(text, entity.end) if m.start() < reach and not _NO_SHOP.search(_shop(m))), None)
        if shop is None:
            yield Found(key, said, entity.start, entity.end)
        else:
            yield Found(key, f"{said} {_shop(shop)}", entity.start, entity.end)


def _is_contact(text: str, entity: Entity) -> bool:
    """微信同号, 加我微信: a way to reach the speaker, not where something is sold."""
    return entity.text == "微信" and bool(
        re.match(r"同号|号|也?是|:", text[entity.end :]) or re.search(r"(?:加我|我的?|电话|手机|[我他她]发|发了)\s*$", text[: entity.start])
    )


def _platform_name(entity: Entity) -> str:
    return entity.value if entity.text.endswith(("店", "网", "商城", "直播间")) or (entity.text.isalpha() and entity.text.isascii()) else entity.text


def _shop(match: re.Match[str]) -> str:
    return match["called"] or match["quoted"] or match["shop"]
