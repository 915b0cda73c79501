"""What can go wrong with documents to print.

AidError
└── DocumentError
    ├── NoDocument      a ticket of this kind has no document
    └── FileInTheWay    a file of this name is there already, or the folder takes none
"""

from aid.errors import AidError


class DocumentError(AidError):
    """A document cannot be made."""


class NoDocument(DocumentError):
    """A ticket of this kind has no document to print."""


class FileInTheWay(DocumentError):
    """The document cannot be written where it was to go."""
