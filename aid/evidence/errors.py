"""What can go wrong with evidence files.

AidError
└── EvidenceError
    ├── FileRefused           the file is not taken; ``code`` names the sentence in knowledge/wording.yml
    │   ├── FileEmpty         it has no content
    │   ├── FileTooLarge      more bytes than its type may have
    │   ├── FileOfUnknownType none of the types that are taken
    │   ├── FileBroken        it says it is of a type, but does not open as one
    │   ├── FileLocked        it opens with a password only
    │   ├── TooManyFiles      the case has as many as it may have
    │   └── TooMuchData       the conversation has sent as much as it may send
    ├── NoRoom                the disk is full or cannot be written; nothing was kept
    ├── UnknownEvidence       no such file for this reader (never says whether there is one)
    ├── EvidenceDamaged       the kept file is gone or is not what was received
    └── EvidenceFiled         the file belongs to a ticket and cannot be taken back here
"""

from typing import ClassVar

from aid.errors import AidError


class EvidenceError(AidError):
    """Something is wrong with an evidence file."""


class FileRefused(EvidenceError):
    """The file is not taken; nothing was kept."""

    code: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(f"the file is refused: {self.code}")


class FileEmpty(FileRefused):
    """The file has no content."""

    code = "file_empty"


class FileTooLarge(FileRefused):
    """The file has more bytes (or, opened, more points or parts) than its type may have."""

    code = "file_too_large"


class FileOfUnknownType(FileRefused):
    """The content is of none of the types that are taken, whatever the name says."""

    code = "file_unknown_type"


class FileBroken(FileRefused):
    """The content begins like a known type but does not open as one."""

    code = "file_broken"


class FileLocked(FileRefused):
    """The file opens with a password only."""

    code = "file_locked"


class TooManyFiles(FileRefused):
    """The case has as many files as it may have."""

    code = "file_too_many"


class TooMuchData(FileRefused):
    """The conversation has sent as many bytes as it may send."""

    code = "file_too_much"


class NoRoom(EvidenceError):
    """The disk is full or cannot be written; nothing was kept."""


class UnknownEvidence(EvidenceError):
    """There is no such file, or this reader may not know of it."""


class EvidenceDamaged(EvidenceError):
    """The kept file is gone from the disk, cannot be unsealed, or has another SHA-256 than what was received."""


class EvidenceFiled(EvidenceError):
    """The file belongs to a ticket; ``number`` names it."""

    def __init__(self, number: str) -> None:
        super().__init__(f"the file belongs to {number}")
        self.number = number


REFUSALS: dict[str, type[FileRefused]] = {kind.code: kind for kind in FileRefused.__subclasses__()}
"""The refusals by their codes."""
