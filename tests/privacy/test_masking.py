"""Masking: what finds a person is hidden, what finds a right stays."""

from __future__ import annotations

import io
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aid.privacy.masking import MaskingFilter, mask, mask_name

HIDDEN = [
    ("我电话13812345678，谢谢", "我电话138****5678，谢谢"),
    ("138-1234-5678", "138****5678"),
    ("138 1234 5678", "138****5678"),
    ("+8613812345678", "+86138****5678"),
    ("１３８１２３４５６７８", "１３８****５６７８"),
    ("座机0431-85678901转2", "座机0431-****8901转2"),
    ("电话：85678901", "电话：****8901"),
    ("身份证220102199001011234", "身份证220***********1234"),
    ("身份证22010219900101123X。", "身份证220***********123X。"),
    ("卡号6222021234567890123", "卡号622************0123"),
    ("邮箱 Wang.qiang@example.com", "邮箱 W***@example.com"),
    ("一三八零零一三八零零零", "一三八****八零零零"),
]
KEPT = [
    "专利号ZL202330123456.7",
    "专利号 202330123456.7 和 98123456.7",
    "商标注册号99990012",
    "CC-2026-000123",
    "2026-11-22 09:00",
    "赔偿138000元",
    "A3馆B12",
    "",
]


@pytest.mark.parametrize(("text", "masked"), HIDDEN)
def test_what_finds_a_person_is_hidden(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("text", KEPT)
def test_numbers_of_rights_and_tickets_stay(text: str) -> None:
    assert mask(text) == text


@given(st.text(max_size=60), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_telephone_between_any_words_is_hidden(words: str, phone: str) -> None:
    words = "".join(sign for sign in words if not sign.isalnum() and sign not in ".-_%+@")
    assert phone not in mask(f"{words}，{phone}，{words}")


@given(st.text(max_size=80))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张伟", "张*"),
        ("王小强", "王**"),
        ("欧阳小明", "欧阳**"),
        ("李", "李*"),
        ("John Smith", "J*********"),
        (" ", ""),
    ],
)
def test_of_a_name_the_family_name_stays(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.fixture
def log() -> tuple[logging.Logger, io.StringIO]:
    logger, out = logging.Logger("test"), io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(MaskingFilter())
    logger.addHandler(handler)
    return logger, out


def test_nothing_personal_reaches_a_log(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = log
    logger.info("from %s: %s", 13812345678, "13812345678", stack_info=False)
    logger.info("text 13812345678 %d%%", 5)
    logger.info("%(phone)s", {"phone": "13812345678"})
    try:
        raise ValueError("13812345678")
    except ValueError:
        logger.exception("failed")
    written = out.getvalue()
    assert "13812345678" not in written
    assert written.count("138****5678") == 6
    assert "Traceback" in written


def test_arguments_stay_for_formatters_that_read_them() -> None:
    """Uvicorn's access log reads five arguments from the record."""
    record = logging.LogRecord("x", 20, "f", 1, '%s "%s %s" %d', ("a", "GET", "/q?t=13812345678", 200), None)
    assert MaskingFilter().filter(record)
    assert record.args == ("a", "GET", "/q?t=138****5678", 200)
