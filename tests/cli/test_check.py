"""`aid check` names file and line of each fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aid.cli.check import check
from aid.settings import PROJECT, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copytree(PROJECT / "knowledge", tmp_path / "knowledge")
    return Settings(knowledge_dir=tmp_path / "knowledge", var_dir=tmp_path / "var")


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
