"""What the workbench itself refuses.

AidError
└── ConsoleError
    ├── StalePage           a form without the token of this session
    └── ForeignForm         a request that another site has begun
"""

from aid.errors import AidError


class ConsoleError(AidError):
    """The workbench refuses a request."""


class StalePage(ConsoleError):
    """A form or an htmx request does not carry the token of its session."""


class ForeignForm(ConsoleError):
    """Another site has begun the request, or nothing tells that ours did."""
