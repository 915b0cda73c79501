"""The table of the kiosk's keyboard, made of today's knowledge."""

from __future__ import annotations

import re
from datetime import date

import pytest

from aid.keyboard.phrases import Phrases
from aid.keyboard.readings import syllables
from aid.keyboard.table import DEAREST, make_table
from aid.language.words import ProjectWords
from aid.settings import PROJECT

MOST_BYTES = 1_250_000
KNOWLEDGE = PROJECT / "knowledge"


@pytest.fixture(scope="module")
def table() -> str:
    return make_table(KNOWLEDGE, PROJECT / "data" / "questions", date(2026, 11, 30))


@pytest.fixture(scope="module")
def rows(table: str) -> dict[str, dict[str, int]]:
    """Pinyin to words with their costs."""
    found: dict[str, dict[str, int]] = {}
    before: list[str] = []
    for line in table.splitlines():
        same, rest, words = re.split(r"[ \t]", re.sub(r"(?<=[a-z]) (?=[a-z])", "_", line))
        before = [*before[: int(same)], *rest.split("_")]
        found[" ".join(before)] = {word: int(cost) for word, cost in re.findall(r"(\D+)(\d+)", words)}
    return found


def test_the_table_is_small_sorted_and_of_syllables_and_words_only(table: str, rows: dict[str, dict[str, int]]) -> None:
    assert len(table.encode()) < MOST_BYTES
    assert list(rows) == sorted(rows, key=str.split)
    assert {syllable for pinyin in rows for syllable in pinyin.split()} <= syllables()
    for line in table.splitlines():
        assert re.fullmatch(r"\d+ [a-z ]+\t(?:[^\d\s]+[1-9]\d?)+", line), line
    assert all(1 <= cost <= DEAREST for words in rows.values() for cost in words.values())


def test_every_phrase_surname_and_character_of_a_name_is_in_it(rows: dict[str, dict[str, int]]) -> None:
    phrases = Phrases.load(KNOWLEDGE)
    for typed in (*phrases.phrases, *phrases.surnames):
        assert typed.text in rows[" ".join(typed.syllables)]
    written = {word for words in rows.values() for word in words}
    assert set(phrases.names) <= written


def test_the_projects_own_words_are_in_it(rows: dict[str, dict[str, int]]) -> None:
    written = {word for words in rows.values() for word in words}
    names = [name for name in ProjectWords.load(KNOWLEDGE / "words").names() if re.fullmatch(r"[\u4e00-\u9fff]+", name)]
    assert set(names) <= written
    assert {"知识产权", "维权援助", "外观设计", "展位号", "专利证书", "长春", "光电博览会", "有限公司"} <= written


def test_what_people_ask_comes_before_what_is_common_elsewhere(rows: dict[str, dict[str, int]]) -> None:
    assert rows["qin quan"]["侵权"] < rows["xi yang"]["夕阳"]
    assert min(rows["tou su"], key=rows["tou su"].__getitem__) == "投诉"
    assert min(rows["zhan"], key=rows["zhan"].__getitem__) == "展"


def test_characters_of_files_read_in_a_wrong_code_are_not_taken_for_common_ones(rows: dict[str, dict[str, int]]) -> None:
    assert rows["ben"]["锛"] > rows["ben"]["犇"] > rows["ben"]["笨"]


def test_the_common_characters_of_two_thousand_names_can_all_be_typed(rows: dict[str, dict[str, int]]) -> None:
    written = {word for words in rows.values() for word in words}
    common = {bytes([high, low]).decode("gb2312", "ignore") for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)} - {""}
    assert {character for character in common if len(character) == 1} - written == set()
