"""Entities in what people type."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid.language.entities import EntityFinder, valid_check_digit
from aid.language.numerals import fold
from aid.language.words import ProjectWords
from tests.language.conftest import SUNDAY


def found(finder: EntityFinder, text: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.value) for entity in finder.find(text, SUNDAY)]


TABLE = [
    ("我电话138 1234 5678", [("phone", "13812345678")]),
    ("１３８－１２３４－５６７８", [("phone", "13812345678")]),
    ("+86 13812345678", [("phone", "13812345678")]),
    ("座机0431-85678901转12", [("phone", "0431-85678901-12")]),
    ("(0431)8567 8901", [("phone", "0431-85678901")]),
    ("客服400-123-4567", [("phone", "400-1234567")]),
    ("订单号138123456789012", []),
    ("打12345问问", []),
    ("邮箱 zhang.san@Example.com，谢谢", [("email", "zhang.san@example.com")]),
    ("链接https://item.taobao.com/item.htm?id=123，看看", [("link", "https://item.taobao.com/item.htm?id=123")]),
    ("店铺在shop123.taobao.com上", [("link", "shop123.taobao.com")]),
    ("专利号ZL 2023 1 0123456.6", [("patent_number", "ZL202310123456.6")]),
    ("ｚｌ２０２３３０１２３４５６．Ｘ被仿了", [("patent_number", "ZL202330123456.X")]),
    ("申请号202310123456", [("patent_number", "202310123456")]),
    ("申请号是 2023101234566", [("patent_number", "202310123456.6")]),
    ("2023101234566", [("patent_number", "202310123456.6")]),
    ("2023101234567", []),
    ("老专利ZL85100001.0", [("patent_number", "ZL85100001.0")]),
    ("我的商标注册号是9876543", [("right", "商标"), ("trademark_number", "9876543")]),
    ("第12345678号商标被抢注", [("trademark_number", "12345678"), ("right", "商标")]),
    ("注册证号：1234567A", [("trademark_number", "1234567A")]),
    ("货号12345678", []),
    ("A3馆B12", [("booth", "A3馆B12")]),
    ("在a3馆的b12号展位", [("booth", "A3馆B12")]),
    ("３号馆Ｂ－１２展位有人抄我", [("booth", "3馆B12")]),
    ("三号馆12号展位", [("booth", "3馆12")]),
    ("B12展位", [("booth", "B12")]),
    ("展位号B12", [("booth", "B12")]),
    ("展位号是12", [("booth", "12")]),
    ("展位在W2-A05", [("booth", "W2馆A05")]),
    ("W2-A05", [("booth", "W2馆A05")]),
    ("型号X5-B20的产品", []),
    ("今天", [("date", "2026-11-22")]),
    ("大后天开展", [("date", "2026-11-25")]),
    ("周五能去吗", [("date", "2026-11-27")]),
    ("星期天", [("date", "2026-11-22")]),
    ("上周五", [("date", "2026-11-13")]),
    ("这周五", [("date", "2026-11-20")]),
    ("下周一", [("date", "2026-11-23")]),
    ("11月25日开展", [("date", "2026-11-25")]),
    ("十一月二十五号", [("date", "2026-11-25")]),
    ("1月5号", [("date", "2027-01-05")]),
    ("去年3月1日", [("date", "2025-03-01")]),
    ("2026年8月1日", [("date", "2026-08-01")]),
    ("2026-8-1", [("date", "2026-08-01")]),
    ("三天前", [("date", "2026-11-19")]),
    ("两周前", [("date", "2026-11-08")]),
    ("2月30日", []),
    ("编号cc2026000123", [("ticket_number", "CC-2026-000123")]),
    ("CC-2026-000123 ABCD2345", [("ticket_number", "CC-2026-000123"), ("lookup_code", "ABCD2345")]),
    ("查询码是k7mn-8pq2", [("lookup_code", "K7MN8PQ2")]),
    ("ABCD2345", [("lookup_code", "ABCD2345")]),
    ("型号ABCD2345坏了", []),
    ("赔我3万块钱", [("money", "30000")]),
    ("损失了两万五千元", [("money", "25000")]),
    ("¥1,234.50", [("money", "1234.5")]),
    ("赔偿30万", [("money", "300000")]),
    ("卖了3万件", []),
    ("买了一块钢板", []),
    ("被长春市明远光学有限公司告了", [("company", "长春市明远光学有限公司")]),
    ("隔壁的宏达商行卖假货", [("company", "宏达商行")]),
    ("我在这家店买的", []),
    ("网店被投诉", []),
    ("我压根没开过店", []),
    ("我不知道店在哪", []),
    ("小李酒厂仿我的酒", [("company", "小李酒厂")]),
    ("我们在一块干活", []),
    ("卖八块一斤", [("money", "8")]),
    ("在朝陽區光復路市場買的", [("district", "朝阳区"), ("market", "光复路市场")]),
    ("tiktok上有", [("platform", "TikTok")]),
    ("商标注册号码", [("right", "商标")]),
]


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[text for text, _ in TABLE])
def test_entities_are_found_in_their_canonical_form(
    finder: EntityFinder, text: str, expected: list[tuple[str, str]]
) -> None:
    assert found(finder, text) == expected


@given(
    st.lists(st.sampled_from([text for text, _ in TABLE] + ["，", "在", " ", "1", "ZL", "馆"]), max_size=5).map("".join)
    | st.text(max_size=60)
)
@settings(max_examples=200, deadline=None)
def test_entities_lie_in_the_text_in_order_and_never_overlap(finder: EntityFinder, text: str) -> None:
    entities = finder.find(text, SUNDAY)
    assert all(entity.text == text[entity.start : entity.end] and entity.value for entity in entities)
    assert all(one.end <= other.start for one, other in itertools.pairwise(entities))


@given(st.sampled_from("3456789"), st.text(alphabet="0123456789", min_size=9, max_size=9), st.lists(st.integers(1, 10)))
@settings(max_examples=100, deadline=None)
def test_a_mobile_number_is_read_wherever_its_blanks_stand(
    finder: EntityFinder, second: str, rest: str, blanks: list[int]
) -> None:
    number = f"1{second}{rest}"
    typed = "".join(digit + (" " if place in blanks and place < 10 else "") for place, digit in enumerate(number))
    assert ("phone", number) in found(finder, f"电话{typed}。")


@given(st.sampled_from("12389"), st.text(alphabet="0123456789", min_size=7, max_size=7), st.integers(1990, 2026))
@settings(max_examples=100, deadline=None)
def test_a_patent_number_keeps_its_check_digit_right_or_wrong(
    finder: EntityFinder, kind: str, serial: str, year: int
) -> None:
    for check in "0123456789X":
        number = f"ZL{year}{kind}{serial}.{check}"
        assert ("patent_number", number) in found(finder, f"专利{number}被仿")
    digits = f"{year}{kind}{serial}"
    right = [check for check in "0123456789X" if valid_check_digit(f"{digits}.{check}")]
    assert found(finder, digits + right[0]) == [("patent_number", f"{digits}.{right[0]}")]


def test_without_a_day_relative_dates_are_not_guessed(finder: EntityFinder) -> None:
    assert finder.find("明天") == []
    assert [entity.value for entity in finder.find("2026年11月25日")] == ["2026-11-25"]


def test_a_shape_wins_over_a_word_inside_it(finder: EntityFinder) -> None:
    assert found(finder, "长春市朝阳区明远光学有限公司") == [("company", "长春市朝阳区明远光学有限公司")]


def test_without_words_only_shapes_are_found() -> None:
    assert found(EntityFinder(ProjectWords()), "光博会13812345678") == [("phone", "13812345678")]


@pytest.mark.parametrize("piece", ["1", "一", "a.", "A1-", "有限", "1 ", "a@", "公司", "展位", "ZL2", "年月"])
def test_a_hostile_text_takes_no_longer_than_its_length(finder: EntityFinder, piece: str) -> None:
    """No pattern may take the square of a long text: 4,000 characters stay far under a second."""
    text = piece * (4000 // len(piece))
    started = time.perf_counter()
    finder.find(text, SUNDAY)
    assert time.perf_counter() - started < 1.0


def test_folding_is_what_makes_full_width_numbers_readable(finder: EntityFinder) -> None:
    assert found(finder, "１３８１２３４５６７８") == found(finder, fold("１３８１２３４５６７８")) != []
