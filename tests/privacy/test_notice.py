"""The privacy notice: whole, sourced, and refused when a part is missing."""

from __future__ import annotations

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
    notice = load_notice(KNOWLEDGE)
    assert not notice.how_long_verified
    assert not re.search(r"[\d一二三四五六七八九十]+\s*[年月日天]", notice.how_long)


def test_a_part_left_out_is_a_fault_with_its_file(tmp_path: Path) -> None:
    text = (KNOWLEDGE / "privacy.yml").read_text("utf-8")
    (tmp_path / "privacy.yml").write_text(re.sub(r"(?m)^purpose:.*\n", "", text), "utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load_notice(tmp_path)
    (fault,) = caught.value.faults
    assert fault.file.name == "privacy.yml"
    assert "purpose" in fault.message
