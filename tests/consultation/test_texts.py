"""Citations against texts of laws."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aid.consultation.entries import KnowledgeBase
from aid.consultation.errors import TextsError
from aid.consultation.texts import LawTexts, check_citations
from tests.consultation.conftest import TODAY


def write(folder: Path, **laws: dict[str, Any]) -> Path:
    for number, (name, articles) in enumerate(laws.items()):
        official, _, effective = name.partition("_")
        rows = [{"no": no, "text": text} for no, text in articles.items()]
        content = {"name": official, "effective": effective.replace("_", "-"), "articles": rows}
        (folder / f"{number}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


def cited(knowledge: KnowledgeBase) -> set[tuple[str, str, str]]:
    found = set()
    for entry in knowledge.entries.values():
        for first, _last in entry.periods():
            version = entry.on(max(first, TODAY))
            for row in version.basis if version else ():
                law = knowledge.laws.get(row.law)
                held = law.on(max(first, TODAY)) if law else None
                if held and row.article:
                    found.add((held.official, held.effective.isoformat(), row.article))
    return found


def all_texts(knowledge: KnowledgeBase, text: str | None) -> dict[str, dict[str, Any]]:
    laws: dict[str, dict[str, Any]] = {}
    for official, effective, article in cited(knowledge):
        laws.setdefault(f"{official}_{effective.replace('-', '_')}", {})[article] = text
    return laws


def test_articles_that_say_what_is_said_of_them_are_no_fault(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    folder = write(tmp_path, **all_texts(knowledge, "侵犯专利权的纠纷，可以向法院起诉"))
    faults, weakest = check_citations(knowledge.entries.values(), knowledge.laws, LawTexts.read(folder), TODAY)
    assert faults == []
    assert 0 < len(weakest) <= 20
    assert [row.shared for row in weakest] == sorted(row.shared for row in weakest)
    assert "says:" in str(weakest[0])


def test_a_missing_article_is_an_error_and_a_missing_text_a_warning(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    folder = write(tmp_path, **all_texts(knowledge, None))
    faults, weakest = check_citations(knowledge.entries.values(), knowledge.laws, LawTexts.read(folder), TODAY)
    assert {fault.level for fault in faults} == {"warning"}
    assert weakest == []
    folder = write(tmp_path, **{law: {"999": "别的"} for law in all_texts(knowledge, None)})
    faults, _weakest = check_citations(knowledge.entries.values(), knowledge.laws, LawTexts.read(folder), TODAY)
    assert {fault.level for fault in faults} == {"error"}
    assert all("is not in the text" in fault.message for fault in faults)


def test_shared_terms_are_weighed(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    entry = next(iter(knowledge.entries.values()))
    version = entry.on(TODAY)
    assert version
    same = LawTexts.read(write(tmp_path, **all_texts(knowledge, "".join(row.says for row in version.basis) + version.short)))
    _faults, weakest = check_citations([entry], knowledge.laws, same, TODAY)
    assert weakest[0].shared == pytest.approx(1)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"name": "x"}', '{"name": "x", "effective": "y", "articles": [1]}'])
def test_a_folder_without_texts_is_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "a.json").write_text(content, encoding="utf-8")
    with pytest.raises(TextsError):
        LawTexts.read(tmp_path)


def test_documents_without_a_text_are_left_alone(tmp_path: Path, knowledge: KnowledgeBase) -> None:
    other = LawTexts.read(write(tmp_path, 别的法_2000_01_01={"1": "文"}))
    faults, weakest = check_citations(knowledge.entries.values(), knowledge.laws, other, date(2026, 11, 22))
    assert weakest == []
    assert {fault.level for fault in faults} <= {"warning"}
