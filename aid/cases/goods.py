"""What is shown, sold or copied, heard in a free sentence: 仿冒我们的车灯外观专利, 他家的测距仪抄我们, 展品是折叠凳."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aid.language.entity import Entity

MASK = "#"
"""Stands for what other entities took (companies, booths, numbers), so that no name of a thing runs into it."""
_MASKED = (
    "company",
    "booth",
    "phone",
    "email",
    "link",
    "patent_number",
    "trademark_number",
    "ticket_number",
    "date",
    "event",
    "money",
    "district",
    "market",
    "platform",
    "city",
)

_OWN = r"(?:我们公司|我公司|本公司|我司|我方|我们?家?|俺们?家?|咱们?家?|自己家?|本人)"
_COPY = r"(?:仿冒|仿造|仿制|仿照|模仿|抄袭|抄|仿|山寨|盗用|盗版|冒用|假冒|冒充|侵犯|侵害|侵权|复制|剽窃|照搬|照抄|偷)(?:了|着|的是|的)?"
_RIGHT = (
    r"(?:外观设计专利|外观设计|外观专利|实用新型专利|实用新型|发明专利|专利权?|专力|商标权?|注册商标|著作权|版权|"
    r"外观|设计|样子|造型|款式|发明|产品|结构|地理标志)"
)
# A name of a thing ends before these. Signs and pronouns end it anywhere; the words in the lookahead where they begin.
_NO = r"\s,。.、;!?:“”\"'‘’「」《》()#的是了着被我俺咱他她它你您们"
_STOP = (
    r"(?:侵犯|侵害|侵权|侵了|抄|(?<!高)仿(?![真古皮生])|跟|和[我咱他]|与[我咱]|同[我咱]|涉嫌|疑似|一样|一模|都|全[都是]|也|就|"
    r"很|太[像过]|在|把[我他它]|给[我他]|"
    r"用[了我的]|盗用|盗图|盗[了我]|贴[了我着]|冒[充用]|假冒|不(?!锈|粘|干胶|倒翁)|没|这|那|哪|有人|有家|有个|还|又|已|"
    r"看[见到上]|想|要|展[位台会]|摊|照[着搬抄]|"
    r"投诉|举报|落入|印有|拿[去来]|搬[上到去走]|本人|本公司|与[我本]|明明|明显|完全|确实|根本|而且|但|因为|所以|的时候|吗|呢|"
    r"吧|啊|呀|嘛|啥|什么|怎么|"
    r"来[自的]|到处|天天|准备|故意|公然|未经|擅自|公司|厂家|那家|一家|摊主|老板|卖家|楣板|"
    r"盗印|翻印|印[着在了]|外观|专利|实用新型|商标|版权|著作权|发明(?!家))"
)
_THING = rf"(?P<thing>(?:(?:假冒|冒牌|盗版)的?(?:某品牌)?)?(?:(?!{_STOP})[^{_NO}]){{1,14}})"
_ONE = (
    r"(?:一款|一种|一个|一批|一些|那个|那款|那种|那些|这款|这种|这个|这些|那台|那套|那块|这台|几款|两款|各种|大量|几个|同款|"
    r"跟我们?一模一样的|跟我们?一样的|一模一样的|我们?(?:家|公司)?的?专利款|我们?(?:家|公司)?的?|专利款|的){0,3}"
)
_OFFER = r"(?:灌装|加工|制作|兜售|卖|销售|出售|售卖|在售|贩卖|倒卖|生产|制造|展出|展示|展销|展览|摆放|摆|批发|推销|主推|上架|囤|零售|批|代工|出口)"
_OFFERED = rf"(?:{_OFFER}(?:[并和及、]?{_OFFER}){{0,2}}(?:的|着|了|出来的|出|的是)?|展的(?:是)?|做的(?:是)?|做出来的(?:是)?|推出的?(?:是)?|带来的?)"
_OTHERS = r"(?:他们?家?的?|那家的?|对方的?|对方展的|人家的?|同行的?|#(?:上|里|家|那家|的展位|展位|展台|那个展位|那边|他们)*的?)"
_COUNT = r"(?:[这那哪有一几两块]?[个款块台种套件批些只辆条双瓶盒本])"
_THEN = (
    r"[,\s]{0,2}(?:也|都|全|就是|就|都是|涉嫌|完全|疑似|明显|根本就?|直接|还|外观|造型|样子|结构|技术|包装|设计|整个|和|跟){0,3}"
    r"(?:是?(?:抄|仿(?!真|古)|盗用|冒用|冒充|剽窃|照着|照搬|山寨|侵犯|侵害|侵权|侵了)|用(?:的|了)?的?(?:是|也是)?[我咱俺]|"
    r"贴(?:了|着|的是|的)?[我咱俺]|[跟和与同][我咱俺]|是我(?:们|家)?的?专利|落入我|与本人|与本公司|假冒我|被我发现)"
)
_END = r"(?=的?(?:$|[\s,。;!?#]))"
_PATTERNS = (
    rf"{_COPY}(?:{_OWN}|#)(?:家|的|公司|公司的|单位|厂|研发的|设计的|生产的|做的|独家的){{0,3}}{_ONE}{_THING}(?:的|上的)?{_RIGHT}",
    rf"{_OFFER}(?:的|着)?(?:仿|抄|盗用|冒用|侵犯|冒充|山寨)[^,。;!?#]{{0,14}}的{_THING}{_END}",
    rf"{_OFFER}[^,。;!?#]{{0,20}}(?:专利权?|商标权?|版权|著作权|品种权|牌子)的{_THING}{_END}",
    rf"(?:印在|用在|用到|印到|贴在|贴到|做成){_ONE}(?P<thing>(?:(?!{_STOP}|上)[^{_NO}]){{1,10}})(?=上|里|卖|$|[,。;!])",
    rf"(?:展品|产品|产品名称?|东西|商品|货|涉案产品|侵权产品)(?:名称)?(?:就?是|为|叫|:)\s*{_ONE}{_THING}{_END}",
    rf"(?:^|[,。;\s])(?:产品|展品|商品)(?![上里和]){_THING}(?=$|[,。;!\s])",
    rf"{_OFFERED}{_ONE}{_THING}{_THEN}",
    rf"{_OTHERS}{_ONE}{_THING}{_THEN}",
    rf"(?:把|将){_OWN}(?:家|的|公司的){{0,3}}(?:专利产品|专利|产品|注册商标|画的|写的|设计的|拍的|原创的?|"
    rf"独家的?){{0,2}}(?:的)?{_THING}(?:拿|仿|抄|复制|印|盗|翻|改|做|用|搬|贴|都|也|全)",
    rf"(?:专利产品|我们?家?的产品)(?:是|叫|,|:)?{_THING}{_END}",
    rf"{_OFFERED}{_ONE}{_THING}{_END}",
    rf"{_OFFERED}{_ONE}(?P<thing>(?:(?!{_STOP}|的?(?:展位|展台|摊|公司|店|厂|商|那家|人))[^{_NO}]){{1,14}}的(?:(?!{_STOP}|"
    rf"展[位台]|摊|公司|店|那家|人|卖家|厂)[^{_NO}]){{1,6}}){_END}",
    rf"{_OFFERED}{_ONE}{_THING}(?:的|也|都|在|那个|那家|就|是|跟|和|有|不|没|把|说|,|被|抄|仿|用|印|贴|涉嫌|侵|商标|专利)",
    rf"(?:做|产|卖|摆|展|出)(?:的|着|了)?[跟和与]{_OWN}[^,。;!?#]{{0,10}}(?:一样|一模一样|相同|类似|差不多)的{_THING}{_END}",
    rf"(?<![我们]是)(?<![我们])(?:做|搞|干|弄|经营|销){_THING}的(?:那家|那个|摊|展位|展台|公司|厂|店|商户|企业|老板|,|把|也)",
    rf"(?:仿了?做|仿照着?做|照着做|仿着做|{_COPY}{_OWN}[^,。;!?#]{{0,8}}做){_ONE}{_THING}{_END}",
    rf"{_COPY}{_OWN}(?:家|的|公司|公司的|厂的?){{0,3}}{_ONE}{_THING}(?=$|[\s,。;!]|的那家|的公司|的$)",
    rf"买(?:到|了|的|回来){{0,3}}{_ONE}{_THING}{_END}",
    rf"(?<![卖买])(?:假冒|冒牌|山寨|高仿|盗版|仿冒|假){_ONE}(?P<thing>(?:(?!{_STOP}|货|的)[^{_NO}]){{1,10}})(?=$|[,。;!\s]|的|,)",
    rf"{_OWN}(?:公司)?(?:家)?的{_ONE}{_THING}(?:被|让|叫)[^,。;]{{0,12}}(?:抄|仿|盗|冒|侵|山寨|用)",
    rf"(?:{_COUNT}|[的有]){_THING}{_THEN}",
    rf"[那这][台款个种套块]{_THING}{_END}",
    rf"(?:^|[,。;!\s#])(?:\d号?馆)?{_THING}[\s,]*{_THEN}",
    rf"{_OWN}(?:公司|家)?(?:申请|注册|研发|设计|拍|画|写|做|生产)(?:了|过)?的{_ONE}{_THING}(?:被|让|也被|都被)",
    rf"(?:^|[,。;!\s#]){_THING}[,，\s]{{1,2}}(?:{_RIGHT})?(?:侵权|侵犯外观|抄袭外观|仿冒|外观一样|外观一模一样)",
    rf"{_OWN}(?:公司|家)?的专利{_THING}{_END}",
    rf"(?:仿|抄|山寨)(?:冒|造|制|袭)?{_THING}{_END}",
    rf"[,。;\s#][,\s]?{_THING}[,\s]+(?=对方|外观|实用新型|发明专利|商标)",
    rf"(?:{_RIGHT}|产品)[,，\s]{{1,2}}(?P<thing>(?:(?!{_STOP}|[公厂]|联系|电话)[^{_NO}\d]){{2,8}})[,，\s]",
)
_COMPILED = tuple(re.compile(pattern) for pattern in _PATTERNS)
_GENERIC = re.compile(
    r"^(?:我们?|他们?|你们?|咱|俺|家|的|这|那|一|个|款|种|些|件|产品|东西|货品?|注册|商品|样品|展品|设计|外观|专利|发明|假货|"
    r"假|假的|冒牌货|山寨货|仿品|侵权|高仿|盗版|"
    r"实用|新型|商标|版权|品牌|牌子|名牌|公司|图案|授权|专力|仿|冒牌?|样子|自己|别人|从展架到|著作权?|权|同样|网上|店里|实体店|市场|摊上|"
    r"现场|还在|正在|出来|展位|展台|知识产权|对方|有人|涉嫌|展商|公开|全|年年来|来|了|在|袭|技术|结构|名字|字号|招牌|标识|"
    r"标志|logo|包装|造型|款式|创意|作品|材料|内容|外形|花型|花纹|图样|时间|广告|宣传|推广|门头|海报|旗号|口号|生意|买卖|代工|贴牌|"
    r"[一二两三四五六七八九十几\d]+|"
    r"展|会|上|里|做|也|都|跟|和|用|过|好|大|小|新|旧|老|又|它|人|事|情况|问题|行为|方|厂|店|网店|淘宝|方法|方案|成果|合法|"
    r"权益|权利|利益|企业|个人|客户|同行|门店|很多|不少|一直|最近|现在)+$",
    re.IGNORECASE,
)
_TRIM = re.compile(
    r"^(?:的|了|着|专利|假冒的|冒牌的|[一两几二三四五六七八九十\d]+[双台件条个款幅瓶盒块辆把张]|盗版的|一整?[车箱批堆仓]的?|"
    r"我们?的?|他们?的?|一款|一种|一个|那个|款|个|有|有个|是|出|"
    r"上|里|都|家|一批|大量|各种|某品牌|某)+|(?:的|了|着|也|都|全|里|上面?|就|专利|还|并|直接|等|这|把|说|来|去|有)+$"
)
_ASKED = re.compile(
    r"怎么|怎样|如何|咋|能不能|可不可以|吗|呢$|别人|有人|发现|看[到见]|展会|投诉|举报|维权|申请|咨询|工作人员|电话|证据|哪里|"
    r"哪儿|谁|多少|什么|证书|证明|官司|法院|律师|不知道|没有|可以|应该|"
    r"希望|要求|赔|天天|已经|正在|可能|觉得|感觉|知道|一模|权利人|专利权|号|法人|负责人|销售|制造|生产|停止|搜|家店|人家|卖|"
    r"售|直播|给|姓名|联系人|我叫|说|到底|收到|突然|多年|够呛|自己动手|同事|起诉|口岸|算钱|参考|^背|^网拿|^从|洗手间|帮|请|拍照|交|路过|"
    r"(?:店|厂|公司|商行|摊|铺|医院|学校|机构|平台|网站|作坊|商家|超市|市场|同行|企业|老板|单位|协会|合作社|博主|主播|群|影楼|"
    r"宾馆|酒店|饭馆|餐馆|学院|工作室|商场|大厦|部门|员工|经销商|供应商|代工厂|邻居|摊位|商户|展商|(?<!机器)人)$"
)
_ONES = "鞋包酒书烟药茶米表灯伞锅碗车衣帽糖油肉鱼画椅桌笔杯床"
_FALSE = re.compile(r"(?:假|假冒|冒牌|盗版|高仿|山寨)$")
_LEAST = re.compile(r"[\u4e00-\u9fffA-Za-z]")


def find_goods(text: str, entities: Iterable[Entity] = ()) -> tuple[str, int, int] | None:
    """What is shown or copied: its name and where it stands; ``None`` when the sentence names no thing."""
    masked = _masked(text, entities)
    for pattern in _COMPILED:
        for match in pattern.finditer(masked):
            if "thing" not in match.groupdict() or match["thing"] is None:
                continue
            thing = _TRIM.sub("", match["thing"])
            if is_thing(thing):
                start = match.start("thing") + match["thing"].find(thing)
                if len(thing) == 1 and (false := _FALSE.search(masked[:start])):
                    start, thing = false.start(), false[0] + thing
                return thing, start, start + len(thing)
    return None


def is_thing(thing: str) -> bool:
    """Whether the words may name a thing: neither a general word (产品, 设计) nor a part of a question."""
    long_enough = len(thing) >= 2 or (bool(thing) and thing in _ONES)
    return bool(long_enough and _LEAST.search(thing) and not _GENERIC.match(thing) and not _ASKED.search(thing))


def _masked(text: str, entities: Iterable[Entity]) -> str:
    for entity in entities:
        if entity.kind in _MASKED:
            text = text[: entity.start] + MASK * (entity.end - entity.start) + text[entity.end :]
    return text
