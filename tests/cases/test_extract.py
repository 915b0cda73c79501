"""Each rule of hearing facts in free words, with a sentence that it takes and one that it must leave."""

from __future__ import annotations

from time import process_time

import pytest

from aid.cases.amounts import find_amount
from aid.cases.goods import find_goods
from aid.cases.kinds import Facts, load_kinds
from aid.cases.moments import find_call_time
from aid.cases.names import find_name
from aid.cases.wishes import find_wish
from aid.language.entities import EntityFinder
from aid.language.numerals import fold
from tests.cases.conftest import KNOWLEDGE
from tests.cases.stories import heard

KINDS = load_kinds(KNOWLEDGE)
RULES: list[tuple[str, str, str, str | None]] = [
    # kind, said, field, what it must hold
    ("expo_complaint", "对方展位B12 哦不对 是B21", "booth", "B21"),
    ("expo_complaint", "我的展位B07，对面B08那家", "booth", "B08"),
    ("expo_complaint", "我们在A6馆B03参展，发现A6馆B30抄我们", "booth", "A6馆B30"),
    ("expo_complaint", "他们在三号馆，展位号B12", "booth", "3馆B12"),
    ("expo_complaint", "展位是二十五号", "booth", "25"),
    ("expo_complaint", "我司展位A2-09，投诉对面A2-10深圳创感电子有限公司", "booth", "A2-10"),
    ("expo_complaint", "我司展位A2-09，投诉对面A2-10深圳创感电子有限公司", "respondent", "深圳创感电子有限公司"),
    ("expo_complaint", "还是那台榨油机，一点没改", "exhibit", "榨油机"),
    ("expo_complaint", "抄我们的，姓名龚磊，电话13900007001", "exhibit", None),
    ("expo_complaint", "我们有外观专利，联系人孙经理13900007001", "name", "孙经理"),
    ("mediation_request", "申请人：王宏，想跟对方调解", "name", "王宏"),
    ("expo_complaint", "投诉E馆306", "booth", "E馆306"),
    ("expo_complaint", "举报展位N1-226", "booth", "N1-226"),
    ("expo_complaint", "不是投诉光博会，是汽博会", "event", "长春国际汽车博览会"),
    ("expo_complaint", "这次来家博会发现的", "event", "家博会"),
    ("expo_complaint", "他们后天下午撤展", "leaves_on", "2026-12-02"),
    ("expo_complaint", "展会12月2号结束", "leaves_on", "2026-12-02"),
    ("expo_complaint", "二号闭馆", "leaves_on", "2026-12-02"),
    ("expo_complaint", "还有两天就撤展了", "leaves_on", "2026-12-02"),
    ("expo_complaint", "他们下午就撤", "leaves_on", "2026-11-30"),
    ("expo_complaint", "上周五发现的，当时快撤展了", "leaves_on", None),
    ("expo_complaint", "昨天结束的展会", "leaves_on", None),
    ("expo_complaint", "我后天还去。他们说不会撤展", "leaves_on", None),
    ("expo_complaint", "我是长春亮科照明有限公司的，投诉宁波晨曜光电有限公司", "respondent", "宁波晨曜光电有限公司"),
    ("expo_complaint", "我们公司是长春亮科照明有限公司", "respondent", None),
    ("expo_complaint", "楣板上写的是华彩显示，卖的透明屏抄我们", "respondent", "华彩显示"),
    ("expo_complaint", "对方叫什么不知道", "respondent", None),
    ("expo_complaint", "宽城区一个加工厂仿我们", "respondent", None),
    ("expo_complaint", "我们是实用新型不是外观", "right_kind", "实用新型专利"),
    ("expo_complaint", "外观专利和商标他都侵犯了", "right_kind", None),
    ("expo_complaint", "他老板电话13900007001", "phone", None),
    ("expo_complaint", "电话13900007001 写错了 是13900007002", "phone", "13900007002"),
    ("expo_complaint", "电话是一三九零零零零七零零一", "phone", "13900007001"),
    ("expo_complaint", "座机55501234", "phone", "0431-55501234"),
    ("expo_complaint", "發現對方展出的雷射筆抄襲我們的外觀專利", "exhibit", "雷射筆"),
    ("infringement_report", "二道区远东批发市场三楼有人卖假鞋", "place", "二道区远东批发市场三楼"),
    ("infringement_report", "二道区远东批发市场三楼有人卖假鞋", "channel", "线下"),
    ("infringement_report", "拼多多上有家店叫潮流鞋行，卖冒牌鞋", "platform", "拼多多 潮流鞋行"),
    ("infringement_report", "我微信同号，举报卖冒牌鞋的", "platform", None),
    ("infringement_report", "举报卖冒牌鞋的，电话13900007001", "contact", "留联系方式"),
    ("infringement_report", "匿名举报，电话就不留了，13900007001是店主的", "phone", None),
    ("infringement_report", "生产的水龙头仿我们专利ZL202330123456.7", "right_kind", "外观设计专利"),
    ("infringement_report", "某宝上有家店用我们的商标", "channel", "网上"),
    ("aid_application", "有个人在卖我的东西", "applicant", None),
    ("aid_application", "我是长春博远光学仪器有限公司的法务", "applicant", "企业"),
    ("aid_application", "出口到德国，在当地被起诉了", "help", "海外维权"),
    ("mediation_request", "还没问过他愿不愿意", "willing", "不清楚"),
    ("mediation_request", "对方死活不愿意调解", "willing", "不愿意"),
    ("mediation_request", "他本人也愿意坐下来谈", "willing", "愿意"),
    ("mediation_request", "手里没有合同", "court", None),
    ("adjudication_request", "我有个外观专利，是普通许可用的", "holder", "普通被许可人"),
    ("adjudication_request", "专利在我名下", "holder", "专利权人"),
    ("adjudication_request", "对方在沈阳的展会上来过", "place", None),
    ("service_complaint", "单号CC-2026-000123一直没人管", "about_number", "CC-2026-000123"),
    ("consultation_callback", "电话13900007001，晚上不方便，上午打给我", "call_time", "上午"),
]


