"""Rules of hearing a story that were made general on the second set: firms without a legal form, zones, shops, wishes, roles before names."""

from __future__ import annotations

from time import process_time

import pytest

from aid.cases.amounts import find_amount
from aid.cases.goods import find_goods
from aid.cases.kinds import load_kinds
from aid.cases.names import find_name
from aid.cases.traders import traders
from aid.cases.wishes import find_wish
from aid.language.entities import EntityFinder
from aid.language.numerals import fold
from tests.cases.conftest import KNOWLEDGE
from tests.cases.stories import heard

KINDS = load_kinds(KNOWLEDGE)
RULES: list[tuple[str, str, str, str | None]] = [
    # kind, said, field, what it must hold
    ("expo_complaint", "4馆B11的杭州路特汽配把我们的支架照着做了", "respondent", "杭州路特汽配"),
    ("expo_complaint", "隔壁E08德州宏博机械抄袭我司的脱粒机", "respondent", "德州宏博机械"),
    ("expo_complaint", "我们跟杭州路特汽配一起做的支架被人抄了", "respondent", None),
    ("expo_complaint", "我们单位是杭州路特汽配有限公司，展品被人抄了", "respondent", None),
    ("expo_complaint", "楣板上写的英文", "respondent", None),
    ("expo_complaint", "我家店叫老碾坊，被人抄了", "respondent", None),
    ("expo_complaint", "他们的样机叫测距王", "respondent", None),
    ("expo_complaint", "有个叫老碾房的，在2号馆A16", "respondent", "老碾房"),
    ("expo_complaint", "他们说货是吉林参源生物的", "respondent", "吉林参源生物"),
    ("expo_complaint", "展商刘家石磨，还有两天就完了", "respondent", "刘家石磨"),
    ("expo_complaint", "在5号馆看到一家做车载冰箱的，叫冰小匠", "respondent", "冰小匠"),
    ("expo_complaint", "我是种地的，叫高大海", "respondent", None),
    ("expo_complaint", "挂着老木匠三个字的牌子", "respondent", "老木匠"),
    ("expo_complaint", "有人卖假榆树大米", "exhibit", "假榆树大米"),
    ("infringement_report", "1688上义乌市创彩日用品商行批发的硅胶餐垫抄我的画", "platform", "1688 义乌市创彩日用品商行"),
    ("mediation_request", "想跟梅河口市金鹿袜业调解", "respondent", "梅河口市金鹿袜业"),
    ("mediation_request", "听说这个行业都这样，想跟他调解", "respondent", None),
    ("adjudication_request", "侵权地：吉林市船营区，尚未起诉", "place", "吉林市船营区"),
    ("infringement_report", "朝阳区幸福里小区门口水果店卖假茅台", "place", "朝阳区幸福里小区门口"),
    ("infringement_report", "全是假冒某知名品牌的机油", "exhibit", "机油"),
    ("expo_complaint", "他发明了一个拔草器", "exhibit", "拔草器"),
    ("expo_complaint", "2号馆一进门右手边有个摊", "booth", "2号馆一进门右手边"),
    ("expo_complaint", "在D馆D30展出侵权的流量计", "exhibit", "流量计"),
    ("mediation_request", "我姐夫开了个家具厂，叫宏图木业，用我的图", "respondent", "宏图木业"),
    ("expo_complaint", "我在3馆有摊位3-18，转到3-33发现有人抄我", "booth", "3-33"),
    ("expo_complaint", "临沂飞驰车饰展出头枕，权利人长春驰远汽车用品厂", "respondent", "临沂飞驰车饰"),
    ("expo_complaint", "有家卖杂粮的叫小田农妇，故意傍我们", "respondent", "小田农妇"),
    ("aid_application", "长春市科创生物技术有限公司申请维权援助", "applicant", "企业"),
    ("mediation_request", "和前合伙人孙立新闹矛盾", "respondent", "孙立新"),
    ("mediation_request", "跟同村的张铁柱闹了半年", "respondent", "张铁柱"),
    ("mediation_request", "想跟楼下的小雨花坊店说和说和", "respondent", "小雨花坊店"),
    ("mediation_request", "现在大连乐童动漫给我发律师函，装修公司叫长春好家装饰", "respondent", "大连乐童动漫"),
    ("aid_application", "被佛山市康健医疗器械厂仿了，长春金穗农机有限公司 邓经理 13900007100", "respondent", "佛山市康健医疗器械厂"),
    ("aid_application", "委托人长春市海川仪器有限公司，侵权方是天津明瑞仪器", "respondent", "天津明瑞仪器"),
    ("aid_application", "被网上很多店仿了", "respondent", None),
    ("expo_complaint", "证是国作登字-2023-F-00345678", "right_number", "国作登字-2023-F-00345678"),
    ("expo_complaint", "软著登记号2023SR0123456", "right_number", "2023SR0123456"),
    ("expo_complaint", "商标号是三五六七八九一", "right_number", "3567891"),
    ("expo_complaint", "商标注册证丢了，号码是第23456789号", "right_number", "23456789"),
    ("expo_complaint", "我注册商标三四年了", "right_number", None),
    ("expo_complaint", "在2号馆C区18号", "booth", "2号馆C区18号"),
    ("expo_complaint", "展位是三馆二排六号", "booth", "三馆二排六号"),
    ("expo_complaint", "农博会展区C排7号", "booth", "C排7号"),
    ("expo_complaint", "B馆2-17 热像仪 侵权", "booth", "B馆2-17"),
    ("expo_complaint", "我们自己的展位是6-31，他们展位6-08", "booth", "6-08"),
    ("expo_complaint", "只记得在W2馆，号没看清", "booth", "W2馆"),
    ("expo_complaint", "我们在W2馆参展", "booth", None),
    ("expo_complaint", "他家展位C12，不对，是C21", "booth", "C21"),
    ("infringement_report", "朋友圈跟一个叫莉莉代购的买的假表", "platform", "朋友圈 莉莉代购"),
    ("infringement_report", "快手主播大刚五金天天卖假电钻", "platform", "快手 大刚五金"),
    ("infringement_report", "淘宝暖阳小铺卖盗版书", "platform", "淘宝 暖阳小铺"),
    ("infringement_report", "淘宝一搜全是盗版书", "platform", "淘宝"),
    ("infringement_report", "微信群里有人卖假酒", "platform", "微信群"),
    ("infringement_report", "宽城区一个商场一楼有个摊卖假包，摊主说网上进的", "channel", "线下"),
    ("infringement_report", "厂子在合心镇，造假酒", "place", "合心镇"),
    ("infringement_report", "同志街有家店卖盗版书", "place", "同志街"),
    ("aid_application", "我们出口到越南的水泵被人仿了", "place", "越南"),
    ("adjudication_request", "对方是绿园区永好灯具城", "place", "绿园区永好灯具城"),
    ("adjudication_request", "我不是专利权人，替朋友问的", "right_kind", None),
    ("adjudication_request", "我不知道他起没起诉", "sued", "不清楚"),
    ("adjudication_request", "法院那边我们没去过", "sued", "没有"),
    ("adjudication_request", "他们把我告到法院了", "sued", "已起诉"),
    ("expo_complaint", "专利没有，就是商标被人用了，注册商标有证", "right_kind", "商标"),
    ("service_complaint", "工单号20261102-015一直没人管", "about_number", "20261102-015"),
    ("infringement_report", "举报卖假鞋的，我店里电话55501123", "phone", "0431-55501123"),
    ("infringement_report", "举报卖假鞋的，他店里电话55501123", "phone", None),
    ("expo_complaint", "我电话1 3 9 0 0 0 0 7 1 2 3", "phone", "13900007123"),
    ("consultation_callback", "我的手机啥时候打都行", "call_time", "啥时候打都行"),
]


