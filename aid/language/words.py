"""The project's own words (districts, markets, expos ...) from ``knowledge/words``, and a jieba that knows them.

A file is a mapping ``kind: event`` and ``words: [{value: 长春国际光电博览会, also: [光博会]}]``; a plain string is a
word without other names.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from aid.language.errors import WordsError
from aid.language.normalise import normalise


@dataclass(frozen=True)
class Word:
    """A thing that has a name: its kind, its proper name and the other names people use."""

    kind: str
    value: str
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, the proper one first."""
        return (self.value, *self.also)


@dataclass(frozen=True)
class ProjectWords:
    """All words, in the order of the files."""

    words: tuple[Word, ...] = ()

    @classmethod
    def load(cls, folder: Path) -> ProjectWords:
        """Read every ``*.yml`` of ``folder``.

        Raises:
            WordsError: the folder is missing, or a file is not as this module's head says; names the file.
        """
        if not folder.is_dir():
            raise WordsError(f"The folder {folder} is missing.")
        return cls(tuple(word for path in sorted(folder.glob("*.yml")) for word in _words_of(path)))

    def of_kind(self, kind: str) -> tuple[Word, ...]:
        """The words of one kind."""
        return tuple(word for word in self.words if word.kind == kind)

    def names(self) -> tuple[str, ...]:
        """Every name of every word, without repeats."""
        return tuple(dict.fromkeys(name for word in self.words for name in word.names))


def _words_of(path: Path) -> Iterator[Word]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise WordsError(f"{path.name} cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or not isinstance(content.get("kind"), str):
        raise WordsError(f"{path.name}: 'kind' is missing.")
    if not isinstance(content.get("words"), list):
        raise WordsError(f"{path.name}: 'words' is missing or not a list.")
    for number, row in enumerate(content["words"], start=1):
        yield _word(path, number, content["kind"], row)


def _word(path: Path, number: int, kind: str, row: Any) -> Word:
    if isinstance(row, str):
        row = {"value": row}
    value = row.get("value") if isinstance(row, dict) else None
    also = (row.get("also") or []) if isinstance(row, dict) else []
    if not isinstance(value, str) or not isinstance(also, list) or not all(isinstance(name, str) for name in also):
        raise WordsError(f"{path.name}: word {number} needs a text 'value' and, if any, a list of texts 'also'.")
    return Word(kind, normalise(value), tuple(normalise(name) for name in also))


def tokenizer(words: ProjectWords) -> Any:
    """A ``jieba.Tokenizer`` of its own (not the global one) that knows the project's words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba 0.42 imports pkg_resources and has old escapes
        import jieba
    logging.getLogger("jieba").setLevel(logging.WARNING)
    own = jieba.Tokenizer()
    own.initialize()
    for name in words.names():
        if len(name) > 1:
            own.add_word(name)
    return own
