"""The words of reports: whole, and held against what they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from aid.faults import KnowledgeError
from aid.reports.words import check_reports, load_report_words
from tests.reports.conftest import KNOWLEDGE

DOC = (KNOWLEDGE.parent / "docs" / "reports.md").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Knowledge of which only reports.yml is a copy."""
    for name in ("cases", "form_faults.yml", "deadlines.yml"):
        (tmp_path / name).symlink_to(KNOWLEDGE / name)
    (tmp_path / "reports.yml").write_text((KNOWLEDGE / "reports.yml").read_text("utf-8"), "utf-8")
    return tmp_path


def changed(folder: Path, old: str, new: str) -> Path:
    text = (folder / "reports.yml").read_text("utf-8")
    assert old in text
    (folder / "reports.yml").write_text(text.replace(old, new), "utf-8")
    return folder


def test_ours_fit(folder: Path) -> None:
    assert check_reports(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("adjudication_request]", "tax_request]", "there is no kind of case tax_request"),
        ("clocks: [first_contact, review]", "clocks: [first_contact, answer]", "there is no deadline answer"),
        ("  late: {label", "  later: {label", "figures"),
        ("其中维权援助{aid}件", "其中维权援助若干件", "sentence"),
        ("  reached: 惠及人次\n", "", "no words for columns: reached"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(folder: Path, old: str, new: str, says: str) -> None:
    faults = check_reports(changed(folder, old, new))
    assert any(says in fault.message for fault in faults), [fault.message for fault in faults]
    assert all(fault.line for fault in faults)


def test_a_report_without_words_is_refused(folder: Path) -> None:
    with pytest.raises(KnowledgeError):
        load_report_words(changed(folder, "title: 知识产权维权援助工作统计\n", ""))


def test_the_document_for_staff_defines_every_figure() -> None:
    for figure in load_report_words(KNOWLEDGE).figures.values():
        assert f"| {figure.label} |" in DOC