@pytest.mark.parametrize(("kind", "said", "key", "value"), RULES)
def test_a_general_rule_takes_what_is_said_and_no_more(finder: EntityFinder, kind: str, said: str, key: str, value: str | None) -> None:
    assert heard(KINDS[kind], finder, said).get(key) == value


@pytest.mark.parametrize(
    ("said", "thing"),
    [
        ("那个折叠伞架是我琢磨出来的", "折叠伞架"),
        ("我研究出来一种防滑鞋套", "防滑鞋套"),
        ("拿我设计的保温壶来展", "保温壶"),
        ("他们的样机叫手持光谱仪", "手持光谱仪"),
        ("生产的秸秆还田机跟我发明专利一样", "秸秆还田机"),
        ("有人盗我图案做抱枕卖", "抱枕"),
        ("展出“雪域大米”，冒用我们商标", "雪域大米"),
        ("一直造我爸的播种器", "播种器"),
        ("外头摆着十几袋", None),
        ("抖音博主抄我", None),
    ],
)
def test_a_thing_is_known_by_who_made_or_shows_it(said: str, thing: str | None) -> None:
    found = find_goods(fold(said))
    assert (found[0] if found else None) == thing


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("我要求停售，不愿意再跟他吵", "停售"),
        ("就想让抄我菜单的那家店撤下来", "撤下来"),
        ("让她快点她还生气，希望她给我道个歉", "她给我道个歉"),
        ("我要求分三成利润，托人问过了", "分三成利润"),
        ("我的意思是没卖的销毁，卖了的按一件五块给我", "没卖的销毁,卖了的按一件五块给我"),
        ("要求换个人办 我可以留电话", "换个人办"),
    ],
)
def test_a_wish_ends_where_something_else_begins(said: str, wish: str) -> None:
    found = find_wish(fold(said))
    assert found is not None
    assert found[0] == wish


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("我是社长宋长江", "宋长江"),
        ("我是市场部小何,电话139-0000-7131", "小何"),
        ("代客户投诉,代理人段小雨,13900007113", "段小雨"),
        ("电话13900007113,吉林", None),
        ("有事找我儿子韩东,电话13900007139", "韩东"),
        ("经办人 祝红(姓祝名红),0431-55503690", "祝红"),
        ("我是厂里管销售的,叫阮宁,0431-55502468", "阮宁"),
        ("回电打0431-55509012,上午在单位,贾文", "贾文"),
        ("联系人Tom 13900007104", "Tom"),
        ("有家店叫张大福,卖假货", None),
        ("打13900007001,谢谢", None),
    ],
)
def test_a_name_follows_a_role_or_stands_at_the_end(said: str, name: str | None) -> None:
    found = find_name(said)
    assert (found[0] if found else None) == name


@pytest.mark.parametrize(("said", "amount"), [("堆了半个院子", "半个院子"), ("一百二一支,拼了三千多单", "三千多单"), ("抽屉里有四五十块表", "四五十块")])
def test_an_amount_is_no_price(said: str, amount: str) -> None:
    found = find_amount(said)
    assert found is not None
    assert found[0] == amount


@pytest.mark.parametrize("piece", ["长春", "长春市和", "叫", "的老王家", "A3馆", "跟我以前的合伙人", "C区", "我研究的", "淘宝店铺:", "双阳", "食品科技"])
@pytest.mark.parametrize("kind", ["expo_complaint", "infringement_report", "mediation_request"])
def test_a_senseless_long_text_of_places_and_trades_costs_little(finder: EntityFinder, kind: str, piece: str) -> None:
    said = (piece * 2000)[:2000]
    begun = process_time()
    heard(KINDS[kind], finder, said)
    assert process_time() - begun < 3


def test_a_firm_is_known_by_place_and_trade_but_an_expo_is_none() -> None:
    assert [name for name, _, _ in traders("去了长春光电博览会,大连鑫海广告的车贴")] == ["大连鑫海广告"]
