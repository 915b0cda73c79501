"""What can go wrong with the demonstration.

AidError
└── DemoError
    └── NotEmpty    the database holds something already: real cases, or a demonstration
"""

from aid.errors import AidError


class DemoError(AidError):
    """The demonstration cannot be made."""


class NotEmpty(DemoError):
    """The database holds something already; nothing was written."""
