"""The project's words."""

from pathlib import Path

import pytest

from aid.language.errors import WordsError
from aid.language.words import ProjectWords, Word, tokenizer


def write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_words_are_read_file_by_file_with_their_other_names(tmp_path: Path) -> None:
    write(tmp_path, "events.yml", "kind: event\nwords:\n  - {value: 长春国际光电博览会, also: [光博会]}\n  - 汽博会\n")
    words = ProjectWords.load(tmp_path)
    assert words.words == (Word("event", "长春国际光电博览会", ("光博会",)), Word("event", "汽博会"))
    assert words.names() == ("长春国际光电博览会", "光博会", "汽博会")
    assert words.of_kind("market") == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kind: [", "cannot be read"),
        ("words: []", "'kind' is missing"),
        ("kind: event", "'words' is missing"),
        ("kind: event\nwords: [{also: [a]}]", "word 1"),
        ("kind: event\nwords: [a, {value: b, also: c}]", "word 2"),
    ],
)
def test_a_faulty_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    write(tmp_path, "events.yml", text)
    with pytest.raises(WordsError, match=problem) as error:
        ProjectWords.load(tmp_path)
    assert "events.yml" in str(error.value)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match="missing"):
        ProjectWords.load(tmp_path / "none")


def test_the_tokenizer_knows_the_words_and_leaves_the_global_one_alone() -> None:
    own = tokenizer(ProjectWords((Word("market", "黑水路批发城"),)))
    import jieba

    assert "黑水路批发城" in own.lcut("我在黑水路批发城买的")
    assert "黑水路批发城" not in jieba.lcut("我在黑水路批发城买的")
