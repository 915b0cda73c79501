"""knowledge/keyboard.yml: what can be typed, and what an editor is told of what cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from aid.faults import KnowledgeError
from aid.keyboard.phrases import Phrases, check_keyboard
from aid.keyboard.readings import reading, readings_of
from aid.settings import PROJECT

WHOLE = "phrases:\n  - 知识产权\n  - {text: 重庆路, pinyin: chong qing lu}\nsurnames:\n  - {text: 单, pinyin: shan}\nnames:\n  - 赟 犇\n"


def written(folder: Path, text: str) -> Path:
    (folder / "keyboard.yml").write_text(text, "utf-8")
    return folder


def test_the_projects_file_has_no_fault() -> None:
    assert check_keyboard(PROJECT / "knowledge") == []


def test_hundreds_of_characters_of_names_and_surnames_of_two_readings_are_there() -> None:
    phrases = Phrases.load(PROJECT / "knowledge")
    assert len(phrases.names) > 700
    assert set("垚犇赟焜") <= set(phrases.names)
    surnames = {(surname.text, " ".join(surname.syllables)) for surname in phrases.surnames}
    assert {("单", "shan"), ("仇", "qiu"), ("曾", "zeng"), ("万俟", "mo qi")} <= surnames


def test_a_file_is_read_with_its_readings(tmp_path: Path) -> None:
    phrases = Phrases.load(written(tmp_path, WHOLE))
    assert [(row.text, row.syllables) for row in phrases.phrases] == [
        ("知识产权", ("zhi", "shi", "chan", "quan")),
        ("重庆路", ("chong", "qing", "lu")),
    ]
    assert phrases.names == ("赟", "犇")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("知识产权", "A1馆", 2, "A1馆 cannot be typed"),
        ("chong qing lu", "chong qing", 3, "3 characters, but 2 syllables"),
        ("chong qing lu", "chóng qing lu", 3, "'chóng' is no syllable"),
        ("{text: 单, pinyin: shan}", "{text: 单}", 5, "Field required"),
        ("赟 犇", "赟 x", 7, "x cannot be typed"),
        ("{text: 重庆路, pinyin: chong qing lu}", "知识产权", 3, "stands twice"),
    ],
)
def test_what_cannot_be_typed_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    faults = check_keyboard(written(tmp_path, WHOLE.replace(old, new)))
    assert [(fault.line, said in fault.message) for fault in faults] == [(line, True)]


def test_a_phrase_that_cannot_be_typed_makes_no_table(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"keyboard\.yml:2"):
        Phrases.load(written(tmp_path, WHOLE.replace("知识产权", "A1馆")))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in check_keyboard(tmp_path)[0].message


def test_words_are_read_as_people_say_them() -> None:
    assert reading("长春") == ("chang", "chun")
    assert reading("绿园区") == ("lv", "yuan", "qu")
    assert reading("农业·食品博览（交易）会") == ("nong", "ye", "shi", "pin", "bo", "lan", "jiao", "yi", "hui")
    assert reading("A1馆") is None
    assert reading("") is None
    assert readings_of("嗯") == ("en",)
    assert set(readings_of("单")) >= {"dan", "shan", "chan"}
