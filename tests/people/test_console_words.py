"""knowledge/console.yml: whole, or a fault with its file and line."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from aid.faults import KnowledgeError
from aid.people.errors import Weakness
from aid.people.rights import ROLES
from aid.people.words import load_console_words
from aid.settings import PROJECT

FILE = PROJECT / "knowledge" / "console.yml"


def test_every_role_and_every_weakness_of_a_password_has_its_words() -> None:
    words = load_console_words(FILE.parent)
    assert set(words.roles) == set(ROLES)
    assert all(words.passwords.of(code) for code in get_args(Weakness))


def test_the_sentence_about_length_says_what_the_rule_is() -> None:
    words = load_console_words(FILE.parent).passwords
    assert "12" in words.short
    assert "128" in words.long


def test_every_reason_has_a_code_of_its_own_and_ones_own_words_come_last() -> None:
    assert list(load_console_words(FILE.parent).reason_labels)[-1] == "own"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  auditor: 审计（只读）\n", "", "roles"),
        ("{code: verify,", "{code: contact,", "stands twice"),
        ("{code: verify,", "{code: own,", "stands twice, or is own"),
        ("请等 {minutes} 分钟", "请等一会儿", "errors.wait"),
        ("  broken: 系统出了故障", "  brokn: 系统出了故障", "errors.brok"),
        ("  - password\n", "  - p\n", "denied_passwords"),
    ],
)
def test_what_is_left_out_or_misspelt_is_a_fault_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    whole = FILE.read_text("utf-8")
    assert old in whole
    (tmp_path / "console.yml").write_text(whole.replace(old, new, 1), "utf-8")
    with pytest.raises(KnowledgeError, match=rf"console.yml:\d+: error: .*{said}"):
        load_console_words(tmp_path)
