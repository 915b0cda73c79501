"""Numbers with rules of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aid.language.numerals import chinese_number, fold, valid_check_digit


@pytest.mark.parametrize(
    ("text", "number"),
    [("三", 3), ("十", 10), ("十五", 15), ("二十", 20), ("两百零三", 203), ("一二三", 123), ("两万五千", 25000),
     ("三百万", 3_000_000), ("一亿两千万", 120_000_000), ("12", 12), ("三x", None), ("1.5", None)],
)  # fmt: skip
def test_chinese_numerals_have_their_value(text: str, number: int | None) -> None:
    assert chinese_number(text) == number


@pytest.mark.parametrize("number", ["85100001.%s", "ZL 2023 1 0123456.%s", "ＺＬ２０２３１０１２３４５６．%s"])
def test_blanks_full_width_signs_and_the_short_form_of_before_2003_are_read(number: str) -> None:
    """By hand: 8×2+5×3+1×4+1×9 = 44, so 0; the other 4+0+8+15+6+0+8+18+6+12+20+30 = 127 = 11×11+6, so 6."""
    right = "0" if number.startswith("8") else "6"
    assert valid_check_digit(number % right)
    assert not valid_check_digit(number % "5")


@given(st.text(alphabet="0123456789", min_size=12, max_size=12))
def test_exactly_one_of_eleven_check_digits_is_right(digits: str) -> None:
    right = [sign for sign in "0123456789X" if valid_check_digit(f"ZL{digits}.{sign}")]
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    assert right == ["0123456789X"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]]


@given(st.text(alphabet="0123456789", min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_a_slip_in_one_digit_is_always_noticed(digits: str, place: int, step: int) -> None:
    """The weights have no factor in common with 11."""
    right = next(sign for sign in "0123456789X" if valid_check_digit(f"{digits}.{sign}"))
    slipped = digits[:place] + str((int(digits[place]) + step) % 10) + digits[place + 1 :]
    assert not valid_check_digit(f"{slipped}.{right}")


@pytest.mark.parametrize("number", ["", "ZL202310123456", "ZL2023101234567890", "专利", "ZL20231012345A.6"])
def test_a_number_without_a_check_digit_or_of_another_form_is_not_valid(number: str) -> None:
    assert not valid_check_digit(number)


@given(st.text())
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)
