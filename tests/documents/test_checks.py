"""A fault in a document's file is named with its line; `aid check` tells it."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from aid.cli.check import check
from aid.consultation.laws import load_laws
from aid.consultation.texts import LawTexts
from aid.documents.checks import check_documents
from aid.documents.forms import FormWording
from aid.settings import PROJECT, Settings
from aid.yaml_files import YamlFile

TODAY = date(2026, 11, 23)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROJECT / "knowledge", tmp_path / "knowledge"))


def change(folder: Path, name: str, old: str, new: str) -> int:
    """Change a file; gives the line of the change."""
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def faults(folder: Path, texts: LawTexts | None = None) -> list[str]:
    return [str(fault) for fault in check_documents(folder, load_laws(folder / "laws.yml")[0], TODAY, texts)]


def test_the_projects_documents_have_no_fault(folder: Path) -> None:
    assert faults(folder) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("documents/aid_application.yml", "fact: place", "fact: places", "places is no field of aid_application"),
        ("documents/aid_application.yml", "fact: place}", "lines: 2}", "the field place of aid_application stands in no row"),
        ("documents/aid_application.yml", "of: 权利证明, when: {right_kind: [商标]}", "of: 权力证明", "begins with “权力证明”"),
        ("documents/expo_complaint.yml", "article: 53,", "article: 530,", "530 does not exist"),
        ("documents/expo_complaint.yml", "{law: 展会知识产权保护指引,", "{law: 展会知识产权保护指引, article: 3,", "may be cited by name only"),
        ("documents/expo_complaint.yml", "{law: 著作权法, article: 53", "{law: 著作权, article: 53", "著作权 is not in laws.yml"),
        ("documents/mediation_request.yml", "title: 知识产权", "titel: 知识产权", "titel"),
        ("documents/mediation_request.yml", "{when: {willing: [不愿意]}", "{when: {wiling: [不愿意]}", "wiling is no field"),
        ("documents/mediation_request.yml", "承办的是：{receiver}", "承办的是：{recevier}", "recevier is no field"),
        ("documents/mediation_request.yml", "of: 双方的身份信息", "of: 权利证明和证据", "is neither a material here nor named"),
        ("documents.yml", "第 {page} 页", "第 1 页", "page must hold just these in braces"),
    ],
)
def test_a_fault_is_named_with_its_file(folder: Path, name: str, old: str, new: str, said: str) -> None:
    change(folder, name, old, new)
    found = faults(folder)
    assert any(f"{name}:" in line and said in line for line in found), found


def test_a_fault_is_named_with_its_line(folder: Path) -> None:
    line = change(folder, "documents/aid_application.yml", "fact: place", "fact: places")
    assert any(f"aid_application.yml:{line}: error" in fault for fault in faults(folder))


def test_a_document_of_no_kind_is_named(folder: Path) -> None:
    (folder / "documents/aid_application.yml").rename(folder / "documents/other.yml")
    assert any("must be the file's name, other" in fault for fault in faults(folder))


def test_an_article_that_the_text_lacks_is_named(folder: Path, tmp_path: Path) -> None:
    row = {"name": "中华人民共和国人民调解法", "version": "2010", "effective": "2011-01-01"}
    row["articles"] = [{"no": n, "text": "本条。"} for n in range(1, 30)]  # type: ignore[assignment]
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/a.json").write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    found = faults(folder, LawTexts.read(tmp_path / "texts"))
    mediation = [line for line in found if "人民调解法" in line]
    assert len(mediation) == 2
    assert all("is not in the text" in line for line in mediation)


def test_aid_check_tells_it(folder: Path, tmp_path: Path) -> None:
    change(folder, "documents/aid_application.yml", "fact: place", "fact: places")
    said: list[str] = []
    assert not check(Settings(knowledge_dir=folder, var_dir=tmp_path / "var"), said.append)
    assert any("aid_application.yml" in line and "places" in line for line in said)


def test_every_common_word_is_written(folder: Path) -> None:
    assert set(YamlFile(folder / "documents.yml").data) == set(FormWording.model_fields)
