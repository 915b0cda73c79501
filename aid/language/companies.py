"""Names of companies and shops by rule: what stands before 有限公司, 厂, 商行 …, cut where the sentence begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aid.language.entity import Entity

_TRADE = (
    r"(?:科技|贸易|商贸|科贸|广告|传媒|文化|食品|机械|电子|汽配|汽车|服装|服饰|家具|家居|建材|装饰|工程|农业|化工|制药|药业|实业|网络|光电|照明|灯饰|仪器|设备|材料|塑料|塑胶|印刷|包装|酒业|米业|"
    r"乳业|玩具|电器|五金|日化|模具|教育|物流|软件|信息技术|生物|医疗器械|餐饮)"
)
_FIRM = rf"(?:有限责任公司|股份有限公司|有限公司|集团公司|集团|合作社|事务所|{_TRADE}公司)"
_SHOP = r"(?:工作室|商行|经营部|批发部|旗舰店|专营店|专卖店|制造厂|加工厂|厂|店)"
_NAME = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9()·&]{2,24}?"
    rf"(?:(?P<firm>{_FIRM})(?:[\u4e00-\u9fff]{{2,4}}分公司)?|(?P<shop>{_SHOP}))(?![里铺员长家])"
)
# What may stand before a name and is not of it. Single characters only where they hardly begin a name.
_BEFORE = re.compile(
    r".*(?:公司名称|公司名|名称|名字|单位|企业|商家|卖家|对方|厂家|我们|他们|你们|我司|一家|这家|那家|某家|两家|有家|一个|有个|那个|这个|某个|一间|几家|叫做|就是|"
    r"属于|来自|收到|发现|投诉|举报|起诉|隔壁|旁边|附近|对面|门口|楼下|楼上|里面|边上|小区|"
    r"(?:淘宝|京东|拼多多|抖音|天猫|1688|小红书|闲鱼|快手|唯品会|美团|阿里巴巴|亚马逊|微信|朋友圈|视频号)(?:上|里)?的?|"
    r"[我你他叫是在被跟与对向由找的了告从给把让说为到去]|(?<=[和及])(?=[\u4e00-\u9fff]{2,4}市))"
)
_GENERIC = re.compile(
    r"^(?:[一这那某哪几两个家自己别人本该此每老小大新旧网门分商工总药饭酒书花实体线上下]+"
    r"|.{0,2}(?:网|工|专卖|旗舰|实体|连锁|加盟|直营|线下|线上|同行|工厂|开的?|多)"
    r")$"
)

# Before a bare 店 or 厂 these tell of a sentence, not of a name: 压根没开过店, 不知道店, 六七家店.
_SENTENCE = re.compile(r"怎么|知道|平台|后来|多少|[查有过没开几个和不就那这去到买卖做进逛网]|^家|家$")


def companies(text: str) -> Iterator[Entity]:
    """Company-like names; a guess by rule, to be confirmed by whoever asked for it."""
    for match in _NAME.finditer(text):
        name, start = match[0], match.start()
        before = _BEFORE.match(name[: match.start(match.lastgroup or 0) - start])
        if before:
            start += before.end()
        suffix = match["firm"] or match["shop"]
        stem = text[start : match.start("firm" if match["firm"] else "shop")]
        shortest = 2 if match["firm"] or suffix not in ("厂", "店") else 3
        bare = suffix in ("厂", "店") and _SENTENCE.search(stem)
        if len(stem) < shortest or bare or _GENERIC.match(stem):
            continue
        found = text[start : match.end()]
        yield Entity("company", found, found, start, match.end())
