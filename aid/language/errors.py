"""Errors of the language package.

AidError
└── LanguageError
    ├── EncoderMissing    a sentence encoder's files are not there; says how to fetch them
    └── WordsError        a file of knowledge/words cannot be read; names the file
"""

from aid.errors import AidError


class LanguageError(AidError):
    """Text cannot be understood because something that the language package needs is wrong."""


class EncoderMissing(LanguageError):
    """A sentence encoder's files are missing or damaged."""


class WordsError(LanguageError):
    """A file of ``knowledge/words`` is missing or malformed."""
