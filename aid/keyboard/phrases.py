"""What editors add to the keyboard: ``knowledge/keyboard.yml``, explained at its head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from aid.faults import Fault, KnowledgeError
from aid.keyboard.readings import SILENT, is_han, reading, readings_of, syllables
from aid.yaml_files import YamlFile

FILE = "keyboard.yml"
_LONGEST = 30
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_LONGEST)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Read(_Row):
    """A text with the pinyin it is typed by: one syllable a character, without tones."""

    text: Text
    pinyin: str

    @property
    def syllables(self) -> tuple[str, ...]:
        """The pinyin, syllable by syllable."""
        return tuple(self.pinyin.split())


class _File(_Row):
    phrases: tuple[Text | Read, ...]
    surnames: tuple[Read, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Typed:
    """A text and the syllables that type it."""

    text: str
    syllables: tuple[str, ...]


@dataclass(frozen=True)
class Phrases:
    """What ``knowledge/keyboard.yml`` says, each with its reading. ``names`` are single characters without repeats."""

    phrases: tuple[Typed, ...]
    surnames: tuple[Typed, ...]
    names: tuple[str, ...]

    @classmethod
    def load(cls, knowledge_dir: Path) -> Phrases:
        """Read the file.

        Raises:
            KnowledgeError: it cannot be read, does not fit, or holds a text that cannot be typed; one fault for each.
        """
        file, content = _read(knowledge_dir)
        faults = [fault for fault in _faults(file, content) if fault.level == "error"]
        if faults:
            raise KnowledgeError(faults)
        names = dict.fromkeys(character for line in content.names for character in line if not character.isspace())
        return cls(tuple(map(_typed, content.phrases)), tuple(map(_typed, content.surnames)), tuple(names))


def check_keyboard(knowledge_dir: Path) -> list[Fault]:
    """Every fault of the file: texts that cannot be typed (errors), what stands twice (warnings)."""
    try:
        return list(_faults(*_read(knowledge_dir)))
    except KnowledgeError as fault:
        return fault.faults


def _read(knowledge_dir: Path) -> tuple[YamlFile, _File]:
    file = YamlFile(knowledge_dir / FILE)
    return file, file.as_model(_File)


def _typed(row: str | Read) -> Typed:
    if isinstance(row, Read):
        return Typed(row.text, row.syllables)
    return Typed(row, reading(row) or ())


def _faults(file: YamlFile, content: _File) -> Iterator[Fault]:
    for section in ("phrases", "surnames"):
        seen: set[Typed] = set()
        for number, row in enumerate(getattr(content, section)):
            wrong = _untypable(row)
            if wrong:
                yield file.fault(wrong, [section, number])
                continue
            typed = _typed(row)
            if typed in seen:
                yield Fault(file.path, file.line([section, number]), f"{typed.text} stands twice", "warning")
            seen.add(typed)
    for number, line in enumerate(content.names):
        for character in dict.fromkeys(line):
            if not character.isspace() and not (is_han(character) and readings_of(character)):
                yield file.fault(f"{character} cannot be typed: no pinyin is known for it", ["names", number])


def _untypable(row: str | Read) -> str:
    """Why a row cannot be typed; empty when it can."""
    if isinstance(row, str):
        return "" if reading(row) else f"{row} cannot be typed: only Chinese characters have pinyin (letters and figures have keys of their own)"
    said = SILENT.sub("", row.text)
    if not is_han(said):
        return f"{row.text} cannot be typed: only Chinese characters have pinyin (letters and figures have keys of their own)"
    if len(row.syllables) != len(said):
        return f"{row.text} cannot be typed: {len(said)} characters, but {len(row.syllables)} syllables in '{row.pinyin}'"
    unknown = [syllable for syllable in row.syllables if syllable not in syllables()]
    return f"{row.text} cannot be typed: '{unknown[0]}' is no syllable (without tones, ü written v)" if unknown else ""
