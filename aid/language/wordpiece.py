"""BERT-style tokens for the RoFormer encoder: one Chinese character a token, Latin words and digits in word pieces."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from aid.language.errors import EncoderMissing

_LONGEST_WORD = 100


def _is_chinese(character: str) -> bool:
    code = ord(character)
    return (
        0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code <= 0x2CEAF
        or 0xF900 <= code <= 0xFAFF or 0x2F800 <= code <= 0x2FA1F
    )  # fmt: skip


def _is_punctuation(character: str) -> bool:
    code = ord(character)
    ascii_sign = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return ascii_sign or unicodedata.category(character).startswith("P")


class WordPiece:
    """Turns a text into vocabulary numbers, at most ``longest`` of them with ``[CLS]`` and ``[SEP]``.

    Raises:
        EncoderMissing: the vocabulary cannot be read or lacks the special tokens.
    """

    def __init__(self, vocabulary: Path, longest: int = 128) -> None:
        try:
            tokens = vocabulary.read_text(encoding="utf-8").split("\n")
            self._numbers = {token.strip(): number for number, token in enumerate(tokens)}
            self._first, self._last, self._unknown = (self._numbers[name] for name in ("[CLS]", "[SEP]", "[UNK]"))
        except (OSError, UnicodeDecodeError, KeyError) as error:
            raise EncoderMissing(f"{vocabulary.name} is missing or damaged; run scripts/fetch_encoders.py.") from error
        self._longest = longest

    def numbers(self, text: str) -> list[int]:
        """Vocabulary numbers of ``text``, from ``[CLS]`` to ``[SEP]``."""
        pieces: list[int] = []
        for word in self._words(text):
            pieces.extend(self._pieces(word))
            if len(pieces) >= self._longest - 2:
                break
        return [self._first, *pieces[: self._longest - 2], self._last]

    @staticmethod
    def _words(text: str) -> list[str]:
        # The model was trained on lower-case text without accents.
        plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
        spaced = []
        for character in plain:
            if character == "\ufffd" or (unicodedata.category(character) in ("Cc", "Cf") and not character.isspace()):
                continue
            alone = _is_chinese(character) or _is_punctuation(character)
            spaced.append(f" {character} " if alone else character)
        return "".join(spaced).split()

    def _pieces(self, word: str) -> list[int]:
        """Greedy longest match from the left; a word with a part outside the vocabulary is unknown as a whole."""
        if len(word) > _LONGEST_WORD:
            return [self._unknown]
        found: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                number = self._numbers.get(word[start:end] if start == 0 else "##" + word[start:end])
                if number is not None:
                    found.append(number)
                    start = end
                    break
            else:
                return [self._unknown]
        return found
