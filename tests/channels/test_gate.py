"""What a person's words become before the bot reads them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import gate


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("/restart", "／restart"),
        ("   //x", "／/x"),
        ("\u200b/restart", "／restart"),
        ("\x00/restart", "／restart"),
        ("专利\x07被\u202e抄\n怎么办", "专利被抄 怎么办"),
        ("", "…"),
        ("  \n ", "…"),
        ("😀👍", "…"),
        ("？！。", "…"),
        ("\x00\x1b", "…"),
        ("/", "…"),
        ("1", "1"),
        ("好", "好"),
    ],
)
def test_words_reach_the_bot_as_words(said: str, heard: str) -> None:
    assert gate.text_for_bot(said) == heard


@given(st.text(st.characters(), max_size=1500))
def test_whatever_is_said_the_bot_reads_one_short_line_that_is_no_command(said: str) -> None:
    heard = gate.text_for_bot(said)
    assert 1 <= len(heard) <= 1000
    assert not heard.startswith("/")
    assert heard == heard.strip()
    assert not any(unicodedata.category(c)[0] == "C" for c in heard)


@given(st.text(st.characters(), max_size=200))
def test_whatever_is_kept_can_be_written_as_utf_8(said: str) -> None:
    assert "\0" not in gate.storable(said).encode("utf-8").decode()


def test_ten_thousand_characters_are_kept_and_no_more() -> None:
    assert len(gate.storable("字" * 12_000)) == 10_000


def test_two_thousand_characters_are_read_and_no_more() -> None:
    assert not gate.over_long("字" * 2000)
    assert gate.over_long("字" * 2001)


@pytest.mark.parametrize(
    ("payload", "heard"),
    [
        ({"act": "affirm"}, "/affirm"),
        ({"act": "affirm{}"}, "/choose"),
        ({"say": "展会维权"}, "展会维权"),
        ({"say": "/restart"}, "／restart"),
        ({"entry": "expo.design-copied"}, "/choose"),
        ({"start": "expo_complaint", "from": "x"}, "/start_case"),
        ({"none": True}, "/choose"),
        ({"value": "3号馆"}, "/choose"),
    ],
)
def test_a_choice_becomes_an_intent_or_words_or_choose(payload: dict[str, object], heard: str) -> None:
    assert gate.choice_for_bot(payload) == heard