@pytest.mark.parametrize(("kind", "said", "key", "value"), RULES)
def test_a_rule_takes_what_is_said_and_no_more(finder: EntityFinder, kind: str, said: str, key: str, value: str | None) -> None:
    assert heard(KINDS[kind], finder, said).get(key) == value


@pytest.mark.parametrize("piece", ["我们公司的", "卖的", "1", "一", "拼多多店叫", "希望他", "A3馆B12", "的我们生产销售", "对方公司名字叫"])
@pytest.mark.parametrize("kind", ["expo_complaint", "infringement_report", "mediation_request", "consultation_callback"])
def test_a_senseless_long_text_costs_little(finder: EntityFinder, kind: str, piece: str) -> None:
    said = (piece * 2000)[:2000]
    begun = process_time()
    heard(KINDS[kind], finder, said)
    assert process_time() - begun < 3


@pytest.mark.parametrize(
    ("said", "thing"),
    [
        ("他家卖的折叠凳跟我们的一模一样", "折叠凳"),
        ("那家摆着不锈钢保温杯，抄我们", "不锈钢保温杯"),
        ("生产我们享有发明专利的雾化器", "雾化器"),
        ("把我的专利产品晾衣架拿去仿造", "晾衣架"),
        ("天天灌装假酒", "假酒"),
        ("我们的LED投影灯被抄了", "LED投影灯"),
        ("有三家仿我们的", None),
        ("隔壁理发店盗用我注册的名字", None),
        ("影楼盗用我拍的照片做广告", None),
        ("展会上有人抄我们的设计", None),
        ("请求责令侵权厂家停止制造销售", None),
    ],
)
def test_a_thing_is_told_from_words_about_it(said: str, thing: str | None) -> None:
    said = fold(said)
    found = find_goods(said)
    assert (found[0] if found else None) == thing
    if found:
        assert said[found[1] : found[2]] == thing


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("摊位上摆了几百双", "几百双"),
        ("已经卖了一万多件", "一万多件"),
        ("好几十箱", "好几十箱"),
        ("存货两吨多", "两吨多"),
        ("我买了两瓶", None),
        ("平台上一个带货的", None),
        ("等了三个月", None),
        ("来了十个人", None),
    ],
)
def test_an_amount_is_more_than_what_was_bought(said: str, amount: str | None) -> None:
    found = find_amount(said)
    assert (found[0] if found else None) == amount


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("希望他们停止销售，赔我五万块钱，我叫王强", "他们停止销售,赔我五万块钱"),
        ("我要求删图赔偿八千", "删图赔偿八千"),
        ("不要求别的，就要个道歉", "个道歉"),
        ("希望通过调解解决", None),
        ("想让你们给调解", None),
        ("我要求助", None),
    ],
)
def test_a_wish_is_what_the_other_side_shall_do(said: str, wish: str | None) -> None:
    found = find_wish(fold(said))
    assert (found[0] if found else None) == wish


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("请今天下午三点前回我", "今天下午三点前"),
        ("下午2点到4点有空", "下午2点到4点"),
        ("工作日9点到11点之间打", "工作日9点到11点之间"),
        ("随时都可以", "随时都可以"),
        ("上午我打过一次没人接", None),
        ("电话13900007001", None),
    ],
)
def test_when_a_call_is_welcome(said: str, time: str | None) -> None:
    found = find_call_time(said)
    assert (found[0] if found else None) == time


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("我叫陈晓梅是做保温杯的", "陈晓梅"),
        ("我是长春市小森林食品厂的欧阳娜,上午都在", "欧阳娜"),
        ("13900007001 陈先生", "陈先生"),
        ("电话13900007001,姓钱。", "钱"),
        ("找李秀芬", "李秀芬"),
        ("摊主姓李", None),
        ("想找人工问问", None),
        ("我叫他别卖了", None),
        ("打13900007001,白天打都行", None),
    ],
)
def test_a_name_is_the_speakers_own(said: str, name: str | None) -> None:
    found = find_name(said)
    assert (found[0] if found else None) == name


def test_a_long_first_message_is_the_account_without_name_and_telephone(finder: EntityFinder) -> None:
    said = "我叫王强，电话13900007001，我们公司的车灯去年被人照着做了，在网上到处卖，我们找过平台也没人管，想申请维权援助"
    facts: Facts = heard(KINDS["aid_application"], finder, said)
    assert "车灯去年被人照着做了" in facts["story"]
    assert "13900007001" not in facts["story"]
    assert "王强" not in facts["story"]
    assert "story" not in heard(KINDS["aid_application"], finder, "我要申请维权援助，电话13900007001")
