"""The privacy notice: whole, sourced, and refused when a part is missing."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from aid.faults import KnowledgeError
from aid.privacy.notice import load_notice

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


def test_the_notice_says_who_why_what_how_long_and_the_rights() -> None:
    notice = load_notice(KNOWLEDGE)
    text = notice.text()
    for part in (notice.who, notice.purpose, *notice.kinds, notice.how_long, *notice.rights, notice.refusal):
        assert part in text
    assert text.endswith(notice.question)
    articles = {basis.article for basis in notice.basis if basis.law == "个人信息保护法"}
    assert {*range(13, 18), *range(28, 32), *range(44, 52)} == articles


def test_no_period_is_invented() -> None:
    retention = load_notice(KNOWLEDGE).retention
    assert not retention.verified
    assert not re.search(r"[\d一二三四五六七八九十]+\s*[年月日天]", retention.text())


def test_a_confirmed_period_is_told_with_the_figures_by_which_is_deleted(tmp_path: Path) -> None:
    text = (KNOWLEDGE / "privacy.yml").read_text("utf-8").replace("verified: false ", "verified: true ")
    text = text.replace("conversation_days: 180", "conversation_days: 77").replace("ticket_years: 3", "ticket_years: 4")
    (tmp_path / "privacy.yml").write_text(text, "utf-8")
    notice = load_notice(tmp_path)
    assert (notice.retention.conversation_days, notice.retention.ticket_years) == (77, 4)
    assert re.findall(r"\d+ [天年]", notice.text()) == ["77 天", "4 年"]
    assert notice.retention.untold not in notice.text()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("保存 {conversation_days} 天", "保存 180 天", "told must say"),
        ("再保存 {ticket_years} 年", "再保存三年", "told must say"),
        ("untold: 保存多久", "untold: 保存 3 年", "not confirmed"),
        ("conversation_days: 180", "conversation_days: 0", "conversation_days"),
    ],
)
def test_words_that_could_part_from_the_figures_are_a_fault_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (KNOWLEDGE / "privacy.yml").read_text("utf-8")
    assert old in text
    (tmp_path / "privacy.yml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(KnowledgeError, match=said) as caught:
        load_notice(tmp_path)
    (fault,) = caught.value.faults
    assert "retention" in text.splitlines()[fault.line - 1] or "conversation_days" in text.splitlines()[fault.line - 1]


def test_other_words_are_another_version() -> None:
    """Consents keep the version: whoever changes what people see gives it a new one, and then its digest here."""
    notice = load_notice(KNOWLEDGE)
    assert (notice.version, hashlib.sha256(notice.text().encode()).hexdigest()[:16]) == ("2026-11-30", "3416b51f27f39b64")


def test_a_part_left_out_is_a_fault_with_its_file(tmp_path: Path) -> None:
    text = (KNOWLEDGE / "privacy.yml").read_text("utf-8")
    (tmp_path / "privacy.yml").write_text(re.sub(r"(?m)^purpose:.*\n", "", text), "utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load_notice(tmp_path)
    (fault,) = caught.value.faults
    assert fault.file.name == "privacy.yml"
    assert "purpose" in fault.message
