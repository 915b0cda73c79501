"""Acts, corrections and choices in the forms of all kinds of case: what a person means by words that could mean two things."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from aid.cases.acts import leaves, looks_like_question, refuses, wants_again
from aid.cases.intake import Turn, tapped, understand
from aid.cases.kinds import SUMMARY, CaseKind, Facts, load_kinds
from aid.cases.turning import turns_to, wishes_again
from aid.language.entities import EntityFinder
from tests.cases.conftest import KNOWLEDGE

TODAY = date(2026, 11, 22)
REPORT: Facts = {"exhibit": "运动鞋", "right_kind": "商标", "channel": "线下", "place": "远东批发三楼", "respondent": "", "quantity": "", "contact": "匿名举报"}
EXPO: Facts = {"event": "长春国际光电博览会", "booth": "A1馆B12", "exhibit": "车灯", "right_number": "ZL202330123456.2", "phone": "13900007001"}
MEDIATION: Facts = {"respondent": "星远光电有限公司", "right_kind": "外观设计专利"}


@pytest.fixture(scope="module")
def kinds() -> dict[str, CaseKind]:
    return load_kinds(KNOWLEDGE)


@pytest.fixture(scope="module")
def hears(kinds: dict[str, CaseKind], finder: EntityFinder) -> Any:
    def turn(kind: str, asked: str, text: str, facts: Facts | None = None, act: str | None = None) -> Turn:
        return understand(kinds[kind], facts or {}, asked, text, finder.find(text, TODAY), act, TODAY)

    return turn


STORIES = [
    "对方把合同取消了还在卖",
    "不知道谁在网上卖我的水壶",
    "对方违反保密协议，挖走了我的员工",
    "他们不知从哪里弄到我的图纸，照着开模",
    "对方把产品改成我们的样子卖",
    "他们把包装换成我们的，不是授权的",
]


@pytest.mark.parametrize("story", STORIES)
def test_a_story_may_hold_any_word_and_is_kept_as_it_is_told(hears: Any, story: str) -> None:
    turn = hears("mediation_request", "story", story, MEDIATION)
    assert (turn.outcome, turn.changes) == ("set", {"story": story})


def test_a_wish_that_something_shall_end_ends_no_form(hears: Any) -> None:
    assert hears("mediation_request", "sought", "撤销他们的注册", MEDIATION).changes == {"sought": "撤销他们的注册"}


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("取消", "cancel"), ("不调解了", "cancel"), ("算了", "cancel"), ("不知道", "cannot_skip"), ("跳过", "cannot_skip"), ("为什么要问这个", "why")],
)
def test_plain_acts_are_heard_where_a_story_is_asked_for(hears: Any, text: str, outcome: str) -> None:
    assert hears("mediation_request", "story", text, MEDIATION).outcome == outcome


def test_what_is_known_is_kept_beside_what_is_not(hears: Any) -> None:
    turn = hears("infringement_report", "quantity", "不清楚，大概几十箱", REPORT)
    assert turn.changes == {"quantity": "不清楚，大概几十箱"}


@pytest.mark.parametrize("said", ["我改主意了，不投诉了，谢谢你啊小伙子", "你们这什么破系统，不弄了！", "下次再说吧，今天先不办了", "不用回电了", "撤回同意"])
def test_leaving_is_heard_in_many_words(said: str) -> None:
    assert leaves(said)


@pytest.mark.parametrize("said", ["说好不告了", "他们不办了", "不投诉了行吗？", "合同取消了"])
def test_what_others_leave_or_what_is_asked_is_no_leaving(said: str) -> None:
    assert not leaves(said)


def test_giving_up_skips_what_may_be_skipped_and_else_ends_the_form(hears: Any) -> None:
    assert hears("expo_complaint", "respondent", "不填了").outcome == "skip"
    assert hears("expo_complaint", "booth", "不填了").outcome == "cancel"


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("B12改成B21", {"booth": "A1馆B21"}),
        ("展位是A3，电话末尾是7005", {"booth": "A1馆A3", "phone": "13900007005"}),
        ("B21", {"booth": "A1馆B21"}),
        ("13900007001改成13900007009", {"phone": "13900007009"}),
        ("电话最后一位是8", {"phone": "13900007008"}),
        ("专利号最后一位应该是7", {"right_number": "ZL202330123456.7"}),
        ("车灯改成尾灯", {"exhibit": "尾灯"}),
    ],
)
def test_a_correction_names_the_old_value_a_part_or_the_new_one_alone(hears: Any, text: str, changes: Facts) -> None:
    turn = hears("expo_complaint", SUMMARY, text, EXPO)
    assert {key: value for key, value in turn.changes.items() if "#" not in key} == changes
    assert set(turn.corrected) == set(changes)


@pytest.mark.parametrize("text", ["不匿名了，我留电话", "改一下，我留联系方式", "我要实名举报"])
def test_another_choice_takes_the_place_of_the_known_one(hears: Any, text: str) -> None:
    assert hears("infringement_report", SUMMARY, text, REPORT).changes == {"contact": "留联系方式"}


def test_a_question_about_a_choice_is_no_choice(hears: Any) -> None:
    assert hears("infringement_report", SUMMARY, "我要留电话吗？", REPORT).outcome != "set"


def test_a_choice_of_an_earlier_question_is_taken_when_tapped(kinds: dict[str, CaseKind]) -> None:
    turn = tapped(kinds["infringement_report"], REPORT, "channel", "网上")
    assert (turn.outcome, turn.changes, turn.corrected) == ("set", {"channel": "网上"}, ("channel",))


def test_what_a_wish_is_changed_to_may_name_another_kind(kinds: dict[str, CaseKind]) -> None:
    assert turns_to(kinds.values(), kinds["service_complaint"], "要求改成给我回个电话说明情况") is None


@pytest.mark.parametrize(("text", "is_wish"), [("我要投诉", True), ("我要投诉展位B12", False), ("投诉多久有结果", False)])
def test_the_wish_for_the_open_form_alone_is_no_answer(kinds: dict[str, CaseKind], text: str, is_wish: bool) -> None:
    assert wishes_again(kinds["expo_complaint"], text) is is_wish


def test_consent_takes_plain_words_and_never_a_guess(hears: Any) -> None:
    assert hears("expo_complaint", "consent", "随便吧", EXPO, "affirm").outcome == "invalid"
    assert hears("expo_complaint", "consent", "不同意，我怕对方知道是我", EXPO, "ask_why").outcome == "refuse"
    assert not refuses("不同意会怎么样吗？")


def test_a_place_is_kept_whole(hears: Any) -> None:
    assert hears("infringement_report", "place", "二道区远东批发三楼", {"channel": "线下"}).changes == {"place": "二道区远东批发三楼"}


@pytest.mark.parametrize(("text", "outcome"), [("昨天", "invalid"), ("2020年1月1日", "invalid"), ("今天", "set"), ("已经撤展了，跳过", "skip")])
def test_a_day_that_is_gone_is_told(hears: Any, text: str, outcome: str) -> None:
    turn = hears("expo_complaint", "leaves_on", text, EXPO)
    assert turn.outcome == outcome
    assert (turn.fault == "date_past") is (outcome == "invalid")


@pytest.mark.parametrize("code", ["' OR 1=1; --", "<b>星远</b>", "${jndi}$(rm)"])
@pytest.mark.parametrize("asked", ["respondent", "event", "booth"])
def test_a_piece_of_a_program_is_no_name_and_no_place(hears: Any, asked: str, code: str) -> None:
    assert hears("expo_complaint", asked, code).outcome == "invalid"


def test_a_telephone_in_chinese_figures(hears: Any) -> None:
    assert hears("expo_complaint", "phone", "幺三九零零零零七零零一", EXPO).changes == {"phone": "13900007001"}


@pytest.mark.parametrize("said", ["仿我的车灯", "我的车灯被人仿了", "他们仿冒了我们家的车灯", "车灯"])
def test_of_goods_the_words_around_them_go(hears: Any, said: str) -> None:
    assert hears("infringement_report", "exhibit", said).changes["exhibit"] == "车灯"


def test_none_with_the_fields_name_leaves_the_field_out(hears: Any) -> None:
    assert hears("infringement_report", "link", "没有链接", {"channel": "网上"}).outcome == "skip"
    assert hears("expo_complaint", "right_number", "没有专利号", EXPO).outcome == "skip"


@pytest.mark.parametrize("text", ["再说一遍", "没听懂", "给我讲个笑话", "查一下我上一件的进度", "会不会被人知道"])
def test_an_aside_fills_no_field(hears: Any, text: str) -> None:
    assert hears("expo_complaint", "respondent", text).outcome == "question"


def test_not_understood_is_said_in_several_ways() -> None:
    assert all(wants_again(text) for text in ("再说一遍", "没听懂", "什么意思？", "我没太明白"))
    assert not wants_again("这个专利什么意思")


def test_a_question_in_a_story_begins_or_ends_as_one() -> None:
    assert looks_like_question("请问援助收费多少", is_free=True)
    assert not looks_like_question("他不知从哪里弄到图纸", is_free=True)
