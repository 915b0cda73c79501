"""Rules of hearing a story that were made general on the third set: names behind signs and roles, goods in short lists, parts of a town, fakes."""

from __future__ import annotations

import pytest

from aid.cases.kinds import load_kinds
from aid.language.entities import EntityFinder
from aid.language.numerals import fold
from tests.cases.conftest import KNOWLEDGE
from tests.cases.stories import heard

KINDS = load_kinds(KNOWLEDGE)
RULES: list[tuple[str, str, str, str | None]] = [
    # kind, said, field, what it must be
    ("expo_complaint", "光博会3馆C17 宁波锐达 展的红外热像仪跟我们的一样", "respondent", "宁波锐达"),
    ("expo_complaint", "光博会B馆C17 宁波人 展的红外热像仪跟我们的一样", "respondent", None),
    ("expo_complaint", "农博会上有家卖黑木耳的叫山里红特产 用的是我家注册的商标", "respondent", "山里红特产"),
    ("expo_complaint", "汽车展 1号馆 迈克斯改装 轮毂 外观专利被侵权", "respondent", "迈克斯改装"),
    ("expo_complaint", "展位B2-15 企业名字是榆树果香园", "respondent", "榆树果香园"),
    ("expo_complaint", "农博会2馆佳禾农场的展台 卖的玉米面用我的商标", "respondent", "佳禾农场"),
    ("expo_complaint", "有个摊子牌子上写着抚松人参 其实不是", "respondent", None),
    ("expo_complaint", "展位方为珲春市海云水产 卖的鱼干假冒我们商标", "respondent", "珲春市海云水产"),
    ("expo_complaint", "我们的红外热像仪有发明专利 被人抄了", "exhibit", "红外热像仪"),
    ("expo_complaint", "他家播的是我们公司的宣传片", "exhibit", "宣传片"),
    ("expo_complaint", "车展 假冒我们铁鹰牌", "exhibit", None),
    ("expo_complaint", "对方在特产馆D12", "booth", "特产馆D12"),
    ("expo_complaint", "发现H21这家抄我们", "booth", "H21"),
    ("expo_complaint", "对方在一楼C厅", "booth", "C厅"),
    ("infringement_report", "快手主播大庆哥 直播卖假的运动鞋", "exhibit", "运动鞋"),
    ("infringement_report", "他们厂在九台卡伦 做的是仿格力的空调遥控器", "exhibit", "空调遥控器"),
    ("infringement_report", "他们厂在九台卡伦 做的是仿格力的空调遥控器", "place", "九台卡伦"),
    ("infringement_report", "欧亚商都三楼 有个柜台卖假周大福项链", "place", "欧亚商都三楼"),
    ("infringement_report", "我是高新区一家公司的 举报有人卖盗版软件", "place", None),
    ("infringement_report", "超市里卖的洗发水是假的", "right_kind", "商标"),
    ("infringement_report", "有个饭店叫聚福楼 门口挂我的画 真名我知道叫徐强", "respondent", "聚福楼"),
    ("infringement_report", "绿园区青年路有个打印店 盗印教材 老板叫孙玉梅", "respondent", "孙玉梅"),
    ("mediation_request", "合伙人刘建国把我们俩的商标注册到他自己名下了", "respondent", "刘建国"),
    ("mediation_request", "跟我姐为商标打起来了 我姐叫宋春玲 想调解", "respondent", "宋春玲"),
    ("mediation_request", "隔壁王记锅贴用我的牌子", "respondent", "王记锅贴"),
    ("mediation_request", "我的底线是赔我两万块钱", "sought", "赔我两万块钱"),
    ("mediation_request", "双方未诉讼", "court", "没有"),
    ("mediation_request", "找过市场监管局了", "court", "在部门"),
    ("adjudication_request", "对方四平宏发机械在铁西区生产脱粒机", "respondent", "四平宏发机械"),
    ("adjudication_request", "合同里写了争议提交长春仲裁委", "sued", "有约定"),
    ("aid_application", "我是医院的 专利被厂家拿去用了", "applicant", "其他单位"),
    ("aid_application", "在美国被老外告了 不知道怎么办", "help", "海外维权"),
]


@pytest.mark.parametrize(("kind", "said", "field", "value"), RULES)
def test_a_frame_is_heard_or_left_alone(finder: EntityFinder, kind: str, said: str, field: str, value: str | None) -> None:
    assert heard(KINDS[kind], finder, fold(said)).get(field) == value
