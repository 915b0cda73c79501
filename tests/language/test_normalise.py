"""One form for every text."""

import builtins
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid.language import normalise as module
from aid.language.normalise import character_table, clauses, is_meaningless, normalise, strip_courtesy

ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from([chr(code) for code in sorted(character_table())]),
        st.sampled_from("\u200b\u200d\ufeff\u3164\ufe0f\ud800 　Ａ１ｱﾞ①㎡…的专利"),
    ),
    max_size=40,
)


@given(ANY_TEXT)
@settings(max_examples=400, deadline=None)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(ANY_TEXT)
@settings(max_examples=200, deadline=None)
def test_a_normalised_text_has_no_control_characters_and_can_be_stored(text: str) -> None:
    once = normalise(text)
    assert once == once.strip()
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co") for character in once)
    once.encode("utf-8")


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("展會上有人仿冒我的專利", "展会上有人仿冒我的专利"),
        ("Ａ３館\u200bＢ１２", "A3馆B12"),
        ("著作权　归\n谁", "著作权 归 谁"),
        ("著作權", "著作权"),
        ("乾隆年间的瓷器", "乾隆年间的瓷器"),
        ("专\x00利\ufeff法", "专利法"),
        ("\ud800专利", "专利"),
    ],
)
def test_the_many_ways_to_write_one_thing_become_one(raw: str, plain: str) -> None:
    assert normalise(raw) == plain


def test_without_opencc_the_character_table_does_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Rasa environment may lack OpenCC."""
    real = builtins.__import__

    def without(name: str, *arguments: object, **named: object) -> object:
        if name == "opencc":
            raise ImportError(name)
        return real(name, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, "opencc", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    module._converter.cache_clear()
    try:
        assert normalise("展會專利侵權怎麼辦") == "展会专利侵权怎么办"
    finally:
        module._converter.cache_clear()


def test_the_character_table_keeps_lengths() -> None:
    assert all(len(new) == 1 and new != chr(old) for old, new in character_table().items())


@pytest.mark.parametrize("text", ["", "  ", "？？！", "👍👍", "。。。", "\u200b", "…", "\u3164"])
def test_punctuation_emoji_and_nothing_are_meaningless(text: str) -> None:
    assert is_meaningless(text)


@pytest.mark.parametrize("text", ["1", "嗯", "ok", "专利？", "👍好"])
def test_any_letter_or_digit_has_a_meaning(text: str) -> None:
    assert not is_meaningless(text)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("你好，请问一下商标怎么注册？谢谢", "商标怎么注册？"),
        ("您好，我想咨询一下专利侵权怎么办", "专利侵权怎么办"),
        ("请问怎么投诉", "怎么投诉"),
        ("调解要钱吗，谢谢您", "调解要钱吗"),
        ("老师，在吗？麻烦问一下版权登记", "版权登记"),
        ("你好", "你好"),
        ("谢谢", "谢谢"),
        ("我想申请维权援助", "我想申请维权援助"),
        ("紧急的事怎么申请", "紧急的事怎么申请"),
    ],
)
def test_courtesy_around_the_question_is_dropped_but_never_the_question(said: str, asked: str) -> None:
    assert strip_courtesy(said) == asked


@given(ANY_TEXT)
@settings(max_examples=200, deadline=None)
def test_dropping_courtesy_never_leaves_a_meaningful_text_empty(text: str) -> None:
    plain = normalise(text)
    if not is_meaningless(plain):
        assert not is_meaningless(strip_courtesy(plain))


def test_a_story_falls_into_clauses_and_scraps_join_their_neighbour() -> None:
    story = "我在农博会上看到,有人摆的酒盒跟我的一样。我有外观专利,急,这种情况我该找谁投诉?"
    assert clauses(story) == [
        "我在农博会上看到",
        "有人摆的酒盒跟我的一样",
        "我有外观专利 急",
        "这种情况我该找谁投诉",
    ]
    assert clauses("怎么投诉") == ["怎么投诉"]
