"""WeChat's pages: never over the limits, nothing lost, cut where a person would, every card readable."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid.replies import (
    AnswerCard,
    Author,
    Basis,
    CandidatesCard,
    Choice,
    NoneCard,
    QuestionCard,
    ReceiptCard,
    Reply,
    StatusCard,
    SummaryCard,
    SummaryLine,
)
from aid.settings import PROJECT
from aid.wechat.cutting import LIMITS, Limits, cost, first_piece, pieces
from aid.wording.doors import read_wording
from channels.wechat.text import Told, told

WORDING = read_wording(PROJECT / "knowledge").wechat
LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=([^"]*)">(.*?)</a>')


def choices(*labels: str) -> list[Choice]:
    return [Choice(label=label, payload={"value": label}) for label in labels]


def tell(*replies: Reply) -> Told:
    found = told(replies, WORDING)
    for page in found.pages:
        characters, octets = len(page.encode("utf-16-le")) // 2, len(page.encode("utf-8"))
        assert characters <= 600
        assert octets <= 2048
    return found


def shown(page: str) -> str:
    """The page as a person sees it: links by their words."""
    return LINK.sub(lambda m: m[3], page)


def whole(found: Told) -> str:
    """All that was told, without the signs that the pages add."""
    return "\n".join(shown(page).removesuffix(WORDING.more).rstrip() for page in found.pages)


def kept(text: str) -> str:
    """The words of a text without stars for bold, made harmless for WeChat."""
    text = re.sub(r"(?<!\*)\*\*([^*\n]+)\*\*(?!\*)", r"\1", re.sub("[\ud800-\udfff\0\r]", "", text))
    return re.sub(r"<(?=[A-Za-z/!])", "＜", text)


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def answer(steps: int = 5, **changes: Any) -> AnswerCard:
    card = {
        "entry": "expo.design-copied", "label": "展会上发现外观设计被仿冒", "short": "可以马上向展会的知识产权工作站投诉。",
        "points": ["先固定证据：拍下展位号。", "不要和对方争吵。"], "steps": [f"第{'一二三四五六'[n]}件要做的事。" for n in range(steps)],
        "basis": [Basis(law="专利法", version="2020修正", article="第六十五条", says="可以请专利管理部门处理"), Basis(law="展会知识产权保护指引", version="2022")],
        "checked": date(2026, 11, 22), "probability": 0.9,
    }  # fmt: skip
    return AnswerCard.model_validate({**card, **changes})


def question(field: str, *labels: str, ask: str = "对方在哪个展位？", steps: int = 10) -> Reply:
    card = QuestionCard(case_kind="expo_complaint", field=field, ask=ask, why="好去找。", step=2, steps=steps)
    return Reply(text=f"{ask}\n（好去找。）", choices=choices(*labels), card=card)


# Limits and losses ---------------------------------------------------------------------------------------------------------------------------

SIGNS = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("，。！？；\n 专利法商标12345.-/:ab😀👍🏽👨‍👩‍👧🇨🇳é")), max_size=2500)
SENTENCES = st.lists(st.text(alphabet="展会投诉请问专利商标的是在", min_size=1, max_size=60), max_size=80).map("。".join)
LABELS = st.lists(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=80), max_size=9)


@settings(deadline=None)
@given(st.lists(st.tuples(st.one_of(SIGNS, SENTENCES), LABELS), max_size=4))
def test_no_page_is_over_the_limits_and_nothing_is_lost(said: list[tuple[str, list[str]]]) -> None:
    replies = [Reply(text=text, choices=choices(*labels)) for text, labels in said]
    found = told(replies, WORDING)
    for page in found.pages:
        assert page.strip()
        assert len(page.encode("utf-16-le")) // 2 <= 600
        assert len(page.encode("utf-8")) <= 2048
    everything = bare(whole(found))
    rest = everything
    for text, labels in said:
        for line in kept(text).split("\n"):
            words = bare(re.sub(r"^\s*-\s+", "· ", line))
            assert words in rest, words
            rest = rest[rest.index(words) + len(words) :]
        for label in labels:
            assert bare(re.sub(r"^-\s+", "· ", kept(" ".join(label.split())))) in everything
    assert len(found.options) == sum(len(labels) for _text, labels in said)


@settings(deadline=None)
@given(st.text(alphabet="一二三四12345。，\n😀👍🏽é🇨🇳", min_size=1, max_size=400), st.integers(4, 120), st.integers(4, 300))
def test_a_piece_always_fits_and_is_never_empty(text: str, characters: int, octets: int) -> None:
    room = Limits(characters, octets)
    at = first_piece(text, room)
    assert at >= 1
    assert room.hold(text[:at])


def test_the_cost_counts_an_emoji_as_two_and_four() -> None:
    assert cost("a中😀") == (4, 8)


def test_a_very_long_unbroken_text_is_cut_by_force() -> None:
    found = tell(Reply(text="x" * 3000))
    assert bare(whole(found)) == "x" * 3000
    found = tell(Reply(text="长" * 3000))
    assert bare(whole(found)) == "长" * 3000
    assert len(found.pages) == 6


def test_an_emoji_of_several_parts_is_never_cut() -> None:
    family = "👨‍👩‍👧‍👦"
    for lead in range(12):
        found = tell(Reply(text="字" * lead + family * 120))
        for page in found.pages:
            assert bare(page.removesuffix(WORDING.more)).replace(family, "").strip("字") == ""


def test_a_lone_half_of_a_surrogate_pair_is_left_out() -> None:
    assert whole(tell(Reply.model_construct(text="好\ud83d的", speak="", choices=[], card=None))) == "好的"


def test_a_text_is_cut_at_the_end_of_a_sentence() -> None:
    found = tell(Reply(text="这一句话正好有十六个字，请您慢慢看。" * 80))
    assert len(found.pages) > 1
    for page in found.pages[:-1]:
        assert page.removesuffix(WORDING.more).rstrip().endswith("。")


@pytest.mark.parametrize("thing", ["https://example.com/item/12345?a=b&c=d", "139 0000 7001", "ZL202330123456.1", "2026年11月24日", "第六十五条", "50.5万元"])
def test_links_and_numbers_are_never_cut(thing: str) -> None:
    for lead in range(540, 600):
        found = tell(Reply(text="字" * lead + thing + "字" * 50))
        assert sum(thing in page for page in found.pages) == 1, lead


def test_every_page_but_the_last_says_how_to_see_the_next() -> None:
    found = tell(Reply(text="长句子。" * 400))
    assert all(page.endswith(WORDING.more) for page in found.pages[:-1])
    assert not found.pages[-1].endswith(WORDING.more)
    assert "更多" in WORDING.more


def test_nothing_said_gives_no_page() -> None:
    assert tell() == Told([], [])


# Choices -------------------------------------------------------------------------------------------------------------------------------------


def test_choices_are_numbers_and_links_that_send_the_label() -> None:
    found = tell(Reply(text="您同意吗？", choices=choices("同意", "不同意")))
    assert shown(found.pages[0]) == f"您同意吗？\n{WORDING.pick}\n1. 同意\n2. 不同意"
    assert [unquote(unescape(m[1])) for m in LINK.finditer(found.pages[0])] == ["同意", "不同意"]
    assert [(o.label, o.number) for o in found.options] == [("同意", 1), ("不同意", 2)]


def test_links_that_do_not_fit_are_left_out_and_the_numbers_stay() -> None:
    labels = [f"第{n}种很长很长的一个选项名称" for n in range(8)]
    page = tell(Reply(text="请选。" * 60, choices=choices(*labels))).pages[0]
    assert "<a" not in page
    assert all(f"{n}. {label}" in page for n, label in enumerate(labels, 1))


def test_choices_stay_together_on_a_page_with_what_leads_to_them() -> None:
    for length in range(60, 100):
        found = tell(Reply(text="请您看一看。" * length, choices=choices("发明专利", "实用新型专利", "外观设计专利")))
        pages = [page for page in map(shown, found.pages) if "发明专利" in page]
        assert len(pages) == 1
        assert "外观设计专利" in pages[0]
        assert WORDING.pick in pages[0]


def test_a_label_cannot_break_out_of_its_link() -> None:
    found = tell(Reply(text="选", choices=choices('"><a href="http://x">&', "另一个")))
    assert next(unquote(m[1]) for m in LINK.finditer(found.pages[0])).startswith('">')
    assert '<a href="http' not in found.pages[0]


def test_words_of_a_person_are_never_a_link() -> None:
    assert '<a href="http' not in tell(Reply(text='您说：<a href="http://x.example">点我</a>')).pages[0]


def test_numbers_run_on_over_several_replies() -> None:
    found = tell(Reply(text="一", choices=choices("甲甲", "乙乙")), Reply(text="二", choices=choices("丙丙", "丁丁")))
    assert [o.number for o in found.options] == [1, 2, 3, 4]
    assert shown(found.pages[0]).split("\n") == ["一", WORDING.pick, "1. 甲甲", "2. 乙乙", "二", WORDING.pick, "3. 丙丙", "4. 丁丁"]


def test_while_a_question_is_answered_freely_choices_have_no_numbers() -> None:
    """A 2 in answer to 对方在哪个展位 or 有多少 is the answer."""
    for found in (
        tell(question("quantity", "跳过", ask="大概有多少？")),
        tell(Reply(text="您是不是想问", choices=choices("怎样取证", "怎样投诉", "以上都不是")), question("booth")),
    ):
        assert all(option.number is None for option in found.options)
        assert "1." not in found.pages[0]
        assert f"· {found.options[0].label}" in shown(found.pages[0])


# Cards ---------------------------------------------------------------------------------------------------------------------------------------


def test_an_answer_is_short_first_and_whole_on_the_pages_after() -> None:
    card = answer()
    found = tell(Reply(text="……", card=card, choices=choices("我要登记展会投诉", "怎样取证")), Reply(text="以上供您参考。"))
    page = shown(found.pages[0])
    assert page.startswith("可以马上向展会的知识产权工作站投诉。\n怎么做：\n①第一件")
    assert "③第三件" in page
    assert "④" not in page
    assert "依据：专利法（2020修正）第六十五条；展会知识产权保护指引（2022）" in page
    assert page.endswith(f"以上供您参考。\n{WORDING.pick}\n1. 我要登记展会投诉\n2. 怎样取证\n{WORDING.more}")
    said = whole(found)
    for part in (*card.points, *card.steps, "可以请专利管理部门处理", "2026-11-22"):
        assert part in said


def test_an_answer_without_steps_tells_its_points_first() -> None:
    assert "· 先固定证据" in tell(Reply(text="…", card=answer(steps=0))).pages[0]


def test_an_answer_asked_for_as_a_whole_is_told_whole_at_once() -> None:
    page = tell(Reply(text="…", card=answer(unfolded=True))).pages[0]
    for part in ("⑤", "不要和对方争吵", "可以请专利管理部门处理"):
        assert part in page


def test_candidates_can_be_chosen_by_number() -> None:
    labels = ["展会上发现外观设计被仿冒", "展会上怎样投诉"]
    card = CandidatesCard(entries=["a", "b"], labels=labels, probabilities=[0.4, 0.3])
    page = shown(tell(Reply(text="您是不是想问下面哪一个？", card=card, choices=choices(*labels, "以上都不是"))).pages[0])
    assert page.endswith("1. 展会上发现外观设计被仿冒\n2. 展会上怎样投诉\n3. 以上都不是")


def test_an_honest_no_is_told() -> None:
    assert tell(Reply(text="这个问题我还没有把握。", card=NoneCard(reason="none"))).pages == ["这个问题我还没有把握。"]


def test_a_question_tells_how_far_the_form_is() -> None:
    page = shown(tell(question("right_kind", "发明专利", "商标", ask="是哪一种权利？")).pages[0])
    assert page.startswith("（2/10）是哪一种权利？\n（好去找。）")
    assert page.endswith("1. 发明专利\n2. 商标")


def test_the_read_back_is_readable() -> None:
    lines = [SummaryLine(field="booth", label="对方展位", value="A3馆B12"), SummaryLine(field="phone", label="联系电话", value="139****7001")]
    card = SummaryCard(case_kind="expo_complaint", lines=lines, receiver="中心", reasons=["近"])
    text = "请核对：\n- 对方展位：A3馆B12\n- 联系电话：139****7001\n**转给**：中心\n- 近\n没有问题请回“确认”"
    page = shown(tell(Reply(text=text, card=card, choices=choices("确认提交", "取消"))).pages[0])
    assert "· 对方展位：A3馆B12\n· 联系电话：139****7001\n转给：中心" in page
    assert page.endswith("1. 确认提交\n2. 取消")


def test_the_receipt_is_readable() -> None:
    card = ReceiptCard(
        number="CC-2026-000123", lookup_code="ACD34EFG", receiver="中心", reasons=[], expected=date(2026, 11, 24),
        expected_is_estimate=True, phones=["12345"],
    )  # fmt: skip
    page = tell(Reply(text="受理编号：**CC-2026-000123**\n查询码：**ACD34EFG**\n预计 11月24日（周二） 前与您联系", card=card)).pages[0]
    assert page == "受理编号：CC-2026-000123\n查询码：ACD34EFG\n预计 11月24日（周二） 前与您联系"


def test_the_status_tells_what_has_happened() -> None:
    card = StatusCard(
        number="CC-2026-000123", state="accepted", state_label="已受理", receiver="中心", received=date(2026, 11, 23),
        expected=date(2026, 11, 24), events=["2026-11-23 09:00 收到您的投诉", "2026-11-23 10:00 受理"],
    )  # fmt: skip
    page = tell(Reply(text="现在的情况：已受理", card=card)).pages[0]
    assert page == "现在的情况：已受理\n办理经过：\n· 2026-11-23 09:00 收到您的投诉\n· 2026-11-23 10:00 受理"


def test_what_is_written_for_ears_is_taken_before_the_text() -> None:
    assert tell(Reply(text="**看**", speak="听")).pages == ["听"]


def test_the_limits_are_those_of_the_platform() -> None:
    assert (LIMITS.characters, LIMITS.octets) == (600, 2048)


def test_what_staff_say_bears_their_sign() -> None:
    said = Reply(text="请**拍照**", author=Author(kind="staff", name="长春知识产权保护中心 · 工号 012"))
    assert told([said], WORDING).pages == ["【长春知识产权保护中心 · 工号 012】\n请拍照"]


@given(st.text(max_size=400), st.integers(2, 60))
@settings(max_examples=200, deadline=None)
def test_pieces_hold_the_whole_text_and_each_fits(text: str, characters: int) -> None:
    room = Limits(characters, 3 * characters)
    storable = "".join(sign for sign in text if not "\ud800" <= sign <= "\udfff")
    found = pieces(storable, room)
    assert "".join("".join(found).split()) == "".join(storable.split())
    assert all(piece and room.hold(piece) for piece in found)
