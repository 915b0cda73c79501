"""Understanding in the form of an expo complaint: tables of (asked, says, intent) and what it must mean."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid.cases.intake import Turn, understand
from aid.cases.kinds import SUMMARY, CaseKind, Facts, load_kinds
from aid.language.entities import EntityFinder
from aid.settings import PROJECT

TODAY = date(2026, 11, 22)  # a Sunday
OPTICS, CARS, FOOD = "长春国际光电博览会", "长春国际汽车博览会", "中国长春国际农业·食品博览（交易）会"
KNOWN: Facts = {
    "event": OPTICS,
    "booth": "A3馆B13",
    "exhibit": "车灯",
    "respondent": "",
    "right_kind": "外观设计专利",
    "right_number": "",
    "leaves_on": "2026-11-23",
    "consent": "yes",
    "name": "王强",
    "phone": "13800138000",
}
RIGHT, WRONG = "ZL202330123456.7", "ZL202330123456.8"


def before(asked: str) -> Facts:
    """What is known when ``asked`` is the open question."""
    keys = list(KNOWN)
    return {key: KNOWN[key] for key in keys[: keys.index(asked)]}


@pytest.fixture(scope="session")
def says(kind: CaseKind, finder: EntityFinder) -> Any:
    def turn(asked: str | None, text: str, act: str | None = None, facts: Facts | None = None) -> Turn:
        if facts is None:
            facts = {} if asked is None else dict(KNOWN) if asked == SUMMARY else before(asked)
        return understand(kind, facts, asked, text, finder.find(text, TODAY), act, TODAY)

    return turn


FIRST: list[tuple[str, Facts]] = [
    ("我要投诉", {}),
    (
        "我要投诉光博会A3馆B12仿冒我们的车灯外观专利",
        {"event": OPTICS, "booth": "A3馆B12", "exhibit": "车灯", "right_kind": "外观设计专利"},
    ),
    (
        "我叫李娜，我要投诉光博会A3-08，他们卖的台灯仿我们的外观设计专利，有六张照片",
        {"event": OPTICS, "booth": "A3-08", "exhibit": "台灯", "right_kind": "外观设计专利", "name": "李娜"},
    ),
    (
        "投诉 展位b12 侵犯外观 我叫王强 电话13800000000",
        {"booth": "B12", "right_kind": "外观设计专利", "name": "王强", "phone": "13800000000"},
    ),
    ("投诉展位C07，联系人王强，手机139 0013 8000", {"booth": "C07", "name": "王强", "phone": "13900138000"}),
    (
        f"1号馆C18展的尾灯侵犯我们专利号{RIGHT}，我们后天撤展",
        {
            "booth": "1馆C18",
            "exhibit": "尾灯",
            "right_number": RIGHT,
            "right_kind": "外观设计专利",
            "leaves_on": "2026-11-24",
        },
    ),
    (
        "汽博会上星远光电科技有限公司展的轮毂跟我们公司外观专利一致，申请投诉处理",
        {"exhibit": "轮毂", "respondent": "星远光电科技有限公司", "right_kind": "外观设计专利"},
    ),
    ("昨天在农博会看见有人用我们的商标", {"event": FOOD, "right_kind": "商标"}),  # the day is not of the exhibit's end
    (f"对方展位D15，我们的专利号{WRONG}", {"booth": "D15"}),  # a number in doubt is not taken from a first sentence
    ("我的展位是D08展位", {}),
]

ANSWERS: list[tuple[str, str, Facts]] = [
    ("event", "光博会", {"event": OPTICS}),
    ("event", "就是汽博会", {"event": CARS}),
    ("event", FOOD, {"event": FOOD}),
    ("event", "一个玩具展，名字挺长", {"event": "一个玩具展"}),
    ("event", "农博会，展位C07，我叫王强", {"event": FOOD, "booth": "C07", "name": "王强"}),
    ("booth", "A3馆B12", {"booth": "A3馆B12"}),
    ("booth", "a3 b12", {"booth": "A3 B12"}),
    ("booth", "ｂ１２", {"booth": "B12"}),
    ("booth", "三号馆西门口那个特装展台", {"booth": "三号馆西门口那个特装展台"}),
    ("booth", "我的展位是D08，他们的是D15", {"booth": "D15"}),
    ("booth", "记不清了，好像是B12展位", {"booth": "B12"}),
    ("exhibit", "车灯", {"exhibit": "车灯"}),
    ("exhibit", "不锈钢保温杯", {"exhibit": "不锈钢保温杯"}),
    ("exhibit", "他们展的是折叠凳", {"exhibit": "折叠凳"}),
    ("exhibit", "一种折叠凳，外观专利", {"exhibit": "一种折叠凳", "right_kind": "外观设计专利"}),
    ("exhibit", "车灯，灯罩也是", {"exhibit": "车灯，灯罩也是"}),
    ("respondent", "星远光电科技有限公司", {"respondent": "星远光电科技有限公司"}),
    ("respondent", "楣板上写的是佳维尔汽配", {"respondent": "佳维尔汽配"}),
    ("right_kind", "外观的", {"right_kind": "外观设计专利"}),
    ("right_kind", "实用新型专利吧", {"right_kind": "实用新型专利"}),
    ("right_kind", "版权，图案是我们自己画的", {"right_kind": "著作权"}),
    ("right_kind", "地理标志", {"right_kind": "其他"}),
    ("right_kind", "专利跟商标都有", {"right_kind": "其他"}),
    ("right_kind", "不是外观，是实用新型", {"right_kind": "实用新型专利"}),
    ("right_number", RIGHT, {"right_number": RIGHT}),
    ("right_number", "2023301234567", {"right_number": "202330123456.7"}),
    ("leaves_on", "明天下午三点就撤", {"leaves_on": "2026-11-23"}),
    ("leaves_on", "11月25日", {"leaves_on": "2026-11-25"}),
    ("leaves_on", "还有两天", {"leaves_on": "2026-11-24"}),
    ("leaves_on", "下午就撤", {"leaves_on": "2026-11-22"}),
    ("consent", "同意", {"consent": "yes"}),
    ("consent", "好的", {"consent": "yes"}),
    ("consent", "同意，我叫王强，电话13800138000", {"consent": "yes", "name": "王强", "phone": "13800138000"}),
    ("name", "王强", {"name": "王强"}),
    ("name", "我叫王强", {"name": "王强"}),
    ("name", "我是陈晓梅，市场部的", {"name": "陈晓梅"}),
    ("name", "孙丽华，美丽的丽，中华的华", {"name": "孙丽华"}),
    ("name", "姓李，叫我李女士就行", {"name": "李女士"}),
    ("name", "免贵姓赵", {"name": "赵"}),
    ("name", "阿依古丽·买买提", {"name": "阿依古丽·买买提"}),
    ("name", "John Smith", {"name": "John Smith"}),
    ("name", "王强，13800138000", {"name": "王强", "phone": "13800138000"}),
    ("phone", "138 0013 8000", {"phone": "13800138000"}),
    ("phone", "打我老伴儿的吧，13800003021", {"phone": "13800003021"}),
    ("phone", "0431-88500000", {"phone": "0431-88500000"}),
    ("phone", "88500000", {"phone": "0431-88500000"}),
]

CORRECTIONS: list[tuple[str, Facts]] = [
    ("电话写错了，改成13900139000", {"phone": "13900139000"}),
    ("手机号应该是13900139000", {"phone": "13900139000"}),
    ("不是，是13900000088", {"phone": "13900000088"}),
    ("尾号0019才对", {"phone": "13800130019"}),
    ("手机号13900139000", {"phone": "13900139000"}),
    ("展位改成B12", {"booth": "A3馆B12"}),
    ("展位是B12不是B13", {"booth": "A3馆B12"}),
    ("不是B13，是B12", {"booth": "A3馆B12"}),
    ("不是A3馆，是A4馆", {"booth": "A4馆B13"}),
    ("馆号错了，应该在2号馆", {"booth": "2馆B13"}),
    ("刚手滑了，发的不对，是A5-17", {"booth": "A5-17"}),
    ("展位那里帮我改成E馆306", {"booth": "E馆306"}),
    ("刚问了一下，他家在D22，不在D12", {"booth": "A3馆D22"}),
    ("不是发明，是实用", {"right_kind": "实用新型专利"}),
    ("展位是B12不是B13，电话是13900139000不是13800138000", {"booth": "A3馆B12", "phone": "13900139000"}),
    ("名字改成李四，电话改成13900139000", {"name": "李四", "phone": "13900139000"}),
    ("名字应该是陈晓明", {"name": "陈晓明"}),
    ("名字打错了，是“墙”不是“强”", {"name": "王墙"}),
    ("联系人换成李四", {"name": "李四"}),
    ("产品不是车灯，是车灯支架", {"exhibit": "车灯支架"}),
    ("产品名称改成LED日行灯", {"exhibit": "LED日行灯"}),
    ("公司名不对，全称是星远光电科技有限公司", {"respondent": "星远光电科技有限公司"}),
    ("不是外观，是实用新型", {"right_kind": "实用新型专利"}),
    ("我记错了，是发明专利", {"right_kind": "发明专利"}),
    ("权利类型改成著作权", {"right_kind": "著作权"}),
    ("展会名错了，是农博会", {"event": FOOD}),
    ("不是光博会，是汽博会", {"event": CARS}),
    ("撤展时间改成后天", {"leaves_on": "2026-11-24"}),
    ("不是明天撤展，是今天下午", {"leaves_on": "2026-11-22"}),
]

MOVES: list[tuple[str, str, str | None, str, str]] = [
    # asked, says, intent, outcome, fault or field
    ("event", "跳过", "skip", "cannot_skip", "event"),
    ("event", "你们几点下班？", "consult", "question", "event"),
    ("event", "1234", None, "invalid", "event_unclear"),
    ("event", "😀😀", None, "invalid", "empty"),
    ("booth", "没看清展位号", "dont_know", "cannot_skip", "booth"),
    ("booth", "为什么要展位号", "ask_why", "why", "booth"),
    ("booth", "为什么要电话", None, "why", "phone"),
    ("booth", "取消", "cancel", "cancel", "booth"),
    ("booth", "我不投诉了", None, "cancel", "booth"),
    ("booth", "外观专利怎么维权", "consult", "question", "booth"),
    ("booth", "1380013800099", None, "invalid", "booth_unclear"),
    ("exhibit", "展会上被人抄了怎么办", "consult", "question", "exhibit"),
    ("exhibit", "你好", "greet", "question", "exhibit"),
    ("exhibit", "长" * 501, None, "invalid", "too_long"),
    ("exhibit", "12345", None, "invalid", "text_unclear"),
    ("exhibit", "好的", "affirm", "invalid", "not_an_answer"),
    ("exhibit", "没有", "deny", "cannot_skip", "exhibit"),
    ("respondent", "跳过", "skip", "skip", "respondent"),
    ("respondent", "没有", "deny", "skip", "respondent"),
    ("respondent", "算了", "cancel", "skip", "respondent"),
    ("respondent", "不认识他们，不知道叫啥", "dont_know", "skip", "respondent"),
    ("right_kind", "专利", None, "invalid", "right_unclear"),
    ("right_kind", "发明专利和商标", None, "invalid", "several_rights"),
    ("right_kind", "外观设计和实用新型有啥区别", "consult", "question", "right_kind"),
    ("right_kind", "外观专利有效期是多久", "consult", "question", "right_kind"),
    ("right_kind", "不知道", "dont_know", "skip", "right_kind"),
    ("right_number", "手头没有", None, "skip", "right_number"),
    ("right_number", "1234", None, "invalid", "number_wrong"),
    ("right_number", WRONG, None, "invalid", "check_digit_wrong"),
    ("right_number", "202330123456", None, "invalid", "number_incomplete"),
    ("leaves_on", "不清楚", "dont_know", "skip", "leaves_on"),
    ("leaves_on", "随便", None, "invalid", "date_unclear"),
    ("consent", "不同意", "deny", "refuse", "consent"),
    ("consent", "不同意，我叫王强", None, "refuse", "consent"),
    ("consent", "随便吧", None, "invalid", "consent_unclear"),
    ("consent", "我的信息会给谁看", "ask_why", "why", "consent"),
    ("name", "13800138000", None, "invalid", "name_is_number"),
    ("name", "12", None, "invalid", "name_is_number"),
    ("name", "我们是一家做车灯的公司", None, "invalid", "name_unclear"),
    ("name", "能不能匿名", None, "why", "name"),
    ("phone", "1380013800", None, "invalid", "phone_wrong"),
    ("phone", "不想留电话", "skip", "cannot_skip", "phone"),
    (SUMMARY, "确认", "affirm", "confirm", SUMMARY),
    (SUMMARY, "对，提交吧", None, "confirm", SUMMARY),
    (SUMMARY, "好，那就这么办吧", "affirm", "confirm", SUMMARY),
    (SUMMARY, "不对", "deny", "deny", SUMMARY),
    (SUMMARY, "取消", "cancel", "cancel", SUMMARY),
    (SUMMARY, "算了", None, "cancel", SUMMARY),
    (SUMMARY, "维权要多久？", "consult", "question", SUMMARY),
    (SUMMARY, "会不会把我的电话告诉对方", None, "why", "phone"),
    (SUMMARY, "专利号写错了", "correct", "reopen", "right_number"),
    (SUMMARY, "改一下联系方式", "correct", "reopen", "phone"),
    (SUMMARY, "照片传错了，要换一张", "correct", "invalid", "summary_unclear"),
    (SUMMARY, "公司名字少写了“科技”俩字", "correct", "reopen", "respondent"),
    (SUMMARY, "身份填错了，我是代理人不是权利人", "correct", "invalid", "summary_unclear"),
    (SUMMARY, "补充更正一下，东西是上周买的，不是昨天", "correct", "invalid", "summary_unclear"),
    (SUMMARY, "电话改成123", None, "invalid", "phone_wrong"),
    (SUMMARY, "我要改一下", "correct", "invalid", "summary_unclear"),
]


@pytest.mark.parametrize(("text", "facts"), FIRST)
def test_a_free_first_sentence_gives_every_fact_it_holds(says: Any, text: str, facts: Facts) -> None:
    turn = says(None, text, "start_expo_complaint")
    assert (turn.outcome, turn.changes) == ("set", facts)


@pytest.mark.parametrize(("asked", "text", "facts"), ANSWERS)
def test_an_answer_is_taken_with_whatever_else_it_says(says: Any, asked: str, text: str, facts: Facts) -> None:
    turn = says(asked, text)
    assert turn.outcome == "set"
    assert {k: v for k, v in turn.changes.items() if "#" not in k} == facts


@pytest.mark.parametrize(("text", "facts"), CORRECTIONS)
@pytest.mark.parametrize("act", ["correct", None])
def test_a_correction_changes_what_it_names_and_nothing_else(
    says: Any, text: str, facts: Facts, act: str | None
) -> None:
    turn = says(SUMMARY, text, act)
    assert (turn.outcome, turn.changes) == ("set", facts)
    assert set(turn.corrected) == {key for key in facts if KNOWN[key]}


@pytest.mark.parametrize(("asked", "text", "act", "outcome", "told"), MOVES)
def test_what_is_no_answer_is_told_apart(
    says: Any, asked: str, text: str, act: str | None, outcome: str, told: str
) -> None:
    turn = says(asked, text, act)
    assert (turn.outcome, turn.fault or turn.field) == (outcome, told)


@pytest.mark.parametrize(("asked", "text"), [("right_number", "专利号写错了"), ("phone", "展位改成B12")])
def test_a_correction_is_heard_while_another_field_is_asked(says: Any, asked: str, text: str) -> None:
    turn = says(asked, text)
    assert turn.outcome in ("set", "reopen", "invalid")
    if asked == "phone":
        assert turn.changes == {"booth": "A3馆B12"}
        assert turn.corrected == ("booth",)


@pytest.mark.parametrize("again", [WRONG, "就是这样，没错", "证书上就是这个"])
def test_a_number_with_a_wrong_check_digit_is_kept_with_a_mark_when_said_again(says: Any, again: str) -> None:
    facts = before("right_number")
    first = says("right_number", WRONG, None, facts)
    assert first.fault == "check_digit_wrong"
    facts = first.applied_to(facts)
    assert "right_number" not in facts
    second = says("right_number", again, None, facts)
    assert second.outcome == "set"
    facts = second.applied_to(facts)
    assert facts["right_number"] == WRONG
    assert facts["right_number#mark"] == "unchecked"
    assert "right_number#doubt" not in facts


def test_a_right_number_after_a_doubted_one_carries_no_mark(says: Any) -> None:
    facts = says("right_number", WRONG).applied_to(before("right_number"))
    facts = says("right_number", RIGHT, None, facts).applied_to(facts)
    assert facts["right_number"] == RIGHT
    assert not [key for key in facts if "#" in key]


def test_a_telephone_typed_for_the_name_is_told_and_kept(says: Any) -> None:
    turn = says("name", "13800138000")
    assert (turn.fault, turn.changes) == ("name_is_number", {"phone": "13800138000"})


def test_a_trademark_number_is_taken_bare_only_when_the_right_is_a_mark(says: Any) -> None:
    facts = before("right_number") | {"right_kind": "商标"}
    assert says("right_number", "99990012", None, facts).changes["right_number"] == "99990012"
    assert says("right_number", "9999001", None).fault == "number_wrong"


def test_not_knowing_the_kind_of_right_chooses_the_one_for_that(says: Any) -> None:
    assert says("right_kind", "说不清", "dont_know").changes == {"right_kind": "其他"}


@pytest.mark.parametrize("kind_name", sorted(load_kinds(PROJECT / "knowledge")))
def test_a_tapped_line_of_the_read_back_asks_its_field_again_whatever_it_is_called(kind_name: str) -> None:
    """有没有起诉要改 and 纠纷是什么要改 hold words of answers; only the label as a whole counts."""
    kind = load_kinds(PROJECT / "knowledge")[kind_name]
    facts = {field.key: (field.choices[0].value if field.choices else "x") for field in kind.fields}
    for field in kind.fields:
        turn = understand(kind, facts, SUMMARY, f"{field.label}要改", [], None, date(2026, 11, 30))
        assert (turn.outcome, kind.field(turn.field).label, turn.changes) == ("reopen", field.label, {})


@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(st.text(max_size=80), st.from_regex(r"[不是改成展位电话名字AB12,，。专利]{0,40}", fullmatch=True)),
    asked=st.sampled_from([None, SUMMARY, *KNOWN]),
    act=st.sampled_from([None, "correct", "deny", "skip", "consult", "inform"]),
)
def test_no_sentence_breaks_it_and_facts_stay_well_formed(
    says: Any, kind: CaseKind, text: str, asked: str | None, act: str | None
) -> None:
    turn = says(asked, text, act)
    keys = {field.key for field in kind.fields}
    assert {key.split("#")[0] for key in turn.changes} <= keys
    assert turn.outcome != "invalid" or turn.fault in kind.faults
    assert all(isinstance(value, str) for value in turn.applied_to(dict(KNOWN)).values())
