"""`aid check` names file and line of each fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aid.cli.check import check
from aid.settings import PROJECT, Settings
from aid.wording.checks import check_posed, check_responses


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copytree(PROJECT / "knowledge", tmp_path / "knowledge")
    return Settings(knowledge_dir=tmp_path / "knowledge", var_dir=tmp_path / "var")


KINDS = ("consultations", "cases", "words", "calendar", "documents")
FILES = [path.relative_to(PROJECT / "knowledge") for path in sorted((PROJECT / "knowledge").rglob("*.yml"))]
ONE_OF_EACH = [next(file for file in FILES if file.parts[0] == kind) for kind in KINDS] + [file for file in FILES if file.parts[0] not in KINDS]


def named(settings: Settings, files: list[Path]) -> list[Path]:
    """Which of the files the check names, with the right line, when a key that nobody knows stands at the end of each."""
    whole = {file: (settings.knowledge_dir / file).read_text("utf-8") for file in files}
    for file, text in whole.items():
        (settings.knowledge_dir / file).write_text(f"{text.rstrip()}\nno_such_key: 1\n", "utf-8")
    said: list[str] = []
    assert not check(settings, said.append)
    for file, text in whole.items():
        (settings.knowledge_dir / file).write_text(text, "utf-8")
    begins = {file: f"{settings.knowledge_dir / file}:{text.rstrip().count(chr(10)) + 2}: error: " for file, text in whole.items()}
    return [file for file in files if any(row.startswith(begins[file]) and "no_such_key" in row for row in said)]


def test_in_every_file_that_editors_change_a_fault_is_named_with_its_line(settings: Settings) -> None:
    """Every file of knowledge/, one of each folder: a file that is added later is asked too. Who builds on a broken table is looked at after it."""
    left = ONE_OF_EACH
    while left:
        found = named(settings, left)
        assert found, f"nobody names {', '.join(map(str, left))}"
        left = [file for file in left if file not in found]


def test_a_sentence_without_its_place_for_a_number_is_named_with_its_line(settings: Settings) -> None:
    path = settings.knowledge_dir / "pages.yml"
    text = path.read_text("utf-8").replace("第 {step} 项，共 {steps} 项", "第几项", 1)
    path.write_text(text, "utf-8")
    line = text[: text.index("第几项")].count("\n") + 1
    said: list[str] = []
    assert not check(settings, said.append)
    assert any(f"pages.yml:{line}: error: cards.progress" in row for row in said), said


def test_a_sentence_of_the_assistants_own_that_has_no_words_is_named(tmp_path: Path) -> None:
    domain = tmp_path / "domain.yml"
    domain.write_text('responses:\n  utter_greet:\n    - text: "您好"\n  utter_thank:\n    - text: ""\n', "utf-8")
    [fault] = check_responses(domain)
    assert (fault.line, fault.level, "utter_thank" in fault.message) == (5, "error", True)


def test_questions_of_an_entry_that_is_gone_are_warned_of_and_a_broken_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "patent.yml").write_text("patent.copied:\n- 被仿了\npatent.gone:\n- 没了\n", "utf-8")
    (tmp_path / "questions" / "trademark.yml").write_text("trademark.infringed: 一句\n", "utf-8")
    gone, broken = check_posed(tmp_path, {"patent.copied", "trademark.infringed"})
    assert (gone.line, gone.level, "patent.gone" in gone.message) == (3, "warning", True)
    assert (broken.file.name, broken.line, broken.level) == ("trademark.yml", 1, "error")


def test_the_projects_knowledge_has_no_error(settings: Settings) -> None:
    said: list[str] = []
    assert check(settings, said.append), said
    assert "0 errors" in said[-1]


def test_an_article_that_does_not_exist_is_named_with_file_and_line(settings: Settings) -> None:
    path = settings.knowledge_dir / "consultations" / "patent.yml"
    text = path.read_text("utf-8").replace("{law: 专利法, article: 65", "{law: 专利法, article: 650", 1)
    path.write_text(text, "utf-8")
    line = text[: text.index("article: 650")].count("\n") + 1
    said: list[str] = []
    assert not check(settings, said.append)
    assert any(f"patent.yml:{line}: error" in row and "650" in row for row in said), said


def test_a_phrase_that_the_keyboard_cannot_type_is_named_with_its_line(settings: Settings) -> None:
    path = settings.knowledge_dir / "keyboard.yml"
    text = path.read_text("utf-8").replace("- 展位号", "- A1展位", 1)
    path.write_text(text, "utf-8")
    line = text[: text.index("A1展位")].count("\n") + 1
    said: list[str] = []
    assert not check(settings, said.append)
    assert any(f"keyboard.yml:{line}: error: A1展位 cannot be typed" in row for row in said), said


def test_a_button_too_wide_for_wechat_is_named_with_file_and_line(settings: Settings) -> None:
    path = settings.knowledge_dir / "wechat.yml"
    path.write_text(path.read_text("utf-8").replace("name: 我要咨询", "name: 我想要咨询", 1), "utf-8")
    said: list[str] = []
    assert not check(settings, said.append)
    assert any("wechat.yml:" in row and "error" in row and "4 Chinese characters" in row for row in said), said


def test_a_broken_routing_table_is_named(settings: Settings) -> None:
    path = settings.knowledge_dir / "routing.yml"
    path.write_text(path.read_text("utf-8").replace("to: subcenter-1", "to: subcenter-9", 1), "utf-8")
    said: list[str] = []
    assert not check(settings, said.append)
    assert any("routing.yml:" in row and "subcenter-9" in row for row in said), said
