"""What no entry may hold is refused with a clear sentence, whether it comes from a form or as YAML."""

from __future__ import annotations

import time

import pytest

from aid.knowledge_desk.content import MOST_CHARACTERS, content_from_yaml, content_of, digest, entry_text, plain
from aid.knowledge_desk.errors import BadText
from aid.knowledge_desk.layout import entry_lines
from tests.consultation.conftest import entry
from tests.knowledge_desk.conftest import patent


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("可以\x00处理。", r"control sign \(U\+0000\)"),
        ("可以\x1b[31m处理。", "control sign"),
        ("可以\n处理。", "control sign"),
        ("可以\u2028处理。", "line break"),
        ("可以\u202e处理。", "unseen sign"),
        ("可以\u200b处理。", "unseen sign"),
        ("可以\ud800处理。", "half a sign"),
        ("可以\ue000处理。", "sign of no script"),
        ("打13900007001找我。", "telephone"),
        ("寄到 somebody@example.com 来。", "e-mail"),
    ],
)
@pytest.mark.parametrize("field", ["short", "points", "basis"])
def test_signs_and_personal_data_that_no_answer_holds_are_refused(field: str, text: str, message: str) -> None:
    value = {"short": text, "points": ["先留好证据。", text], "basis": [{"law": "专利法", "article": 65, "says": text}]}[field]
    with pytest.raises(BadText, match=message) as refused:
        patent(**{field: value})
    assert refused.value.field.startswith(field)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (None, "block of fields"),
        ([], "block of fields"),
        ({"id": "patent.x"}, "Field required"),
        ({**entry("patent.copied"), "evil": "x"}, "not permitted"),
        ({**entry("patent.copied"), 1: "x"}, "must be a word"),
        ({**entry("patent.copied"), "short": "字" * 121}, "at most 120"),
        ({**entry("patent.copied"), "short": "字" * 1_000_000}, "1000000 characters"),
        ({**entry("patent.copied"), "variants": [f"问法{n}" for n in range(81)]}, "more than 80"),
        ({**entry("patent.copied"), "basis": [{"law": "法" * 61}]}, "61 characters"),
        ({**entry("patent.copied"), "short": {"a": {"b": {"c": {"d": {"e": {"f": {"g": "h"}}}}}}}}, "blocks within blocks"),
        ({**entry("patent.copied"), "checked": "2026-02-30"}, "date"),
    ],
)
def test_what_is_no_entry_is_refused(row: object, message: str) -> None:
    with pytest.raises(BadText, match=message):
        content_of(row)


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "anchors"),
        ("id: !!python/object/apply:os.system [true]\n", "tags"),
        ("id: !evil x\n", "tags"),
        ("id: a\n---\nid: b\n", "one entry"),
        ("[" * 3000, "so deep|cannot be read"),
        ("id: [", "cannot be read"),
        ("id: 'a\x00'", "cannot be read"),
        ("- id: a\n- id: b\n", "one entry, not 2"),
        ("short: " + "字" * MOST_CHARACTERS, "at most 40000"),
        ("checked: 2026-02-30\n", "cannot be read"),
        ("id: a\nid: b\n", "stands twice"),
        ("just words", "block of fields"),
        ("", "block of fields"),
    ],
)
def test_yaml_that_is_more_than_an_entry_is_refused_at_once(text: str, message: str) -> None:
    started = time.monotonic()
    with pytest.raises(BadText, match=message):
        content_from_yaml(text)
    assert time.monotonic() - started < 2


def test_an_entry_written_as_yaml_is_read_however_it_stands() -> None:
    lines = "\n".join(entry_lines(patent(), 2))
    for text in (lines.replace("\n  ", "\n").lstrip(), "-" + lines[1:], "topic: patent\nlabel: 专利\nentries:\n  -" + lines[1:].replace("\n", "\n  ")):
        assert content_from_yaml(text) == patent()


def test_the_digest_follows_what_is_said_and_not_how_it_is_laid_out() -> None:
    assert digest(patent()) == digest(plain(entry_text(dict(reversed(patent().items())))))
    assert digest(patent()) != digest(patent(short="别的话。"))
    assert digest(None) == ""
