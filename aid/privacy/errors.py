"""What can go wrong with sealed data and with what people may ask of it.

AidError
└── PrivacyError
    ├── KeyUnusable       the data key is missing, malformed, or its file is open to others
    ├── CannotUnseal      a sealed text was not made with any of the known keys, or was tampered with
    ├── RotationRunning   two rotations of the key at once
    ├── NotRotated        the key cannot be rotated or retired now; says why and what to do
    ├── NobodyFound       nothing is kept about the person that was asked for
    └── NotConfirmed      periods that the center has not confirmed delete nothing
"""

from aid.errors import AidError


class PrivacyError(AidError):
    """Personal data cannot be handled as it must be."""


class KeyUnusable(PrivacyError):
    """The data key cannot be used; the message names the setting or file, never the key."""


class CannotUnseal(PrivacyError):
    """No known key opens this sealed text."""


class RotationRunning(PrivacyError):
    """Another process rotates the data key."""


class NotRotated(PrivacyError):
    """The key cannot be rotated or retired now; the message says what to do."""


class NobodyFound(PrivacyError):
    """Nothing is kept under this telephone, ticket or conversation."""


class NotConfirmed(PrivacyError):
    """The periods of retention are not confirmed by the center."""
