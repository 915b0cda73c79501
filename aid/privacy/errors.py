"""What can go wrong with sealed data.

AidError
└── PrivacyError
    ├── KeyUnusable    the data key is missing, malformed, or its file is open to others
    └── CannotUnseal   a sealed text was not made with any of the known keys, or was tampered with
"""

from aid.errors import AidError


class PrivacyError(AidError):
    """Personal data cannot be handled as it must be."""


class KeyUnusable(PrivacyError):
    """The data key cannot be used; the message names the setting or file, never the key."""


class CannotUnseal(PrivacyError):
    """No known key opens this sealed text."""
