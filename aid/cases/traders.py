"""Names of firms, shops and stalls that are told without a legal form: by place and trade, or by the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aid.cases.names import FULL_NAME, SURNAME
from aid.cases.regions import REGION

_TRADE = (
    r"(?:种业|电器|照明|汽配|家具|食品|服饰|科技|实业|乳业|酒业|光电|数码|家居|建材|农机|农业|药业|灯饰|五金|电子|玩具|文具|卫浴|厨具|汽车用品|"
    r"车品|车饰|工艺品|显示|粮油|米业|面业|箱包|皮具|鞋业|服装|童装|女装|文化|传媒|文创|印务|印刷|广告|包装|装饰|装潢|设计|教育|咨询|软件|信息|"
    r"网络|航空|动漫|影视|园艺|花卉|苗木|果业|果品|果园|水产|牧业|养殖|饲料|化肥|农具|机械|机电|仪器|仪表|自动化|设备|器械|阀门|管业|塑业|塑料|"
    r"橡胶|模具|门业|门窗|地板|陶瓷|家纺|纺织|布艺|日化|美妆|化妆品|珠宝|首饰|眼镜|钟表|户外|体育|健身|生物|医疗|制药|医药|餐饮|饮品|茶业|茶叶|"
    r"烘焙|糕点|酱菜|调料|熟食|酒庄|贸易|商贸|工贸|物流|环保|能源|材料|光学|激光|通信|智能|电气|电缆|灯具|农资|温室|管理|生活|家电|制品|工业|化工|"
    r"测量|测控|检测|视讯|数控|装备|农牧|乳品|肉业|蜂业|参业|药材|面包|蛋糕|酸菜|豆腐|烧烤|火锅|面馆|饺子|包子|小吃|麻辣烫|米线|饭庄|酒楼|便利|美发|美容|塑胶|新材料|(?:(?![企行专营作产商毕事就创失转开])[\u4e00-\u9fff])业|摄影|婚庆|药房|粉条|特产|山货|干果|鲜果|水果)"
)
_KIND = r"(?:有限公司|公司|集团|商行|商店|超市|小铺|工作室|合作社|加工厂|制造厂|厂|店|坊|城|行|铺|中心|学校)"
# Signs that no name of a firm holds.
_IN = (
    r"(?:(?![的是有在卖做展仿抄把被跟就都我他她你这那哪个款种没不给说叫和与也还又从到去看告]|来(?=[自的了到])|使(?=用)|未经|擅自|私自|公然|涉嫌|(?<=[一两几那哪这我他她你人自谁有])家|发(?![\u4e00-\u9fff]{0,3}(?:厂|店|行|五金|电子))|用(?!品)|"
    r"什么|本地|国际|自己|知识|各|所有|传统)[\u4e00-\u9fffA-Za-z0-9·&])"
)
_NOT_AFTER = r"(?!博览|展[览会销]|大学|学院|协会|局|市场|批发|一条街|节|产业园|开发区|园区|专业|行业|用品|产品|品牌|专利|作品)"
PLACED = re.compile(
    rf"{REGION}(?:省|市|县)?(?:[\u4e00-\u9fff]{{1,2}}[市县])?(?:{_IN}|和(?!{REGION})){{1,6}}?(?:{_TRADE}{{1,3}}(?:\({REGION}\))?{_KIND}?|(?<=[\u4e00-\u9fff]{{4}})(?:公司|厂|商行|合作社|灯具城|五金城)){_NOT_AFTER}"
)
"""A place, two to six characters and a trade: 沈阳奥捷汽车用品, 长春市正和塑业."""

_STALL = r"(?:摊位?|展位|展台|店铺?|铺子|门店|老板|公司|企业|厂家?|人|商户|商家|卖家)"
_END = (
    rf"(?=$|[,，。;；!！?？\s()”\"'」》]|的{_STALL}?|卖|做|在|摆|展[出示品]|抄|仿|盗|冒|侵|把|也|就|说|给|我|他|是|用(?!品)|以前|现在|开[始了]|生产|"
    r"销售|没|不|跟|和|印|这|那|老板)"
)
_WORD = rf"(?P<name>{_IN}{{2,12}}?)"
_TRADED = rf"(?P<name>{_IN}{{1,6}}?(?:{_TRADE}{{1,3}}{_KIND}?|{_KIND}))"
_Q = r"\s*[“\"'「《]?"
_SUBJECT = r"(?:企业|公司|店名|店铺|店|厂|厂家|总部|摊主|单位|老板|卖家|商家|铺子|[那一这有]家|[他她](?:们|家)?|对方|人家|[有那一这]个)"
_ROLE = (
    r"(?:对方(?:就?是|单位是?|公司是?)?|被(?:告|投诉|申请|请求|举报)(?:人|方|单位|那家)?|侵权(?:方|人|单位|厂家|企业)|"
    r"竞争对手|(?<!参)展商|侵权的)(?:就?是|为|:)?"
)
_FRAMES = (
    rf"{_SUBJECT}(?:的?名字?|好像|就|全称|名称|现在)?(?:是?叫|名叫)(?:做|作)?(?:什么|啥)?{_Q}{_WORD}{_END}",
    rf"(?:公众号|视频号|抖音号|快手号|账号|博主|主播|网红|UP主){_Q}{_WORD}(?=盗|抄|侵|用(?!品)|把|拿|搬|剽|偷|也|[,，\s])",
    rf"{_ROLE}{_Q}{_TRADED}{_END}",
    rf"(?:那家|那个|对方|展商)[\s(]?{_Q}(?P<name>{REGION}市?{_IN}{{2,4}})(?=$|[,，。;；!！?？\s)])",
    rf"(?<!参)展商(?:是|叫|:)?{_Q}{_WORD}(?=$|[,，。;；!！?？\s])",
    rf"(?:那家|那个|这家|隔壁的?|对门的?|旁边的?|对面的?|一家|被|告|起诉|跟|和|与|找){_Q}{_TRADED}{_END}",
    rf"(?<=[\s,，。;；的])[“\"'「]?{_TRADED}[”\"'」]?(?=\s?(?:卖的?|展[出示]|摆的?|抄|仿|盗|冒|侵|在(?:卖|展|生产|销售|用)|生产|销售|印|也在|老板|把我|将我|用我|给我))",
    rf"(?<=的)(?P<name>{REGION}市?{_IN}{{2,4}})(?=[,，\s]?(?:把|抄|仿|侵|盗|展位|也在|在?卖))",
    rf"(?<![A-Za-z0-9])[A-Za-z]{{0,2}}-?\d{{1,4}}(?:号?(?:展位|展台|摊位)?|号)(?:上?的)?[,，\s]?{_TRADED}{_END}",
    rf"(?<![我你俺])(?P<name>老{SURNAME}家{_IN}{{0,6}}?)(?=在?卖|的摊|的店|做|也|用|抄|[,，。;；\s]|$)",
    rf"(?:跟|和|与|告)(?:[^,，。;\s]{{0,7}}的)?(?P<name>{FULL_NAME})(?=为了|吵|闹|有(?:纠纷|矛盾)|打官司|因为|之间|调解|协商|起(?:了)?(?:纠纷|争议)|的(?:事|纠纷|官司))",
    rf"(?<=\d)(?:号?(?:展位|展台|摊位)?|号)[,，\s]{{1,2}}(?P<name>{REGION}市?{_IN}{{2,4}})(?=$|[,，。;；\s])",
    rf"(?P<name>{REGION}市?{_IN}{{2,8}}?)(?=(?:用|抄袭?|仿冒?|侵犯?|盗用?|冒用|把|偷)了?我|在?(?:展会|网)?上?卖我)",
    rf"{REGION}市?那?边?的{_TRADED}{_END}",
    rf"[,，\s]名?叫(?:做|作)?{_Q}{_WORD}(?=$|[,，。;；!！?？\s”\"])",
    rf"(?:挂|写)(?:着|的)?(?:是)?{_Q}{_WORD}[”\"'」]?(?=[两三四五六]个大?字|的(?:牌子|招牌))",
    rf"(?:有家|那家|一家|有个|那个|一个)[^,，。;；!！?？]{{1,10}}的叫(?:做|作)?{_Q}{_WORD}{_END}",
    rf"(?:店名|厂名|字号)(?:是|叫|为|:)?{_Q}{_WORD}(?=$|[,，。;；!！?？\s”\"])",
    rf"对方(?:就?是|叫)[^,，。;；\s]{{0,12}}?(?P<name>[老小]{SURNAME})(?=$|[,，。;；\s])",
    rf"(?:有|那|这|一)个(?P<name>{_IN}{{3,8}})的(?:摊|展位|铺子|小店)",
    rf"(?:牌子|招牌|牌匾|展板|门头|楣板|门楣|背景板)(?:上)?(?:叫|写的?着?是?|是|挂的?是?){_Q}{_WORD}{_END}",
    rf"(?:的|家|公司|店|摊|企业|了)[,，\s]叫(?:做|作)?(?:什么|啥)?{_Q}{_WORD}(?=$|[,，。;；!！?？\s”\"])",
    rf"(?:跟|和|与|告|对方是?)[^,。;!?\s]{{0,7}}?(?:合伙人|同学|徒弟|员工|邻居|亲戚|同事|朋友|战友|学生|表[哥弟姐妹]|对门|姐夫|妹夫|店主|老板)"
    rf"(?P<name>{FULL_NAME})(?=$|[,，\s。;；\d]|的|有|在|因|为|闹|打|吵|一[起块]|合)",
)
_COMPILED = tuple(re.compile(frame) for frame in _FRAMES)
_NO_NAME = re.compile(
    r"很多|不少|多家|[一二两三四五六七八九十几]家|英文|中文|外文|拼音|销毁|停[止产业]|赔|道歉|删除|下架|整改|"
    r"什么|啥|不知|几个|年$|^[了来]|清楚|忘|谁|记不|没看|自己|侵权|假|一样|一模|专利|商标|品牌|牌子|老板|上面|^(?:一家|一个|网店|本地|外地|长春(?:市|人|本地)?$|公司|"
    rf"厂家|做|卖|男|女|[大小](?![\u4e00-\u9fff]{{2}}))|^.{{0,3}}(?:公司|店|厂|学校|中心|城|行)$|^(?:某|前|原|同){_KIND}?|^(?:儿童|车载|家用|户外|有机|塑料|智能|毛绒|木制|进口|"
    rf"文化|科技|网络|广告|教育|物流|装修|传媒|电子|汽车|{_TRADE})(?:{_TRADE}|{_KIND})*$|展位|展会|撤展|产品|东西|法院|律师|中心$|执照|国家|发明|实用新型|外观"
)
_OURS = re.compile(
    r"(?:我(?!姐夫|弟|哥|表|大舅|小舅|同学|朋友|以前|前|邻居|对门|合伙|们?隔壁|们?对面)|俺|咱|本人|本公司|自家)[^,，。;；!！?？]{0,12}$"
)
_OUR_TALE = re.compile(r"(?:我家|我们?[在开就]|俺家|我是|我开|我自己)[^。;；!！?？]{0,40}$")
_THEIRS = re.compile(r"姐夫|妹夫|同学|朋友|邻居|对门|合伙|徒弟|他|她|对方|人家|那家|一家|有家|有个|有人|那个|馆|展位|摊")
_THING = re.compile(r"(?:样机|产品|展品|东西|专利|品种|软件|作品|书|歌|机器|商标|游戏|菜|展会|名字|人)$")
_TOGETHER = re.compile(r"^(?:一起|一块|合作|联合|共同)")


def traders(text: str) -> Iterator[tuple[str, int, int]]:
    """Names and where they stand: those that words point at, then those of place and trade. Some may be the speaker's own."""
    for frame in _COMPILED:
        for match in frame.finditer(text):
            name, (start, end) = match["name"], match.span("name")
            if not _NO_NAME.search(name) and not _is_said_of_us(text, match) and not _TOGETHER.match(text[end:]):
                yield name, start, end
    for match in PLACED.finditer(text):
        if not _TOGETHER.match(text[match.end() :]):
            yield match[0], *match.span()


def _is_said_of_us(text: str, match: re.Match[str]) -> bool:
    """我家叫…, 我的店名叫…, and what is called is a thing (样机叫…)."""
    before, lead = text[: match.start()], text[match.start() : match.start("name")]
    if "叫" not in lead and not re.match("牌|招|展板|门|楣|背", lead):
        return False
    said = lead[: lead.find("叫")] if "叫" in lead else lead
    theirs = _THEIRS.search(said)
    if (_OURS.search(before) and not theirs) or _THING.search(before + said):
        return True
    if re.match(r"[,，\s]名?叫", lead) and not _THEIRS.search(before[-40:]):
        return True
    if re.match(r"[,，\s]叫", lead) and re.search(r"(?:我|本人|俺)[^,，。]{0,20}$", before) and re.fullmatch(FULL_NAME, match["name"]):
        return True
    sentence = re.split(r"[。;；!！?？]", before)[-1]
    return not theirs and bool(_OUR_TALE.search(before)) and not _THEIRS.search(sentence)
